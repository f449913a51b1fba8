//! What the tokens of a profile may do: asked at the first use and every few minutes, by install.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api_core::{CallOptions, ErrorKind as ApiErrorKind, Spec};
use async_trait::async_trait;
use futures_util::future::join_all;
use tickiti_client::{Client, Instances, Missing, Permissions, api};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use crate::{
    error::{ErrorKind, ToolError},
    gate::Gate,
};

/// How long what is known is good for.
#[derive(Debug, Clone, Copy)]
struct Ages {
    /// For a list, and to let a call through.
    listed: Duration,
    /// To refuse a call: someone may have been told in the meantime that it works now.
    refused: Duration,
    /// Between two questions when the first failed.
    failed: Duration,
    /// How long after its beginning a question is waited for. It goes on after that.
    wait: Duration,
    /// What the answer may take.
    answer: Duration,
}

const AGES: Ages = Ages {
    listed: Duration::from_secs(5 * 60),
    refused: Duration::from_secs(30),
    failed: Duration::from_secs(30),
    wait: Duration::from_secs(1),
    answer: Duration::from_secs(10),
};

/// The tokens of one profile, each by the name of its install. Cheap to clone; clones know the same.
#[derive(Clone)]
pub(super) struct Tokens {
    by_instance: Arc<BTreeMap<String, Arc<Token>>>,
    default: Arc<str>,
}

/// One token on its install.
struct Token {
    client: Client,
    ages: Ages,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    told: Option<Told>,
    failed: Option<Instant>,
    /// The question that is under way.
    asking: Option<Asking>,
}

/// A question that is under way.
#[derive(Clone)]
struct Asking {
    /// Changes when it ends.
    ends: watch::Receiver<()>,
    began: Instant,
}

#[derive(Clone)]
struct Told {
    permissions: Arc<Permissions>,
    at: Instant,
}

impl Tokens {
    pub(super) fn new(instances: &Instances) -> Self {
        Self::with_ages(instances, AGES)
    }

    fn with_ages(instances: &Instances, ages: Ages) -> Self {
        let token = |client: &Client| {
            let token = Token {
                client: client.clone(),
                ages,
                state: Mutex::default(),
            };
            (client.name().to_owned(), Arc::new(token))
        };
        Self {
            by_instance: Arc::new(instances.iter().map(token).collect()),
            default: instances.default_name().into(),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokens")
            .field(&self.by_instance.keys())
            .finish()
    }
}

impl Token {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> Option<Told> {
        self.state().told.clone()
    }

    /// The question under way, begun if what is known is older than that; `None` when there is none, and none is due.
    fn asked(self: &Arc<Self>, older_than: Duration) -> Option<Asking> {
        let mut state = self.state();
        // One whose task is gone has ended too.
        let under_way = |asking: &&Asking| asking.ends.has_changed().is_ok();
        if let Some(asking) = state.asking.as_ref().filter(under_way) {
            return Some(asking.clone());
        }
        let young = |at: Option<Instant>, age: Duration| at.is_some_and(|at| at.elapsed() < age);
        let told = state.told.as_ref().map(|told| told.at);
        if young(told, older_than) || young(state.failed, self.ages.failed) {
            return None;
        }
        let (end, ends) = watch::channel(());
        let asking = Asking {
            ends,
            began: Instant::now(),
        };
        state.asking = Some(asking.clone());
        let token = Arc::clone(self);
        // A task of its own: the question is everybody's, and goes on when the caller who began it went away.
        tokio::spawn(async move {
            token.ask().await;
            drop(end);
        });
        Some(asking)
    }

    async fn ask(&self) {
        let options = CallOptions::default().with_deadline(self.ages.answer);
        let answer = self
            .client
            .send_with(&api::token::Show::new(), &options)
            .await;
        let mut state = self.state();
        state.asking = None;
        state.failed = None;
        let permissions = match answer {
            Ok(permissions) => permissions,
            // An older install does not tell; then everything is open.
            Err(error) if matches!(error.kind(), ApiErrorKind::Unavailable { .. }) => {
                Permissions::default()
            }
            Err(error) => {
                tracing::debug!(%error, instance = self.client.name(), "it is not known what the token may do");
                state.failed = Some(Instant::now());
                return;
            }
        };
        state.told = Some(Told {
            permissions: Arc::new(permissions),
            at: Instant::now(),
        });
    }

    /// Waits for the end of a question, as long as one may be waited for from its beginning: who comes later to one that
    /// takes long does not wait.
    async fn wait(&self, asking: Option<Asking>) {
        if let Some(mut asking) = asking {
            let until = asking.began + self.ages.wait;
            let _ = timeout_at(until, asking.ends.changed()).await;
        }
    }

    async fn ready(self: &Arc<Self>) {
        let asking = self.asked(self.ages.listed);
        if self.told().is_none() {
            self.wait(asking).await;
        }
    }

