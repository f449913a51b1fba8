//! MCP's requests to the server's tools.

use std::{borrow::Cow, convert::Infallible, future::Future, time::Duration};

use api_core::Trace;
use mcp_tools::{
    ErrorKind, JsonObject, Progress, ToolError,
    confirm::CONFIRM,
    definition,
    error::Asked,
    policy::{self, Narrowing},
    progress::Notice,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult,
        DiscoverResult, ErrorCode, GetPromptRequestParams, GetPromptResponse, Implementation,
        InputRequests, InputRequiredResult, ListPromptsResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, Resource,
        ResourcesCapability, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::server::{Around, Server};

/// Names the question that a call asks.
const QUESTION: &str = "confirm";
/// How long an answer to it is waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// Tools on one page of `tools/list`: all there are, because some clients read the first page alone.
const PAGE: usize = 100;
/// How long a client may keep the list of tools, in milliseconds.
const LIST_TTL_MS: u64 = 300_000;
/// How long a client may keep what the server says of itself, in milliseconds.
const DISCOVER_TTL_MS: u64 = 3_600_000;

/// Serves one connection; both eras of the protocol come here.
#[derive(Debug, Clone)]
pub(crate) struct Handler {
    server: Server,
}

impl Handler {
    pub(crate) fn new(server: Server) -> Self {
        Self { server }
    }

    /// The server as a request may use it: its headers can narrow it.
    fn server(&self, context: &RequestContext<RoleServer>) -> Result<Cow<'_, Server>, ErrorData> {
        match narrowing(context)? {
            Some(by) => Ok(Cow::Owned(self.server.narrowed(by))),
            None => Ok(Cow::Borrowed(&self.server)),
        }
    }

    async fn run(
        &self,
        name: &str,
        arguments: JsonObject,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let server = self.server(context)?;
        let (progress, telling) = told(context);
        let call = |arguments| {
            let around = Around {
                trace: trace(context),
                progress: progress.clone(),
            };
            server.call_within(around, name, arguments, context.ct.cancelled())
        };
        let mut telling = std::pin::pin!(telling);
        let mut outcome = tokio::select! {
            biased;
            outcome = Box::pin(call(arguments.clone())) => outcome,
            never = &mut telling => match never {},
        };
        if let Err(error) = &outcome
            && let Some(asked) = error.question()
            && can_be_asked(context)
        {
            if is_modern(context) {
                return by_result(asked).map(Into::into);
            }
            outcome = match Box::pin(by_request(asked, context)).await? {
                true => {
                    let mut arguments = arguments;
                    arguments.insert(CONFIRM.to_owned(), asked.token.as_str().into());
                    tokio::select! {
                        biased;
                        outcome = Box::pin(call(arguments)) => outcome,
                        never = &mut telling => match never {},
                    }
                }
                false => server.refuse(name, declined()),
            };
        }
        match outcome {
            Err(error) if error.kind() == ErrorKind::UnknownTool => {
                Err(ErrorData::invalid_params(error.text().to_owned(), None))
            }
            outcome => Ok(definition::result(outcome).into()),
        }
    }

    /// A `tools/call` that does not have the protocol's form, most often because a model wrote `arguments` as text.
    async fn loose_call(
        &self,
        params: Option<Value>,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let params = params.unwrap_or_default();
        let Some(name) = params.get("name").and_then(Value::as_str) else {
            return Err(ErrorData::invalid_params(
                "tools/call needs the `name` of a tool",
                None,
            ));
        };
        match params.get("arguments").map(object) {
            None => self.run(name, JsonObject::new(), context).await,
            Some(Some(arguments)) => self.run(name, arguments, context).await,
            Some(None) if self.server.registry().get(name).is_some() => {
                let text = format!("`arguments` of {name} must be a JSON object; nothing was sent");
                let error = ToolError::new(ErrorKind::Arguments, text);
                Ok(definition::result(self.server.refuse(name, error)).into())
            }
            Some(None) => self.run(name, JsonObject::new(), context).await,
        }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        let implementation = Implementation::new("ticketing-mcp", env!("CARGO_PKG_VERSION"))
            .with_title("Ticketing")
            .with_description(env!("CARGO_PKG_DESCRIPTION"));
        // There are no prompts yet, but their list and completions are answered, and what is answered is declared.
        let mut capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_completions()
            .build();
        let registry = self.server.registry();
        if registry.resources().next().is_some() || registry.templates().next().is_some() {
            capabilities.resources = Some(ResourcesCapability::default());
        }
        ServerConfig::new(capabilities)
            .with_server_info(implementation)
            .with_instructions(self.server.instructions())
    }

    async fn discover(&self, _: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.get_info())
            .with_ttl_ms(DISCOVER_TTL_MS)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let from = offset(request.as_ref())?;
        let server = self.server(&context)?;
        server.ready().await;
        // What is shown is made once. Who sees which of it is looked at each time: that costs less than to keep it by caller.
        let tools = server.registry().iter();
        let listed: Vec<&Tool> = tools
            .filter(|tool| server.lists(tool))
            .map(definition::shown)
            .collect();
        let page: Vec<Tool> = listed
            .iter()
            .skip(from)
            .take(PAGE)
            .copied()
            .cloned()
            .collect();
        let next = from.saturating_add(PAGE);
        let mut result = ListToolsResult::with_all_items(page);
        result.next_cursor = (next < listed.len()).then(|| format!("o{next}"));
        if is_modern(&context) {
            result = result
                .with_ttl_ms(LIST_TTL_MS)
                .with_cache_scope(CacheScope::Private);
        }
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let tool = self.server.registry().get(name);
        tool.map(definition::shown).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let mut arguments = request.arguments.unwrap_or_default();
        if let Some(token) = request.request_state {
            // The question of an earlier round, and its answer.
            let answers = request.input_responses.unwrap_or_default();
            if !answers.get(QUESTION).is_some_and(agrees) {
                let refused = self.server(&context)?.refuse(&request.name, declined());
                return Ok(definition::result(refused).into());
            }
            arguments.insert(CONFIRM.to_owned(), token.into());
        }
        self.run(&request.name, arguments, &context).await
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let all: Vec<Resource> = self
            .server
            .registry()
            .resources()
            .map(|spec| definition::resource(&spec))
            .collect();
        let mut result = ListResourcesResult::with_all_items(all);
        if is_modern(&context) {
            result = result
                .with_ttl_ms(LIST_TTL_MS)
                .with_cache_scope(CacheScope::Private);
        }
        Ok(result)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let all = self.server.registry().templates();
        let all = all.map(|spec| definition::template(&spec)).collect();
        let mut result = ListResourceTemplatesResult::with_all_items(all);
        if is_modern(&context) {
            result = result
                .with_ttl_ms(LIST_TTL_MS)
                .with_cache_scope(CacheScope::Private);
        }
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        let about = || Some(json!({"uri": uri}));
        let Some(ttl_s) = self.server.registry().ttl_of(&uri) else {
            let text = "there is no such resource; resources/list and resources/templates/list name those that there are";
            return Err(ErrorData::resource_not_found(text, about()));
        };
        let content = self
            .server
            .read_within(trace(&context), &uri, context.ct.cancelled())
            .await;
        let content = content.map_err(|error| match error.kind() {
            ErrorKind::NotFound => ErrorData::resource_not_found(error.text().to_owned(), about()),
            _ => ErrorData::internal_error(error.text().to_owned(), about()),
        })?;
        let mut result = definition::contents(&uri, &content);
        if is_modern(&context) {
            result = result
                .with_ttl_ms(ttl_s.saturating_mul(1_000))
                .with_cache_scope(CacheScope::Private);
        }
        Ok(result.into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut result = ListPromptsResult::with_all_items(Vec::new());
        if is_modern(&context) {
            result = result
                .with_ttl_ms(LIST_TTL_MS)
                .with_cache_scope(CacheScope::Private);
        }
        Ok(result)
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let text = "there is no such prompt; prompts/list names those that there are";
        Err(ErrorData::invalid_params(text, None))
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        // The library hands over what it cannot read, of methods that it knows as well.
        let needs = match request.method.as_str() {
            "tools/call" => None,
            "resources/read" => Some("resources/read needs the `uri` of a resource, as text"),
            "prompts/get" => Some(
                "prompts/get needs the `name` of a prompt, and `arguments` as an object of texts",
            ),
            _ => {
                return Err(ErrorData::new(
                    ErrorCode::METHOD_NOT_FOUND,
                    request.method,
                    None,
                ));
            }
        };
        if let Some(needs) = needs {
            return Err(ErrorData::invalid_params(needs, None));
        }
        let answer = match self.loose_call(request.params, &context).await? {
            CallToolResponse::Complete(mut result) => {
                if !is_modern(&context) {
                    result.result_type = None;
                }
                serde_json::to_value(result)
            }
            CallToolResponse::InputRequired(result) => serde_json::to_value(result),
            other => {
                let text = format!("this server does not answer in this form: {other:?}");
                return Err(ErrorData::internal_error(text, None));
            }
        };
        answer
            .map(CustomResult::new)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))
    }
}

