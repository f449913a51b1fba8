//! All 155 endpoints against their own facts.

use sandbox::tickiti::{Tickiti, TokenSetup};
use serde_json::{Value, json};

use crate::helper::{Api, answer, start_with};

/// The endpoints of the data file.
fn endpoints() -> Vec<Value> {
    serde_json::from_str(include_str!("../../data/tickiti-endpoints.json")).unwrap()
}

/// A call without fields; the path parameters name nothing.
async fn call(api: &Api, endpoint: &Value, path_id: &str) -> u16 {
    let path = endpoint["path"].as_str().unwrap();
    let path = path.replace("{user}", path_id).replace("{queue}", path_id);
    let request = api.request(endpoint["method"].as_str().unwrap(), &path);
    let request = match endpoint["method"].as_str() {
        Some("GET") => request,
        _ => request.json(&json!({})),
    };
    answer(request).await.status
}

async fn check(token: &str, expected: impl Fn(&Value) -> Option<u16>) {
    let builder = Tickiti::builder()
        .token(TokenSetup::new("no-ability").sysadmin().superuser())
        .token(TokenSetup::new("no-role").abilities(["*"]).not_staff())
        .token(
            TokenSetup::new("all")
                .abilities(["*"])
                .sysadmin()
                .superuser(),
        );
    let mut api = start_with(builder).await;
    api.use_token(token);
    for endpoint in endpoints() {
        let status = call(&api, &endpoint, "1").await;
        let name = &endpoint["name"];
        match expected(&endpoint) {
            Some(expected) => assert_eq!(status, expected, "{token}: {name}"),
            None => assert!(
                matches!(status, 200 | 404 | 422),
                "{token}: {name}: {status}"
            ),
        }
    }
}

fn is_open(endpoint: &Value) -> bool {
    endpoint["name"] == "faqs" || endpoint["name"] == "idempotency_key.create"
}

#[tokio::test]
async fn without_a_known_token_only_two_answer() {
    check("nobody", |endpoint| {
        Some(if is_open(endpoint) { 200 } else { 401 })
    })
    .await;
}

#[tokio::test]
async fn every_ability_is_asked_for() {
    let free = |endpoint: &Value| endpoint["abilities"].as_array().unwrap().is_empty();
    check("no-ability", |endpoint| (!free(endpoint)).then_some(403)).await;
}

#[tokio::test]
async fn every_role_is_asked_for() {
    check("no-role", |endpoint| {
        let gated = !endpoint["role"].is_null() || endpoint["sysadmin"] == true;
        gated.then_some(403)
    })
    .await;
}

#[tokio::test]
async fn everything_opens_for_one_who_holds_it_all() {
    check("all", |endpoint| {
        let needs = |field: &Value| {
            field["required"] == true && !field["field"].as_str().unwrap().contains(['.', '['])
        };
        let fields = endpoint["request"].as_array();
        // A required field is missing from an empty body.
        fields
            .is_some_and(|fields| fields.iter().any(needs))
            .then_some(422)
    })
    .await;
}

#[tokio::test]
async fn every_plan_is_asked_for() {
    for plan in [
        "has_ai_assistant",
        "has_escalations",
        "has_interventions",
        "has_reports",
        "has_resolution_tracking",
    ] {
        let api = start_with(Tickiti::builder().without_plan(plan)).await;
        let of_plan = endpoints()
            .into_iter()
            .filter(|e| e["plans"].as_array().unwrap().contains(&json!(plan)));
        let mut count = 0;
        for endpoint in of_plan {
            assert_eq!(
                call(&api, &endpoint, "1").await,
                403,
                "{}",
                endpoint["name"]
            );
            count += 1;
        }
        assert!(count >= 5, "{plan}");
    }
}

#[tokio::test]
async fn paths_that_name_nobody_are_not_found() {
    let api = start_with(Tickiti::builder()).await;
    for endpoint in endpoints()
        .iter()
        .filter(|e| !e["params"].as_array().unwrap().is_empty())
    {
        for id in ["4000", "x", "%2e%2e"] {
            assert_eq!(
                call(&api, endpoint, id).await,
                404,
                "{} {id}",
                endpoint["name"]
            );
        }
    }
}
