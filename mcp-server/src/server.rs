//! One tool call or one read of a resource, whoever asked for it: under a panic guard and a deadline, stopped when the caller gives up, logged, and kept in the journal of its module.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use api_core::{Effect, Trace};
use futures_util::{FutureExt, future::join_all};
use mcp_tools::{
    Backends, Confirmations, Content, Context, ErrorKind, JsonObject, Ledger, Policy, Progress,
    Registered, Registry, Roots, Secrets, ToolError,
    audit::{Outcome, Record, Redaction},
    ledger,
    policy::Narrowing,
};

use self::watch::{Watch, Watched, What};
use crate::{
    audit::Journal,
    metrics::{JournalState, Metrics},
};

mod watch;

/// Name of the profile of those who have none of their own.
pub const DEFAULT_PROFILE: &str = "default";
/// What a model is told of a server that refuses writes.
const READ_ONLY: &str = "\n\nThis server is read-only: tools that change things are not served, whatever is said of them above.";
/// What the record of a call says that was given up.
const CANCELLED: &str = "the call was cancelled";

/// Tools and resources, the back ends they call, and how long a call may take. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
    /// By the name of the module.
    journals: Arc<BTreeMap<&'static str, Kept>>,
    watched: Watched,
    /// Which tools may be used.
    policy: Policy,
    /// Most bytes of an answer.
    result_bytes: Option<usize>,
    /// Where writes are kept on record.
    ledger: Option<Ledger>,
    /// What the caller is asked before it is done.
    confirmations: Option<Confirmations>,
    /// Where secrets go that answers hold.
    secrets: Option<Secrets>,
    /// Folders whose files may be read and written.
    roots: Roots,
}

/// Where a call comes from.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// Trace that the caller began.
    pub trace: Option<Trace>,
    /// Where the caller wants to be told how far the call is.
    pub progress: Progress,
}

/// Where the records of a module go, and what they leave out.
#[derive(Debug, Clone)]
struct Kept {
    journal: Journal,
    redaction: Redaction,
}

#[derive(Debug)]
struct Inner {
    registry: Arc<Registry>,
    backends: Backends,
    call_timeout: Duration,
}

