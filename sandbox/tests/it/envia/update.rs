//! Changes to tickets.

use serde_json::{Value, json};

use super::helper::{refusal, start, wrong_keys};

#[tokio::test]
async fn a_change_leaves_fields_history_and_time() {
    let api = start().await;
    api.envia.advance_clock(60);
    let change = json!({
        "status_id": 10, "comment": "Pasa a reclamos", "assigned_to_id": 78, "reason_decline": "falta factura",
        "new_ticket_type_id": 4,
    });
    assert_eq!(api.update(58201, change).await.ok(), json!({"data": true}));
    let ticket = api.ticket(58201).await;
    assert_eq!(
        (
            &ticket["ticket_status_name"],
            &ticket["ticket_type_name"],
            &ticket["assigned_to_id"],
            &ticket["reason_decline"]
        ),
        (
            &json!("claim_in_review"),
            &json!("lost"),
            &json!(78),
            &json!("falta factura")
        )
    );
    assert_eq!(ticket["updated_at"], "2026-06-15 06:01:00");
    let comments = ticket["allComments"].as_array().unwrap();
    assert_eq!(comments.len(), 2);
    assert_eq!(
        (
            &comments[1]["type"],
            &comments[1]["status_id"],
            &comments[1]["description"]
        ),
        (&json!("admin"), &json!(10), &json!("Pasa a reclamos"))
    );
}

#[tokio::test]
async fn left_out_fields_stay_and_both_comment_names_are_taken() {
    let api = start().await;
    api.update(58204, json!({"comments": "Avisado"})).await.ok();
    api.update(58204, json!({"assigned_to_id": 79})).await.ok();
    let ticket = api.ticket(58204).await;
    assert_eq!(
        (
            &ticket["ticket_status_id"],
            &ticket["assigned_to_id"],
            &ticket["ticket_type_id"]
        ),
        (&json!(4), &json!(79), &json!(8))
    );
    let texts = ticket["allComments"].as_array().unwrap().iter();
    let texts: Vec<_> = texts.map(|c| c["description"].as_str().unwrap()).collect();
    assert_eq!(texts, ["Sin movimiento desde el lunes", "Avisado"]);
}

#[tokio::test]
async fn closed_tickets_take_no_change() {
    let api = start().await;
    let change = json!({"comment": "Otra vez"});
    for id in [58202, 58203] {
        assert_eq!(
            api.update(id, change.clone()).await,
            refusal(400, "Bad Request", "Ticket already close.")
        );
    }
    api.envia
        .change_switches(|switches| switches.closed_is_422 = true);
    assert_eq!(api.update(58202, change.clone()).await.status, 422);
    // Complete and rejected tickets are not closed.
    for id in [58207, 58208] {
        assert_eq!(api.update(id, change.clone()).await.status, 200);
    }
    assert_eq!(
        api.update(1, change).await,
        refusal(400, "Bad Request", "Ticket not found.")
    );
}

#[tokio::test]
async fn wrong_fields_come_before_the_ticket() {
    let api = start().await;
    for (key, value) in [
        ("status_id", json!(11)),
        ("status_id", json!("2")),
        ("comment", json!("")),
        ("reason_decline", json!({})),
        ("new_ticket_type_id", json!(0)),
        ("status", json!(1)),
        ("assigned_to_id", Value::Null),
    ] {
        let mut body = json!({});
        body[key] = value;
        assert_eq!(wrong_keys(&api.update(1, body).await), [key]);
    }
    for (key, what) in [
        ("assigned_to_id", "Staff member not found."),
        ("new_ticket_type_id", "Ticket type not found."),
    ] {
        let mut body = json!({"comment": "x"});
        body[key] = json!(1_000);
        let expected = refusal(404, "Not Found", what);
        assert_eq!(api.update(58201, body).await, expected);
    }
    assert_eq!(
        api.ticket(58201).await["allComments"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn satisfaction_mails_are_due_on_three_statuses() {
    let api = start().await;
    for status in 1..=10 {
        for (kind, due) in [(15, matches!(status, 2 | 3 | 10)), (24, false)] {
            let id = api.created(json!({"type": kind})).await;
            let change = json!({"status_id": status, "comment": "x"});
            api.update(id, change).await.ok();
            let ticket = api.envia.ticket(id).unwrap();
            assert_eq!(ticket["csat_due"], due, "status {status}, type {kind}");
        }
    }
}

#[tokio::test]
async fn success_comes_in_two_forms() {
    let api = start().await;
    api.envia
        .change_switches(|switches| switches.success_flag = true);
    let answer = api.update(58201, json!({"status_id": 5})).await.ok();
    assert_eq!(answer, json!({"success": true}));
}
