//! The tools that send files and fetch them, against the sandbox.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use mcp_tools::{
    Backends, Content, Context, ErrorKind, JsonObject, Ledger, Policy, Progress, ToolError,
    policy::{Narrowing, Origin},
    store::Memory,
    tickiti::Tickiti,
};
use sandbox::tickiti::{Fault, FaultKind};
use serde_json::{Value, json};

use super::Place;
use crate::harness::{World, instances, object, registry};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR picture";

struct Desk {
    world: World,
    place: Place,
    context: Context,
}

impl Desk {
    async fn new() -> Self {
        let sandbox = sandbox::tickiti::Tickiti::builder().whole_log().start();
        let sandbox = sandbox.await.unwrap();
        let registry = registry(&["default"], &sandbox.base_url());
        let world = World { sandbox, registry };
        let place = Place::new();
        let instances = instances(&["default"], &world.sandbox.base_url(), "sandbox-admin");
        let backends = Backends::new().with(Tickiti::new(instances));
        let mut context = Context::new("test", backends);
        context.roots = place.roots();
        context.ledger = Some(Ledger::new(Arc::new(Memory::default()), "test"));
        Self {
            world,
            place,
            context,
        }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<JsonObject, ToolError> {
        let context = self.context.clone();
        self.world
            .registry
            .call(tool, context, object(arguments))
            .await
    }

    async fn works(&self, tool: &str, arguments: Value) -> Value {
        Value::Object(self.call(tool, arguments).await.unwrap())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.place.inside(name), content).unwrap();
    }

    fn executions(&self, endpoint: &str) -> u64 {
        self.world.sandbox.executions(endpoint)
    }

    /// Opens a ticket with one file; its number, and the id of the file.
    async fn with_file(&self, name: &str, content: impl AsRef<[u8]>) -> (Value, Value) {
        self.write(name, content);
        let opened = self
            .works("create_ticket", ticket(json!({"files": [{"path": name}]})))
            .await;
        let number = opened["ticket_number"].clone();
        let shown = self
            .works("get_ticket", json!({"ticket_number": number}))
            .await;
        let id = shown["responses"][0]["attachments"][0]["id"].clone();
        fs::remove_file(self.place.inside(name)).unwrap();
        (number, id)
    }

    /// What the last request to an endpoint carried.
    fn sent(&self, endpoint: &str) -> Value {
        let log = self.world.sandbox.log();
        let last = log
            .iter()
            .rfind(|entry| entry.endpoint.as_deref() == Some(endpoint));
        last.and_then(|entry| entry.body.clone()).unwrap()
    }
}

fn ticket(more: Value) -> Value {
    let mut arguments = json!({
        "originator_email_address": "dana@customer.example", "subject": "Box", "content": "<p>See.</p>",
    });
    let Value::Object(more) = more else { panic!() };
    arguments.as_object_mut().unwrap().extend(more);
    arguments
}

#[tokio::test]
async fn files_go_up_with_a_ticket_and_come_back_the_same() {
    let desk = Desk::new().await;
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let (number, id) = desk.with_file("data.csv", &content).await;
    let file = json!({"ticket_number": number, "response_attachment_id": id});

    let told = desk.works("get_attachment", file.clone()).await;
    assert_eq!(told["size"], json!(1_200_000));
    let uri = told["resource"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("tickiti://attachment/"), "{uri}");
    let read = desk
        .world
        .registry
        .read(uri, &desk.context)
        .await
        .unwrap()
        .unwrap();
    let Content::Blob { bytes, .. } = read else {
        panic!("{read:?}")
    };
    assert_eq!(bytes, content);

    let mut arguments = file.clone();
    arguments["path"] = json!("out/data.bin");
    let answer = desk.works("download_attachment", arguments).await;
    assert_eq!(answer["bytes"], json!(1_200_000));
    assert_eq!(answer["checked"], json!(true));
    assert_eq!(answer["sha256"], told["sha256"]);
    assert_eq!(
        fs::read(desk.place.inside("out/data.bin")).unwrap(),
        content
    );
}

