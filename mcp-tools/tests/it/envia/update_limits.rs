//! Change to "claim in review": the amount of the ticket against the limit of its type.

use mcp_tools::ErrorKind::{Arguments, Denied, Upstream};
use sandbox::envia::{FaultKind, VariablesForm};
use serde_json::{Value, json};

use super::{World, answers, boom};

const UPDATE: &str = "update_ticket";

fn claim(ticket: u64) -> Value {
    json!({"ticket_id": ticket, "status_id": 10, "comment": "El cliente reclama"})
}

#[tokio::test]
async fn demo_tickets_below_at_and_above_the_limit() {
    let world = World::start().await;
    for (row, ticket, refused) in [
        ("under", 58201, None),
        ("equal", 58214, None),
        (
            "a centavo above",
            58215,
            Some("5000.01 MXN; allowed: at most 5000 MXN for `damaged`"),
        ),
        (
            "above, as numeric text",
            58206,
            Some("6200 MXN; allowed: at most 5000 MXN"),
        ),
        (
            "text that is no number",
            58216,
            Some("no number: `por confirmar`"),
        ),
        ("no limit on the type", 58211, None),
        ("no amount on the ticket", 58204, None),
        ("no amount though there is a limit", 58217, None),
        ("another type's limit, equal", 58222, None),
        (
            "another type's limit, above",
            58219,
            Some("2600 MXN; allowed: at most 2500 MXN for `partial_refund`"),
        ),
        ("already claimed, under", 58210, None),
    ] {
        world.sandbox.clear_log();
        match refused {
            None => {
                let done = world.works(UPDATE, claim(ticket)).await;
                assert_eq!(done["status"], "Claim In Review", "{row}");
                assert_eq!(world.count("tickets.update"), 1, "{row}");
            }
            Some(says) => {
                let says = [
                    says,
                    "hand over to a person, who must decide",
                    "nothing was changed",
                ];
                world.fails(UPDATE, claim(ticket), Denied, &says).await;
                world.wrote_nothing();
            }
        }
        assert_eq!(world.count("tickets.show"), 1, "{row}");
    }
}

/// Tickets in forms that the demo data does not have.
#[tokio::test]
async fn odd_amounts_limits_and_types() {
    for (row, type_id, variables, limit, passes) in [
        (
            "numeric text under",
            json!(5),
            json!({"amount": " 4999.99 "}),
            json!(5000),
            true,
        ),
        (
            "a limit as text",
            json!(5),
            json!({"amount": 10}),
            json!("5000"),
            true,
        ),
        (
            "a limit as text, above",
            json!(5),
            json!({"amount": 5001}),
            json!("5000"),
            false,
        ),
        (
            "a limit that is no number",
            json!(5),
            json!({"amount": 1}),
            json!("a lot"),
            false,
        ),
        (
            "a limit of null",
            json!(5),
            json!({"amount": 1_000_000}),
            json!(null),
            true,
        ),
        (
            "an amount of null",
            json!(5),
            json!({"amount": null}),
            json!(5000),
            true,
        ),
        (
            "an amount of another form",
            json!(5),
            json!({"amount": {"mxn": 1}}),
            json!(5000),
            false,
        ),
        (
            "an empty text",
            json!(5),
            json!({"amount": ""}),
            json!(5000),
            false,
        ),
        (
            "not a number",
            json!(5),
            json!({"amount": "NaN"}),
            json!(5000),
            false,
        ),
        (
            "endless",
            json!(5),
            json!({"amount": "inf"}),
            json!(5000),
            false,
        ),
        (
            "below zero",
            json!(5),
            json!({"amount": -5}),
            json!(5000),
            false,
        ),
        (
            "variables as text",
            json!("5"),
            json!("{\"amount\": 5001}"),
            json!(5000),
            false,
        ),
        (
            "variables that cannot be read",
            json!(5),
            json!("amount=1"),
            json!(5000),
            false,
        ),
        ("no variables", json!(5), json!(null), json!(5000), true),
        (
            "the renamed name is not the amount",
            json!(5),
            json!({"amount_in_mxn": 9000}),
            json!(5000),
            true,
        ),
        (
            "a type that is not in the catalogue",
            json!(99),
            json!({"amount": 1}),
            json!(5000),
            false,
        ),
        (
            "no type",
            json!(null),
            json!({"amount": 1}),
            json!(5000),
            false,
        ),
    ] {
        let ticket = json!({"data": {"id": 58201, "ticket_type_id": type_id, "ticket_variables": variables}});
        let world = World::failing("tickets.show", answers(200, &ticket)).await;
        let context = json!({"use_case": "x", "amount_limit_mxn": limit});
        world.put_type(5, "damaged", json!({"mcp_context": context}));
        if passes {
            world.works(UPDATE, claim(58201)).await;
            assert_eq!(world.count("tickets.update"), 1, "{row}");
        } else {
            let text = world
                .fails(UPDATE, claim(58201), Denied, &["a person"])
                .await;
            assert_eq!(world.count("tickets.update"), 0, "{row}: {text}");
        }
    }
}

