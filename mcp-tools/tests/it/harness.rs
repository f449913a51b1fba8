//! A sandbox, a registry over it, and short ways to call.

use std::path::{Path, PathBuf};

use mcp_tools::{
    Backends, Context, JsonObject, Registry, Secrets, ToolError,
    tickiti::{self, Tickiti},
};
use sandbox::tickiti::Tickiti as Sandbox;
use serde_json::Value;
use tickiti_client::{Client, Instances};

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) registry: Registry,
}

impl World {
    pub(crate) async fn start() -> Self {
        let sandbox = Sandbox::builder().start().await.unwrap();
        Self {
            registry: registry(&["default"], &sandbox.base_url()),
            sandbox,
        }
    }

    /// Calls a tool as the administrator.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Result<JsonObject, ToolError> {
        self.call_as("sandbox-admin", tool, arguments).await
    }

    pub(crate) async fn call_as(
        &self,
        token: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<JsonObject, ToolError> {
        let instances = instances(&["default"], &self.sandbox.base_url(), token);
        let backends = Backends::new().with(Tickiti::new(instances));
        let mut context = Context::new("test", backends);
        context.secrets = Some(Secrets::new(&secrets_folder()));
        self.registry.call(tool, context, object(arguments)).await
    }

    /// Calls any endpoint and answers the result as a value.
    #[track_caller]
    pub(crate) fn endpoint<'a>(
        &'a self,
        name: &'a str,
        payload: Value,
    ) -> impl Future<Output = Result<Value, ToolError>> + 'a {
        let (family, action) = name.split_once('.').unwrap_or((name, "(root)"));
        let arguments = serde_json::json!({"family": family, "action": action, "payload": payload});
        async move {
            self.call("tickiti_call", arguments)
                .await
                .map(Value::Object)
        }
    }
}

/// Where secrets of answers go.
pub(crate) fn secrets_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("secrets")
}

pub(crate) fn instances(names: &[&str], base: &str, token: &str) -> Instances {
    let client = |name: &&str| {
        Client::builder(base, token)
            .instance(*name)
            .build()
            .unwrap()
    };
    Instances::new(names.iter().map(client).collect()).unwrap()
}

pub(crate) fn registry(names: &[&str], base: &str) -> Registry {
    let instances = instances(names, base, "sandbox-admin");
    Registry::new(vec![tickiti::module(&instances)]).unwrap()
}

pub(crate) fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}
