//! Files of tickets.

use serde_json::{Value, json};

use super::helper::{refusal, start, wrong_keys};

const PATH: &str = "/companies/tickets/58204/files";

fn file() -> Value {
    json!({"company_id": 4410, "name": "guia.pdf", "content_base64": "aG9sYQ==", "content_type": "application/pdf"})
}

#[tokio::test]
async fn files_are_stored_with_increasing_ids() {
    let api = start().await;
    for id in [9002, 9003] {
        let url = format!("https://files.example.test/{id}");
        assert_eq!(
            api.send("POST", PATH, file()).await.ok(),
            json!({"success": true, "data": {"id": id, "name": "guia.pdf", "url": url}})
        );
        assert_eq!(api.envia.file_content(id).unwrap(), b"hola");
    }
    let mut described = file();
    described["description"] = json!("guía firmada");
    api.send("POST", PATH, described).await.ok();
    let files = api.ticket(58204).await["files"].take();
    assert_eq!(files.as_array().unwrap().len(), 3);
    assert_eq!(files[2]["description"], "guía firmada");
}

#[tokio::test]
async fn wrong_files_are_refused() {
    let api = start().await;
    for (key, value) in [
        ("content_base64", json!("aG9sYQ")),
        ("content_base64", json!("a b=")),
        ("content_base64", json!("")),
        ("content_type", json!("image/gif")),
        ("name", json!("")),
        ("company_id", json!("4410")),
        ("description", json!(1)),
        ("size", json!(1)),
    ] {
        let mut body = file();
        body[key] = value;
        assert_eq!(wrong_keys(&api.send("POST", PATH, body).await), [key]);
    }
    let missing = api.send("POST", PATH, json!({})).await;
    assert_eq!(
        wrong_keys(&missing),
        ["company_id", "name", "content_base64", "content_type"]
    );
    assert_eq!(api.envia.executions("tickets.upload"), 0);
}

#[tokio::test]
async fn ticket_and_company_belong_together() {
    let api = start().await;
    let expected = refusal(404, "Not Found", "Ticket not found.");
    let mut body = file();
    body["company_id"] = json!(4411);
    assert_eq!(api.send("POST", PATH, body).await, expected);
    let path = "/companies/tickets/1/files";
    assert_eq!(api.send("POST", path, file()).await, expected);
}

#[tokio::test]
async fn uploads_have_a_limit_of_their_own() {
    let api = start().await;
    let mut body = file();
    body["content_base64"] = json!("AAAA".repeat(400_000));
    assert_eq!(api.send("POST", PATH, body.clone()).await.status, 200);
    api.envia
        .change_switches(|switches| switches.upload_cap = 1_000_000);
    assert_eq!(api.send("POST", PATH, body).await.status, 413);
    assert_eq!(api.send("POST", PATH, file()).await.status, 200);
}
