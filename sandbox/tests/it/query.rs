//! Finding tickets and responses.

use sandbox::tickiti::{Tickiti, TokenSetup};
use serde_json::{Value, json};

use crate::helper::{Api, start, start_with};

/// Numbers of the tickets that meet criteria.
async fn found(api: &Api, criteria: Value) -> Vec<u64> {
    let body = json!({"row_limit": 5000, "search_object": {"criteria": criteria}});
    let rows = api.post("tickets/query", body).await.ok();
    rows.as_array()
        .unwrap()
        .iter()
        .map(|row| row["number"].as_u64().unwrap())
        .collect()
}

#[tokio::test]
async fn every_mode_finds_the_ticket_of_the_examples() {
    let api = start().await;
    api.post(
        "settings/watchlists/create",
        json!({"name": "Mine", "icon": "star"}),
    )
    .await
    .ok();
    let lists = api.post("settings/watchlists", json!({})).await.ok();
    let mine = lists["watchlists"]
        .as_array()
        .unwrap()
        .iter()
        .find(|w| w["name"] == "Mine")
        .unwrap();
    let add = json!({"watchlist_id": mine["id"], "ticket_ids": [13]});
    api.post("settings/watchlists/add-tickets", add).await.ok();
    let watchlist = mine["id"].to_string();
    let header = api.show(&json!("709383")).await["ticket"].clone();
    let day = |field: &str| header[field].as_str().unwrap()[..10].to_owned();
    let (created, updated) = (day("created_at"), day("updated_at"));
    for (mode, token) in [
        ("subject", "TRAIL VESTS"),
        ("content", "club house"),
        ("subject_content", "printer confirms"),
        ("participant", "sam@shop.example"),
        ("raised", "Marcus@trailblazers-club.example"),
        ("hashtag", "#VIP"),
        ("assigned", "eva@shop.example"),
        ("assigned", "team-and-members:1"),
        ("queue", "sales"),
        ("status", "open"),
        ("priority", "30"),
        ("priority", "High"),
        ("watchlist", watchlist.as_str()),
        ("ticket_number", "709383"),
        ("created_from", created.as_str()),
        ("created_to", created.as_str()),
        ("updated_from", updated.as_str()),
        ("updated_to", updated.as_str()),
    ] {
        let numbers = found(&api, json!([{"mode": mode, "tokens": [token]}])).await;
        assert!(numbers.contains(&709_383), "{mode} {token}");
        assert!(
            numbers.len() < 321 || mode.ends_with("_from") || mode.ends_with("_to"),
            "{mode} {token}"
        );
    }
    for (mode, token) in [
        ("subject", "boots"),
        ("queue", "Inbox"),
        ("assigned", "Unassigned"),
        ("status", "closed"),
    ] {
        let numbers = found(&api, json!([{"mode": mode, "tokens": [token]}])).await;
        assert!(!numbers.contains(&709_383), "{mode} {token}");
    }
}

#[tokio::test]
async fn tokens_and_criteria_combine() {
    let api = start().await;
    let text =
        |tokens: Value, rule: &str| json!([{"mode": "subject", "tokens": tokens, "match": rule}]);
    assert_eq!(
        found(&api, text(json!(["club", "vests"]), "all")).await,
        [709_383]
    );
    assert_eq!(
        found(&api, text(json!(["club order", "no such"]), "all")).await,
        [0_u64; 0]
    );
    assert_eq!(
        found(&api, text(json!(["club order", "no such"]), "any")).await,
        [709_383]
    );
    let numbers = json!([{"mode": "ticket_number", "tokens": ["709383", "709384"]}]);
    assert_eq!(found(&api, numbers).await.len(), 2);
    let one = |number: &str| json!({"mode": "ticket_number", "tokens": [number]});
    assert_eq!(
        found(&api, json!([one("709383"), one("709384")]))
            .await
            .len(),
        2,
        "one mode: or"
    );
    let both = json!([one("709383"), {"mode": "queue", "tokens": ["Inbox"]}]);
    assert_eq!(found(&api, both).await.len(), 0, "two modes: and");
}

