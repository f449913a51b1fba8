use api_core::Secret;
use serde_json::{from_value, json};

use super::{Send, excluded, mailboxes, sent_mail};
use crate::api::wire::{check_refused, check_wire};

#[test]
fn a_mail_has_own_words_or_a_template() {
    let mut own = Send::new("dana@customer.example.com");
    check_refused(&own, &["subject, content, template_identifier, data"]);
    own.subject = Some("Your order".into());
    check_refused(&own, &["content"]);
    own.content = Some("<p>Shipped.</p>".into());
    own.cc = Some(vec!["kim@customer.example.com".parse().unwrap()]);
    check_wire(
        &own,
        "mail/send",
        &json!({
            "to_address": "dana@customer.example.com",
            "cc": ["kim@customer.example.com"],
            "subject": "Your order",
            "content": "<p>Shipped.</p>",
        }),
    );

    let template: Send = from_value(json!({
        "to_address": "dana@customer.example.com",
        "data": {"order_no": "5512"},
    }))
    .unwrap();
    check_refused(&template, &["template_identifier"]);
    let both = Send {
        template_identifier: Some("order_delay".into()),
        ..own
    };
    check_refused(&both, &["subject, content, template_identifier, data"]);
}

#[test]
fn a_password_is_shown_in_the_body_alone() {
    let set = mailboxes::SetPassword::new(2, "smtp_password", Secret::new("s3cret"));
    check_wire(
        &set,
        "mail/mailboxes/set-password",
        &json!({"mailbox_id": 2, "field": "smtp_password", "value": "s3cret"}),
    );
    assert!(!format!("{set:?}").contains("s3cret"));
}

#[test]
fn settings_of_a_mailbox_lie_flat_beside_its_id() {
    let address = "support@example.com".parse().unwrap();
    let mut settings = mailboxes::Settings::new("Support", address, "imap");
    settings
        .extra
        .insert("pop_host".into(), json!("mail.example.com"));
    let update = mailboxes::Update::new(2, settings);
    let body = json!({
        "mailbox_id": 2,
        "name": "Support",
        "address": "support@example.com",
        "mailbox_type": "imap",
        "pop_enable": false,
        "pop_encryption": "none",
        "pop_validate_cert": true,
        "max_consecutive_errors": 10,
        "secondary_report_threshold": 100,
        "outgoing_mailbox_type": "none",
        "smtp_enable": false,
        "smtp_security": "none",
        "pop_host": "mail.example.com",
    });
    check_wire(&update, "mail/mailboxes/update", &body);
    assert_eq!(from_value::<mailboxes::Update>(body).unwrap(), update);
}

#[test]
fn sent_mail_is_bounded() {
    let mut list = sent_mail::List {
        range_days: Some(30),
        limit: Some(300),
    };
    check_wire(
        &list,
        "mail/sent-mail",
        &json!({"range_days": 30, "limit": 300}),
    );
    list.range_days = Some(31);
    list.limit = Some(0);
    check_refused(&list, &["range_days", "limit"]);

    let mut search = sent_mail::Search::new("");
    check_wire(&search, "mail/sent-mail/search", &json!({"q": ""}));
    search.limit = Some(501);
    check_refused(&search, &["limit"]);
}

#[test]
fn lists_are_bare_arrays() {
    let listed: Vec<excluded::Excluded> =
        from_value(json!([{"id": "5", "email": "*@newsletter.example"}])).unwrap();
    assert_eq!(listed[0].id.get(), 5);
    assert_eq!(listed[0].email.as_deref(), Some("*@newsletter.example"));
}
