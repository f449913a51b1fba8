//! Several installs: which there are, and which one answered.

use mcp_tools::{
    Backends, Context, JsonObject, Registry, ToolError,
    tickiti::{self, Tickiti},
};
use sandbox::tickiti::Tickiti as Sandbox;
use serde_json::{Value, json};

use super::world;
use crate::harness::{instances, object};

#[tokio::test]
async fn one_install_is_told_and_not_named_elsewhere() {
    let world = world().await;
    let told = world.answers("list_instances", json!({})).await;
    let base = told["instances"][0]["base"].as_str().unwrap();
    assert!(base.starts_with("http://127.0.0.1:"), "{told}");
    assert_eq!(told["instances"][0]["name"], "default");
    assert_eq!(told["instances"][0]["default"], true);
    assert!(!told.to_string().contains("sandbox-admin"), "{told}");
    assert!(told.get("instance").is_none());
}

#[tokio::test]
async fn with_several_each_answer_names_its_own() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let instances = instances(&["shop", "outlet"], &sandbox.base_url(), "sandbox-admin");
    let registry = Registry::new(vec![tickiti::module(&instances)]).unwrap();
    let call = async |tool: &str, arguments: Value| -> Result<JsonObject, ToolError> {
        let backends = Backends::new().with(Tickiti::new(instances.clone()));
        let answer = registry
            .call(tool, Context::new("test", backends), object(arguments))
            .await?;
        let schema = Value::Object(registry.get(tool).unwrap().spec().output.clone());
        assert!(
            jsonschema::is_valid(&schema, &Value::Object(answer.clone())),
            "{tool}"
        );
        Ok(answer)
    };
    let all = call("list_instances", json!({})).await.unwrap();
    assert_eq!(all["instances"].as_array().unwrap().len(), 2);
    assert_eq!(all["instance"], "shop");
    for (arguments, named) in [
        (json!({}), "shop"),
        (json!({"instance": "outlet"}), "outlet"),
    ] {
        for tool in [
            "list_queues",
            "list_perspectives",
            "get_token_info",
            "list_staff",
        ] {
            let answer = call(tool, arguments.clone()).await.unwrap();
            assert_eq!(answer["instance"], named, "{tool}");
        }
    }
    let rehearsed = json!({"ticket_number": "709383", "instance": "outlet", "dry_run": true});
    let answer = call("close_ticket", rehearsed).await.unwrap();
    assert_eq!(answer["instance"], "outlet");
    let error = call("list_instances", json!({"instance": "attic"}))
        .await
        .unwrap_err();
    assert!(error.text().contains("`shop`"), "{error}");
}
