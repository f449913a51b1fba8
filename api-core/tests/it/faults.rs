//! Everything that can go wrong on the way, for calls of every effect: what the caller is told, and how many requests
//! left.

use std::time::Duration;

use api_core::{CallOptions, Endpoint, Error, ErrorKind, Executor};

use crate::{
    back_end::{Create, Desk, Find, MADE, Made, Mail, Rename, executor, kind, quick},
    server::{Act, Seen, Server, closed_port, json, with},
};

/// One fault, met by every attempt.
struct Fault {
    name: &'static str,
    act: Act,
    kind: &'static str,
    /// May a write have been carried out?
    applied: bool,
    /// Is a call repeated that may be sent twice?
    repeated: bool,
    /// Is a call repeated that may not?
    never_repeated: bool,
}

impl Fault {
    /// What never ends needs a deadline that a test can wait for.
    fn options(&self) -> CallOptions {
        match self.act {
            Act::Stall(_) => CallOptions::default().with_deadline(Duration::from_millis(300)),
            _ => CallOptions::default(),
        }
    }
}

const fn fault(
    name: &'static str,
    act: Act,
    kind: &'static str,
    (applied, repeated, never_repeated): (bool, bool, bool),
) -> Fault {
    Fault {
        name,
        act,
        kind,
        applied,
        repeated,
        never_repeated,
    }
}

/// Repeated unless the call may not be sent twice: it may have been carried out.
const AMBIGUOUS: (bool, bool, bool) = (true, true, false);
/// The time is over, or the answer is final; it may have been carried out.
const LOST: (bool, bool, bool) = (true, false, false);
/// Refused before the work, for good.
const REFUSED: (bool, bool, bool) = (false, false, false);
/// Refused before the work, for now.
const LATER: (bool, bool, bool) = (false, true, true);