#[tokio::test]
async fn pictures_and_text_make_the_body() {
    let desk = Desk::new().await;
    desk.write("body.html", "\u{feff}<p>Look: {{attach:box.png}}</p>");
    desk.write("box.png", PNG);
    desk.write("end.png", PNG);
    let arguments = json!({
        "originator_email_address": "dana@customer.example", "subject": "Box", "content_path": "body.html",
        "attachments": [{"path": "box.png"}, {"path": "end.png", "name": "the \"end\""}],
    });
    desk.works("create_ticket", arguments.clone()).await;
    let sent = desk.sent("tickets.create");
    let content = sent["data"]["content"].as_str().unwrap();
    assert!(
        content.starts_with("<p>Look: <img src=\"data:image/png;base64,"),
        "{content}"
    );
    assert!(
        content.ends_with("alt=\"the &quot;end&quot;\"></p>"),
        "{content}"
    );
    assert!(
        sent.get("content_path").is_none() && sent.get("attachments").is_none(),
        "{sent}"
    );

    let mut shown = arguments;
    shown["dry_run"] = json!(true);
    let shown = desk.works("create_ticket", shown).await;
    let body = shown["would_send"]["body"]["data"]["content"]
        .as_str()
        .unwrap();
    assert!(body.contains("(24 bytes)") && body.len() < 300, "{body}");
}

#[tokio::test]
async fn a_response_carries_files_under_their_names() {
    let desk = Desk::new().await;
    desk.write("a.txt", "text");
    let opened = desk.works("create_ticket", ticket(json!({}))).await;
    let answer = desk
        .works(
            "respond_to_ticket",
            json!({
                "ticket_number": opened["ticket_number"], "from_email": "ana@shop.example", "content": "<p>Here.</p>",
                "files": [{"path": "a.txt", "name": "notes.txt"}],
            }),
        )
        .await;
    assert_eq!(answer["files"][0]["name"], "notes.txt");
    assert_eq!(desk.sent("tickets.respond")["attachments"], answer["files"]);
}

#[tokio::test]
async fn what_the_files_lack_is_told_at_once_and_nothing_is_sent() {
    let desk = Desk::new().await;
    desk.write("program.png", b"\x7fELF\x02\x01");
    desk.write("fake.pdf", "words");
    desk.write("a.txt", "x");
    let refused = desk
        .call(
            "create_ticket",
            ticket(json!({
                "attachments": [{"path": "program.png"}],
                "files": [{"path": "fake.pdf"}, {"path": "missing.txt"}, {"path": "../outside/secret.txt"}],
            })),
        )
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    for part in [
        "4 mistakes",
        "`attachments[0].path` must be a picture",
        "`files[0].path` is named as a PDF document, but its content is text",
        "`files[1].path` does not exist",
        "`files[2].path` leads out of the folders",
    ] {
        assert!(refused.text().contains(part), "{part}: {refused}");
    }
    assert!(desk.world.sandbox.log().is_empty());

    let both = desk
        .call("create_ticket", ticket(json!({"content_path": "a.txt"})))
        .await
        .unwrap_err();
    assert!(both.text().contains("give one of them"), "{both}");

    let mut without = desk.context.clone();
    without.roots = mcp_tools::Roots::default();
    let arguments = object(ticket(json!({"files": [{"path": "a.txt"}]})));
    let none = desk
        .world
        .registry
        .call("create_ticket", without, arguments);
    let none = none.await.unwrap_err();
    assert!(none.text().contains("--files DIR"), "{none}");
    assert!(desk.world.sandbox.log().is_empty());
}

#[tokio::test]
async fn a_file_that_is_refused_stops_the_write_and_says_what_is_there() {
    let desk = Desk::new().await;
    desk.write("one.txt", "1");
    desk.write("two.exe", "2");
    desk.write("three.txt", "3");
    let files = json!({"files": [{"path": "one.txt"}, {"path": "two.exe"}, {"path": "three.txt"}]});
    let refused = desk.call("create_ticket", ticket(files)).await.unwrap_err();
    for part in [
        "`files[1]` (two.exe) could not be uploaded, and nothing was written",
        "seen by nobody: one.txt",
        "Not tried: three.txt",
    ] {
        assert!(refused.text().contains(part), "{part}: {refused}");
    }
    assert_eq!(desk.executions("tickets.create"), 0);
}