impl Server {
    /// A server of these tools.
    #[must_use]
    pub fn new(
        registry: impl Into<Arc<Registry>>,
        backends: Backends,
        call_timeout: Duration,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                registry: registry.into(),
                backends,
                call_timeout,
            }),
            journals: Arc::default(),
            watched: Watched {
                profile: DEFAULT_PROFILE.into(),
                metrics: None,
            },
            policy: Policy::default(),
            result_bytes: None,
            ledger: None,
            confirmations: None,
            secrets: None,
            roots: Roots::default(),
        }
    }

    /// The same, with folders whose files may be read and written.
    #[must_use]
    pub fn with_roots(mut self, roots: Roots) -> Self {
        self.roots = roots;
        self
    }

    /// The same with some of its tools alone.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The same with answers of so many bytes as JSON at most.
    #[must_use]
    pub const fn with_result_bytes(mut self, most: usize) -> Self {
        self.result_bytes = Some(most);
        self
    }

    /// The same, narrowed further.
    #[must_use]
    pub fn narrowed(&self, by: Narrowing) -> Self {
        self.clone().with_policy(self.policy.narrowed(by))
    }

    /// Learns what the caller's tokens may do, as far as that can be told in a short time.
    pub async fn ready(&self) {
        self.inner.backends.ready().await;
    }

    /// Whether a tool is listed: no setting and no token that is known stands against it.
    #[must_use]
    pub fn lists(&self, tool: &Registered) -> bool {
        let spec = tool.spec();
        let has_files = !spec.needs_files || !self.roots.is_empty();
        let has_files = has_files && !(spec.writes_files && self.policy.is_read_only());
        has_files && self.policy.lists(tool) && tool.is_open(&self.inner.backends)
    }

    /// The same with a ledger: writes that would act again are kept on record in it.
    #[must_use]
    pub fn with_ledger(mut self, ledger: Ledger) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// The same, asking before some calls are made.
    #[must_use]
    pub fn with_confirmations(mut self, confirmations: Confirmations) -> Self {
        self.confirmations = Some(confirmations);
        self
    }

    /// The same for a user who sits at this machine: secrets that answers hold go into files there.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Secrets) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// The same for the holders of one key: calls are logged under the name of their profile, and counted.
    #[must_use]
    pub fn with_profile(mut self, name: &str, metrics: Metrics) -> Self {
        self.ledger = self.ledger.map(|ledger| ledger.within(name));
        self.confirmations = self.confirmations.map(|asked| asked.within(name));
        self.watched = Watched {
            profile: name.into(),
            metrics: Some(metrics),
        };
        self
    }

    /// The same with a journal: each call of the module's tools makes one record in it. Reads of resources make none.
    #[must_use]
    pub fn with_journal(
        mut self,
        module: &'static str,
        journal: Journal,
        redaction: Redaction,
    ) -> Self {
        let kept = Kept { journal, redaction };
        Arc::make_mut(&mut self.journals).insert(module, kept);
        self
    }

    /// How the journals are.
    pub fn journals(&self) -> impl Iterator<Item = JournalState> {
        self.journals.iter().map(|(module, kept)| {
            let (waiting, dropped) = kept.journal.state();
            JournalState {
                profile: Arc::clone(&self.watched.profile),
                module,
                waiting,
                dropped,
            }
        })
    }

    /// Delivers what the journals still hold, as far as that is possible within a time; the rest is told in the log and
    /// waits for the next start. For the end of the process, after the last call.
    pub async fn finish(&self, limit: Duration) {
        let flushed = self.journals.iter().map(|(module, kept)| async move {
            let waiting = kept.journal.flush(limit).await;
            if waiting > 0 {
                tracing::warn!(
                    module,
                    waiting,
                    "records could not be delivered; they wait on disk for the next start"
                );
            }
        });
        join_all(flushed).await;
    }

    /// The tools that are served.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// What a model should know before it uses the tools.
    #[must_use]
    pub fn instructions(&self) -> String {
        let mut text = self.inner.registry.instructions().to_owned();
        if self.policy.is_read_only() {
            text.push_str(READ_ONLY);
        }
        let folders: Vec<String> = self
            .roots
            .paths()
            .map(|path| path.display().to_string())
            .collect();
        if let [first, more @ ..] = folders.as_slice() {
            text.push_str(&format!("\n\nLocal files: paths start from {first}"));
            if !more.is_empty() {
                text.push_str(&format!(", or are absolute in {}", more.join(", ")));
            }
            text.push('.');
        }
        text
    }

    /// Longest time for one call.
    #[must_use]
    pub fn call_timeout(&self) -> Duration {
        self.inner.call_timeout
    }

    /// Calls a tool. Whatever it does, there is an answer: a panic and a passed deadline are errors like others, and
    /// when `cancelled` finishes first, the call is dropped and its request to the back end with it.
    ///
    /// # Errors
    ///
    /// What the tool answers, or why it could not.
    pub async fn call(
        &self,
        name: &str,
        arguments: JsonObject,
        cancelled: impl Future<Output = ()>,
    ) -> Result<JsonObject, ToolError> {
        self.call_within(Around::default(), name, arguments, cancelled)
            .await
    }

    /// The same as part of a trace that the caller began, telling how far it is.
    ///
    /// # Errors
    ///
    /// As [`Self::call`].
    pub async fn call_within(
        &self,
        around: Around,
        name: &str,
        arguments: JsonObject,
        cancelled: impl Future<Output = ()>,
    ) -> Result<JsonObject, ToolError> {
        let mut context = self.context(around.trace);
        context.progress = around.progress;
        let known = self.inner.registry.get(name);
        let known = known.map(|tool| (tool.module(), tool.spec().name));
        let mut watch = Watch::new(&self.watched, What::Tool(name, known), &mut context);
        let entry = self.entry(name, &context.request_id, &arguments, watch.started);
        // Behind a pointer: what is put around it would move it each time.
        let call = Box::pin(self.inner.registry.call(name, context, arguments));
        let call = AssertUnwindSafe(call);
        let guarded = tokio::time::timeout(self.inner.call_timeout, call.catch_unwind());
        let (outcome, result) = tokio::select! {
            biased;
            () = cancelled => ("cancelled", Err(ToolError::internal(CANCELLED))),
            done = guarded => match done {
                Ok(Ok(result)) => (word(&result), result),
                Ok(Err(_)) => ("panic", Err(self.broken(name))),
                Err(_) => ("deadline", Err(self.late(name))),
            },
        };
        if let Some(entry) = entry {
            entry.end(&result);
        }
        watch.outcome = outcome;
        result
    }

    /// Refuses a call that cannot be made, and leaves the same traces as one that was.
    ///
    /// # Errors
    ///
    /// The given one, always.
    pub fn refuse(&self, name: &str, error: ToolError) -> Result<JsonObject, ToolError> {
        let mut context = self.context(None);
        let known = self.inner.registry.get(name);
        let known = known.map(|tool| (tool.module(), tool.spec().name));
        let mut watch = Watch::new(&self.watched, What::Tool(name, known), &mut context);
        let entry = self.entry(name, &context.request_id, &JsonObject::new(), watch.started);
        let result = Err(error);
        if let Some(entry) = entry {
            entry.end(&result);
        }
        watch.outcome = word(&result);
        result
    }

    /// Reads a resource, as carefully as a tool is called.
    ///
    /// # Errors
    ///
    /// When there is no such resource, or it could not be read.
    pub async fn read(
        &self,
        uri: &str,
        cancelled: impl Future<Output = ()>,
    ) -> Result<Content, ToolError> {
        self.read_within(None, uri, cancelled).await
    }

    /// The same as part of a trace that the caller began.
    ///
    /// # Errors
    ///
    /// As [`Self::read`].
    pub async fn read_within(
        &self,
        trace: Option<Trace>,
        uri: &str,
        cancelled: impl Future<Output = ()>,
    ) -> Result<Content, ToolError> {
        let mut context = self.context(trace);
        let module = self.inner.registry.module_of(uri);
        let mut watch = Watch::new(&self.watched, What::Resource(uri, module), &mut context);
        let read = AssertUnwindSafe(self.inner.registry.read(uri, &context));
        let guarded = tokio::time::timeout(self.inner.call_timeout, read.catch_unwind());
        let result = tokio::select! {
            biased;
            () = cancelled => Err(ToolError::internal("the request was cancelled")),
            done = guarded => match done {
                Ok(Ok(Some(result))) => result,
                Ok(Ok(None)) => Err(ToolError::new(ErrorKind::NotFound, format!("there is no resource `{uri}`"))),
                Ok(Err(_)) => Err(ToolError::internal(format!(
                    "{uri} failed inside this server and the fault was logged"
                ))),
                Err(_) => Err(ToolError::new(
                    ErrorKind::Upstream,
                    format!("{uri} could not be read in time; try again later"),
                )),
            },
        };
        watch.outcome = word(&result);
        result
    }

    /// What a call will leave in the journal of its module, if that has one.
    fn entry(
        &self,
        name: &str,
        request_id: &str,
        arguments: &JsonObject,
        started: Instant,
    ) -> Option<Entry<'_>> {
        if self.journals.is_empty() {
            return None;
        }
        let tool = self.inner.registry.get(name)?;
        let kept = self.journals.get(tool.module())?;
        let arguments = kept.redaction.arguments(arguments);
        let mut record = Record::new(request_id, tool.own_name(), arguments, Outcome::Error);
        record.message = Some(CANCELLED.to_owned());
        Some(Entry {
            kept,
            record,
            started,
        })
    }

    fn context(&self, trace: Option<Trace>) -> Context {
        let request_id = uuid::Uuid::new_v4().simple().to_string();
        let mut context = Context::new(request_id, self.inner.backends.clone());
        context.trace = trace;
        context.policy = self.policy.clone();
        context.result_bytes = self.result_bytes;
        context.ledger.clone_from(&self.ledger);
        context.roots = self.roots.clone();
        context.confirmations.clone_from(&self.confirmations);
        context.secrets.clone_from(&self.secrets);
        context.deadline = Instant::now().checked_add(self.inner.call_timeout);
        context
    }

    fn broken(&self, name: &str) -> ToolError {
        let error = ToolError::internal(format!(
            "{name} failed inside this server and the fault was logged; the same call would fail again"
        ));
        self.with_doubt(name, error)
    }

    fn late(&self, name: &str) -> ToolError {
        let seconds = self.inner.call_timeout.as_secs_f32();
        let error = ToolError::new(
            ErrorKind::Upstream,
            format!(
                "{name} did not finish within {seconds} s and was stopped; ask for less at once"
            ),
        );
        self.with_doubt(name, error)
    }

    /// A write that was cut off may have arrived.
    fn with_doubt(&self, name: &str, error: ToolError) -> ToolError {
        let tool = self.inner.registry.get(name);
        let effect = tool.map_or(Effect::Read, |tool| tool.spec().effect);
        if !effect.is_write() {
            return error;
        }
        let error = ToolError::new(ErrorKind::Unknown, error.text());
        if self.ledger.is_some() && Ledger::keeps(effect) {
            ledger::with_way_out(error.with_advice("It may have changed something."))
        } else {
            error.with_advice("it may have changed something: look before you repeat it")
        }
    }
}

/// The record of a call that runs. It is pushed when this is dropped, and says until then that the call was cancelled: a
/// call whose future is dropped ends in no other way.
struct Entry<'a> {
    kept: &'a Kept,
    record: Record,
    started: Instant,
}

impl Entry<'_> {
    fn end<T>(mut self, result: &Result<T, ToolError>) {
        self.record.outcome = Outcome::of(result);
        self.record.message = match result {
            Ok(_) => None,
            Err(error) => Some(self.kept.redaction.text(error.text())),
        };
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.record.duration_ms = milliseconds(self.started);
        self.kept.journal.push(&self.record);
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn word<T>(result: &Result<T, ToolError>) -> &'static str {
    match result {
        Ok(_) => "success",
        Err(error) => error.kind().as_str(),
    }
}
