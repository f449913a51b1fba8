//! Token, signature, body: what comes before any work, and in which order.

use sandbox::envia::Envia;
use serde_json::{Value, json};

use super::helper::{refusal, start, start_with, wrong_keys};
use crate::helper::answer;

const EMPTY: &str = "b952408c8ef72202a13a9806f14bd5f4f504d402c58b191a57610bb1963da37f";
const DAMAGED: &str = "f2d76636d3fbd4b8f2c0cd407982bc42240df43cceba321fe61ecad42d9b4681";
const OVERWEIGHT: &str = "2eb5742afc41715574df2f14688758b6e8dbaa915d0fcfe1f8f273eaade55202";

fn damaged() -> &'static str {
    r#"{"type": 5, "comments": "Caja golpeada, contenido roto", "company_id": 4410}"#
}

#[tokio::test]
async fn the_token_comes_first() {
    let api = start().await;
    let expected = refusal(401, "Unauthorized", "The token is missing or unknown.");
    for path in ["/catalog/ticket-types", "/companies/tickets?length=0"] {
        assert_eq!(answer(api.bare("GET", path)).await, expected);
        let wrong = api.bare("GET", path).bearer_auth("sandbox-admin");
        assert_eq!(answer(wrong).await, expected);
    }
    let post = api.bare("POST", "/companies/tickets");
    let broken = post.header("x-bot-ai-signature", "00").body("{");
    assert_eq!(answer(broken).await, expected);
    assert_eq!(api.get("/catalog/ticket-types").await.status, 200);
}

#[tokio::test]
async fn unknown_routes_answer_404() {
    let api = start().await;
    let expected = refusal(404, "Not Found", "Not Found");
    assert_eq!(api.get("/catalog/ticket_types").await, expected);
    assert_eq!(api.get("/mcp/activity-log").await, expected);
    assert_eq!(
        api.send("DELETE", "/companies/tickets/58201", json!({}))
            .await,
        expected
    );
}

#[tokio::test]
async fn signatures_are_verified_where_present() {
    let api = start_with(Envia::builder().token("test-bot-token")).await;
    let post = |body: &'static str, signature: &str| {
        let request = api
            .bare("POST", "/companies/tickets")
            .bearer_auth("test-bot-token");
        let request = request.header("content-type", "application/json");
        answer(request.header("X-Bot-AI-Signature", signature).body(body))
    };
    let overweight = r#"{"amount":180.50,"comments":"Peso cobrado de m\u00e1s","type":3,
        "company_id":4410,"shipment_id":900123.0,"tracking_number":"TST0001112223"}"#;
    assert_eq!(post(overweight, OVERWEIGHT).await.status, 200);
    assert_eq!(post(damaged(), DAMAGED).await.status, 200);
    let expected = refusal(
        401,
        "Unauthorized",
        "The signature does not fit the request.",
    );
    for wrong in [EMPTY, &DAMAGED.to_uppercase(), ""] {
        assert_eq!(post(damaged(), wrong).await, expected);
    }
    // Before validation, after the body was read as JSON.
    assert_eq!(post(r#"{"type":5}"#, EMPTY).await, expected);
    assert_eq!(
        post("{", EMPTY).await.body["message"],
        "Invalid request payload JSON format"
    );
    // A request without a body signs an empty object.
    for (signature, status) in [(EMPTY, 200), (DAMAGED, 401)] {
        let get = api
            .bare("GET", "/catalog/ticket-types")
            .bearer_auth("test-bot-token");
        let get = get.header("x-bot-ai-signature", signature);
        assert_eq!(answer(get).await.status, status);
    }
    assert_eq!(api.envia.executions("tickets.create"), 2);
}

#[tokio::test]
async fn strict_mode_wants_a_signature_everywhere() {
    let api = start_with(Envia::builder().token("test-bot-token")).await;
    api.envia
        .change_switches(|switches| switches.strict_signature = true);
    let expected = refusal(401, "Unauthorized", "The signature is missing.");
    for (method, path) in [
        ("GET", "/catalog/shipment-statuses"),
        ("POST", "/companies/tickets"),
        ("PUT", "/companies/tickets/58201"),
        ("POST", "/mcp/activity-log"),
    ] {
        let request = api.bare(method, path).bearer_auth("test-bot-token");
        assert_eq!(answer(request.json(&json!({}))).await, expected, "{path}");
        let request = api.bare(method, path).bearer_auth("test-bot-token");
        let signed = request.header("x-bot-ai-signature", EMPTY);
        let status = answer(signed.json(&json!({}))).await.status;
        assert_ne!(status, 401, "{path}");
    }
}

#[tokio::test]
async fn bodies_must_be_json_objects_of_a_size() {
    let api = start().await;
    let array = api.create(json!([])).await;
    assert_eq!(array.body["message"], "Invalid request payload input");
    let form = api
        .bare("POST", "/companies/tickets")
        .bearer_auth("sandbox-bot");
    let form = form
        .header("content-type", "text/plain")
        .body("company_id=1");
    assert_eq!(answer(form).await.status, 415);
    api.envia
        .change_switches(|switches| switches.body_cap = 100);
    let long = json!({"company_id": 4410, "type": 15, "comments": "x".repeat(100)});
    let answer = api.create(long).await;
    assert_eq!(
        (answer.status, answer.body["error"].as_str()),
        (413, Some("Request Entity Too Large"))
    );
}

#[tokio::test]
async fn path_ids_are_integers_from_one() {
    let api = start().await;
    for id in ["0", "x", "-1", "1.5"] {
        let answer = api.get(&format!("/companies/tickets/{id}")).await;
        assert_eq!(wrong_keys(&answer), ["ticket_id"]);
        assert_eq!(answer.body["message"], "Invalid request params input");
    }
}

#[tokio::test]
async fn activity_rows_are_kept_as_they_came() {
    let api = start().await;
    let row = json!({
        "tool_name": "create_ticket", "mcp_name": "x", "user_id": 0, "input_params": {"type": 5},
        "status": "denied", "error_message": "blocked", "execution_time_ms": 12,
    });
    let path = "/mcp/activity-log";
    let logged = api.send("POST", path, row.clone()).await;
    assert_eq!(
        (logged.status, logged.body),
        (201, json!({"success": true}))
    );
    let short = json!({"tool_name": "get_ticket", "mcp_name": "x", "status": "success"});
    assert_eq!(api.send("POST", path, short).await.status, 201);
    let rows = api.envia.activity_log();
    for (key, value) in row.as_object().unwrap() {
        assert_eq!(&rows[0][key], value);
    }
    assert_eq!(
        (&rows[1]["id"], &rows[1]["created_at"]),
        (&json!(2), &json!("2026-06-15 06:00:00"))
    );
    assert_eq!(
        (&rows[1]["user_id"], &rows[1]["input_params"]),
        (&json!(0), &Value::Null)
    );
    for (wrong, keys) in [
        (json!({}), vec!["tool_name", "mcp_name", "status"]),
        (
            json!({"tool_name": "t".repeat(101), "mcp_name": "x", "status": "failed", "user": 1}),
            vec!["user", "tool_name", "status"],
        ),
        (
            json!({"tool_name": "t", "mcp_name": "x", "status": "error", "input_params": [], "execution_time_ms": 1.5}),
            vec!["input_params", "execution_time_ms"],
        ),
    ] {
        assert_eq!(wrong_keys(&api.send("POST", path, wrong).await), keys);
    }
    assert_eq!(api.envia.activity_log().len(), 2);
}
