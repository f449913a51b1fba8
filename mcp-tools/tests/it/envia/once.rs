//! Writes of the back office whose answer is lost: read back, and made once.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use mcp_tools::{Context, ErrorKind, Ledger, ledger::Pace, store::Memory};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{World, draft, file};
use crate::harness::object;

const CREATE: &str = "create_ticket";
const UPDATE: &str = "update_ticket";

/// A world whose back office has today's clock, with a ledger.
struct Kept {
    world: World,
    ledger: Ledger,
}

impl Kept {
    async fn start() -> Self {
        Self::at(SystemTime::now()).await
    }

    async fn at(clock: SystemTime) -> Self {
        let now = clock.duration_since(UNIX_EPOCH).unwrap().as_secs();
        let builder = Sandbox::builder().clock(i64::try_from(now).unwrap());
        let pace = Pace {
            settle: Duration::ZERO,
            ..Pace::default()
        };
        Self {
            world: World::with(builder).await,
            ledger: Ledger::new(Arc::new(Memory::new()), "me").with_pace(pace),
        }
    }

    fn context(&self) -> Context {
        let mut context = self.world.context();
        context.ledger = Some(self.ledger.clone());
        context
    }

    async fn works(&self, tool: &str, arguments: Value) -> Value {
        let registry = &self.world.registry;
        let answer = registry.call(tool, self.context(), object(arguments)).await;
        Value::Object(answer.unwrap())
    }

    async fn fails(&self, tool: &str, arguments: Value, kind: ErrorKind) -> String {
        let registry = &self.world.registry;
        let answer = registry.call(tool, self.context(), object(arguments)).await;
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        error.text().to_owned()
    }

    /// The same call, its answer lost by a fault, and then again without.
    async fn loses(&self, tool: &str, endpoint: &str, kind: FaultKind, arguments: &Value) {
        self.world.sandbox.add_fault(Fault::on(endpoint, kind));
        let text = self
            .fails(tool, arguments.clone(), ErrorKind::Unknown)
            .await;
        assert!(
            text.contains("call again with exactly the same arguments"),
            "{text}"
        );
        self.world.sandbox.clear_faults();
    }
}

/// Without a tracking number: the back office's own rule against doubles does not apply.
fn about_a_payment() -> Value {
    let more = json!({"credit_id": 81, "variables": {"payment_method_id": 3}});
    draft(9, more)
}

#[tokio::test]
async fn a_ticket_that_was_opened_is_found_in_the_list() {
    let with_tracking = draft(
        4,
        json!({"tracking_number": "TST0001112228", "amount": 900, "files": [file("a.png")]}),
    );
    for arguments in [about_a_payment(), with_tracking] {
        let kept = Kept::start().await;
        let before = kept.world.count("tickets.create");
        kept.loses(
            CREATE,
            "tickets.create",
            FaultKind::DropAfterEffect,
            &arguments,
        )
        .await;
        let found = kept.works(CREATE, arguments.clone()).await;
        assert_eq!(found["ticket_id"], 58231, "{found}");
        assert_eq!(found["found_applied"], true);
        if arguments.get("files").is_some() {
            assert_eq!(found["files"][0]["ok"], false, "it was never sent: {found}");
        }
        assert_eq!(kept.world.count("tickets.create"), before + 1);
        assert_eq!(kept.works(CREATE, arguments).await["replayed"], true);
    }
}

#[tokio::test]
async fn a_ticket_that_was_not_opened_is_opened() {
    for arguments in [
        about_a_payment(),
        draft(
            4,
            json!({"tracking_number": "TST0001112228", "amount": 900}),
        ),
    ] {
        let kept = Kept::start().await;
        kept.loses(
            CREATE,
            "tickets.create",
            FaultKind::DropBeforeEffect,
            &arguments,
        )
        .await;
        let opened = kept.works(CREATE, arguments).await;
        assert_eq!(opened["ticket_id"], 58231);
        assert_eq!(opened.get("found_applied"), None);
        assert_eq!(kept.world.count("tickets.create"), 2);
    }
}

/// One with the same content from another day is neither taken for it nor passed over.
#[tokio::test]
async fn a_ticket_of_the_same_content_from_before_is_for_a_person() {
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
    let kept = Kept::at(long_ago).await;
    let arguments = draft(
        4,
        json!({"tracking_number": "TST0001112228", "amount": 900}),
    );
    kept.loses(
        CREATE,
        "tickets.create",
        FaultKind::DropAfterEffect,
        &arguments,
    )
    .await;
    let text = kept.fails(CREATE, arguments, ErrorKind::Unknown).await;
    assert!(text.contains("Ticket 58231 has the same content"), "{text}");
    assert!(text.contains("idempotency_key"), "{text}");
    assert_eq!(kept.world.count("tickets.create"), 1);
}

