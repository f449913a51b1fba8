//! The life of a ticket: opened, answered, held, closed, found.

use sandbox::tickiti::Switches;
use serde_json::{Value, json};

use crate::helper::{Api, start};

/// Responds as staff; a key of its own each time.
async fn respond(api: &Api, number: &Value, change: Value) -> crate::helper::Answer {
    let mut body = json!({"ticket_number": number, "from_email": "eva@shop.example"});
    body.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    let key = format!("respond {}", api.tickiti.log().len());
    api.keyed("tickets/respond", &key, body).await
}

#[tokio::test]
async fn a_ticket_is_opened_answered_closed_and_found() {
    let api = start().await;
    let created = api.create("Tent pole", "Sales").await;
    assert_eq!(created["queue"], "Sales");
    let number = &created["ticket_number"];
    let responded = respond(&api, number, json!({"content": "<p>On its way.</p>"}))
        .await
        .data();
    assert_eq!(responded["reopened"], false);
    assert!(responded["response_id"].is_u64());
    let close = json!({"ticket_id": created["ticket_id"], "content": "<p>Done.</p>"});
    api.keyed("tickets/close", "c1", close).await.data();
    let shown = api.show(number).await;
    assert_eq!(shown["ticket"]["status"], "closed");
    assert!(shown["ticket"]["id"].is_string() && shown["ticket"]["number"].is_u64());
    let bodies: Vec<&Value> = shown["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["plain_text"])
        .collect();
    assert_eq!(bodies, ["Hello", "On its way.", "Done."]);
    let criteria = json!([{"mode": "subject", "tokens": ["tent", "POLE"]}]);
    let rows = api
        .post(
            "tickets/query",
            json!({"search_object": {"criteria": criteria}}),
        )
        .await
        .ok();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["queue_name"], "Sales");
}

#[tokio::test]
async fn every_shape_of_create_and_no_mixture() {
    let api = start().await;
    let create = |key: &'static str, extra: Value| {
        let mut body =
            json!({"originator_email_address": "new@customer.example", "is_public": true});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let api = &api;
        async move { api.keyed("tickets", key, body).await }
    };
    let templates = api.post("templates", json!({})).await.ok();
    let email = templates
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["type"] == "email")
        .unwrap();
    let from_template =
        json!({"template_identifier": email["identifier"], "data": {"name": "Dana"}});
    create("b", from_template).await.ok();
    let interventions = api.post("workflow/interventions", json!({})).await.ok();
    let name = &interventions["interventions"][0]["name"];
    let intervention =
        json!({"intervention": name, "uid": "u-1", "data": {"data": {"amount": 40}}});
    let created = create("c", intervention.clone()).await.data();
    assert_eq!(
        created["queue"],
        interventions["interventions"][0]["queue_name"]
    );
    for (key, wrong, field) in [
        ("d", json!({"data": {"subject": "x"}}), "data.content"),
        (
            "e",
            json!({"intervention": name, "data": {"data": {}}}),
            "uid",
        ),
        (
            "f",
            json!({"intervention": name, "template_identifier": "x", "uid": "u"}),
            "intervention",
        ),
        (
            "g",
            json!({"template_identifier": "no_such", "data": {}}),
            "template_identifier",
        ),
        (
            "h",
            json!({"queue_name": "Nowhere", "data": {"subject": "s", "content": "c"}}),
            "queue_name",
        ),
        (
            "i",
            json!({"data": {"subject": "s", "content": "c", "priority": "High"}}),
            "data.priority",
        ),
        (
            "j",
            json!({"data": {"subject": "s", "content": "c", "status": "on-hold"}}),
            "data.on_hold_until",
        ),
        (
            "k",
            json!({"data": {"subject": "s", "content": "c", "assigned_to_email": "team:99"}}),
            "data.assigned_to_email",
        ),
    ] {
        assert_eq!(create(key, wrong).await.wrong_fields(), [field]);
    }
}