#[tokio::test]
async fn wrong_searches_are_refused() {
    let api = start().await;
    for (criterion, field) in [
        (json!({"mode": "colour", "tokens": ["red"]}), "mode"),
        (
            json!({"mode": "subject", "tokens": ["x"], "match": "some"}),
            "match",
        ),
        (
            json!({"mode": "created_from", "tokens": ["yesterday"]}),
            "tokens",
        ),
    ] {
        let body = json!({"search_object": {"criteria": [criterion]}});
        let answer = api.post("tickets/query", body).await;
        assert_eq!(
            answer.wrong_fields(),
            [format!("search_object.criteria.0.{field}")]
        );
    }
    let modes = api.post("tickets/search-modes", json!({})).await.data();
    assert_eq!(modes["modes"].as_array().unwrap().len(), 16);
}

#[tokio::test]
async fn perspectives_choose_and_order() {
    let guest = TokenSetup::new("guest")
        .abilities(["tickets:read"])
        .not_staff();
    let mut api = start_with(Tickiti::builder().token(guest)).await;
    let run =
        |name: &str| json!({"row_limit": 5000, "search_object": {"search_perspective": name}});
    let all = api.post("tickets/query", run("all")).await.ok();
    assert_eq!(all.as_array().unwrap().len(), 320);
    let updated = |row: &Value| row["updated_at"].as_str().unwrap().to_owned();
    let rows = all.as_array().unwrap();
    assert!(
        rows.windows(2)
            .all(|pair| updated(&pair[0]) >= updated(&pair[1])),
        "last touched first"
    );
    api.use_token("sandbox-agent");
    let mine = api
        .post("tickets/query", run("FOR MY ATTENTION"))
        .await
        .ok();
    let mine = mine.as_array().unwrap();
    assert!(!mine.is_empty() && mine.iter().all(|row| row["status"] == "open"));
    let own = |row: &Value| {
        let key = row["assigned_to_email"].as_str();
        key.is_none_or(|key| key == "eva@shop.example" || key.starts_with("team:"))
    };
    assert!(mine.iter().all(own));
    assert_eq!(api.post("tickets/query", run("Nobody's")).await.status, 404);
    assert_eq!(
        api.post("tickets/query", json!({"perspective_id": 999}))
            .await
            .status,
        404
    );
    api.use_token("guest");
    assert_eq!(
        api.post("tickets/query", run("For my attention"))
            .await
            .status,
        403
    );
    assert_eq!(
        api.post("tickets/query", json!({}))
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        100
    );
}