fn faults() -> Vec<Fault> {
    let answer = |status| Act::Answer(json(status, r#"{"message":"no"}"#));
    let long = "x".repeat(1001);
    let endless = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{long}").into_bytes();
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"ok\":true"
        .as_bytes()
        .to_vec();
    let html = |status| Act::Answer(with(status, "Content-Type: text/html\r\n", "<p>Hello"));
    let wait = |text| Act::Answer(with(429, text, "{}"));
    let moved = with(302, "Location: https://elsewhere.example/login?t=1\r\n", "");
    vec![
        fault("reset", Act::Reset, "interrupted", AMBIGUOUS),
        fault("dropped", Act::Drop, "interrupted", AMBIGUOUS),
        fault(
            "not HTTP",
            Act::Answer(b"220 mail ready\r\n\r\n".to_vec()),
            "interrupted",
            AMBIGUOUS,
        ),
        fault(
            "short body",
            Act::AnswerAndClose(short.clone()),
            "interrupted",
            AMBIGUOUS,
        ),
        fault(
            "stalled head",
            Act::Stall(Vec::new()),
            "timeout answer",
            LOST,
        ),
        fault("stalled body", Act::Stall(short), "timeout body", LOST),
        fault("400", answer(400), "status", REFUSED),
        fault("401", answer(401), "status", REFUSED),
        fault("403", answer(403), "status", REFUSED),
        fault("404", answer(404), "status", REFUSED),
        fault("408", answer(408), "status", AMBIGUOUS),
        fault("409", answer(409), "status", REFUSED),
        fault("422", answer(422), "status", REFUSED),
        fault("425", answer(425), "status", LATER),
        fault("429", answer(429), "status", LATER),
        fault("429 now", wait("Retry-After: 0\r\n"), "status", LATER),
        fault(
            "429 in an hour",
            wait("Retry-After: 3600\r\n"),
            "status",
            REFUSED,
        ),
        fault("500", answer(500), "status", LOST),
        fault("502", answer(502), "status", AMBIGUOUS),
        fault("503", answer(503), "status", AMBIGUOUS),
        fault("504", answer(504), "status", AMBIGUOUS),
        fault("web page", html(200), "decode", LOST),
        fault("web page 502", html(502), "status", AMBIGUOUS),
        fault(
            "garbage",
            Act::Answer(json(200, "{\"ok\":")),
            "decode",
            LOST,
        ),
        fault(
            "other JSON",
            Act::Answer(json(200, "[\"x\"]")),
            "decode",
            LOST,
        ),
        fault(
            "announced too long",
            Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".to_vec()),
            "too large",
            LOST,
        ),
        fault("too long", Act::AnswerAndClose(endless), "too large", LOST),
        fault("redirect", Act::Answer(moved), "redirect", REFUSED),
        fault(
            "logical",
            Act::Answer(json(200, r#"{"ok":false,"error":"no"}"#)),
            "logical",
            REFUSED,
        ),
    ]
}

async fn check<E: Endpoint<Response = Made> + Default>(fault: &Fault) {
    let effect = E::SPEC.effect;
    let what = format!("{} / {effect:?}", fault.name);
    let server = Server::start([fault.act.clone()]).await;
    let options = fault.options();
    let sent = executor(&server.base()).send(&E::default(), &options).await;
    let error = sent.expect_err(&what);
    let again = if effect.is_repeatable() {
        fault.repeated
    } else {
        fault.never_repeated
    };
    let attempts = if again { 2 } else { 1 };
    assert_eq!(kind(error.kind()), fault.kind, "{what}: {error}");
    assert_eq!(
        error.may_have_applied(),
        fault.applied && effect.is_write(),
        "{what}"
    );
    assert_eq!(error.attempts(), attempts, "{what}: attempts");
    assert_eq!(error.endpoint(), E::SPEC.name);
    assert_eq!(
        error.idempotency_key().is_some(),
        effect.is_keyed(),
        "{what}"
    );
    let seen = server.seen();
    assert_eq!(seen.len(), attempts as usize, "{what}: requests");
    same(&seen, &what);
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("Lost parcel") && !shown.contains("xxx"),
        "{what}: {shown}"
    );
    assert!(!error.to_string().contains('\n'), "{what}: {error}");
}

/// All attempts of a call carry the same bytes, id and key. A request that was reset unread has no line.
fn same(seen: &[Seen], what: &str) {
    let mut read = seen.iter().filter(|seen| !seen.line.is_empty());
    let Some(first) = read.next() else {
        return;
    };
    for other in read {
        assert_eq!(other.body, first.body, "{what}: bytes");
        for name in ["x-request-id", "idempotency-key"] {
            assert_eq!(other.header(name), first.header(name), "{what}: {name}");
        }
    }
}

async fn send<E: Endpoint>(base: &str, request: &E) -> Result<E::Response, Error> {
    executor(base).send(request, &CallOptions::default()).await
}

#[tokio::test]
async fn every_fault_for_every_effect() {
    for fault in faults() {
        tokio::join!(
            check::<Find>(&fault),
            check::<Create>(&fault),
            check::<Rename>(&fault),
            check::<Mail>(&fault),
        );
    }
}

#[tokio::test]
async fn nobody_listens() {
    async fn check<E: Endpoint<Response = Made> + Default>(base: &str) {
        let error = send(base, &E::default()).await.unwrap_err();
        assert_eq!(kind(error.kind()), "connect");
        assert!(error.is_connect() && !error.may_have_applied());
        assert_eq!(error.attempts(), 2, "what was not sent may be tried again");
    }
    let base = closed_port().await;
    check::<Find>(&base).await;
    check::<Create>(&base).await;
    check::<Rename>(&base).await;
    check::<Mail>(&base).await;
}

#[tokio::test]
async fn a_passing_fault_is_survived_where_a_repeat_is_safe() {
    async fn check<E: Endpoint<Response = Made> + Default>(fault: &Fault, survived: bool) {
        let what = format!("{} / {:?}", fault.name, E::SPEC.effect);
        let server = Server::start([fault.act.clone(), Act::Answer(json(200, MADE))]).await;
        let options = fault.options();
        let made = executor(&server.base()).send(&E::default(), &options).await;
        assert_eq!(made.is_ok(), survived, "{what}");
        let seen = server.seen();
        assert_eq!(seen.len(), if survived { 2 } else { 1 }, "{what}");
        same(&seen, &what);
    }
    for fault in faults() {
        tokio::join!(
            check::<Find>(&fault, fault.repeated),
            check::<Create>(&fault, fault.repeated),
            check::<Rename>(&fault, fault.repeated),
            check::<Mail>(&fault, fault.never_repeated),
        );
    }
}

#[tokio::test]
async fn an_earlier_lost_answer_is_not_forgotten() {
    let gone = Act::Answer(json(404, "{}"));
    let server = Server::start([Act::Drop, gone]).await;
    let error = send(&server.base(), &Rename::default()).await.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(404), 2));
    assert!(error.may_have_applied(), "the first attempt may have acted");
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_tells_all_of_both() {
    let later = with(
        429,
        "Retry-After: 60\r\n",
        r#"{"error":"slow","message":"Too many."}"#,
    );
    let server = Server::start([Act::Drop, Act::Answer(later)]).await;
    let error = send(&server.base(), &Create::default()).await.unwrap_err();
    assert!(error.may_have_applied(), "the first attempt may have acted");
    assert_eq!((error.status(), error.attempts()), (Some(429), 2));
    assert_eq!(
        (error.code(), error.message()),
        (Some("slow"), Some("Too many."))
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert_eq!(
        error.to_string(),
        "desk.create: refused with 429 slow: Too many.; try again in 60 s (after 2 attempts); \
         the change may have been made, look before repeating it"
    );
}

#[tokio::test]
async fn a_refusal_of_many_fields_is_cut_and_says_so() {
    let names: Vec<String> = (0..30)
        .map(|number| format!("\"f{number:02}\":[\"1\",\"2\",\"3\",\"4\",\"5\"]"))
        .collect();
    let body = format!("{{\"errors\":{{{}}}}}", names.join(","));
    let settings = quick().with_max_response_bytes(10_000);
    let server = Server::start([Act::Answer(json(422, &body))]).await;
    let executor = Executor::new(&server.base(), Desk::new(), settings).unwrap();
    let (request, options) = (Create::default(), CallOptions::default());
    let error = executor.send(&request, &options).await.unwrap_err();
    assert_eq!((error.fields().len(), error.more_fields()), (20, 10));
    assert_eq!(error.fields()[0].messages, ["1", "2", "3", "(and 2 more)"]);
    assert!(
        error.to_string().ends_with("; and 25 more fields)"),
        "{error}"
    );
}

#[tokio::test]
async fn refusals_tell_what_the_back_end_said() {
    let body = r#"{"error":"validation_failed","message":"Not\u0000 like\n this","errors":{"subject":["Too long.","Too dull."]},"data":{"limit":9}}"#;
    let server = Server::start([Act::Answer(json(422, body))]).await;
    let error = send(&server.base(), &Create::default()).await.unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert_eq!(error.code(), Some("validation_failed"));
    assert_eq!(error.message(), Some("Not like this"));
    assert_eq!(error.fields()[0].messages, ["Too long.", "Too dull."]);
    assert_eq!(error.data().unwrap()["limit"], 9);
    assert_eq!(
        server.seen()[0].header("x-request-id"),
        Some(error.request_id())
    );
    assert_eq!(
        error.to_string(),
        "desk.create: refused with 422 validation_failed: Not like this (subject: Too long. Too dull.)"
    );
}

#[tokio::test]
async fn a_wait_that_does_not_fit_is_handed_on() {
    let server = Server::start([Act::Answer(with(503, "Retry-After: 17\r\n", "{}"))]).await;
    let error = send(&server.base(), &Find::default()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(17)));
    assert_eq!(
        error.to_string(),
        "desk.find: refused with 503; try again in 17 s"
    );

    let headers =
        "Date: Fri, 20 Nov 2026 10:00:00 GMT\r\nRetry-After: Fri, 20 Nov 2026 10:02:00 GMT\r\n";
    let server = Server::start([Act::Answer(with(429, headers, "{}"))]).await;
    let error = send(&server.base(), &Mail::default()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(120)));
}

#[tokio::test]
async fn redirects_name_the_origin_alone() {
    for (location, expected) in [
        (
            "https://elsewhere.example/login?t=secret",
            Some("https://elsewhere.example"),
        ),
        (
            "http://elsewhere.example:8080/",
            Some("http://elsewhere.example:8080"),
        ),
        ("", None),
    ] {
        let header = match location {
            "" => String::new(),
            to => format!("Location: {to}\r\n"),
        };
        let server = Server::start([Act::Answer(with(307, &header, ""))]).await;
        let error = send(&server.base(), &Create::default()).await.unwrap_err();
        let ErrorKind::Redirect { status: 307, to } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(to.as_deref(), expected);
        assert!(!error.to_string().contains("secret"));
    }
}
