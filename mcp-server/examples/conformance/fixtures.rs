//! A handler whose tools, resources and prompts are those that the suite knows. What they are is in `fixtures.json`; here
//! is what cannot be said there.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams,
        CompleteResult, CompletionInfo, ContentBlock, GetPromptRequestParams, GetPromptResponse,
        GetPromptResult, Implementation, JsonObject, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ProgressNotificationParam, Prompt, PromptMessage, ProtocolVersion,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource,
        ResourceContents, ResourceTemplate, ServerCapabilities, ServerConfig, ServerNotification,
        SubscribeRequestParams, SubscriptionFilter, Tool, UnsubscribeRequestParams,
    },
    service::{RequestContext, SubscriptionContext},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    asking::{Asked, Asking, Rounds},
    subscriptions::Subscriptions,
};

/// Between two messages of a call, so that a client sees them come one by one.
const PAUSE: Duration = Duration::from_millis(50);
/// Key of the level that a request of the current era wants its log messages from.
const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// `fixtures.json`.
#[derive(Deserialize)]
struct Data {
    tools: Vec<Tool>,
    /// Content of results, by tool; `{name}` stands for an argument.
    answers: BTreeMap<String, Value>,
    /// Texts of errors, by tool.
    failures: BTreeMap<String, String>,
    /// What a tool or prompt asks, by its name.
    questions: BTreeMap<String, Rounds>,
    prompts: Vec<Prompt>,
    /// Messages by prompt; `{name}` stands for an argument.
    messages: BTreeMap<String, Value>,
    resources: Vec<Resource>,
    /// Contents by address.
    contents: BTreeMap<String, ResourceContents>,
    templates: Vec<ResourceTemplate>,
    /// What is read at the template's addresses.
    templated: Value,
}

/// What all sessions and requests have together.
pub(crate) struct Shared {
    data: Data,
    asking: Asking,
    subscriptions: Subscriptions,
}

impl Shared {
    /// With the secret that states are sealed with.
    pub(crate) fn new(secret: [u8; 32]) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self {
            data: serde_json::from_str(include_str!("fixtures.json"))?,
            asking: Asking::new(secret)?,
            subscriptions: Subscriptions::default(),
        })
    }
}

/// The handler of one session, or of one request.
pub(crate) struct Fixtures {
    shared: Arc<Shared>,
    /// Whether a client of the older era wants messages of the level `info`.
    wants_info: AtomicBool,
}

impl Fixtures {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            wants_info: AtomicBool::new(true),
        }
    }

    /// Asks what is to be asked; without anything there is an answer at once.
    async fn ask(
        &self,
        name: &str,
        arguments: &JsonObject,
        retry: crate::asking::Retry,
        context: &RequestContext<RoleServer>,
    ) -> Result<Asked, ErrorData> {
        let Some(rounds) = self.shared.data.questions.get(name) else {
            return Ok(Asked::Answered(Value::Null));
        };
        let rounds: Rounds = read(filled(
            &serde_json::to_value(rounds).map_err(broken)?,
            arguments,
        ))?;
        let asking = &self.shared.asking;
        match is_modern(context) {
            true => asking.by_result(name, &rounds, retry, context),
            false => asking.by_requests(&rounds, context).await,
        }
    }

    /// Tells how far a call is, to those who gave a token for that.
    async fn progress(&self, context: &RequestContext<RoleServer>) {
        for done in [0.0, 50.0, 100.0] {
            if done > 0.0 {
                sleep(PAUSE).await;
            }
            if let Some(token) = context.meta.get_progress_token() {
                let told = ProgressNotificationParam::new(token, done).with_total(100.0);
                // Whoever is gone does not want to know any more.
                let _ = context.peer.notify_progress(told).await;
            }
        }
    }

    /// Logs to those who want messages of the level `info`: in the current era they say so in each request.
    async fn log(&self, context: &RequestContext<RoleServer>) -> Result<(), ErrorData> {
        let wanted = match is_modern(context) {
            true => context
                .meta
                .get(LOG_LEVEL)
                .and_then(Value::as_str)
                .is_some_and(|level| matches!(level, "debug" | "info")),
            false => self.wants_info.load(Ordering::Relaxed),
        };
        for text in [
            "Tool execution started",
            "Tool processing data",
            "Tool execution completed",
        ] {
            if wanted {
                let message: ServerNotification = read(json!({
                    "method": "notifications/message", "params": {"level": "info", "data": text},
                }))?;
                let _ = context.peer.send_notification(message).await;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

/// Names what is there; a name or level from elsewhere is the caller's mistake.
fn unknown(what: &str, name: &str) -> ErrorData {
    ErrorData::invalid_params(format!("there is no {what} `{name}`"), None)
}

fn broken(error: impl std::fmt::Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

pub(crate) fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(broken)
}

/// The same with arguments in their places.
fn filled(value: &Value, arguments: &JsonObject) -> Value {
    match value {
        Value::String(text) => {
            let mut text = text.clone();
            for (name, argument) in arguments {
                if let Some(argument) = argument.as_str() {
                    text = text.replace(&format!("{{{name}}}"), argument);
                }
            }
            Value::String(text)
        }
        Value::Array(values) => values
            .iter()
            .map(|value| filled(value, arguments))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), filled(value, arguments)))
            .collect(),
        other => other.clone(),
    }
}

