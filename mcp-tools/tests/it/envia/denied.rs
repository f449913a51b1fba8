//! What counts as denied by a policy, and what does not.

use mcp_tools::ErrorKind::{self, Arguments, Conflict, Denied, NotFound, Upstream};
use serde_json::json;

use super::{World, boom, draft};

#[tokio::test]
async fn denied_are_excluded_types_and_amounts_above_the_limit_and_nothing_else() {
    let claim = |ticket: u64| json!({"ticket_id": ticket, "status_id": 10, "comment": "Motivo"});
    for (row, tool, arguments, kind) in [
        (
            "a blocked type",
            "create_ticket",
            draft(10, json!({})),
            Denied,
        ),
        (
            "a type without context",
            "create_ticket",
            draft(2, json!({"carrier_id": 2})),
            Denied,
        ),
        (
            "a type out of use",
            "create_ticket",
            draft(17, json!({})),
            Denied,
        ),
        (
            "an excluded type, asked for",
            "get_ticket_types",
            json!({"type_id": 10}),
            Denied,
        ),
        (
            "an excluded type, by name",
            "get_ticket_types",
            json!({"type_name": "theft"}),
            Denied,
        ),
        (
            "a move to an excluded type",
            "update_ticket",
            json!({"ticket_id": 58201, "new_ticket_type_id": 10}),
            Denied,
        ),
        (
            "an amount above the limit",
            "update_ticket",
            claim(58215),
            Denied,
        ),
        (
            "an amount that cannot be judged",
            "update_ticket",
            claim(58216),
            Denied,
        ),
        (
            "an unknown type",
            "create_ticket",
            draft(99, json!({})),
            Arguments,
        ),
        (
            "an unknown type, asked for",
            "get_ticket_types",
            json!({"type_id": 99}),
            NotFound,
        ),
        (
            "a move to an unknown type",
            "update_ticket",
            json!({"ticket_id": 58201, "new_ticket_type_id": 99}),
            Arguments,
        ),
        (
            "no shipment",
            "create_ticket",
            draft(5, json!({})),
            Arguments,
        ),
        (
            "no credit",
            "create_ticket",
            draft(16, json!({})),
            Arguments,
        ),
        (
            "no variable",
            "create_ticket",
            draft(9, json!({})),
            Arguments,
        ),
        (
            "a wrong status of the shipment",
            "create_ticket",
            draft(3, json!({"shipment_id": 900_127})),
            Arguments,
        ),
        (
            "a condition that does not hold",
            "create_ticket",
            draft(3, json!({"shipment_id": 900_124})),
            Arguments,
        ),
        (
            "a missing comment",
            "update_ticket",
            json!({"ticket_id": 58201, "status_id": 2}),
            Arguments,
        ),
        (
            "files without a company",
            "update_ticket",
            json!({"ticket_id": 58201, "files": [super::file("a.png")]}),
            Arguments,
        ),
        (
            "a closed ticket",
            "update_ticket",
            json!({"ticket_id": 58202, "comment": "x"}),
            Conflict,
        ),
        (
            "a closed ticket, to be claimed",
            "update_ticket",
            claim(58202),
            Conflict,
        ),
        (
            "a second ticket",
            "create_ticket",
            draft(5, json!({"shipment_id": 900_136})),
            Conflict,
        ),
        (
            "an unknown ticket",
            "get_ticket",
            json!({"ticket_id": 1}),
            NotFound,
        ),
        (
            "a mistake in the arguments",
            "list_tickets",
            json!({"length": 0}),
            Arguments,
        ),
        (
            "a tool that is none",
            "delete_ticket",
            json!({}),
            ErrorKind::UnknownTool,
        ),
    ] {
        let world = World::start().await;
        let error = world.call(tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{row}: {error}");
    }
}

/// A missing permission of this server is no policy against the agent.
#[tokio::test]
async fn refused_tokens_are_a_fault_of_the_set_up() {
    for status in [401, 403] {
        for (tool, arguments) in [
            ("get_ticket_types", json!({})),
            ("create_ticket", draft(9, json!({"payment_method_id": 3}))),
            ("update_ticket", json!({"ticket_id": 58201, "status_id": 6})),
            ("get_ticket", json!({"ticket_id": 58201})),
            ("list_tickets", json!({})),
        ] {
            let world = World::failing("*", boom(status, "No", "no")).await;
            let says = ["bot token", "BACKEND_BOT_AI_TOKEN"];
            world.fails(tool, arguments, Upstream, &says).await;
            assert_eq!(world.asked().len(), 1, "{tool}");
        }
    }
}
