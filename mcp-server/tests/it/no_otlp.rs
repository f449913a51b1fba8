//! A program without the feature `otlp` says that it sends no traces, once, and works.

use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Raw, double, value};

#[tokio::test]
async fn a_collector_that_is_named_in_vain_is_told_once() {
    let double = double().await;
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", collector.local_addr().unwrap());
    let more = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", address.as_str())];
    let mut raw = Raw::initialized(&double.base_url(), &more).await;
    for id in 0..3 {
        value(&raw.call(id, "list_queues", json!({})).await);
    }
    raw.end_input();
    let (status, _, log) = raw.ended().await;
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("feature `otlp`").count(), 1, "{log}");
    let waiting = std::time::Duration::from_millis(50);
    let knocked = tokio::time::timeout(waiting, collector.accept()).await;
    assert!(knocked.is_err(), "nobody asks for the collector");
}