#[tokio::test]
async fn a_file_that_changed_is_another_write() {
    let desk = Desk::new().await;
    desk.write("a.txt", "first");
    let call = || {
        desk.works(
            "create_ticket",
            ticket(json!({"files": [{"path": "a.txt"}]})),
        )
    };
    let first = call().await;
    let again = call().await;
    assert_eq!(again["replayed"], json!(true), "{again}");
    assert_eq!(desk.executions("tickets.create"), 1);
    desk.write("a.txt", "second");
    let other = call().await;
    assert_ne!(first["ticket_number"], other["ticket_number"]);
    assert_eq!(desk.executions("tickets.create"), 2);

    // A name stands for one write, file and all.
    let named = |content: &str| {
        desk.write("a.txt", content);
        let arguments = json!({"files": [{"path": "a.txt"}], "idempotency_key": "mine"});
        desk.call("create_ticket", ticket(arguments))
    };
    named("third").await.unwrap();
    let refused = named("fourth").await.unwrap_err();
    assert!(refused.text().contains("other arguments"), "{refused}");
    assert_eq!(desk.executions("tickets.create"), 3);
}

#[tokio::test]
async fn a_lost_answer_is_made_good_with_the_same_bytes() {
    let desk = Desk::new().await;
    desk.write("a.txt", "text");
    desk.write("b.png", PNG);
    let fault = Fault::on("tickets.create", FaultKind::DropAfterEffect).times(10);
    desk.world.sandbox.add_fault(fault);
    let arguments =
        ticket(json!({"files": [{"path": "a.txt"}], "attachments": [{"path": "b.png"}]}));
    let lost = desk
        .call("create_ticket", arguments.clone())
        .await
        .unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Unknown, "{lost}");
    desk.world.sandbox.clear_faults();
    desk.works("create_ticket", arguments).await;
    assert_eq!(desk.executions("tickets.create"), 1);
    let log = desk.world.sandbox.log();
    let bodies: Vec<&str> = log
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some("tickets.create"))
        .map(|entry| entry.body_sha256.as_str())
        .collect();
    assert!(
        bodies.len() > 1 && bodies.iter().all(|body| *body == bodies[0]),
        "{bodies:?}"
    );
}

#[tokio::test]
async fn large_files_come_in_ranges_and_tell_how_far_they_are() {
    let mut desk = Desk::new().await;
    let content = vec![7_u8; 250_000];
    let (number, id) = desk.with_file("data.csv", &content).await;
    desk.world
        .sandbox
        .change_switches(|switches| switches.attachment_cap = 100_000);
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    desk.context.progress = Progress::to(move |notice| sink.lock().unwrap().push(notice));
    let arguments = json!({
        "ticket_number": number, "response_attachment_id": id, "path": "data.bin", "chunk_bytes": 60_000,
    });
    // A piece that fails on the way is asked for again.
    let fault = Fault::on("tickets.attachment", FaultKind::DropBeforeEffect)
        .skip(2)
        .times(1);
    desk.world.sandbox.add_fault(fault);
    let answer = desk.works("download_attachment", arguments).await;
    assert_eq!(answer["bytes"], json!(250_000));
    assert_eq!(fs::read(desk.place.inside("data.bin")).unwrap(), content);
    let told = told.lock().unwrap();
    let last = told.last().unwrap();
    assert_eq!((last.done, last.total), (250_000, Some(250_000)));
}

