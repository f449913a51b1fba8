//! Deleting, restoring, merging, moving, splitting, linking.

use serde_json::{Value, json};

use crate::helper::{Api, start};

fn texts(shown: &Value) -> Vec<String> {
    let rows = shown["responses"].as_array().unwrap().iter();
    let bodies = rows.filter(|r| r["is_audit_only"] == false);
    bodies
        .map(|r| r["plain_text"].as_str().unwrap().to_owned())
        .collect()
}

/// The integer ids of a thread's messages.
fn ids(shown: &Value) -> Vec<u64> {
    let rows = shown["responses"].as_array().unwrap().iter();
    let bodies = rows.filter(|r| r["is_audit_only"] == false);
    bodies
        .map(|r| r["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

async fn say(api: &Api, number: &Value, text: &str) {
    let body = json!({"ticket_number": number, "from_email": "eva@shop.example", "content": text});
    api.keyed("tickets/respond", text, body).await.ok();
}

#[tokio::test]
async fn deleting_is_soft_and_all_or_nothing() {
    let api = start().await;
    let number = api.create("Doomed", "Sales").await["ticket_number"].clone();
    let delete = |extra: Value| api.post("tickets/delete", extra);
    let dry = delete(json!({"ticket_numbers": [number], "dry_run": true}))
        .await
        .data();
    assert_eq!(
        (&dry["count"], &dry["tickets"][0]["subject"]),
        (&json!(1), &json!("Doomed"))
    );
    assert_eq!(
        delete(json!({"ticket_numbers": [number, "100000"]}))
            .await
            .status,
        404
    );
    api.show(&number).await;
    delete(json!({"ticket_numbers": [number]})).await.ok();
    let gone = api
        .post("tickets/show", json!({"ticket_number": number}))
        .await;
    assert_eq!(gone.status, 404);
    assert_eq!(
        delete(json!({"ticket_numbers": [number]})).await.status,
        404
    );
    let restored = api
        .post("tickets/restore", json!({"ticket_number": number}))
        .await
        .data();
    assert_eq!(restored["restored"], true);
    assert_eq!(texts(&api.show(&number).await), ["Hello"]);
    let again = api
        .post("tickets/restore", json!({"ticket_number": number}))
        .await
        .data();
    assert_eq!(again["restored"], false);
    for body in [
        json!({}),
        json!({"ticket_numbers": []}),
        json!({"ticket_numbers": ["709383"], "originator_email": "a@b.example"}),
    ] {
        assert_eq!(delete(body).await.wrong_fields(), ["ticket_numbers"]);
    }
}

#[tokio::test]
async fn everything_of_one_sender_goes_queue_by_queue() {
    let api = start().await;
    let before = api.tickiti.ticket_count();
    let email = "dana@customer.example";
    let count = |body: Value| async {
        api.post("tickets/delete", body).await.data()["count"]
            .as_u64()
            .unwrap()
    };
    let all = count(json!({"originator_email": email, "dry_run": true})).await;
    let in_queue = count(json!({"originator_email": email, "queue": "Returns"})).await;
    assert!(in_queue > 0 && in_queue < all);
    assert_eq!(api.tickiti.ticket_count() as u64, before as u64 - in_queue);
    assert_eq!(
        count(json!({"originator_email": email})).await,
        all - in_queue
    );
}

#[tokio::test]
async fn the_older_ticket_survives_a_merge() {
    let api = start().await;
    let older = api.create("Older", "Sales").await["ticket_number"].clone();
    api.tickiti.advance_clock(60);
    let newer = api.create("Newer", "Billing").await["ticket_number"].clone();
    say(&api, &newer, "from the newer").await;
    let add = json!({"ticket_number": newer, "participants": ["kim@customer.example"]});
    api.keyed("tickets/participants/add", "p", add).await.ok();
    let merged = json!({"ticket_number": newer, "other_ticket_number": older});
    let merged = api.post("tickets/merge", merged).await.data();
    assert_eq!(merged["ticket_number"].to_string(), older.as_str().unwrap());
    let shown = api.show(&older).await;
    assert_eq!(texts(&shown), ["Hello", "Hello", "from the newer"]);
    assert!(
        shown["ticket"]["participants"]
            .to_string()
            .contains("kim@customer.example")
    );
    assert_eq!(
        api.post("tickets/show", json!({"ticket_number": newer}))
            .await
            .status,
        404
    );
    let restore = api
        .post("tickets/restore", json!({"ticket_number": newer}))
        .await;
    assert_eq!(restore.wrong_fields(), ["ticket_number"]);
    let with_itself = json!({"ticket_number": older, "other_ticket_number": older});
    assert_eq!(
        api.post("tickets/merge", with_itself).await.wrong_fields(),
        ["other_ticket_number"]
    );
}

#[tokio::test]
async fn responses_are_copied_and_moved_under_new_ids() {
    let api = start().await;
    let source = api.create("Source", "Sales").await["ticket_number"].clone();
    let target = api.create("Target", "Sales").await["ticket_number"].clone();
    say(&api, &source, "one").await;
    say(&api, &source, "two").await;
    let of_source = ids(&api.show(&source).await);
    let body = |ids: &[u64]| json!({"response_ids": ids, "target_ticket_number": target});
    let copied = api
        .post("tickets/response-copy", body(&of_source[1..2]))
        .await
        .data();
    assert_ne!(copied["response_ids"][0], of_source[1]);
    let moved = [of_source[2], of_source[1]];
    api.post("tickets/response-move", body(&moved)).await.ok();
    assert_eq!(texts(&api.show(&source).await), ["Hello"]);
    assert_eq!(
        texts(&api.show(&target).await),
        ["Hello", "one", "two", "one"],
        "in the order given"
    );
    assert_eq!(
        api.post("tickets/response-move", body(&moved)).await.status,
        404,
        "gone at the source"
    );
    let own = ids(&api.show(&target).await);
    assert_eq!(
        api.post("tickets/response-copy", body(&own))
            .await
            .wrong_fields(),
        ["response_ids"]
    );
    let unknown = json!({"response_ids": [own[0], 999_999], "target_ticket_number": source});
    assert_eq!(api.post("tickets/response-copy", unknown).await.status, 404);
    let audits = api.show(&target).await["responses"].to_string();
    assert!(audits.contains("responses_moved") && audits.contains("responses_copied"));
}

#[tokio::test]
async fn a_split_leaves_a_clone_that_cannot_be_unlinked() {
    let api = start().await;
    let source = api.create("Two questions", "Sales").await["ticket_number"].clone();
    say(&api, &source, "second question").await;
    let of_source = ids(&api.show(&source).await);
    let other = api.show(&json!("709383")).await["responses"][0]["id"]
        .as_str()
        .unwrap()
        .parse::<u64>()
        .unwrap();
    let mixed = json!({"response_ids": [of_source[1], other], "subject": "x"});
    assert_eq!(
        api.post("tickets/split", mixed).await.wrong_fields(),
        ["response_ids"]
    );
    let body = json!({"response_ids": [of_source[1]], "subject": "The second", "queue": "Billing"});
    let split = api.post("tickets/split", body).await.data();
    assert_eq!(split["queue"], "Billing");
    assert_eq!(texts(&api.show(&source).await), ["Hello"]);
    let new = api.show(&split["ticket_number"]).await;
    assert_eq!(texts(&new), ["second question"]);
    assert_eq!(new["ticket"]["originator_email"], "dana@customer.example");
    assert_eq!(new["ticket"]["linked_tickets"][0]["is_clone"], true);
    let unlink = json!({"ticket_number": source, "linked_ticket_number": split["ticket_number"].to_string()});
    assert_eq!(
        api.post("tickets/unlink", unlink).await.wrong_fields(),
        ["linked_ticket_number"]
    );
    let copy = json!({"response_ids": [ids(&new)[0]], "subject": "Copied", "copy": true});
    api.post("tickets/split", copy).await.ok();
    assert_eq!(
        texts(&api.show(&split["ticket_number"]).await),
        ["second question"]
    );
}

#[tokio::test]
async fn links_hold_both_ways_until_they_are_removed() {
    let api = start().await;
    let one = api.create("One", "Sales").await["ticket_number"].clone();
    let link = || {
        api.post(
            "tickets/link",
            json!({"ticket_number": one, "linked_ticket_numbers": ["709383"]}),
        )
    };
    link().await.ok();
    let before = api.show(&one).await["responses"].as_array().unwrap().len();
    link().await.ok();
    assert_eq!(
        api.show(&one).await["responses"].as_array().unwrap().len(),
        before,
        "nothing changed"
    );
    let back = api
        .post("tickets/links", json!({"ticket_id": 13}))
        .await
        .data();
    assert_eq!(
        back["links"][0]["number"].to_string(),
        one.as_str().unwrap()
    );
    let unlink = || {
        api.post(
            "tickets/unlink",
            json!({"ticket_id": 13, "linked_ticket_number": one}),
        )
    };
    unlink().await.ok();
    assert_eq!(unlink().await.status, 404);
    let own = json!({"ticket_id": 13, "linked_ticket_numbers": ["709383"]});
    assert_eq!(
        api.post("tickets/link", own).await.wrong_fields(),
        ["linked_ticket_numbers"]
    );
}

#[tokio::test]
async fn the_originator_changes_and_the_old_one_stays_on() {
    let api = start().await;
    let body = json!({"ticket_id": 13, "originator_email": "kim@customer.example"});
    api.post("tickets/originator-update", body).await.ok();
    let ticket = api.show(&json!("709383")).await["ticket"].clone();
    assert_eq!(ticket["originator_email"], "kim@customer.example");
    let people = ticket["participants"].to_string();
    assert!(
        people.contains("marcus@trailblazers-club.example")
            && people.contains("kim@customer.example")
    );
}
