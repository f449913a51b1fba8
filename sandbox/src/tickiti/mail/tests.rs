//! What the mail endpoints do.

use serde_json::{Value, json};

use crate::tickiti::rows::fixture::{done, id_of, ok, refused, run, state};

fn mailbox(name: &str, address: &str) -> Value {
    json!({"name": name, "address": address, "mailbox_type": "imap", "pop_enable": false})
}

#[test]
fn exclusions_are_bare_arrays() {
    let mut state = state();
    for (family, field, value) in [
        ("mail.excluded", "email", "bot@spam.example"),
        ("mail.subjects", "subject", "Vacation"),
    ] {
        done(
            &mut state,
            &format!("{family}.create"),
            json!({ field: value }),
        );
        let list = ok(&mut state, &format!("{family}.index"), json!({}));
        let id = id_of(&list, field, value);
        done(&mut state, &format!("{family}.delete"), json!({"id": id}));
        refused(
            &mut state,
            &format!("{family}.delete"),
            json!({"id": id}),
            404,
        );
    }
}

#[test]
fn a_mailbox_never_shows_its_secrets() {
    let mut state = state();
    let body = mailbox("Sales", "sales@shop.example");
    done(&mut state, "mail.mailboxes.create", body.clone());
    refused(&mut state, "mail.mailboxes.create", body, 422);
    let list = ok(&mut state, "mail.mailboxes.index", json!({}));
    let id = id_of(&list["mailboxes"], "name", "Sales");
    let password = json!({"mailbox_id": id, "field": "smtp_password", "value": "hush"});
    done(&mut state, "mail.mailboxes.set_password", password);
    let wrong = json!({"mailbox_id": id, "field": "name", "value": "hush"});
    refused(&mut state, "mail.mailboxes.set_password", wrong, 422);

    let list = ok(&mut state, "mail.mailboxes.index", json!({}));
    assert!(!list.to_string().contains("hush"));
    let rows = list["mailboxes"].as_array().unwrap();
    assert_eq!(rows.last().unwrap()["smtp_password_set"], true);
    assert_eq!(rows.last().unwrap()["pop_password_set"], false);
    assert_eq!(rows.last().unwrap()["gmail_connected"], false);
    assert_eq!(list["queues"][0]["name"], "Inbox");

    let mut changed = mailbox("Ventas", "sales@shop.example");
    changed["mailbox_id"] = json!(id.to_string());
    done(&mut state, "mail.mailboxes.update", changed);
    assert_eq!(state.tables["mailboxes"][&id]["name"], "Ventas");
    done(
        &mut state,
        "mail.mailboxes.delete",
        json!({"mailbox_id": id}),
    );
    assert!(state.settings["mailbox_secrets"].is_empty());
}

#[test]
fn a_mailbox_that_a_queue_sends_from_stays() {
    let mut state = state();
    state.queues.get_mut(&3).unwrap().outgoing_mailbox_id = Some(2);
    let call = crate::tickiti::rows::fixture::call(json!({"mailbox_id": 2}));
    let reply = run(&mut state, "mail.mailboxes.delete", &call);
    assert_eq!(reply.status, 200);
    assert!(reply.body["my_error"].is_string());
    assert!(state.tables["mailboxes"].contains_key(&2));
}

#[test]
fn sent_mail_is_recorded_listed_searched_and_shown() {
    let mut state = state();
    done(
        &mut state,
        "mail.send",
        json!({"to_address": "kim@customer.example", "cc": ["dana@customer.example"],
               "template_identifier": "order_delay", "data": {"order_no": "77"}}),
    );
    let list = ok(&mut state, "mail.sent_mail.list", json!({"limit": 1}));
    let newest = &list["sent_mail"][0];
    assert_eq!(newest["subject"], "Order 77 is late");
    assert_eq!(newest["mailbox"], "Support outgoing");
    assert_eq!(newest["sent_at"], "2026-06-15T12:00:00+00:00");
    assert_eq!(newest.get("content"), None);
    let shown = ok(
        &mut state,
        "mail.sent_mail.show",
        json!({"id": newest["id"]}),
    );
    assert!(shown["mail"]["content"].as_str().unwrap().contains("77"));
    for body in [json!({"q": "ORDER 77"}), json!({"search": "order 77"})] {
        let found = ok(&mut state, "mail.sent_mail.search", body);
        assert_eq!(found["sent_mail"].as_array().unwrap().len(), 1);
    }
    let mut count = |days: u64| {
        let list = ok(
            &mut state,
            "mail.sent_mail.list",
            json!({"range_days": days}),
        );
        list["sent_mail"].as_array().unwrap().len()
    };
    assert!(count(1) < count(30));
}

#[test]
fn a_mail_needs_one_text_and_real_names() {
    let mut state = state();
    let before = state.tables["sent_mail"].len();
    for (field, value) in [
        ("subject", json!("only a subject")),
        ("template_identifier", json!("no_such_template")),
        ("mailbox", json!("no such mailbox")),
        ("to_address", json!("kim@localhost")),
    ] {
        let mut body = json!({"to_address": "kim@customer.example", "validate_address": true});
        if field != "subject" && field != "template_identifier" {
            body["subject"] = json!("s");
            body["content"] = json!("c");
        }
        body[field] = value;
        refused(&mut state, "mail.send", body, 422);
    }
    let both = json!({"to_address": "k@c.example", "subject": "s", "content": "c",
                      "template_identifier": "order_delay"});
    refused(&mut state, "mail.send", both, 422);
    assert_eq!(state.tables["sent_mail"].len(), before);
}