#[tokio::test]
async fn routing_tags_and_authors() {
    let api = start().await;
    let rerouted = api.create("Parcel arrived damaged", "Sales").await;
    assert_eq!(
        (&rerouted["queue"], &rerouted["rerouted"]),
        (&json!("Returns"), &json!(true))
    );
    assert_eq!(rerouted["reroute_reason"], "rule: subject contains damaged");
    let mut body = json!({
        "originator_email_address": "dana@customer.example",
        "is_public": false,
        "use_passed_originator_as_responder": true,
        "data": {"subject": "s", "content": "<p>@eva and @nobody: #refund #nothing #5512 a@b.example</p>"},
    });
    let created = api.keyed("tickets", "tags", body.clone()).await.data();
    assert_eq!(
        created["tag_warnings"],
        json!(["@nobody matches nobody", "#nothing matches nobody"])
    );
    let shown = api.show(&created["ticket_number"]).await;
    let first = &shown["responses"][0];
    assert_eq!(first["created_by_email"], "dana@customer.example");
    assert_eq!(
        (&first["is_internal"], &first["staff_response"]),
        (&json!(true), &json!(false))
    );
    body["strict_tags"] = json!(true);
    assert_eq!(
        api.keyed("tickets", "strict", body).await.wrong_fields(),
        ["data.content"]
    );
}

#[tokio::test]
async fn public_replies_reopen_and_notes_do_not() {
    let api = start().await;
    let number = &api.create("Reopening", "Sales").await["ticket_number"];
    let status = || async { api.show(number).await["ticket"]["status"].clone() };
    for (change, status_after, reopened) in [
        (json!({"on_hold_until": "2026-07-01"}), "on-hold", false),
        (
            json!({"content": "note", "is_internal": true}),
            "on-hold",
            false,
        ),
        (json!({"priority": "Urgent"}), "on-hold", false),
        (
            json!({"content": "public", "keep_status": true}),
            "on-hold",
            false,
        ),
        (json!({"content": "public"}), "open", true),
        (json!({"status": "closed"}), "closed", false),
        (json!({"content": "public"}), "open", true),
        (
            json!({"content": "bye", "status": "closed"}),
            "closed",
            false,
        ),
        (json!({"status": "open"}), "open", true),
    ] {
        let answer = respond(&api, number, change.clone()).await.data();
        assert_eq!(status().await, status_after, "{change}");
        assert_eq!(answer["reopened"], reopened, "{change}");
    }
    assert_eq!(
        api.show(number).await["ticket"]["on_hold_until"],
        Value::Null
    );
    api.tickiti
        .change_switches(|s: &mut Switches| s.june_reopening = true);
    respond(&api, number, json!({"status": "closed"}))
        .await
        .ok();
    respond(
        &api,
        number,
        json!({"content": "note", "is_internal": true}),
    )
    .await
    .ok();
    assert_eq!(status().await, "open", "the rule of June");
}

#[tokio::test]
async fn respond_refuses_and_reports() {
    let api = start().await;
    let number = &api.create("Refusals", "Sales").await["ticket_number"];
    for (change, field) in [
        (json!({}), "content"),
        (json!({"body": "text", "status": "open"}), "body"),
        (json!({"html": "text"}), "html"),
        (json!({"message": "text"}), "message"),
        (json!({"status": "on-hold"}), "on_hold_until"),
        (json!({"status": "solved"}), "status"),
        (json!({"priority": "Huge"}), "priority"),
        (json!({"queue": "Nowhere"}), "queue"),
        (
            json!({"assigned_to_email": "dana@customer.example"}),
            "assigned_to_email",
        ),
        (json!({"resolved": "No such"}), "resolved"),
        (
            json!({"content": "x", "remove_participants": ["dana@customer.example"]}),
            "remove_participants",
        ),
        (
            json!({"content": "x", "attachments": [{"sha256": "00", "name": "n", "file_size": 1}]}),
            "attachments.0.sha256",
        ),
        (json!({"ticket_id": 13, "content": "x"}), "ticket_id"),
    ] {
        assert_eq!(
            respond(&api, number, change.clone()).await.wrong_fields(),
            [field],
            "{change}"
        );
    }
    let answer = respond(&api, number, json!({"content": "x", "colour": "red"}))
        .await
        .data();
    assert_eq!(answer["ignored_params"], json!(["colour"]));
}