    /// What each of these endpoints lacks, by knowledge that is young enough to refuse by; `None` when one is open.
    async fn missing(
        self: &Arc<Self>,
        endpoints: &[&'static Spec],
    ) -> Option<(&'static Spec, Vec<Missing>)> {
        self.ready().await;
        let told = self.told()?;
        let missing = lacking(&told.permissions, endpoints)?;
        if told.at.elapsed() < self.ages.refused {
            return Some(missing);
        }
        self.wait(self.asked(self.ages.refused)).await;
        let told = self.told()?;
        let known = told.at.elapsed() < self.ages.refused;
        known.then(|| lacking(&told.permissions, endpoints))?
    }
}

/// The first endpoint and what it lacks, when each lacks something.
fn lacking(
    permissions: &Permissions,
    endpoints: &[&'static Spec],
) -> Option<(&'static Spec, Vec<Missing>)> {
    let mut first = None;
    for spec in endpoints {
        let missing = permissions.missing(spec);
        if missing.is_empty() {
            return None;
        }
        first.get_or_insert((*spec, missing));
    }
    first
}

#[async_trait]
impl Gate for Tokens {
    async fn ready(&self) {
        join_all(self.by_instance.values().map(Token::ready)).await;
    }

    fn is_open(&self, endpoints: &[&'static Spec]) -> bool {
        self.by_instance.values().any(|token| {
            let told = token.told();
            told.is_none_or(|told| lacking(&told.permissions, endpoints).is_none())
        })
    }

    async fn refusal(
        &self,
        tool: &str,
        chosen: Option<&str>,
        endpoints: &[&'static Spec],
    ) -> Option<ToolError> {
        if endpoints.is_empty() {
            return None;
        }
        let instance = chosen.unwrap_or(&self.default);
        let token = self.by_instance.get(instance)?;
        let (spec, missing) = token.missing(endpoints).await?;
        let which = match self.by_instance.len() {
            1 => String::new(),
            _ => format!(" on instance `{instance}`"),
        };
        let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let text = format!(
            "{tool} was refused and nothing was sent: {}{which} is not open to this token. What is missing: {}. Repeating \
             will not help: ask the user for a token that may do this.",
            spec.name,
            missing.join("; ")
        );
        Some(ToolError::new(ErrorKind::Denied, text))
    }
}

#[cfg(test)]
mod tests {
    use sandbox::tickiti::{Fault, FaultKind, Tickiti as Sandbox};
    use tickiti_client::api::reports;

    use super::*;

    const NO_TIME: Duration = Duration::ZERO;

    async fn tokens(ages: Ages) -> (Sandbox, Tokens) {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = Client::builder(sandbox.base_url(), "sandbox-admin");
        let instances = Instances::new(vec![client.build().unwrap()]).unwrap();
        (sandbox, Tokens::with_ages(&instances, ages))
    }

    fn volumes() -> [&'static Spec; 1] {
        [api_core::Operation::of::<reports::Volumes>().spec]
    }

    #[tokio::test]
    async fn a_refusal_rests_on_what_is_known_now() {
        let ages = Ages {
            refused: NO_TIME,
            ..AGES
        };
        let (sandbox, tokens) = tokens(ages).await;
        sandbox.set_plan("has_reports", false);
        let volumes = volumes();
        let refusal = || tokens.refusal("run_report", None, &volumes);
        // With no age at all, no knowledge is young enough: the back end decides.
        assert_eq!(refusal().await, None);
        assert!(!tokens.is_open(&volumes));
        sandbox.set_plan("has_reports", true);
        assert_eq!(refusal().await, None);
        assert!(tokens.is_open(&volumes));

        let (sandbox, tokens) = self::tokens(AGES).await;
        sandbox.set_plan("has_reports", false);
        let refused = tokens.refusal("run_report", None, &volumes).await;
        assert!(refused.unwrap().text().contains("`has_reports`"));
        let asked = sandbox.log().len();
        let refused = tokens.refusal("run_report", None, &volumes).await;
        assert!(refused.is_some());
        assert_eq!(sandbox.log().len(), asked, "it was asked a moment ago");
    }

    #[tokio::test]
    async fn what_is_old_is_asked_anew_and_serves_meanwhile() {
        let ages = Ages {
            listed: NO_TIME,
            ..AGES
        };
        let (sandbox, tokens) = tokens(ages).await;
        tokens.ready().await;
        let asked = sandbox.log().len();
        let slow = Duration::from_millis(200);
        sandbox.add_fault(Fault::on("token.show", FaultKind::Delay { ms: 200 }));
        let started = Instant::now();
        tokens.ready().await;
        assert!(started.elapsed() < slow, "nobody waits for it");
        assert!(tokens.is_open(&volumes()));
        tokio::time::sleep(slow * 2).await;
        assert_eq!(sandbox.log().len(), asked + 1);
    }

    #[tokio::test]
    async fn after_a_failure_there_is_a_pause_and_the_last_answer_stays() {
        let ages = Ages {
            listed: NO_TIME,
            ..AGES
        };
        let (sandbox, tokens) = tokens(ages).await;
        sandbox.set_plan("has_reports", false);
        tokens.ready().await;
        sandbox.add_fault(Fault::on("token.show", FaultKind::Html { status: 404 }));
        let token = tokens.by_instance.values().next().unwrap();
        token.wait(token.asked(NO_TIME)).await;
        let asked = sandbox.log().len();
        tokens.ready().await;
        assert!(token.asked(NO_TIME).is_none());
        assert_eq!(sandbox.log().len(), asked);
        assert!(!tokens.is_open(&volumes()));
    }
}