pub(crate) fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

fn done(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_completions()
            .build();
        capabilities.logging = Some(JsonObject::new());
        ServerConfig::new(capabilities).with_server_info(Implementation::new(
            "conformance",
            env!("CARGO_PKG_VERSION"),
        ))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(
            self.shared.data.tools.clone(),
        ))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let mut tools = self.shared.data.tools.iter();
        tools.find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.as_ref();
        if self.get_tool(name).is_none() {
            return Err(unknown("tool", name));
        }
        let Shared {
            data,
            subscriptions,
            ..
        } = self.shared.as_ref();
        let arguments = request.arguments.unwrap_or_default();
        if let Some(content) = data.answers.get(name) {
            let content: Vec<ContentBlock> = read(filled(content, &arguments))?;
            return Ok(CallToolResult::success(content).into());
        }
        if let Some(text) = data.failures.get(name) {
            return Ok(CallToolResult::error(vec![ContentBlock::text(text)]).into());
        }
        match name {
            "test_tool_with_progress" => self.progress(&context).await,
            "test_tool_with_logging" | "test_logging_tool" => self.log(&context).await?,
            "test_trigger_tool_change" => subscriptions.tools_changed().await,
            "test_trigger_prompt_change" => subscriptions.prompts_changed().await,
            _ => {
                let retry = (request.input_responses, request.request_state).into();
                return Ok(match self.ask(name, &arguments, retry, &context).await? {
                    Asked::Open(result) => result.into(),
                    Asked::Answered(answers) => done(answers.to_string()).into(),
                    Asked::Impossible(text) => {
                        CallToolResult::error(vec![ContentBlock::text(text)]).into()
                    }
                });
            }
        }
        Ok(done("done").into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(
            self.shared.data.prompts.clone(),
        ))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let name = request.name.as_str();
        let Some(messages) = self.shared.data.messages.get(name) else {
            return Err(unknown("prompt", name));
        };
        let arguments = request.arguments.unwrap_or_default();
        let retry = (request.input_responses, request.request_state).into();
        match self.ask(name, &arguments, retry, &context).await? {
            Asked::Open(result) => return Ok(result.into()),
            Asked::Impossible(text) => return Err(ErrorData::invalid_request(text, None)),
            Asked::Answered(_) => {}
        }
        let messages: Vec<PromptMessage> = read(filled(messages, &arguments))?;
        Ok(GetPromptResult::new(messages).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(
            self.shared.data.resources.clone(),
        ))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(
            self.shared.data.templates.clone(),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let data = &self.shared.data;
        let id = uri
            .strip_prefix("test://template/")
            .and_then(|rest| rest.strip_suffix("/data"));
        let contents = match (data.contents.get(&uri), id) {
            (Some(contents), _) => contents.clone(),
            (None, Some(id)) => {
                let id = JsonObject::from_iter([("id".to_owned(), json!(id))]);
                read(filled(&data.templated, &id))?
            }
            (None, None) => {
                let about = Some(json!({"uri": uri}));
                return Err(ErrorData::resource_not_found(
                    "there is no such resource",
                    about,
                ));
            }
        };
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let words = ["testValue1", "testValue2"].into_iter();
        let values = words.filter(|word| word.starts_with(&request.argument.value));
        CompletionInfo::with_all_values(values.map(str::to_owned).collect())
            .map(CompleteResult::new)
            .map_err(broken)
    }

    #[expect(
        deprecated,
        reason = "the older era has this method, and its checks want it"
    )]
    async fn set_level(
        &self,
        request: rmcp::model::SetLevelRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if is_modern(&context) {
            return Err(ErrorData::method_not_found::<
                rmcp::model::SetLevelRequestMethod,
            >());
        }
        let level = serde_json::to_value(request.level).map_err(broken)?;
        let wants_info = matches!(level.as_str(), Some("debug" | "info"));
        self.wants_info.store(wants_info, Ordering::Relaxed);
        Ok(())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // None of them ever changes, so there is nothing to remember.
        match self.shared.data.contents.contains_key(&request.uri) {
            true => Ok(()),
            false => Err(unknown("resource", &request.uri)),
        }
    }

    async fn unsubscribe(
        &self,
        _: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        self.shared.subscriptions.keep(&subscription).await;
        Ok(())
    }
}
