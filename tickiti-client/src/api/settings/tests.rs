use serde_json::{from_value, json};

use super::{hashtags, perspectives, stock_responses, watchlists};
use crate::{
    api::wire::{check_refused, check_wire},
    types::{PerspectiveId, TemplateId, TicketId},
};

#[test]
fn a_stock_response_changes_inside_template() {
    let mut update = stock_responses::Update::new(31);
    update.template.content = Some("<p>Soon.</p>".into());
    update.template.ai_relevance = Some(stock_responses::AiRelevance::AsIs);
    check_wire(
        &update,
        "settings/stock-responses/update",
        &json!({"template": {"id": 31, "content": "<p>Soon.</p>", "ai_relevance": "as_is"}}),
    );
}

#[test]
fn texts_of_stock_responses_are_bounded() {
    let mut update = stock_responses::Update::new(31);
    update.template.subject = Some("x".repeat(256));
    update.template.content = Some("x".repeat(10_000));
    check_refused(&update, &["template.subject"]);
    check_refused(
        &stock_responses::Create::new("", "ü".repeat(255)),
        &["identifier"],
    );
}

#[test]
fn the_new_id_is_found_wherever_it_stands() {
    for (answer, id) in [
        (
            json!({"template": {"id": "31", "identifier": "Late"}}),
            Some(31),
        ),
        (json!({"id": 32}), Some(32)),
        (json!({"ok": true}), None),
    ] {
        let created: stock_responses::Created = from_value(answer).unwrap();
        assert_eq!(created.id(), id.map(TemplateId::new));
    }
}

#[test]
fn a_perspective_is_named_in_one_way() {
    let mut show = perspectives::Show::default();
    check_refused(&show, &["perspective_id, name"]);
    show.name = Some("Urgent".into());
    check_wire(
        &show,
        "settings/perspectives/show",
        &json!({"name": "Urgent"}),
    );
    show.perspective_id = Some(PerspectiveId::new(12));
    check_refused(&show, &["perspective_id, name"]);
}

#[test]
fn a_perspective_carries_conditions_and_orders() {
    let fields = json!({
        "perspective_id": "12",
        "conditions": [{"field": "status", "operator": "is", "value": ["open"]}],
        "orders": [{"field": "updated_at", "ascending": false}],
    });
    let update: perspectives::Update = from_value(fields.clone()).unwrap();
    let mut body = fields;
    body["perspective_id"] = json!(12);
    check_wire(&update, "settings/perspectives/update", &body);

    let half = json!({"perspective_id": 12, "conditions": [{"field": "status"}]});
    assert!(from_value::<perspectives::Update>(half).is_err());
}

#[test]
fn scopes_are_closed() {
    let all = perspectives::Index {
        scope: Some(perspectives::Scope::All),
    };
    check_wire(&all, "settings/perspectives", &json!({"scope": "all"}));
    assert!(from_value::<perspectives::Index>(json!({"scope": "everything"})).is_err());
}

#[test]
fn watchlists_take_internal_ids_as_numbers() {
    let add: watchlists::AddTickets =
        from_value(json!({"watchlist_id": "4", "ticket_ids": ["912", 913]})).unwrap();
    check_wire(
        &add,
        "settings/watchlists/add-tickets",
        &json!({"watchlist_id": 4, "ticket_ids": [912, 913]}),
    );
    let remove = watchlists::RemoveTickets::new(4, vec![TicketId::new(912)]);
    check_wire(
        &remove,
        "settings/watchlists/remove-tickets",
        &json!({"watchlist_id": 4, "ticket_ids": [912]}),
    );
}

#[test]
fn answers_may_hold_more_than_is_known() {
    let answer = json!({
        "watchlists": [{"id": "4", "name": "Claims", "icon": null, "shared": 1}],
        "colours": ["red"],
    });
    let listed: watchlists::Watchlists = from_value(answer).unwrap();
    assert_eq!(listed.watchlists[0].name.as_deref(), Some("Claims"));
    assert_eq!(listed.watchlists[0].extra["shared"], 1);
    assert_eq!(listed.extra["colours"], json!(["red"]));
}

#[test]
fn a_request_without_fields_is_an_empty_object() {
    check_wire(&hashtags::Index {}, "settings/hashtags", &json!({}));
    check_wire(
        &stock_responses::Index::default(),
        "settings/stock-responses",
        &json!({}),
    );
}
