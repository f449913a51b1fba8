//! Time, size and cancellation.

use std::time::{Duration, Instant};

use api_core::{CallOptions, Error};

use crate::{
    back_end::{Create, Find, List, Mail, executor, kind},
    server::{Act, Server, json, with},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";

fn within(milliseconds: u64) -> CallOptions {
    CallOptions::default().with_deadline(Duration::from_millis(milliseconds))
}

#[tokio::test]
async fn the_deadline_covers_a_dripping_body() {
    let server = Server::start([Act::Drip(HEAD.into())]).await;
    let began = Instant::now();
    let error = executor(&server.base())
        .send(&Mail::default(), &within(150))
        .await
        .unwrap_err();
    assert_eq!((kind(error.kind()), error.attempts()), ("timeout body", 1));
    assert!(error.is_timeout() && error.may_have_applied());
    assert!(
        (150..1_500).contains(&began.elapsed().as_millis()),
        "{:?}",
        began.elapsed()
    );
    server.wait_for_closed(1).await;
}

#[tokio::test]
async fn the_deadline_covers_a_dripping_refusal_and_keeps_its_status() {
    let head = HEAD.replace("200 OK", "422 No");
    let server = Server::start([Act::Drip(head.into())]).await;
    let error = executor(&server.base())
        .send(&Mail::default(), &within(100))
        .await
        .unwrap_err();
    assert_eq!(
        (error.status(), error.may_have_applied()),
        (Some(422), false)
    );
}

#[tokio::test]
async fn a_long_refusal_is_cut_and_keeps_its_status() {
    let server = Server::start([Act::Answer(with(404, "", &"x".repeat(300_000)))]).await;
    let error = executor(&server.base())
        .send(&Find::default(), &within(5_000))
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert_eq!(error.message(), Some("1000 bytes of no content type"));
}

#[tokio::test]
async fn no_time_means_no_request() {
    let server = Server::start([Act::Answer(json(200, "{}"))]).await;
    let error = executor(&server.base())
        .send(&Create::default(), &within(0))
        .await
        .unwrap_err();
    assert_eq!(
        (kind(error.kind()), error.attempts()),
        ("timeout connect", 0)
    );
    assert!(!error.may_have_applied());
    assert_eq!(server.connections(), 0);
    let forever = CallOptions::default().with_deadline(Duration::MAX);
    let error = executor(&server.base())
        .send(&Find::default(), &forever)
        .await
        .unwrap_err();
    assert_eq!(kind(error.kind()), "decode");
}

#[tokio::test]
async fn a_connection_that_does_not_come_up_in_time_was_not_sent() {
    // A listener that never accepts, its queue full: the system lets the handshake hang.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    for _ in 0..16 {
        let connect = tokio::net::TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(50), connect).await {
            Ok(stream) => held.push(stream.unwrap()),
            Err(_) => break,
        }
    }
    let settings = crate::back_end::quick().with_connect_timeout(Duration::from_millis(60));
    let base = format!("http://{address}");
    let executor = api_core::Executor::new(&base, crate::back_end::Desk::new(), settings).unwrap();
    let error = executor
        .send(&Mail::default(), &within(5_000))
        .await
        .unwrap_err();
    assert_eq!(
        (kind(error.kind()), error.attempts()),
        ("timeout connect", 2),
        "{error}"
    );
    assert!(error.is_connect() && !error.may_have_applied());

    let error = executor
        .send(&Mail::default(), &within(30))
        .await
        .unwrap_err();
    assert_eq!(
        (kind(error.kind()), error.attempts()),
        ("timeout connect", 1),
        "{error}"
    );
    assert!(!error.may_have_applied());
}

#[tokio::test]
async fn the_cap_is_exact() {
    let fits = format!(r#"{{"id":7,"pad":"{}"}}"#, "x".repeat(983));
    assert_eq!(fits.len(), 1000);
    let longer = format!("{fits} ");
    for (body, ok) in [(&fits, true), (&longer, false)] {
        let chunked = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}").into_bytes();
        for act in [Act::Answer(json(200, body)), Act::AnswerAndClose(chunked)] {
            let server = Server::start([act]).await;
            let made = executor(&server.base())
                .send(&Find::default(), &within(5_000))
                .await;
            assert_eq!(made.is_ok(), ok);
        }
    }
}

#[tokio::test]
async fn dropping_the_call_closes_its_connection() {
    for act in [
        Act::Stall(Vec::new()),
        Act::Stall(HEAD.into()),
        Act::Drip(HEAD.into()),
    ] {
        let server = Server::start([act]).await;
        let executor = executor(&server.base());
        let kept = executor.clone();
        let call = tokio::spawn(async move {
            kept.send(&Create::default(), &within(60_000))
                .await
                .map(drop)
        });
        server.wait_for_requests(1).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        server.wait_for_closed(1).await;
        assert_eq!(server.seen().len(), 1);
        drop(executor);
    }
}

#[tokio::test]
async fn many_calls_at_once_share_one_executor() {
    let server = Server::start([Act::Answer(json(200, r#"{"id":7}"#))]).await;
    let executor = executor(&server.base());
    let options = within(5_000);
    let requests: Vec<List> = vec![List::default(); 50];
    let calls = requests
        .iter()
        .map(|request| executor.send(request, &options));
    let made: Result<Vec<_>, Error> = futures_util::future::try_join_all(calls).await;
    assert_eq!(made.unwrap().len(), 50);
}