/// Where not all that may be the one can be read, that it was not among those that were says nothing.
#[tokio::test]
async fn a_ticket_among_too_many_is_for_a_person() {
    for (others, found) in [(8, true), (60, false)] {
        let kept = Kept::start().await;
        let arguments = about_a_payment();
        let after = FaultKind::DropAfterEffect;
        kept.loses(CREATE, "tickets.create", after, &arguments)
            .await;
        for number in 0..others {
            let mut other = about_a_payment();
            other["comments"] = json!(format!("Otro pago, {number}"));
            kept.works(CREATE, other).await;
        }
        let before = kept.world.count("tickets.create");
        if found {
            assert_eq!(kept.works(CREATE, arguments).await["ticket_id"], 58231);
        } else {
            let text = kept.fails(CREATE, arguments, ErrorKind::Unknown).await;
            assert!(text.contains("too many tickets of that type"), "{text}");
        }
        assert_eq!(kept.world.count("tickets.create"), before);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_repeats_nothing() {
    let kept = Kept::start().await;
    let arguments = about_a_payment();
    kept.loses(
        CREATE,
        "tickets.create",
        FaultKind::DropBeforeEffect,
        &arguments,
    )
    .await;
    let down = FaultKind::Html { status: 503 };
    kept.world
        .sandbox
        .add_fault(Fault::on("tickets.list", down));
    let text = kept.fails(CREATE, arguments, ErrorKind::Unknown).await;
    assert!(text.contains("could not be found out"), "{text}");
    assert_eq!(kept.world.count("tickets.create"), 1);
}

#[tokio::test]
async fn a_change_that_was_made_shows_in_the_ticket() {
    let kept = Kept::start().await;
    let id = kept.works(CREATE, about_a_payment()).await["ticket_id"].clone();
    for arguments in [
        json!({"ticket_id": id, "status_id": 5, "idempotency_key": "x"}),
        json!({"ticket_id": id, "comment": "Se revisa"}),
        json!({"ticket_id": id, "status_id": 7, "comment": "Listo"}),
    ] {
        let before = kept.world.count("tickets.update");
        kept.loses(
            UPDATE,
            "tickets.update",
            FaultKind::DropAfterEffect,
            &arguments,
        )
        .await;
        let found = kept.works(UPDATE, arguments.clone()).await;
        assert_eq!(found["found_applied"], true, "{arguments}");
        assert_eq!(found["ticket_id"], id);
        assert_eq!(kept.world.count("tickets.update"), before + 1);
    }
}

#[tokio::test]
async fn a_change_that_was_not_made_is_made() {
    let kept = Kept::start().await;
    let id = kept.works(CREATE, about_a_payment()).await["ticket_id"].clone();
    for arguments in [
        json!({"ticket_id": id, "status_id": 5, "idempotency_key": "x"}),
        json!({"ticket_id": id, "comment": "Se revisa"}),
    ] {
        let before = kept.world.count("tickets.update");
        kept.loses(
            UPDATE,
            "tickets.update",
            FaultKind::DropBeforeEffect,
            &arguments,
        )
        .await;
        let made = kept.works(UPDATE, arguments.clone()).await;
        assert_eq!(made.get("found_applied"), None);
        assert_eq!(kept.world.count("tickets.update"), before + 2);
    }
    let ticket = kept.works("get_ticket", json!({"ticket_id": id})).await;
    let comments = ticket["allComments"].as_array().unwrap().iter();
    assert_eq!(
        comments
            .filter(|one| one["description"] == "Se revisa")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_look_at_what_would_be_sent_is_never_on_record() {
    let kept = Kept::start().await;
    let mut arguments = about_a_payment();
    arguments["dry_run"] = json!(true);
    for _ in 0..2 {
        let shown = kept.works(CREATE, arguments.clone()).await;
        assert_eq!(shown.get("replayed"), None);
    }
    // Not the same call as the real one.
    arguments["dry_run"] = json!(false);
    assert_eq!(kept.works(CREATE, arguments).await["ticket_id"], 58231);
}

/// Setting one status, another, and the first again must end with the first.
#[tokio::test]
async fn changes_without_words_are_made_each_time() {
    let kept = Kept::start().await;
    let id = kept.works(CREATE, about_a_payment()).await["ticket_id"].clone();
    for status in [5, 6, 5] {
        let change = json!({"ticket_id": id, "status_id": status});
        assert_eq!(kept.works(UPDATE, change).await.get("replayed"), None);
        let ticket = kept.works("get_ticket", json!({"ticket_id": id})).await;
        assert_eq!(ticket["ticket_status_id"], status);
    }
}
