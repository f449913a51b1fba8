//! Tokens and bodies appear in no error, no debug output and no log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use api_core::{CallOptions, Endpoint, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};

use crate::{
    alone,
    back_end::{Create, MADE, Made, TOKEN, executor},
    server::{Act, Server, json},
};

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn logs_tell_the_attempts() {
    alone::run(
        "privacy::logs_tell_the_attempts_and_nothing_of_their_content",
        &[],
    );
}

#[tokio::test]
#[ignore = "needs logs of its own; started by the test above"]
async fn logs_tell_the_attempts_and_nothing_of_their_content() {
    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let script = [
        Act::Answer(json(503, r#"{"message":"hush"}"#)),
        Act::Answer(json(200, MADE)),
    ];
    let server = Server::start(script).await;
    let executor = executor(&server.base());
    let chosen = CallOptions::default().with_idempotency_key("order-17");
    let answer = executor
        .send_answer(&Create::default(), &chosen)
        .await
        .unwrap();
    let log = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.contains("api_core"))
        .collect();
    assert_eq!(ours.len(), 2, "{log}");
    assert!(
        ours[0].contains("DEBUG") && ours[0].contains("desk.create"),
        "{log}"
    );
    assert!(
        ours[0].contains("status=503") && ours[1].contains("attempt=2"),
        "{log}"
    );
    for secret in [TOKEN, "Lost parcel", "hush", "order-17", "\"id\""] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    let shown = format!("{executor:?} {answer:?}");
    assert!(
        !shown.contains(TOKEN) && !shown.contains("\"id\""),
        "{shown}"
    );
}

#[tokio::test]
async fn decoding_errors_show_no_values() {
    #[derive(Serialize)]
    struct Mint {}
    #[derive(Debug, Deserialize)]
    struct Minted {
        #[serde(rename = "token")]
        _token: u64,
    }
    impl Endpoint for Mint {
        type Response = Minted;
        const SPEC: Spec = Spec::write("desk.mint", "mint", Repeat::Never, Reversal::Irreversible)
            .answers_secret();
    }
    let server = Server::start([Act::Answer(json(
        200,
        r#"{"ok":true,"data":{"id":"hush","token":"hush"}}"#,
    ))])
    .await;
    let executor = executor(&server.base());
    let options = CallOptions::default();
    let plain = executor
        .send_answer(&Create::default(), &options)
        .await
        .unwrap();
    let errors = [
        plain.decode::<Made>().unwrap_err(),
        executor.send(&Mint {}, &options).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.may_have_applied());
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("application/json, 28 bytes"), "{shown}");
    }
}
