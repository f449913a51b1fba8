//! A transport without a network: what other crates use in their tests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use api_core::{
    Bytes, CallOptions, Executor, Transport,
    http::HeaderMap,
    transport::{Failure, Reply, Request},
};
use futures_util::StreamExt as _;

use crate::back_end::{Create, Desk, Find, MADE, Mail, kind, quick};

#[derive(Debug, Default)]
struct Script {
    answers: Mutex<VecDeque<Result<(u16, &'static str), Failure>>>,
    bodies: Mutex<Vec<Bytes>>,
}

#[async_trait::async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let next = self.answers.lock().unwrap().pop_front().unwrap();
        if !matches!(next, Err(Failure::Setup(_))) {
            let body = request.body.collect().await.unwrap();
            self.bodies.lock().unwrap().push(body);
        }
        next.map(|(status, body)| Reply::new(status, HeaderMap::new(), body))
    }
}

fn script(
    answers: impl IntoIterator<Item = Result<(u16, &'static str), Failure>>,
) -> (Executor, Arc<Script>) {
    let script = Arc::new(Script::default());
    script.answers.lock().unwrap().extend(answers);
    let transport = Arc::clone(&script) as Arc<dyn Transport>;
    let base = "https://desk.example";
    let executor = Executor::with_transport(base, Desk::new(), quick(), transport).unwrap();
    (executor, script)
}

#[tokio::test]
async fn answers_as_told() {
    let broken = Failure::Interrupted("cable cut".to_owned());
    let (executor, script) = script([Err(broken), Ok((200, MADE))]);
    let answer = executor
        .send_answer(&Create::default(), &CallOptions::default())
        .await
        .unwrap();
    assert_eq!(answer.attempts, 2);
    let bodies = script.bodies.lock().unwrap();
    assert_eq!((bodies.len(), &bodies[0]), (2, &bodies[1]));
}

#[tokio::test]
async fn the_body_tells_whether_the_request_left() {
    let broken = || Err(Failure::Interrupted("cable cut".to_owned()));
    let (executor, script) = script([broken()]);
    let error = executor
        .send(&Mail::default(), &CallOptions::default())
        .await
        .unwrap_err();
    assert_eq!(
        (kind(error.kind()), error.may_have_applied()),
        ("interrupted", true)
    );
    assert_eq!(script.bodies.lock().unwrap().len(), 1);

    #[derive(Debug)]
    struct Unread;
    #[async_trait::async_trait]
    impl Transport for Unread {
        async fn send(&self, _: Request) -> Result<Reply, Failure> {
            Err(Failure::Interrupted("closed before writing".to_owned()))
        }
    }
    let base = "https://desk.example";
    let executor = Executor::with_transport(base, Desk::new(), quick(), Arc::new(Unread)).unwrap();
    let error = executor
        .send(&Mail::default(), &CallOptions::default())
        .await
        .unwrap_err();
    assert_eq!(
        (kind(error.kind()), error.may_have_applied()),
        ("connect", false)
    );
    assert_eq!(error.attempts(), 2);
}

#[tokio::test]
async fn what_was_set_up_wrong_is_not_tried_again() {
    let (executor, _) = script([Err(Failure::Setup("no certificates".to_owned()))]);
    let error = executor
        .send(&Find::default(), &CallOptions::default())
        .await
        .unwrap_err();
    assert_eq!((kind(error.kind()), error.attempts()), ("setup", 1));
    assert_eq!(
        error.to_string(),
        "desk.find: connections cannot be set up: no certificates"
    );
}

/// Answers 503 with a body that never ends, then success.
#[derive(Debug, Default)]
struct Stuck(Mutex<u32>);

#[async_trait::async_trait]
impl Transport for Stuck {
    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        request.body.collect().await.unwrap();
        let mut attempts = self.0.lock().unwrap();
        *attempts += 1;
        let mut reply = Reply::new(200, HeaderMap::new(), MADE);
        if *attempts == 1 {
            reply = Reply::new(503, HeaderMap::new(), "");
            reply.body = futures_util::stream::pending().boxed();
        }
        Ok(reply)
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_whose_body_is_stuck_leaves_time_for_another_attempt() {
    let stuck = Arc::new(Stuck::default());
    let base = "https://desk.example";
    let executor = Executor::with_transport(base, Desk::new(), quick(), stuck).unwrap();
    let began = tokio::time::Instant::now();
    let answer = executor
        .send_answer(&Find::default(), &CallOptions::default())
        .await
        .unwrap();
    assert_eq!(answer.attempts, 2);
    assert!(began.elapsed().as_secs_f64() < 3.0, "{:?}", began.elapsed());
}