#[tokio::test]
async fn rows_are_bare_or_wrapped() {
    let api = start().await;
    let two = json!({"row_limit": 2});
    assert_eq!(
        api.post("tickets/query", two.clone())
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    api.tickiti.change_switches(|s| s.wrapped_query = true);
    assert_eq!(
        api.post("tickets/query", two)
            .await
            .data()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// All pages of a responses query.
async fn pages(api: &Api, mut body: Value) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let mut data = api
            .post("tickets/responses/query", body.clone())
            .await
            .data();
        rows.append(data["responses"].as_array_mut().unwrap());
        if data["next_cursor"].is_null() {
            return rows;
        }
        body["cursor"] = data["next_cursor"].take();
    }
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat() {
    let api = start().await;
    let filter =
        json!({"created_from": "2026-05-01", "created_to": "2026-05-31", "fields": ["plain_text"]});
    let count = |extra: Value| {
        let mut body = filter.clone();
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        api.post("tickets/responses/query", body)
    };
    let counted = count(json!({"count_only": true})).await.data()["count"]
        .as_u64()
        .unwrap();
    let mut body = filter.clone();
    body["limit"] = json!(7);
    let rows = pages(&api, body).await;
    assert!(counted > 50, "May has volume: {counted}");
    assert_eq!(rows.len() as u64, counted);
    let place = |row: &Value| {
        (
            row["created_at"].as_str().unwrap().to_owned(),
            row["response_id"].as_str().unwrap().parse::<u64>().unwrap(),
        )
    };
    assert!(
        rows.windows(2)
            .all(|pair| place(&pair[0]) < place(&pair[1]))
    );
    let groups = count(json!({"group_by": "day"})).await.data();
    let sum: u64 = groups["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["count"].as_u64().unwrap())
        .sum();
    assert_eq!(sum, counted);
    assert_eq!(
        count(json!({"group_by": "mood"})).await.wrong_fields(),
        ["group_by"]
    );
}

#[tokio::test]
async fn response_filters_and_fields() {
    let api = start().await;
    let query = |body: Value| async {
        api.post("tickets/responses/query", body).await.data()["responses"].clone()
    };
    let ticket = |extra: Value| {
        let mut body = json!({"ticket_number": ["709383"]});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        query(body)
    };
    let length = |rows: Value| rows.as_array().unwrap().len();
    assert_eq!(length(ticket(json!({})).await), 8);
    assert_eq!(length(ticket(json!({"is_internal": true})).await), 3);
    assert_eq!(length(ticket(json!({"staff_response": false})).await), 3);
    assert_eq!(length(ticket(json!({"has_attachments": true})).await), 2);
    assert_eq!(length(ticket(json!({"is_empty": true})).await), 1);
    assert_eq!(
        length(ticket(json!({"created_by_email": "eva@shop.example"})).await),
        2
    );
    assert_eq!(length(ticket(json!({"queue": ["Inbox"]})).await), 0);
    assert_eq!(
        length(ticket(json!({"queue": ["Sales"], "queue_id": [1]})).await),
        8
    );
    let rows = ticket(json!({"fields": ["is_internal", "html"]})).await;
    let keys = |row: &Value| {
        row.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
    };
    let expected = ["html", "is_internal", "response_id", "ticket_number"].map(str::to_owned);
    assert_eq!(keys(&rows[0]), expected.into());
    let rows = ticket(json!({"metadata_only": true})).await;
    assert!(rows[0].get("html").is_none() && rows[0].get("audit").is_some());
    let id: u64 = rows[0]["response_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(length(query(json!({"response_id": [id]})).await), 1);
    api.post("tickets/response-delete", json!({"response_id": id}))
        .await
        .ok();
    assert_eq!(length(query(json!({"response_id": [id]})).await), 0);
    let deleted = query(json!({"response_id": [id], "include_deleted": true})).await;
    assert!(deleted[0]["deleted_at"].is_string());
}

#[tokio::test]
async fn a_cursor_can_be_made_to_repeat() {
    let api = start().await;
    api.tickiti.change_switches(|s| s.repeated_cursor = true);
    let cursor = json!({"created_at": "2026-01-01 00:00:00", "id": 1});
    let body = json!({"limit": 2, "cursor": cursor});
    assert_eq!(
        api.post("tickets/responses/query", body).await.data()["next_cursor"],
        cursor
    );
    let wrong = json!({"cursor": {"created_at": "soon", "id": 1}});
    assert_eq!(
        api.post("tickets/responses/query", wrong)
            .await
            .wrong_fields(),
        ["cursor"]
    );
}

#[tokio::test]
async fn the_directory_names_queues_teams_staff_and_resolutions() {
    let api = start().await;
    let get = |path: &'static str, body: Value| async { api.post(path, body).await.data() };
    let queues = get("tickets/queues", json!({})).await;
    assert_eq!(
        (&queues["queues"][0]["name"], &queues["queues"][1]["name"]),
        (&json!("Inbox"), &json!("Sales"))
    );
    let teams = get("tickets/teams", json!({})).await;
    assert_eq!(teams["teams"][0]["members_key"], "team-and-members:1");
    let staff = get("tickets/staff", json!({"search": "EVA"})).await;
    assert_eq!(staff["staff"].as_array().unwrap().len(), 1);
    assert_eq!(staff["staff"][0]["teams"], json!(["team:1"]));
    let resolutions = get("tickets/resolutions", json!({})).await;
    assert_eq!(resolutions["resolutions"][0]["selectable"], true);
}
