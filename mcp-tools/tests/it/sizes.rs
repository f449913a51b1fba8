//! Answers that are too large are not sent, and say what to do instead.

use mcp_tools::{Backends, Context, ErrorKind, JsonObject, ToolError, tickiti::Tickiti};
use serde_json::{Value, json};

use crate::harness::{World, instances, object};

impl World {
    async fn call_with_most(
        &self,
        bytes: usize,
        tool: &str,
        arguments: Value,
    ) -> Result<JsonObject, ToolError> {
        let instances = instances(&["default"], &self.sandbox.base_url(), "sandbox-admin");
        let mut context = Context::new("test", Backends::new().with(Tickiti::new(instances)));
        context.result_bytes = Some(bytes);
        self.registry.call(tool, context, object(arguments)).await
    }
}

#[tokio::test]
async fn a_read_is_refused_to_the_byte_with_the_ways_to_less() {
    let world = World::start().await;
    let show = json!({"ticket_number": "709383"});
    let answer = world.call("get_ticket", show.clone()).await.unwrap();
    let size = serde_json::to_string(&answer).unwrap().len();
    let same = world.call_with_most(size, "get_ticket", show.clone()).await;
    assert_eq!(same.unwrap(), answer);
    let error = world
        .call_with_most(size - 1, "get_ticket", show)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.text(),
        format!(
            "The answer of get_ticket has {size} bytes, and {} are sent at most, so none of it was. Ask for less: fewer \
             fields, a page, or a filter, by `fields`, `max_body_chars`.",
            size - 1
        )
    );
    let error = world
        .call_with_most(500, "query_tickets", json!({}))
        .await
        .unwrap_err();
    assert!(error.text().contains("`row_limit`"), "{error}");
    let reading = json!({"family": "tickets", "action": "staff"});
    for tool in ["tickiti_read", "tickiti_call"] {
        let error = world.call_with_most(100, tool, reading.clone()).await;
        let error = error.unwrap_err();
        assert!(error.text().contains("none of it was"), "{error}");
        assert!(error.text().contains("`payload`"), "{error}");
    }
}

#[tokio::test]
async fn a_write_tells_that_it_was_done_and_what_it_made() {
    let world = World::start().await;
    let ticket = json!({"originator_email_address": "a@b.example", "is_public": true, "subject": "s", "content": "c"});
    let error = world
        .call_with_most(10, "create_ticket", ticket.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(world.sandbox.executions("tickets.create"), 1);
    let text = error.text();
    assert!(
        text.starts_with("create_ticket was done, and must not be called again"),
        "{text}"
    );
    let number = text.split_once("ticket_number ").expect("its number").1;
    let number: String = number.chars().take_while(char::is_ascii_digit).collect();
    let shown = world
        .call("get_ticket", json!({"ticket_number": number}))
        .await
        .unwrap();
    assert_eq!(
        shown["ticket"]["subject"],
        json!({"untrusted_from_customer": "s"})
    );

    let mut rehearsal = ticket;
    rehearsal["dry_run"] = json!(true);
    let error = world
        .call_with_most(10, "create_ticket", rehearsal)
        .await
        .unwrap_err();
    assert!(!error.text().contains("was done"), "{error}");
    assert_eq!(world.sandbox.executions("tickets.create"), 1);
}
