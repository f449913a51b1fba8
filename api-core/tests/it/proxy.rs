//! Proxies from the environment.

use api_core::{CallOptions, Executor};

use crate::{
    alone,
    back_end::{Desk, Find, MADE, executor, quick},
    server::{Act, Server, json},
};

#[test]
fn proxies_serve_all_but_loopback() {
    let dead = "http://127.0.0.1:1";
    let environment = [
        ("http_proxy", dead),
        ("https_proxy", dead),
        ("ALL_PROXY", dead),
    ];
    alone::run("proxy::behind_a_dead_proxy", &environment);
}

#[tokio::test]
#[ignore = "needs an environment of its own; started by the test above"]
async fn behind_a_dead_proxy() {
    assert!(std::env::var_os("http_proxy").is_some());
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
