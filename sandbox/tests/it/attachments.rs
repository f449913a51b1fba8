//! Files: download, upload, removal, inline images.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::helper::{Answer, Api, answer, start};

async fn upload(api: &Api, name: &str, content: &[u8]) -> Answer {
    let part = Part::bytes(content.to_vec()).file_name(name.to_owned());
    let form = Form::new().part("file", part);
    answer(
        api.request("POST", "tickets/attachment-upload")
            .multipart(form),
    )
    .await
}

/// Opens a ticket with a file; answers the ticket number and the attachment's id.
async fn with_file(api: &Api, name: &str, content: &[u8]) -> (Value, Value) {
    let file = upload(api, name, content).await.data();
    let body = json!({
        "originator_email_address": "dana@customer.example",
        "is_public": true,
        "data": {"subject": name, "content": "see file"},
        "attachments": [file],
    });
    let number = api.keyed("tickets", name, body).await.data()["ticket_number"].clone();
    let shown = api.show(&number).await;
    (
        number,
        shown["responses"][0]["attachments"][0]["id"].clone(),
    )
}

async fn download(api: &Api, number: &Value, id: &Value, extra: Value) -> Answer {
    let mut body = json!({"ticket_number": number, "response_attachment_id": id});
    body.as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    api.post("tickets/attachment", body).await
}

fn bytes(data: &Value) -> Vec<u8> {
    STANDARD
        .decode(data["content_base64"].as_str().unwrap())
        .unwrap()
}

#[tokio::test]
async fn uploads_come_back_whole_and_in_ranges() {
    let api = start().await;
    let (number, id) = with_file(&api, "notes.txt", b"0123456789").await;
    let whole = download(&api, &number, &id, json!({})).await.data();
    assert_eq!(bytes(&whole), b"0123456789");
    assert_eq!(
        (&whole["mime_type"], &whole["file_size"], &whole["eof"]),
        (&json!("text/plain"), &json!(10), &json!(true))
    );
    assert_eq!(
        whole["sha256"],
        "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
    );
    for (offset, length, piece, eof) in [
        (0, 4, "0123", false),
        (4, 6, "456789", true),
        (8, 100, "89", true),
        (50, 1, "", true),
    ] {
        let part = download(
            &api,
            &number,
            &id,
            json!({"offset": offset, "length": length}),
        )
        .await
        .data();
        assert_eq!(
            (bytes(&part), &part["eof"], &part["file_size"]),
            (piece.into(), &json!(eof), &json!(10))
        );
    }
    assert_eq!(
        download(&api, &json!("709383"), &id, json!({}))
            .await
            .status,
        404,
        "another ticket"
    );
    api.tickiti.change_switches(|s| s.ignore_ranges = true);
    assert_eq!(
        bytes(
            &download(&api, &number, &id, json!({"offset": 4}))
                .await
                .data()
        )
        .len(),
        10
    );
    api.tickiti.change_switches(|s| s.wrong_sha256 = true);
    assert_ne!(
        download(&api, &number, &id, json!({})).await.data()["sha256"],
        whole["sha256"]
    );
}

#[tokio::test]
async fn what_is_too_large_is_read_in_ranges() {
    let api = start().await;
    let (number, id) = with_file(&api, "big.txt", &[b'x'; 1000]).await;
    api.tickiti.change_switches(|s| s.attachment_cap = 600);
    let refused = download(&api, &number, &id, json!({})).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (413, &json!("attachment_too_large"))
    );
    assert_eq!(
        refused.body["data"],
        json!({"file_size": 1000, "ranged": true, "mime_type": "text/plain"})
    );
    assert_eq!(
        download(&api, &number, &id, json!({"offset": 0, "length": 601}))
            .await
            .status,
        413
    );
    download(&api, &number, &id, json!({"offset": 400, "length": 600}))
        .await
        .ok();
    api.tickiti.change_switches(|s| s.upload_cap = 10);
    assert_eq!(upload(&api, "big.txt", &[0; 11]).await.status, 413);
}

#[tokio::test]
async fn types_are_free_reviewed_or_blocked() {
    let api = start().await;
    assert_eq!(
        upload(&api, "run.exe", b"MZ").await.wrong_fields(),
        ["file"]
    );
    let (number, id) = with_file(&api, "data.json", b"{}").await;
    let refused = download(&api, &number, &id, json!({})).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (409, &json!("attachment_review_required"))
    );
    download(&api, &number, &id, json!({"intent": "review_ok"}))
        .await
        .ok();
    let form = Form::new().text("file", "no file");
    let no_file = answer(
        api.request("POST", "tickets/attachment-upload")
            .multipart(form),
    )
    .await;
    assert_eq!(no_file.wrong_fields(), ["file"]);
}

#[tokio::test]
async fn the_bytes_go_with_their_last_use() {
    let api = start().await;
    let (one, first) = with_file(&api, "a.txt", b"shared").await;
    let (two, second) = with_file(&api, "b.txt", b"shared").await;
    let reference = upload(&api, "c.txt", b"shared").await.data();
    let delete = |number: &Value, id: &Value| {
        let body =
            json!({"ticket_number": number, "response_attachment_id": id, "reason": "private"});
        api.post("tickets/attachment-delete", body)
    };
    delete(&one, &first).await.ok();
    assert_eq!(delete(&one, &first).await.status, 404);
    let shown = api.show(&one).await;
    let text = shown["responses"][0]["plain_text"].as_str().unwrap();
    assert!(text.contains("a.txt") && text.contains("private"), "{text}");
    assert_eq!(
        bytes(&download(&api, &two, &second, json!({})).await.data()),
        b"shared"
    );
    delete(&two, &second).await.ok();
    let body = json!({"ticket_number": two, "from_email": "eva@shop.example", "content": "x", "attachments": [reference]});
    let gone = api.keyed("tickets/respond", "gone", body).await;
    assert_eq!(gone.wrong_fields(), ["attachments.0.sha256"]);
}

#[tokio::test]
async fn images_in_the_text_become_attachments() {
    let api = start().await;
    let body = json!({
        "originator_email_address": "dana@customer.example",
        "is_public": true,
        "data": {"subject": "s", "content": "<p>look <img src=\"data:image/png;base64,iVBORw0KGgo=\"></p>"},
    });
    let number = api.keyed("tickets", "image", body).await.data()["ticket_number"].clone();
    let first = api.show(&number).await["responses"][0].clone();
    assert!(
        first["html"]
            .as_str()
            .unwrap()
            .starts_with("<p>look <img src=\"cid:")
    );
    let image = &first["attachments"][0];
    assert_eq!(
        (
            &image["is_inline"],
            &image["mime_type"],
            &image["file_size"]
        ),
        (&json!(true), &json!("image/png"), &json!(8))
    );
}

#[tokio::test]
async fn the_files_of_the_demo_ticket_are_real() {
    let api = start().await;
    let shown = api.show(&json!("709383")).await;
    let files = shown["responses"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|r| r["attachments"].as_array().unwrap());
    let mut types = Vec::new();
    for file in files {
        let data = download(&api, &json!("709383"), &file["id"], json!({}))
            .await
            .data();
        assert_eq!(
            bytes(&data).len() as u64,
            file["file_size"].as_u64().unwrap()
        );
        types.push(data["mime_type"].as_str().unwrap().to_owned());
    }
    assert_eq!(types, ["application/pdf", "text/plain", "image/png"]);
}
