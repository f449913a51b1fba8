use api_core::{Endpoint, File, Operation, Secret};
use serde_json::{Value, from_value, json};

use super::{ai, api_tokens, branding, teams, users};
use crate::{
    api::wire::{check_refused, check_wire},
    types::UserId,
};

#[test]
fn path_parameters_are_not_in_the_body() {
    let mut upsert = users::QueueUpsert::new(12, 3);
    upsert.can_view = true;
    let body = json!({
        "can_view": true,
        "can_manage": false,
        "can_delete": false,
        "treat_as_inbox": false,
        "receive_inbox_errors": false,
    });
    check_wire(&upsert, "administration/users/12/queues/3", &body);
    check_wire(
        &users::QueueDetach::new(12, 3),
        "administration/users/12/queues/3/detach",
        &json!({}),
    );

    // The same by name, with ids as a model may write them.
    let mut fields = body.clone();
    fields["user"] = json!("12");
    fields["queue"] = json!(3);
    let Value::Object(fields) = fields else {
        panic!("an object was written above");
    };
    let prepared = Operation::of::<users::QueueUpsert>()
        .prepare(fields)
        .unwrap();
    assert_eq!(prepared.path, "administration/users/12/queues/3");
    assert_eq!(Value::Object(prepared.fields), body);
}

#[test]
fn an_address_is_kept_set_or_cleared() {
    for (fields, state) in [
        (json!({"id": 14}), None),
        (json!({"id": 14, "allowed_ip": null}), Some(None)),
        (
            json!({"id": 14, "allowed_ip": "203.0.113.9"}),
            Some(Some("203.0.113.9".to_owned())),
        ),
    ] {
        let update: api_tokens::Update = from_value(fields.clone()).unwrap();
        assert_eq!(update.allowed_ip, state);
        check_wire(&update, "administration/api-tokens/update", &fields);
    }
}

#[test]
fn a_key_is_owned_by_the_system_or_a_user() {
    for (owner, known, wire) in [
        (json!("system"), api_tokens::Owner::System, "system"),
        (json!("12"), api_tokens::Owner::User(UserId::new(12)), "12"),
        (json!(12), api_tokens::Owner::User(UserId::new(12)), "12"),
    ] {
        let fields = json!({"name": "nightly", "owner": owner, "abilities": ["tickets:read"]});
        let create: api_tokens::Create = from_value(fields).unwrap();
        assert_eq!(create.owner, known);
        let body = json!({"name": "nightly", "owner": wire, "abilities": ["tickets:read"]});
        check_wire(&create, "administration/api-tokens/create", &body);
    }
    let error = from_value::<api_tokens::Owner>(json!("root")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the owner must be `system` or the id of a user"
    );
}

#[test]
fn a_key_can_do_something() {
    let system = api_tokens::Owner::System;
    check_refused(
        &api_tokens::Create::new("", system, Vec::new()),
        &["name", "abilities"],
    );
    let mut update = api_tokens::Update::new(14);
    update.abilities = Some(Vec::new());
    check_refused(&update, &["abilities"]);
}

#[test]
fn secrets_are_shown_in_the_body_alone() {
    let mut update = ai::Update::new("hunter2");
    check_wire(
        &update,
        "administration/ai-assistant/update",
        &json!({"current_password": "hunter2"}),
    );
    update.ai_api_key = Some(Secret::new("sk-1"));
    update.ai_auto_send_threshold = Some(90);
    let body = serde_json::to_value(&update).unwrap();
    assert_eq!(body["ai_api_key"], "sk-1");
    let shown = format!("{update:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("sk-1"),
        "{shown}"
    );
    update.ai_auto_send_threshold = Some(101);
    check_refused(&update, &["ai_auto_send_threshold"]);
}

#[test]
fn undocumented_fields_are_sent_as_they_are() {
    let fields = json!({"primary_colour": "#2e7d32", "footer": {"text": "Bye"}});
    let update: branding::Update = from_value(fields.clone()).unwrap();
    check_wire(&update, "administration/branding/update", &fields);

    let fields = json!({"id": 4, "name": "Second line", "members": [12]});
    let update: teams::Update = from_value(fields.clone()).unwrap();
    check_wire(&update, "administration/teams/update", &fields);
}

#[test]
fn a_logo_is_a_part_alone() {
    let upload = branding::AppLogo::new(File::default());
    check_wire(&upload, "administration/branding/app-logo", &json!({}));
    assert_eq!(upload.files()[0].part, "file");
}