#[tokio::test]
async fn a_download_that_fails_leaves_nothing() {
    let desk = Desk::new().await;
    let (number, id) = desk.with_file("data.csv", vec![7_u8; 250_000]).await;
    let arguments =
        |path: &str| json!({"ticket_number": number, "response_attachment_id": id, "path": path});
    let empty: [&str; 0] = [];

    desk.world
        .sandbox
        .change_switches(|switches| switches.wrong_sha256 = true);
    let wrong = desk
        .call("download_attachment", arguments("new/a.bin"))
        .await
        .unwrap_err();
    assert!(wrong.text().contains("another SHA-256"), "{wrong}");
    assert_eq!(desk.place.names(), empty);
    desk.world.sandbox.change_switches(|switches| {
        switches.wrong_sha256 = false;
        switches.attachment_cap = 100_000;
    });

    let fault = Fault::on(
        "tickets.attachment",
        FaultKind::Status {
            status: 404,
            body: "{}".to_owned(),
            content_type: "application/json".to_owned(),
            retry_after: None,
        },
    );
    desk.world.sandbox.add_fault(fault.skip(2).times(20));
    let mut piecewise = arguments("new/a.bin");
    piecewise["chunk_bytes"] = json!(60_000);
    let broken = desk
        .call("download_attachment", piecewise)
        .await
        .unwrap_err();
    assert!(
        broken.text().contains("broke off after 60000 bytes"),
        "{broken}"
    );
    assert_eq!(desk.place.names(), empty);
    desk.world.sandbox.clear_faults();

    let missing =
        json!({"ticket_number": number, "response_attachment_id": 999_999, "path": "new/a.bin"});
    desk.call("download_attachment", missing).await.unwrap_err();
    assert_eq!(desk.place.names(), empty);

    desk.write("a.bin", "old");
    let before = desk.world.sandbox.log().len();
    let exists = desk
        .call("download_attachment", arguments("a.bin"))
        .await
        .unwrap_err();
    assert_eq!(exists.kind(), ErrorKind::Conflict, "{exists}");
    assert_eq!(desk.world.sandbox.log().len(), before);
    assert_eq!(
        fs::read_to_string(desk.place.inside("a.bin")).unwrap(),
        "old"
    );
    desk.world
        .sandbox
        .change_switches(|switches| switches.attachment_cap = 1_000_000);
    let mut over = arguments("a.bin");
    over["overwrite"] = json!(true);
    desk.works("download_attachment", over).await;
    assert_eq!(fs::read(desk.place.inside("a.bin")).unwrap().len(), 250_000);
    assert_eq!(desk.place.names(), ["a.bin"]);
}