/// Where a page begins.
fn offset(request: Option<&PaginatedRequestParams>) -> Result<usize, ErrorData> {
    let Some(cursor) = request.and_then(|request| request.cursor.as_deref()) else {
        return Ok(0);
    };
    cursor
        .strip_prefix('o')
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| {
            ErrorData::invalid_params(
                "the cursor is not one that this server gave; list without a cursor to start again",
                None,
            )
        })
}

/// Where a call tells how far it is, and what passes that on: only to clients that asked for it with a token. The second
/// never ends, and is dropped with the call.
fn told(
    context: &RequestContext<RoleServer>,
) -> (Progress, impl Future<Output = Infallible> + Send) {
    let token = context.meta.get_progress_token();
    let (sender, mut notices) = watch::channel(None::<Notice>);
    let progress = match token {
        Some(_) => Progress::to(move |notice| {
            sender.send_replace(Some(notice));
        }),
        None => Progress::default(),
    };
    let peer = context.peer.clone();
    let passed_on = async move {
        if let Some(token) = token {
            while notices.changed().await.is_ok() {
                let Some(notice) = *notices.borrow_and_update() else {
                    continue;
                };
                let mut told = ProgressNotificationParam::new(token.clone(), number(notice.done));
                told.total = notice.total.map(number);
                if peer.notify_progress(told).await.is_err() {
                    break;
                }
            }
        }
        std::future::pending().await
    };
    (progress, passed_on)
}

