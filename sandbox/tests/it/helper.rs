//! A running double and short ways to call it.

use sandbox::tickiti::{Builder, Tickiti};
use serde_json::{Value, json};

/// A double and a client.
pub(crate) struct Api {
    pub(crate) tickiti: Tickiti,
    http: reqwest::Client,
    token: String,
}

/// Status and body of an answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The `data` of a 200.
    #[track_caller]
    pub(crate) fn data(self) -> Value {
        self.ok()["data"].take()
    }

    /// The fields of a 422.
    #[track_caller]
    pub(crate) fn wrong_fields(&self) -> Vec<&str> {
        assert_eq!(self.status, 422, "{}", self.body);
        let errors = self.body["errors"].as_object().unwrap();
        errors.keys().map(String::as_str).collect()
    }
}

/// A double with demo data, called as its admin.
pub(crate) async fn start() -> Api {
    start_with(Tickiti::builder()).await
}

/// A double with other settings.
pub(crate) async fn start_with(builder: Builder) -> Api {
    Api {
        tickiti: builder.start().await.unwrap(),
        http: http(),
        token: "sandbox-admin".to_owned(),
    }
}

/// A client that follows no redirects.
pub(crate) fn http() -> reqwest::Client {
    // Built beside crates that switch TLS on, the library wants a provider even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

impl Api {
    /// Calls from now on with another token.
    pub(crate) fn use_token(&mut self, token: &str) {
        self.token = token.to_owned();
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v1/{path}", self.tickiti.base_url());
        self.http
            .request(method.parse().unwrap(), url)
            .bearer_auth(&self.token)
    }

    /// POST without a key.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request("POST", path).json(&body)).await
    }

    /// POST with an idempotency key.
    pub(crate) async fn keyed(&self, path: &str, key: &str, body: Value) -> Answer {
        answer(
            self.request("POST", path)
                .header("Idempotency-Key", key)
                .json(&body),
        )
        .await
    }

    /// The header and thread of a ticket.
    pub(crate) async fn show(&self, number: &Value) -> Value {
        let number = number
            .as_str()
            .map_or_else(|| number.to_string(), str::to_owned);
        self.post("tickets/show", json!({"ticket_number": number}))
            .await
            .data()
    }

    /// Opens a ticket of shape A; answers its data.
    pub(crate) async fn create(&self, subject: &str, queue: &str) -> Value {
        let body = json!({
            "originator_email_address": "dana@customer.example",
            "is_public": true,
            "queue_name": queue,
            "data": {"subject": subject, "content": "<p>Hello</p>"},
        });
        self.keyed("tickets", &format!("create {subject}"), body)
            .await
            .data()
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Answer { status, body }
}
