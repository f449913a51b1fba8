//! Mail and workflow.

use serde_json::json;

use super::sweep::{Sweep, find};

/// Every endpoint of the mail family.
pub(super) async fn mail(sweep: &mut Sweep) {
    for (list, field, value) in [
        ("mail.excluded", "email", "bot@spam.example"),
        ("mail.subjects", "subject", "Sweeping"),
    ] {
        sweep
            .done(&format!("{list}.create"), json!({ field: value }))
            .await;
        let rows = sweep.ok(&format!("{list}.index"), json!({})).await;
        let id = find(&rows, field, value)["id"].clone();
        sweep
            .done(&format!("{list}.delete"), json!({"id": id}))
            .await;
    }
    mailboxes(sweep).await;
    let body = json!({"to_address": "dana@customer.example", "subject": "Sweep", "content": "x"});
    let keyed = sweep.ok("mail.send", body.clone()).await;
    assert_eq!(sweep.ok("mail.send", body).await, keyed, "the same key");
    assert_eq!(sweep.sandbox.executions("mail.send"), 1);
    assert_eq!(sweep.sandbox.replays("mail.send"), 1);
    let found = sweep
        .ok("mail.sent_mail.search", json!({"q": "sweep"}))
        .await;
    assert_eq!(found["sent_mail"].as_array().unwrap().len(), 1);
    let list = sweep
        .ok("mail.sent_mail.list", json!({"range_days": 30}))
        .await;
    let id = find(&list["sent_mail"], "subject", "Sweep")["id"].clone();
    let shown = sweep.ok("mail.sent_mail.show", json!({"id": id})).await;
    assert_eq!(shown["mail"]["content"], "x");
}

async fn mailboxes(sweep: &mut Sweep) {
    let mut body = json!({
        "name": "Sweep", "address": "sweep@shop.example", "mailbox_type": "imap",
        "pop_enable": false, "pop_encryption": "none", "pop_validate_cert": true,
        "max_consecutive_errors": 5, "secondary_report_threshold": 20,
        "outgoing_mailbox_type": "none", "smtp_enable": false, "smtp_security": "none",
    });
    sweep.done("mail.mailboxes.create", body.clone()).await;
    let list = sweep.ok("mail.mailboxes.index", json!({})).await;
    let id = find(&list["mailboxes"], "name", "Sweep")["id"].clone();
    body["mailbox_id"] = id.clone();
    body["pop_enable"] = json!(true);
    sweep.done("mail.mailboxes.update", body).await;
    let secret = json!({"mailbox_id": id, "field": "smtp_password", "value": "hush-hush"});
    sweep.done("mail.mailboxes.set_password", secret).await;
    let list = sweep.ok("mail.mailboxes.index", json!({})).await;
    assert_eq!(
        find(&list["mailboxes"], "name", "Sweep")["pop_enable"],
        true
    );
    assert!(!list.to_string().contains("hush-hush"));
    sweep
        .done("mail.mailboxes.delete", json!({"mailbox_id": id}))
        .await;
}

/// Every endpoint of the workflow family.
pub(super) async fn workflow(sweep: &mut Sweep) {
    queues(sweep).await;
    resolutions(sweep).await;
    let body = json!({"minutes": 123, "action": "notify"});
    sweep.done("workflow.escalations.create", body).await;
    let list = sweep.ok("workflow.escalations.index", json!({})).await;
    let rows = list["escalations"].as_array().unwrap();
    let id = rows.iter().find(|row| row["minutes"] == 123).unwrap()["id"].clone();
    sweep
        .done(
            "workflow.escalations.update",
            json!({"id": id, "minutes": 124}),
        )
        .await;
    sweep
        .done("workflow.escalations.delete", json!({"id": id}))
        .await;
    let hours = json!({
        "mode": "simple", "mon_enabled": true, "tue_enabled": true, "wed_enabled": true,
        "thu_enabled": true, "fri_enabled": true, "sat_enabled": true, "sun_enabled": false,
        "simple_start": 480, "simple_end": 900,
    });
    sweep.done("workflow.business_hours.update", hours).await;
    let list = sweep.ok("workflow.escalations.index", json!({})).await;
    assert_eq!(list["business_hours"]["simple_start"], 480);

    let mut body = json!({"name": "sweep", "title": "Sweep", "queue_name": "Inbox"});
    sweep
        .done("workflow.interventions.create", body.clone())
        .await;
    let list = sweep.ok("workflow.interventions.index", json!({})).await;
    let id = find(&list["interventions"], "name", "sweep")["id"].clone();
    body["intervention_id"] = id.clone();
    body["title"] = json!("Swept");
    sweep.done("workflow.interventions.update", body).await;
    let remote = json!({"intervention_id": id, "remote_name": "office"});
    let made = sweep
        .ok("workflow.interventions.generate_token", remote)
        .await;
    let shown = sweep
        .as_token(made["token"].as_str().unwrap(), "token", &json!({}))
        .await;
    assert_eq!(shown.0, 200, "the token works: {}", shown.1);
    sweep
        .done(
            "workflow.interventions.delete",
            json!({"intervention_id": id}),
        )
        .await;
}

async fn queues(sweep: &mut Sweep) {
    sweep
        .done("workflow.queues.create", json!({"name": "Sweep"}))
        .await;
    let list = sweep.ok("workflow.queues.index", json!({})).await;
    let id = find(&list["queues"], "name", "Sweep")["id"].clone();
    let inbox = find(&list["queues"], "name", "Inbox").clone();
    let update = json!({"queue_id": id, "track_resolutions": true, "outgoing_mailbox_id": 2});
    sweep.done("workflow.queues.update", update).await;
    let there = json!({"from_queue_id": inbox["id"], "to_queue_id": id});
    sweep.done("workflow.queues.move", there).await;
    let by_id = json!({"queue_id": id});
    let refused = sweep.answer("workflow.queues.delete", by_id.clone()).await;
    assert_eq!(refused.0, 200);
    assert!(refused.1["my_error"].is_string(), "{}", refused.1);
    let list = sweep.ok("workflow.queues.index", json!({})).await;
    let row = find(&list["queues"], "name", "Sweep");
    assert_eq!(row["open_tickets"], inbox["open_tickets"]);
    assert_eq!(row["track_resolutions"], true);
    let back = json!({"from_queue_id": id, "to_queue_id": inbox["id"]});
    sweep.done("workflow.queues.move", back).await;
    sweep.done("workflow.queues.delete", by_id).await;
}

async fn resolutions(sweep: &mut Sweep) {
    let body = json!({"name": "Sweep", "colour": "#123456"});
    sweep.done("workflow.resolutions.create", body).await;
    let list = sweep.ok("workflow.resolutions.index", json!({})).await;
    let id = find(&list, "name", "Sweep")["id"].clone();
    let mut ids: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    ids.reverse();
    sweep
        .done("workflow.resolutions.reorder", json!({"ids": ids}))
        .await;
    let update = json!({"id": id, "name": "Swept"});
    sweep.done("workflow.resolutions.update", update).await;
    let list = sweep.ok("workflow.resolutions.index", json!({})).await;
    assert_eq!(list[0]["name"], "Swept");
    assert_eq!(list[0]["colour"], "#123456");
    sweep
        .done("workflow.resolutions.delete", json!({"id": id}))
        .await;
}
