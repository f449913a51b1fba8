use serde_json::{Value, json};

use super::*;
use crate::{
    api::tickets::{Ticket, Update},
    statuses::TicketStatus,
    types::Amount,
};

#[test]
fn ten_statuses_by_comment() {
    let catalog = Catalog::default();
    for status in TicketStatus::ALL {
        for (comment, given) in [
            (None, false),
            (Some("  "), false),
            (Some("\u{200b}\u{2800}"), false),
            (Some("porque sí"), true),
        ] {
            let mut update = Update::new(1);
            update.status_id = Some(status);
            update.comment = comment.map(str::to_owned);
            let found = Change::new(&update).check(&catalog);
            let missing = found.iter().any(|v| v.rule == Rule::Comment);
            assert_eq!(
                missing,
                status.requires_comment() && !given,
                "{status} {comment:?}"
            );
        }
    }
}

#[test]
fn changes_need_their_fields() {
    let catalog = Catalog::new([
        TicketType::new(5.into(), "damaged", usable(json!({}))),
        TicketType::new(4.into(), "lost", json!(null)),
    ]);
    let empty = Update::new(1);
    let mut moved = Update::new(1);
    moved.new_ticket_type_id = Some(5.into());
    let mut blocked = Update::new(1);
    blocked.new_ticket_type_id = Some(4.into());
    let mut unknown = Update::new(1);
    unknown.new_ticket_type_id = Some(6.into());
    for (row, update, files, company, expected) in [
        (
            "2 nothing",
            &empty,
            0,
            None,
            vec![(Rule::NothingToChange, "ticket_id")],
        ),
        ("2 files alone", &empty, 1, Some(4410.into()), vec![]),
        (
            "3 files without company",
            &empty,
            1,
            None,
            vec![(Rule::CompanyForFiles, "company_id")],
        ),
        ("5 known type", &moved, 0, None, vec![]),
        (
            "5 excluded type",
            &blocked,
            0,
            None,
            vec![(Rule::Excluded, "new_ticket_type_id")],
        ),
        (
            "5 unknown type",
            &unknown,
            0,
            None,
            vec![(Rule::UnknownType, "new_ticket_type_id")],
        ),
    ] {
        let change = Change {
            files,
            company_id: company,
            ..Change::new(update)
        };
        assert_eq!(broken(&change.check(&catalog)), expected, "{row}");
        assert!(!change.needs_ticket(), "{row}");
    }
    let closed: Ticket = serde_json::from_value(json!({"id": 1, "ticket_status_id": 3})).unwrap();
    let change = Change {
        ticket: Some(&closed),
        ..Change::new(&moved)
    };
    assert_eq!(
        broken(&change.check(&catalog)),
        [(Rule::Closed, "ticket.ticket_status_id")]
    );
}

#[test]
fn the_limit_on_claims() {
    let limited = |limit: Value| usable(json!({"mcp_context": {"amount_limit_mxn": limit}}));
    let catalog = Catalog::new([
        TicketType::new(5.into(), "damaged", limited(json!(5000))),
        TicketType::new(4.into(), "lost", usable(json!({}))),
        TicketType::new(6.into(), "wrong", limited(json!("much"))),
        TicketType::new(7.into(), "refund", limited(json!(100))),
        TicketType::new(8.into(), "delay", json!("{")),
    ]);
    for (row, ticket_type, variables, next, refused) in [
        ("below", 5, json!({"amount": 4999.99}), None, false),
        ("20 equal passes", 5, json!({"amount": 5000}), None, false),
        ("above", 5, json!({"amount": 5000.01}), None, true),
        (
            "20 numeric text",
            5,
            json!({"amount": "5000.00"}),
            None,
            false,
        ),
        (
            "numeric text above",
            5,
            json!("{\"amount\":\"6000\"}"),
            None,
            true,
        ),
        ("20 absent passes", 5, json!([]), None, false),
        ("null passes", 5, json!({"amount": null}), None, false),
        (
            "20 no number refuses",
            5,
            json!({"amount": "mucho"}),
            None,
            true,
        ),
        ("unreadable variables", 5, json!("amount=3"), None, true),
        ("no limit", 4, json!({"amount": 9e9}), None, false),
        ("limit unreadable", 6, json!({"amount": 1}), None, true),
        ("rules unreadable", 8, json!({"amount": 1}), None, true),
        ("type unknown", 99, json!({"amount": 1}), None, true),
        (
            "limit of the new type",
            4,
            json!({"amount": 101}),
            Some(7),
            true,
        ),
        ("within both", 5, json!({"amount": 100}), Some(7), false),
    ] {
        let mut update = Update::new(1);
        update.status_id = Some(TicketStatus::ClaimInReview);
        update.comment = Some("reclamo".into());
        update.new_ticket_type_id = next.map(crate::types::TypeId::new);
        let ticket = json!({"id": 1, "ticket_type_id": ticket_type, "ticket_variables": variables});
        let ticket: Ticket = serde_json::from_value(ticket).unwrap();
        let change = Change {
            ticket: Some(&ticket),
            ..Change::new(&update)
        };
        let found = change.check(&catalog);
        assert!(change.needs_ticket());
        assert_eq!(!found.is_empty(), refused, "{row}: {found:?}");
        assert!(
            found
                .iter()
                .all(|v| v.rule == Rule::AmountLimit && v.rule.is_policy()),
            "{row}"
        );
        let unread = Change::new(&update).check(&catalog);
        assert_eq!(broken(&unread), [(Rule::TicketUnknown, "ticket")], "{row}");
    }
    for (row, ticket, field) in [
        (
            "negative",
            json!({"ticket_variables": {"amount": -1}}),
            Some("ticket.ticket_variables.amount"),
        ),
        (
            "data, where the variables have none",
            json!({"ticket_variables": {"days": 3}, "data": {"amount": 6000}}),
            Some("ticket.data.amount"),
        ),
        (
            "data as text",
            json!({"ticket_variables": {"amount": null}, "data": "{\"amount\":\"6000\"}"}),
            Some("ticket.data.amount"),
        ),
        (
            "data that cannot be read",
            json!({"data": "amount=3"}),
            Some("ticket.data.amount"),
        ),
        (
            "the record itself",
            json!({"data": null, "amount": "5000.01"}),
            Some("ticket.amount"),
        ),
        (
            "the variables come first",
            json!({"ticket_variables": {"amount": 1}, "data": {"amount": 6000}, "amount": 6000}),
            None,
        ),
        ("nowhere", json!({"data": {}, "amount": null}), None),
    ] {
        let mut update = Update::new(1);
        update.status_id = Some(TicketStatus::ClaimInReview);
        update.comment = Some("reclamo".into());
        let mut fields = json!({"id": 1, "ticket_type_id": 5});
        merge(&mut fields, ticket);
        let ticket: Ticket = serde_json::from_value(fields).unwrap();
        let change = Change {
            ticket: Some(&ticket),
            ..Change::new(&update)
        };
        let found = change.check(&catalog);
        let expected: Vec<_> = field
            .map(|field| (Rule::AmountLimit, field))
            .into_iter()
            .collect();
        assert_eq!(broken(&found), expected, "{row}");
    }
    // The limit does not hold at creation.
    let mut claim = draft(json!({}));
    claim.amount = Some(Amount::new(9999.0).unwrap());
    assert!(catalog.check(&claim, &Known::default()).is_allowed());
}