#[tokio::test]
async fn a_cancelled_download_leaves_nothing() {
    let desk = Desk::new().await;
    let (number, id) = desk.with_file("data.csv", vec![7_u8; 250_000]).await;
    desk.world
        .sandbox
        .change_switches(|switches| switches.attachment_cap = 100_000);
    let stall = Fault::on("tickets.attachment", FaultKind::StallHeaders)
        .skip(2)
        .times(5);
    desk.world.sandbox.add_fault(stall);
    let arguments = json!({
        "ticket_number": number, "response_attachment_id": id, "path": "new/a.bin", "chunk_bytes": 60_000,
    });
    let call = desk.call("download_attachment", arguments);
    let cut = tokio::time::timeout(Duration::from_millis(400), call).await;
    assert!(cut.is_err(), "it was not cut off: {cut:?}");
    // What was being written at that moment has its time to end.
    for _ in 0..50 {
        if desk.place.names().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("left: {:?}", desk.place.names());
}

#[tokio::test]
async fn messages_are_exported_whole_or_not_at_all() {
    let desk = Desk::new().await;
    let answer = desk
        .works(
            "export_responses",
            json!({"path": "all.ndjson", "metadata_only": true, "page_size": 50, "max_records": 120}),
        )
        .await;
    assert_eq!(
        (&answer["count"], &answer["pages"]),
        (&json!(120), &json!(3)),
        "{answer}"
    );
    let text = fs::read_to_string(desk.place.inside("all.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 120);
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        assert!(
            row["ticket_number"].is_string() || row["ticket_number"].is_number(),
            "{row}"
        );
    }

    desk.world
        .sandbox
        .change_switches(|switches| switches.repeated_cursor = true);
    let round = desk
        .call(
            "export_responses",
            json!({"path": "round.ndjson", "page_size": 10}),
        )
        .await
        .unwrap_err();
    assert!(round.text().contains("a second time"), "{round}");
    assert_eq!(desk.place.names(), ["all.ndjson"]);
}

#[tokio::test]
async fn a_read_only_server_writes_no_file() {
    let mut desk = Desk::new().await;
    let mut narrowing = Narrowing::none(Origin::Server);
    narrowing.read_only = true;
    desk.context.policy = Policy::default().narrowed(narrowing);
    let refused = desk
        .call("export_responses", json!({"path": "all.ndjson"}))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    assert!(desk.place.names().is_empty() && desk.world.sandbox.log().is_empty());
}

#[tokio::test]
async fn no_tool_reaches_outside() {
    let desk = Desk::new().await;
    let (number, id) = desk.with_file("data.csv", "x").await;
    std::os::unix::fs::symlink(desk.place.outside(""), desk.place.inside("out")).unwrap();
    let secret = desk
        .place
        .outside("secret.txt")
        .to_str()
        .unwrap()
        .to_owned();
    let before = (desk.world.sandbox.log().len(), desk.place.names_outside());
    for path in [
        "../outside/secret.txt",
        "out/secret.txt",
        &secret,
        "/etc/passwd",
        "/proc/self/environ",
    ] {
        let calls = [
            ("create_ticket", ticket(json!({"files": [{"path": path}]}))),
            (
                "create_ticket",
                ticket(json!({"attachments": [{"path": path}]})),
            ),
            (
                "respond_to_ticket",
                json!({"ticket_number": number, "from_email": "a@b.example", "content_path": path}),
            ),
            (
                "upload_template_image",
                json!({"template_id": 1, "path": path}),
            ),
            (
                "download_attachment",
                json!({
                    "ticket_number": number, "response_attachment_id": id, "path": path, "overwrite": true,
                }),
            ),
            ("export_responses", json!({"path": path, "overwrite": true})),
        ];
        for (tool, arguments) in calls {
            let refused = desk.call(tool, arguments).await.unwrap_err();
            assert_eq!(
                refused.kind(),
                ErrorKind::Denied,
                "{tool} {path}: {refused}"
            );
            assert!(!refused.text().contains(super::SECRET), "{refused}");
        }
    }
    assert_eq!(
        (desk.world.sandbox.log().len(), desk.place.names_outside()),
        before
    );
    let kept = fs::read_to_string(desk.place.outside("secret.txt")).unwrap();
    assert_eq!(kept, super::SECRET);
}

#[tokio::test]
async fn a_picture_for_a_template_is_uploaded() {
    let desk = Desk::new().await;
    desk.write("logo.png", PNG);
    desk.write("logo.txt", "no picture");
    let stock = json!({"template_id": 1, "path": "logo.png", "stock_response": true});
    let answer = desk.works("upload_template_image", stock).await;
    assert!(answer.to_string().contains("cid:"), "{answer}");
    let refused = desk
        .call(
            "upload_template_image",
            json!({"template_id": 1, "path": "logo.txt"}),
        )
        .await
        .unwrap_err();
    assert!(refused.text().contains("must be a picture"), "{refused}");
}

#[tokio::test]
async fn text_of_a_file_is_the_content_of_mail_and_of_a_rewritten_response() {
    let desk = Desk::new().await;
    desk.write("body.html", "<p>From a file.</p>");
    let opened = desk.works("create_ticket", ticket(json!({}))).await;
    let number = &opened["ticket_number"];
    let shown = desk
        .works("get_ticket", json!({"ticket_number": number}))
        .await;
    let id = &shown["responses"][0]["id"];
    let edit = json!({"response_id": id, "content_path": "body.html"});
    desk.works("edit_response", edit).await;
    assert_eq!(
        desk.sent("tickets.response_update")["content"],
        "<p>From a file.</p>"
    );
    let mail =
        json!({"to_address": "dana@customer.example", "subject": "S", "content_path": "body.html"});
    desk.works("send_email", mail).await;
    assert_eq!(desk.sent("mail.send")["content"], "<p>From a file.</p>");
}

#[tokio::test]
async fn addresses_of_files_that_are_none_are_refused() {
    let desk = Desk::new().await;
    let read = |uri: &'static str| desk.world.registry.read(uri, &desk.context);
    assert!(read("tickiti://attachment/709383").await.is_none());
    assert!(read("tickiti://other/709383/1").await.is_none());
    for uri in [
        "tickiti://attachment/709383/999999",
        "tickiti://attachment/x/y",
    ] {
        assert!(read(uri).await.unwrap().is_err(), "{uri}");
    }
    let refused = read("tickiti://attachment/709383/1?instance=other")
        .await
        .unwrap();
    assert!(refused.unwrap_err().text().contains("other"));
}