/// Numbers of the protocol are floating.
#[expect(
    clippy::cast_precision_loss,
    reason = "files have fewer bytes than such a number tells apart"
)]
const fn number(count: u64) -> f64 {
    count as f64
}

/// The trace that a request is part of: what the client says in the request itself counts before what its HTTP says.
fn trace(context: &RequestContext<RoleServer>) -> Option<Trace> {
    const PARENT: &str = "traceparent";
    const STATE: &str = "tracestate";
    let told = |name| context.meta.get(name).and_then(Value::as_str);
    if let Some(trace) = told(PARENT).and_then(Trace::parse) {
        return Some(trace.with_state(told(STATE).unwrap_or_default()));
    }
    let headers = &context.extensions.get::<http::request::Parts>()?.headers;
    let trace = Trace::parse(headers.get(PARENT)?.to_str().ok()?)?;
    let states = headers.get_all(STATE).iter();
    let states: Vec<&str> = states.filter_map(|state| state.to_str().ok()).collect();
    Some(trace.with_state(&states.join(",")))
}

/// How the headers of a request narrow what it may use. One that cannot be read is refused: what it meant to forbid would
/// be allowed.
fn narrowing(context: &RequestContext<RoleServer>) -> Result<Option<Narrowing>, ErrorData> {
    let Some(head) = context.extensions.get::<http::request::Parts>() else {
        return Ok(None);
    };
    let [read_only, toolsets] = [policy::READ_ONLY_HEADER, policy::TOOLSETS_HEADER].map(|name| {
        let values = head.headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        values.join(",")
    });
    Narrowing::of_request(&read_only, &toolsets)
        .map_err(|problem| ErrorData::invalid_params(problem, None))
}

/// Whether the user can be asked within a call.
fn can_be_asked(context: &RequestContext<RoleServer>) -> bool {
    let declared = context.client_capabilities();
    declared.is_some_and(|client| client.elicitation.is_some())
}

/// A question to the user, in the protocol's form of a request: agreeing is all that is asked for.
fn question<T: DeserializeOwned>(asked: &Asked) -> Result<T, ErrorData> {
    let request = json!({
        "method": "elicitation/create",
        "params": {
            "message": asked.question,
            "requestedSchema": {"type": "object", "properties": {}},
        },
    });
    serde_json::from_value(request)
        .map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

/// Asks with the call's result; the client brings the answer along when it calls again.
fn by_result(asked: &Asked) -> Result<InputRequiredResult, ErrorData> {
    let questions = InputRequests::from([(QUESTION.to_owned(), question(asked)?)]);
    let token = asked.token.clone();
    Ok(InputRequiredResult::new(Some(questions), Some(token)))
}

/// Asks while the call waits; true when the user agrees.
async fn by_request(
    asked: &Asked,
    context: &RequestContext<RoleServer>,
) -> Result<bool, ErrorData> {
    let request = context.peer.send_request(question(asked)?);
    let answer = tokio::select! {
        answer = tokio::time::timeout(PATIENCE, request) => answer,
        () = context.ct.cancelled() => return Ok(false),
    };
    let Ok(Ok(answer)) = answer else {
        return Ok(false);
    };
    let answer = serde_json::to_value(answer).unwrap_or_default();
    Ok(agrees(&answer))
}

/// Whether an answer to a question says yes.
fn agrees(answer: &Value) -> bool {
    answer.get("action").and_then(Value::as_str) == Some("accept")
}

fn declined() -> ToolError {
    ToolError::new(
        ErrorKind::Denied,
        "the user was asked and did not agree; nothing was done. Do not try another way: ask the user what they want",
    )
}

fn is_modern(context: &RequestContext<RoleServer>) -> bool {
    context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// An object, also one that was written as text.
fn object(value: &Value) -> Option<JsonObject> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Null => Some(JsonObject::new()),
        _ => None,
    }
}
