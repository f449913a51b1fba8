//! What a store in a Redis server alone can get wrong. Where a real server is needed, `redis_server` says when there is
//! none; the others speak to one that is played here.

use std::{sync::Arc, time::Instant};

use mcp_tools::store::Redis;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::{redis_server::RedisServer, *};

fn at(url: &str) -> Redis {
    Redis::at(url).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_server_keeps_the_promises() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let handle = || -> Arc<dyn Store> { Arc::new(at(&server.url())) };
    promises([handle(), handle()]).await;
}

#[tokio::test]
async fn a_socket_and_a_database_of_a_redis_server() {
    let Some(server) = RedisServer::start(&[]) else {
        return;
    };
    let first = at(&format!("unix://{}", server.socket()));
    first.swap("a", None, b"0", LONG).await.unwrap();
    let second = at(&format!("{}/2", server.url()));
    assert_eq!(second.read("a").await.unwrap(), None);
    second.swap("a", None, b"2", LONG).await.unwrap();
    let same = at(&format!("unix://{}?db=2", server.socket()));
    assert_eq!(same.read("a").await.unwrap().as_deref(), Some(&b"2"[..]));
    assert_eq!(first.read("a").await.unwrap().as_deref(), Some(&b"0"[..]));
    let none = at(&format!("{}/99", server.url()));
    let text = none.read("a").await.unwrap_err().to_string();
    assert!(text.contains("does not let us in"), "{text}");
}

#[tokio::test]
async fn a_redis_server_with_a_password() {
    let Some(server) = RedisServer::start(&["--requirepass", "sesame@1"]) else {
        return;
    };
    let port = server.port;
    let right = at(&format!("redis://:sesame%401@127.0.0.1:{port}"));
    right.swap("a", None, b"1", LONG).await.unwrap();
    let named = at(&format!("redis://default:sesame%401@127.0.0.1:{port}/0"));
    assert_eq!(named.read("a").await.unwrap().as_deref(), Some(&b"1"[..]));
    for url in [
        format!("redis://:guess@127.0.0.1:{port}"),
        format!("redis://ana:guess@127.0.0.1:{port}"),
    ] {
        let wrong = at(&url);
        for text in [
            wrong.read("a").await.unwrap_err().to_string(),
            wrong.forget("a", b"1").await.unwrap_err().to_string(),
        ] {
            assert!(text.contains("does not let us in"), "{text}");
            assert!(text.contains(&port.to_string()), "{text}");
            assert!(!text.contains("guess"), "{text}");
        }
        assert!(!format!("{wrong:?}").contains("guess"));
    }
    let none = at(&server.url());
    let text = none.swap("a", None, b"2", LONG).await.unwrap_err();
    assert!(text.to_string().contains("NOAUTH"), "{text}");
}

#[tokio::test]
async fn a_redis_server_that_goes_and_comes_back() {
    let Some(mut server) = RedisServer::start(&[]) else {
        return;
    };
    let store = at(&server.url());
    store.swap("a", None, b"1", LONG).await.unwrap();
    // Back before anybody asks: nobody takes notice.
    server.kill();
    server.run();
    let done = store.swap("a", Some(b"1"), b"2", LONG).await;
    assert_eq!(done.unwrap(), Swap::Done);
    // Away while somebody asks: told at once.
    server.kill();
    let begun = Instant::now();
    for _ in 0..10 {
        let text = store.swap("a", Some(b"2"), b"3", LONG).await.unwrap_err();
        assert!(text.to_string().contains("no connection"), "{text}");
        assert!(store.ping().await.is_err());
    }
    assert!(begun.elapsed() < Duration::from_secs(1));
    server.run();
    assert_eq!(store.read("a").await.unwrap().as_deref(), Some(&b"2"[..]));
    // Killed while many ask: each is answered or told, and what was answered is there.
    let store = Arc::new(store);
    let asking = (0..400_u32).map(|turn| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            sleep(Duration::from_micros(u64::from(turn) * 50)).await;
            let name = format!("many {turn}");
            (store.swap(&name, None, b"1", LONG).await.is_ok(), name)
        })
    });
    let asking: Vec<_> = asking.collect();
    sleep(Duration::from_millis(8)).await;
    server.kill();
    server.run();
    for task in asking {
        let (done, name) = task.await.unwrap();
        let kept = store.read(&name).await.unwrap();
        assert!(!done || kept.is_some(), "{name} was lost");
    }
}

