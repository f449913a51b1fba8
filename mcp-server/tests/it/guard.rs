//! What surrounds every call, proved with tools of our own in this process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use mcp_server::{Server, transport};
use mcp_tools::{Backends, Context, JsonObject, Module, Registry, Tool, ToolError, ToolSpec};
use rmcp::{ServiceExt, model::CallToolRequestParams};
use serde_json::json;
use tokio_util::sync::CancellationToken;

struct Panics;

impl Tool for Panics {
    fn spec(&self) -> ToolSpec {
        ToolSpec::read("panics", "Panics", "test").describe("Always panics.")
    }

    async fn call(&self, _: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        panic!("on purpose");
    }
}

struct Hangs(Arc<AtomicBool>);

/// Set when the future that holds it is dropped.
struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Tool for Hangs {
    fn spec(&self) -> ToolSpec {
        ToolSpec::read("hangs", "Hangs", "test").describe("Never answers.")
    }

    async fn call(&self, _: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        let _dropped = Dropped(Arc::clone(&self.0));
        std::future::pending().await
    }
}

struct Numbered(&'static str);

impl Tool for Numbered {
    fn spec(&self) -> ToolSpec {
        ToolSpec::read(self.0, "Numbered", "test").describe("Answers.")
    }

    async fn call(&self, _: &Context, _: JsonObject) -> Result<JsonObject, ToolError> {
        Ok(json!({"ok": true}).as_object().unwrap().clone())
    }
}

async fn client_of(
    modules: Vec<Module>,
    call_timeout: Duration,
) -> rmcp::service::RunningService<rmcp::RoleClient, ()> {
    let server = Server::new(
        Registry::new(modules).unwrap(),
        Backends::new(),
        call_timeout,
    );
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (read, write) = tokio::io::split(far);
    tokio::spawn(transport::serve(
        server,
        read,
        write,
        CancellationToken::new(),
    ));
    ().serve(near).await.unwrap()
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_server_goes_on() {
    let module = Module::new("test").tool(Panics).tool(Numbered("fine"));
    let client = client_of(vec![module], Duration::from_secs(5)).await;
    for _ in 0..2 {
        let answer = client
            .call_tool(CallToolRequestParams::new("panics"))
            .await
            .unwrap();
        assert_eq!(answer.is_error, Some(true));
        let text = &answer.content[0].as_text().unwrap().text;
        assert!(text.contains("panics failed inside this server"), "{text}");
        assert!(!text.contains("on purpose"), "{text}");
    }
    let fine = client
        .call_tool(CallToolRequestParams::new("fine"))
        .await
        .unwrap();
    assert_eq!(fine.structured_content, Some(json!({"ok": true})));
}

#[tokio::test]
async fn a_call_beyond_its_time_is_stopped() {
    let dropped = Arc::new(AtomicBool::new(false));
    let module = Module::new("test").tool(Hangs(Arc::clone(&dropped)));
    let client = client_of(vec![module], Duration::from_millis(50)).await;
    let answer = client
        .call_tool(CallToolRequestParams::new("hangs"))
        .await
        .unwrap();
    assert_eq!(answer.is_error, Some(true));
    let text = &answer.content[0].as_text().unwrap().text;
    assert!(text.contains("did not finish within 0.05 s"), "{text}");
    assert!(dropped.load(Ordering::SeqCst), "the future went on");
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let names: Vec<&'static str> = (0..120).map(|n| &*format!("tool_{n:03}").leak()).collect();
    let module = names.iter().fold(Module::new("test"), |module, name| {
        module.tool(Numbered(name))
    });
    let client = client_of(vec![module], Duration::from_secs(5)).await;
    let first = client.list_tools(None).await.unwrap();
    assert_eq!(first.tools.len(), 100);
    assert!(first.next_cursor.is_some());
    let all = client.list_all_tools().await.unwrap();
    let listed: Vec<&str> = all.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(listed, names);
}
