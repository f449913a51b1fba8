//! One walk over the endpoints, which remembers where it was.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::tickiti::Tickiti;
use serde_json::{Value, json};

const FAMILIES: [&str; 8] = [
    "administration",
    "axial",
    "mail",
    "reports",
    "settings",
    "supervisor",
    "templates",
    "workflow",
];

/// A sandbox of its own, and the endpoints that succeeded in it.
pub(super) struct Sweep {
    /// Path parameters of the next calls.
    pub(super) path: Vec<(&'static str, String)>,
    client: reqwest::Client,
    pub(super) sandbox: Tickiti,
    paths: BTreeMap<String, String>,
    succeeded: BTreeSet<String>,
}

/// The row of a list whose field has a value.
pub(super) fn find<'list>(list: &'list Value, field: &str, value: &str) -> &'list Value {
    let rows = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    let row = rows.iter().find(|row| row[field] == value);
    row.unwrap_or_else(|| panic!("no {field} {value} in {list}"))
}

impl Sweep {
    pub(super) async fn start() -> Self {
        let facts = include_str!("../../../data/tickiti-endpoints.json");
        let facts: Value = serde_json::from_str(facts).unwrap();
        let text = |fact: &Value, field: &str| fact[field].as_str().unwrap().to_owned();
        let paths = facts.as_array().unwrap().iter();
        let paths = paths.map(|fact| (text(fact, "name"), text(fact, "path")));
        Self {
            path: Vec::new(),
            client: crate::helper::http(),
            sandbox: Tickiti::builder().start().await.unwrap(),
            paths: paths.collect(),
            succeeded: BTreeSet::new(),
        }
    }

    /// Endpoints of the eight families that never succeeded.
    pub(super) fn missed(&self) -> Vec<String> {
        let names = self
            .paths
            .keys()
            .filter(|name| !self.succeeded.contains(*name));
        names
            .filter(|name| {
                FAMILIES
                    .iter()
                    .any(|family| name.starts_with(&format!("{family}.")))
            })
            .cloned()
            .collect()
    }

    /// Status and body of a call as admin.
    pub(super) async fn answer(&mut self, endpoint: &str, body: Value) -> (u16, Value) {
        let path = self.path_of(endpoint);
        let answer = self.as_token("sandbox-admin", &path, &body).await;
        let my_error = answer.1.get("my_error").is_some();
        if answer.0 == 200 && !my_error {
            self.succeeded.insert(endpoint.to_owned());
        }
        answer
    }

    /// The body of a call that must succeed.
    pub(super) async fn ok(&mut self, endpoint: &str, body: Value) -> Value {
        let (status, answer) = self.answer(endpoint, body).await;
        assert!(
            self.succeeded.contains(endpoint),
            "{endpoint}: {status} {answer}"
        );
        assert_eq!(status, 200, "{endpoint}: {answer}");
        answer
    }

    /// Checks that a write succeeds with `{}`.
    pub(super) async fn done(&mut self, endpoint: &str, body: Value) {
        assert_eq!(self.ok(endpoint, body).await, json!({}), "{endpoint}");
    }

    /// Checks the status of a call that must fail.
    pub(super) async fn fails(&mut self, endpoint: &str, body: Value, status: u16) {
        let answer = self.answer(endpoint, body).await;
        assert_eq!(answer.0, status, "{endpoint}: {}", answer.1);
    }

    /// Rows of a ticket query.
    pub(super) async fn tickets(&mut self, query: Value) -> Vec<Value> {
        let rows = self.ok("tickets.query", query).await;
        rows.as_array().unwrap().clone()
    }

    /// Uploads a small image; answers the body.
    pub(super) async fn upload(
        &mut self,
        endpoint: &str,
        fields: &[(&'static str, String)],
    ) -> Value {
        let image = reqwest::multipart::Part::bytes(b"\x89PNG\r\n\x1a\n".to_vec());
        let mut form = reqwest::multipart::Form::new().part("file", image.file_name("box.png"));
        for (name, value) in fields {
            form = form.text(*name, value.clone());
        }
        let url = self.url(&self.path_of(endpoint));
        let request = self.client.post(url).bearer_auth("sandbox-admin");
        let answer = request.multipart(form).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert_eq!(status, 200, "{endpoint}: {body}");
        self.succeeded.insert(endpoint.to_owned());
        body
    }

    /// Status and body of a call with some token; the key of keyed calls is always the same.
    pub(super) async fn as_token(&self, token: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.client.post(self.url(path)).bearer_auth(token);
        let request = request.header("Idempotency-Key", "sweep").json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn path_of(&self, endpoint: &str) -> String {
        let mut path = self.paths[endpoint].clone();
        for (name, value) in &self.path {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.sandbox.base_url())
    }
}