#[tokio::test]
async fn attributes_change_and_are_recorded() {
    let api = start().await;
    let number = &api.create("Attributes", "Sales").await["ticket_number"];
    let change = json!({
        "assigned_to_email": "team:1", "priority": "40", "queue": "billing", "subject": "New name",
        "add_participants": ["kim@customer.example"],
    });
    let data = respond(&api, number, change).await.data();
    let shown = api.show(number).await;
    let ticket = &shown["ticket"];
    assert_eq!(
        (
            &ticket["assigned_to_email"],
            &ticket["priority"],
            &ticket["queue_name"],
            &ticket["subject"]
        ),
        (
            &json!("team:1"),
            &json!("40"),
            &json!("Billing"),
            &json!("New name")
        )
    );
    let people: Vec<&Value> = ticket["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["email"])
        .collect();
    assert_eq!(
        people,
        [
            "dana@customer.example",
            "kim@customer.example",
            "eva@shop.example"
        ]
    );
    let entry = &shown["responses"][1];
    assert_eq!(entry["id"], data["response_id"].to_string());
    assert_eq!(entry["is_audit_only"], true);
    assert_eq!(
        entry["audit"]["queue"],
        json!({"from": "Sales", "to": "Billing"})
    );
    respond(&api, number, json!({"assigned_to_email": "Unassigned"}))
        .await
        .ok();
    assert_eq!(
        api.show(number).await["ticket"]["assigned_to_email"],
        Value::Null
    );
}

#[tokio::test]
async fn a_tracking_queue_wants_a_resolution() {
    let api = start().await;
    let number = &api.create("Tracked", "Returns").await["ticket_number"];
    let close = json!({"ticket_number": number});
    assert_eq!(
        api.keyed("tickets/close", "c", close).await.wrong_fields(),
        ["resolved"]
    );
    assert_eq!(
        respond(&api, number, json!({"status": "closed"}))
            .await
            .wrong_fields(),
        ["resolved"]
    );
    let close = json!({"ticket_number": number, "resolved": "refunded"});
    api.keyed("tickets/close", "c", close).await.ok();
    assert_eq!(
        api.show(number).await["ticket"]["resolved"]["name"],
        "Refunded"
    );
}

#[tokio::test]
async fn participants_come_and_go_but_the_originator_stays() {
    let api = start().await;
    let number = &api.create("People", "Sales").await["ticket_number"];
    let body = |who: &str| json!({"ticket_number": number, "participants": [who]});
    let added = api
        .keyed(
            "tickets/participants/add",
            "a",
            body("kim@customer.example"),
        )
        .await
        .data();
    assert!(added["response_id"].is_u64());
    let emails = |shown: &Value| shown["ticket"]["participants"].to_string();
    assert!(emails(&api.show(number).await).contains("kim@customer.example"));
    api.keyed(
        "tickets/participants/remove",
        "r",
        body("kim@customer.example"),
    )
    .await
    .ok();
    assert!(!emails(&api.show(number).await).contains("kim@customer.example"));
    let refused = api
        .keyed(
            "tickets/participants/remove",
            "o",
            body("dana@customer.example"),
        )
        .await;
    assert_eq!(refused.wrong_fields(), ["participants"]);
}

#[tokio::test]
async fn holds_end_on_their_date() {
    let api = start().await;
    let number = &api.create("Held", "Sales").await["ticket_number"];
    respond(&api, number, json!({"on_hold_until": "2026-06-17"}))
        .await
        .ok();
    api.tickiti.advance_clock(86_400);
    assert_eq!(api.show(number).await["ticket"]["status"], "on-hold");
    api.tickiti.advance_clock(86_400);
    assert_eq!(api.show(number).await["ticket"]["status"], "open");
}

#[tokio::test]
async fn projections_cut_what_is_read() {
    let api = start().await;
    let number = json!("709383");
    let whole = api.show(&number).await;
    assert_eq!(
        (&whole["ticket"]["id"], &whole["ticket"]["queue_name"]),
        (&json!("13"), &json!("Sales"))
    );
    let responses = whole["responses"].as_array().unwrap();
    assert!(
        responses[0]["is_pinned"] == true && responses[0]["is_internal"] == true,
        "pinned first"
    );
    let cut = json!({"ticket_id": "13", "fields": ["plain_text"], "max_body_chars": 10});
    let cut = api.post("tickets/responses", cut).await.data();
    assert_eq!(cut["ticket_number"], 709_383);
    let first = &cut["responses"][0];
    assert_eq!(first["plain_text"].as_str().unwrap().chars().count(), 10);
    assert_eq!(first["plain_text_truncated"], true);
    assert!(first.get("html").is_none() && first.get("attachments").is_none());
    assert_eq!(first["body_chars"], responses[0]["body_chars"]);
    let id = &responses[1]["id"];
    let one = api
        .post("tickets/response", json!({"response_id": id}))
        .await
        .data();
    assert_eq!(
        (&one["response"]["id"], &one["response"]["ticket_number"]),
        (id, &json!(709_383))
    );
    let wrong = json!({"ticket_id": "13", "fields": ["body"]});
    assert_eq!(
        api.post("tickets/show", wrong).await.wrong_fields(),
        ["fields"]
    );
    api.tickiti.change_switches(|s| s.ids_as_numbers = true);
    assert_eq!(api.show(&number).await["ticket"]["id"], 13);
}

#[tokio::test]
async fn responses_are_edited_published_and_removed() {
    let api = start().await;
    let number = &api.create("Edits", "Sales").await["ticket_number"];
    let note = respond(
        &api,
        number,
        json!({"content": "<p>a b b</p>", "is_internal": true}),
    )
    .await
    .data();
    let id = &note["response_id"];
    let update = |body: Value| {
        let mut whole = json!({"response_id": id});
        whole
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        api.post("tickets/response-update", whole)
    };
    let twice = json!({"replace": [{"find": "b", "replace": "c"}]});
    assert_eq!(update(twice).await.wrong_fields(), ["replace.0.find"]);
    update(json!({"replace": [{"find": "b", "replace": "c", "all": true}, {"find": "a", "replace": "z"}]})).await.ok();
    assert_eq!(
        update(json!({"notify": true})).await.wrong_fields(),
        ["notify"]
    );
    assert_eq!(update(json!({})).await.wrong_fields(), ["content"]);
    let published = update(json!({"is_internal": false, "notify": true}))
        .await
        .data();
    assert_eq!(published["notified"], true);
    let shown = api
        .post("tickets/response", json!({"response_id": id}))
        .await
        .data();
    assert_eq!(
        (
            &shown["response"]["html"],
            &shown["response"]["is_internal"]
        ),
        (&json!("<p>z c c</p>"), &json!(false))
    );
    api.post("tickets/response-delete", json!({"response_id": id}))
        .await
        .ok();
    assert_eq!(
        api.post("tickets/response-delete", json!({"response_id": id}))
            .await
            .status,
        404
    );
    let marcus = api.show(&json!("709383")).await["responses"][1]["id"].clone();
    let rewrite = json!({"response_id": marcus, "content": "other words"});
    assert_eq!(
        api.post("tickets/response-update", rewrite)
            .await
            .wrong_fields(),
        ["content"]
    );
}