#[tokio::test]
async fn thousands_of_questions_to_a_redis_server_at_once() {
    let Some(server) = RedisServer::start(&["--appendfsync", "no"]) else {
        return;
    };
    let store = Arc::new(at(&server.url()));
    let asking = (0..2_000_u32).map(|turn| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (name, value) = (format!("name {turn}"), turn.to_be_bytes());
            store.swap(&name, None, &value, LONG).await.unwrap();
            assert_eq!(number(&store.read(&name).await.unwrap().unwrap()), turn);
        })
    });
    for task in asking.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

/// A server that plays its part: for each connection what it answers at once to whatever comes, and then silence, or
/// its end.
async fn played(parts: Vec<(&'static str, bool)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        for (answer, stays) in parts {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 4_096];
            let _ = stream.read(&mut bytes).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            if stays {
                silent.push(stream);
            }
        }
        drop(listener);
        std::future::pending::<()>().await;
    });
    format!("redis://127.0.0.1:{port}")
}

#[tokio::test]
async fn a_server_that_does_not_answer_costs_two_seconds() {
    let store = at(&played(vec![("", true), ("$1\r\nx\r\n", true)]).await);
    let begun = Instant::now();
    let asking = store.swap("a", None, b"1", LONG);
    // Whoever comes later waits no longer than the first.
    let later = async {
        sleep(Duration::from_millis(500)).await;
        store.read("a").await
    };
    let (first, second) = tokio::join!(asking, later);
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(2_900), "{took:?}");
    for text in [
        first.unwrap_err().to_string(),
        second.unwrap_err().to_string(),
    ] {
        assert!(text.contains("no answer within 2 s"), "{text}");
        assert!(text.contains("may have been made or not"), "{text}");
    }
    // The connection is not used again: a late answer would be taken for that of another question.
    assert_eq!(store.read("a").await.unwrap().as_deref(), Some(&b"x"[..]));
}

#[tokio::test]
async fn what_is_no_redis_server_is_told() {
    for answer in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "*1\r\n*1\r\n",
        "$99999999999\r\n",
    ] {
        let store = at(&played(vec![(answer, true); 2]).await);
        let text = store.read("a").await.unwrap_err().to_string();
        assert!(text.contains("does not speak the protocol"), "{text}");
    }
    let store = at(&played(vec![("+OK\r\n", true)]).await);
    let text = store.read("a").await.unwrap_err().to_string();
    assert!(text.contains("it answers a word to this"), "{text}");
    let store = at(&played(vec![("-OOM command not allowed\r\n", true)]).await);
    let text = store.swap("a", None, b"1", LONG).await.unwrap_err();
    assert!(text.to_string().contains("it refuses: OOM"), "{text}");
}

/// Reading is done again when the connection broke; a change is not, and it is told that nobody knows.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again_only_where_nothing_changes() {
    let store = at(&played(vec![("$1", false), ("$1\r\nx\r\n", true)]).await);
    assert_eq!(store.read("a").await.unwrap().as_deref(), Some(&b"x"[..]));
    let store = at(&played(vec![("*1", false), ("*1\r\n:1\r\n", true)]).await);
    let text = store.swap("a", None, b"1", LONG).await.unwrap_err();
    assert!(
        text.to_string().contains("may have been made or not"),
        "{text}"
    );
    assert_eq!(store.swap("a", None, b"1", LONG).await.unwrap(), Swap::Done);
}

#[tokio::test]
async fn a_server_that_became_a_copy_is_left() {
    let refusal = "-READONLY You can't write against a read only replica.\r\n";
    let store = at(&played(vec![(refusal, true), ("*1\r\n:1\r\n", true)]).await);
    assert!(store.swap("a", None, b"1", LONG).await.is_err());
    assert_eq!(store.swap("a", None, b"1", LONG).await.unwrap(), Swap::Done);
}

#[tokio::test]
async fn where_nobody_listens_that_is_told_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    for url in [
        format!("redis://:hush@127.0.0.1:{port}"),
        "unix:///nowhere/redis.sock".to_owned(),
        "redis://no-such-host.invalid".to_owned(),
    ] {
        let begun = Instant::now();
        let text = at(&url).read("a").await.unwrap_err().to_string();
        assert!(begun.elapsed() < Duration::from_millis(1_500), "{url}");
        assert!(
            text.contains("no connection") && !text.contains("hush"),
            "{text}"
        );
    }
}
