//! Two people on one process, each with a token of their own: nothing of one is seen by the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sandbox::tickiti::{Fault, FaultKind, Tickiti as Sandbox, TokenSetup};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{io::copy_bidirectional, net::TcpListener, time::sleep};

use crate::{
    http::{Answer, Http},
    support::{Folder, asked, double, refusal, value},
};

const ANA: &str = "the-key-of-ana-which-is-long";
const BEN: &str = "the-key-of-ben-which-is-long";

/// A server of two profiles, each with its token, its back end's address and settings of its own.
struct Two {
    http: Http,
    sandbox: Sandbox,
    _folder: Folder,
}

impl Two {
    async fn start(ana: &str, ben: &str) -> Self {
        let sandbox = double().await;
        for (token, queue) in [("sells", "Sales"), ("takes-back", "Returns")] {
            let abilities = ["tickets:read", "tickets:write"];
            sandbox.add_token(TokenSetup::new(token).abilities(abilities).manage([queue]));
        }
        let base = sandbox.base_url();
        Self::at(&base, sandbox, ana, ben).await
    }

    async fn at(base: &str, sandbox: Sandbox, ana: &str, ben: &str) -> Self {
        let folder = Folder::new();
        let mut toml = format!("tickiti_api_base = \"{base}\"\n");
        for (name, key, own) in [("ana", ANA, ana), ("ben", BEN, ben)] {
            let digest = Sha256::digest(key);
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            toml.push_str(&format!(
                "[[profiles]]\nname = \"{name}\"\nkey = \"sha256:{hash}\"\n{own}\n"
            ));
        }
        let path = format!("{}/config.toml", folder.path());
        std::fs::write(&path, toml).unwrap();
        let http = Http::start(&["--config", &path, "--state", folder.path()], &[]).await;
        Self {
            http,
            sandbox,
            _folder: folder,
        }
    }

    async fn ask(&self, key: &str, method: &str, params: Value) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let headers = [("x-api-key", key)];
        self.http.post("/mcp", &headers, &body.to_string()).await
    }

    async fn call(&self, key: &str, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.ask(key, "tools/call", params).await.json()
    }

    async fn tools(&self, key: &str) -> Vec<String> {
        let listed = self.ask(key, "tools/list", json!({})).await.json();
        let tools = listed["result"]["tools"].as_array().unwrap();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }

    async fn numbers(&self, key: &str) -> String {
        let request = format!(
            "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: {key}\r\n\r\n"
        );
        self.http.raw(request.as_bytes()).await.body
    }
}

fn token(name: &str) -> String {
    format!("tickiti_api_token = \"{name}\"")
}

fn new_ticket() -> Value {
    json!({"originator_email_address": "marcus@trailblazers-club.example", "is_public": true, "subject": "Twice?", "content": "<p>c</p>"})
}

#[tokio::test]
async fn each_sees_the_tools_that_the_own_token_may_use() {
    let two = Two::start(&token("sandbox-admin"), &token("sandbox-reader")).await;
    for _ in 0..2 {
        let (ana, ben) = (two.tools(ANA).await, two.tools(BEN).await);
        assert!(ana.contains(&"create_ticket".to_owned()), "{ana:?}");
        assert!(!ben.contains(&"create_ticket".to_owned()), "{ben:?}");
        assert!(ben.iter().all(|name| ana.contains(name)));
    }
    let refused = two.call(BEN, "create_ticket", new_ticket()).await;
    assert!(refusal(&refused).contains("`tickets:write`"), "{refused}");
    value(&two.call(ANA, "create_ticket", new_ticket()).await);
    assert_eq!(two.sandbox.executions("tickets.create"), 1);
}

#[tokio::test]
async fn each_sees_the_own_tickets() {
    let two = Two::start(&token("sells"), &token("takes-back")).await;
    let show = json!({"ticket_number": "709383"});
    let shown = two.call(ANA, "get_ticket", show.clone()).await;
    assert!(value(&shown)["ticket"].is_object(), "{shown}");
    let hidden = two.call(BEN, "get_ticket", show).await;
    assert!(refusal(&hidden).contains("404"), "{hidden}");
    let query = json!({"perspective_name": "All", "row_limit": 500});
    let mut seen = Vec::new();
    for key in [ANA, BEN] {
        let found = two.call(key, "query_tickets", query.clone()).await;
        let rows = value(&found)["tickets"].as_array().unwrap();
        assert!(!rows.is_empty());
        seen.push(rows.iter().map(Value::to_string).collect::<Vec<_>>());
    }
    assert!(seen[0].iter().all(|row| !seen[1].contains(row)));
}

