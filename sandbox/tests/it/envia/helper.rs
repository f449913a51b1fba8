//! A running double and short ways to call it.

use sandbox::envia::{Builder, Envia};
use serde_json::{Value, json};

use crate::helper::{Answer, answer, http};

/// A double and a client.
pub(crate) struct Api {
    pub(crate) envia: Envia,
    http: reqwest::Client,
}

/// A double with demo data.
pub(crate) async fn start() -> Api {
    start_with(Envia::builder()).await
}

/// A double with other settings.
pub(crate) async fn start_with(builder: Builder) -> Api {
    Api {
        envia: builder.start().await.unwrap(),
        http: http(),
    }
}

impl Api {
    /// A request without a token.
    pub(crate) fn bare(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.envia.base_url());
        self.http.request(method.parse().unwrap(), url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.bare("GET", path).bearer_auth("sandbox-bot")).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = self.bare(method, path).bearer_auth("sandbox-bot");
        answer(request.json(&body)).await
    }

    pub(crate) async fn create(&self, body: Value) -> Answer {
        self.send("POST", "/companies/tickets", body).await
    }

    /// Opens a ticket of company 4410 with these fields more; answers its id.
    pub(crate) async fn created(&self, more: Value) -> u64 {
        let mut body = json!({"company_id": 4410, "type": 15, "comments": "Texto"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.create(body).await.ok()["id"].as_u64().unwrap()
    }

    pub(crate) async fn update(&self, id: u64, body: Value) -> Answer {
        self.send("PUT", &format!("/companies/tickets/{id}"), body)
            .await
    }

    pub(crate) async fn ticket(&self, id: u64) -> Value {
        self.get(&format!("/companies/tickets/{id}")).await.data()
    }

    /// Ids and total of a list.
    pub(crate) async fn list(&self, query: &str) -> (Vec<u64>, u64) {
        let body = self.get(&format!("/companies/tickets?{query}")).await.ok();
        let rows = body["data"].as_array().unwrap();
        let ids = rows.iter().map(|row| row["id"].as_u64().unwrap());
        (ids.collect(), body["total_rows"].as_u64().unwrap())
    }
}

/// A refusal in the form of the back office.
pub(crate) fn refusal(status: u16, error: &str, message: &str) -> Answer {
    Answer {
        status,
        body: json!({"statusCode": status, "error": error, "message": message}),
    }
}

/// The keys that validation refused.
#[track_caller]
pub(crate) fn wrong_keys(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let keys = answer.body["validation"]["keys"].as_array().unwrap();
    keys.iter().map(|key| key.as_str().unwrap()).collect()
}
