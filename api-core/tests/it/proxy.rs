//! Proxies from the environment. A process has one environment, so the test starts itself again with another one.

use std::process::Command;

use api_core::{CallOptions, Executor};

use crate::{
    back_end::{Desk, Find, MADE, executor, quick},
    server::{Act, Server, json},
};

const CHILD: &str = "API_CORE_TEST_PROXY";

#[test]
fn proxies_serve_all_but_loopback() {
    let dead = "http://127.0.0.1:1";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["proxy::child", "--exact", "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .env("http_proxy", dead)
        .env("HTTPS_PROXY", dead)
        .env("ALL_PROXY", dead)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

#[tokio::test]
#[ignore = "needs an environment of its own; started by the test above"]
async fn child() {
    assert!(std::env::var_os(CHILD).is_some());
    let server = Server::start([Act::Answer(json(200, MADE))]).await;
    let options = CallOptions::default();
    executor(&server.base())
        .send(&Find::default(), &options)
        .await
        .unwrap();

    let far = quick().with_plain_http(true);
    let proxied = Executor::new("http://desk.example", Desk::new(), far.clone()).unwrap();
    let error = proxied.send(&Find::default(), &options).await.unwrap_err();
    assert!(error.is_connect(), "the proxy is dead: {error}");
    assert!(error.to_string().contains("refused"), "{error}");

    let direct =
        Executor::new("http://desk.invalid", Desk::new(), far.with_proxies(false)).unwrap();
    let error = direct.send(&Find::default(), &options).await.unwrap_err();
    assert!(
        error.is_connect() && !error.to_string().contains("refused"),
        "{error}"
    );
}