#[tokio::test]
async fn what_one_wrote_is_no_answer_to_the_other() {
    let two = Two::start(&token("sandbox-admin"), &token("sandbox-agent")).await;
    let mut named = new_ticket();
    named["idempotency_key"] = json!("order-17");
    for ticket in [new_ticket(), named] {
        let mut numbers = Vec::new();
        for key in [ANA, BEN, ANA, BEN] {
            let made = two.call(key, "create_ticket", ticket.clone()).await;
            numbers.push(value(&made)["ticket_number"].clone());
        }
        assert_ne!(numbers[0], numbers[1]);
        assert_eq!(numbers[..2], numbers[2..], "each has the own answer again");
    }
    assert_eq!(two.sandbox.executions("tickets.create"), 4);
}

#[tokio::test]
async fn each_has_the_own_limits() {
    let narrow = format!("{}\nin_flight = 1", token("sandbox-admin"));
    let two = Two::start(&token("sandbox-admin"), &narrow).await;
    two.tools(BEN).await;
    let slow = Fault::on("tickets.show", FaultKind::Delay { ms: 900 });
    two.sandbox.add_fault(slow);
    let show = json!({"ticket_number": "709383"});
    let show = json!({"name": "get_ticket", "arguments": show});
    let during = async {
        let until = Instant::now() + Duration::from_secs(5);
        while !asked(&two.sandbox)
            .iter()
            .any(|entry| entry.endpoint.as_deref() == Some("tickets.show"))
        {
            assert!(Instant::now() < until, "the slow call did not arrive");
            sleep(Duration::from_millis(5)).await;
        }
        let busy = two.ask(BEN, "ping", json!({})).await.status;
        let free = two.ask(ANA, "ping", json!({})).await.status;
        (busy, free)
    };
    let (slow, (busy, free)) = tokio::join!(two.ask(BEN, "tools/call", show), during);
    assert_eq!((slow.status, busy, free), (200, 503, 200));

    let rare = format!("{}\nrequests_per_minute = 6", token("sandbox-admin"));
    let two = Two::start(&token("sandbox-admin"), &rare).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(two.ask(BEN, "ping", json!({})).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    for _ in 0..12 {
        assert_eq!(two.ask(ANA, "ping", json!({})).await.status, 200);
    }
}

#[tokio::test]
async fn each_has_the_own_numbers_and_the_own_lines() {
    let two = Two::start(&token("sandbox-admin"), &token("sandbox-reader")).await;
    let show = json!({"ticket_number": "709383"});
    for key in [ANA, ANA, BEN] {
        value(&two.call(key, "get_ticket", show.clone()).await);
    }
    for (key, own, other, calls) in [(ANA, "ana", "ben", 2), (BEN, "ben", "ana", 1)] {
        let numbers = two.numbers(key).await;
        let counted = format!(
            "ticketing_mcp_calls_total{{profile=\"{own}\",module=\"tickiti\",tool=\"get_ticket\",outcome=\"success\"}} {calls}"
        );
        assert!(numbers.contains(&counted), "{numbers}");
        assert!(!numbers.contains(other), "{numbers}");
    }
    let until = Instant::now() + Duration::from_secs(5);
    let lines = loop {
        let log = two.http.log();
        let lines = log.lines().filter(|line| line.contains("tool call"));
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        if lines.len() == 3 {
            break lines;
        }
        assert!(Instant::now() < until, "{log}");
        sleep(Duration::from_millis(10)).await;
    };
    for (line, own) in lines.iter().zip(["ana", "ana", "ben"]) {
        assert!(line.contains(&format!("profile=\"{own}\"")), "{line}");
    }
    let log = two.http.log();
    for secret in [ANA, BEN, "sandbox-admin", "sandbox-reader", "709383"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn all_share_the_connections_to_their_back_end() {
    let sandbox = double().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let behind = sandbox.addr();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut back = tokio::net::TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut back).await;
            });
        }
    });
    let (ana, ben) = (token("sandbox-admin"), token("sandbox-reader"));
    let two = Two::at(&base, sandbox, &ana, &ben).await;
    for key in [ANA, BEN, ANA, BEN] {
        value(&two.call(key, "list_queues", json!({})).await);
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}