#[tokio::test]
async fn the_new_types_limit_holds_in_the_same_call() {
    for (row, ticket, new, refused) in [
        ("under both", 58201, 4, None),
        (
            "above the old one alone",
            58215,
            4,
            Some(vec!["5000.01 MXN; allowed: at most 5000"]),
        ),
        (
            "above the new one alone",
            58222,
            11,
            Some(vec![
                "8000 MXN; allowed: at most 3000 MXN for `irregular_package`",
            ]),
        ),
        (
            "above both",
            58219,
            24,
            Some(vec!["1 rule", "2600 MXN; allowed: at most 2500"]),
        ),
        (
            "above two",
            58206,
            11,
            Some(vec![
                "2 rules",
                "at most 5000 MXN for `damaged`",
                "at most 3000 MXN for `irregular_package`",
            ]),
        ),
        (
            "to a type without a limit, from one without",
            58211,
            16,
            None,
        ),
    ] {
        let world = World::start().await;
        let mut moved = claim(ticket);
        moved["new_ticket_type_id"] = json!(new);
        match refused {
            None => {
                world.works(UPDATE, moved).await;
            }
            Some(says) => {
                let text = world.fails(UPDATE, moved, Denied, &says).await;
                assert_eq!(world.count("tickets.update"), 0, "{row}: {text}");
            }
        }
    }
    // Without status 10 no limit holds.
    let world = World::start().await;
    world
        .works(
            UPDATE,
            json!({"ticket_id": 58206, "new_ticket_type_id": 11}),
        )
        .await;
    assert_eq!(world.count("tickets.show"), 0);
}

#[tokio::test]
async fn every_form_of_the_variables_is_held_against_the_limit() {
    for form in [
        VariablesForm::Object,
        VariablesForm::Text,
        VariablesForm::OrNull,
        VariablesForm::OrEmptyList,
        VariablesForm::OrEmptyText,
    ] {
        let world = World::start().await;
        world
            .sandbox
            .change_switches(|switches| switches.ticket_variables = form);
        world
            .fails(UPDATE, claim(58215), Denied, &["5000.01"])
            .await;
        world.works(UPDATE, claim(58214)).await;
        world.works(UPDATE, claim(58217)).await;
    }
}

#[tokio::test]
async fn a_claim_that_cannot_be_judged_is_not_sent() {
    for endpoint in ["tickets.show", "catalog.ticket_types"] {
        for fault in [
            boom(500, "Internal Server Error", "x"),
            FaultKind::DropBeforeEffect,
            FaultKind::Garbage,
        ] {
            let world = World::failing(endpoint, fault).await;
            world.fails(UPDATE, claim(58201), Upstream, &[]).await;
            world.wrote_nothing();
        }
    }
    let world = World::start().await;
    let without = json!({"ticket_id": 58206, "status_id": 10});
    world.fails(UPDATE, without, Arguments, &["comment"]).await;
    assert!(world.asked().is_empty());
}
