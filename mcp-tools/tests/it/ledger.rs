//! Writes that happen once: a bell that counts how often it rang, under every fate that a call can have.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use api_core::{Effect, Repeat};
use futures_util::{FutureExt as _, future::join_all};
use mcp_tools::{
    Backends, Context, ErrorKind, JsonObject, Ledger, Module, Registry, Tool, ToolError, ToolSpec,
    ledger::{Found, Pace},
    schema,
    store::{Memory, Store, StoreError, Swap},
};
use serde_json::{Value, json};

use crate::harness::object;

const SETTLE: Duration = Duration::from_millis(300);

fn pace() -> Pace {
    Pace {
        beat: Duration::from_millis(40),
        silence: Duration::from_millis(160),
        settle: SETTLE,
        ..Pace::default()
    }
}

/// What the bell does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Works,
    /// Rings, and the answer is lost.
    Lost,
    /// The call is lost on its way: the bell does not ring, and nobody knows.
    LostBefore,
    Refuses,
    /// Rings, and never answers.
    Hangs,
    Slow,
    Panics,
}

/// A back end: what rang, and what was asked.
#[derive(Debug)]
struct Bell {
    rung: Mutex<Vec<(String, Option<String>)>>,
    fate: Mutex<Fate>,
    found: Mutex<Found>,
}

impl Bell {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            rung: Mutex::default(),
            fate: Mutex::new(Fate::Works),
            found: Mutex::new(Found::Absent),
        })
    }

    fn fares(&self, fate: Fate) {
        *self.fate.lock().unwrap() = fate;
    }

    fn is_found(&self, found: Found) {
        *self.found.lock().unwrap() = found;
    }

    fn rings(&self) -> usize {
        self.rung.lock().unwrap().len()
    }

    fn keys(&self) -> Vec<Option<String>> {
        let rung = self.rung.lock().unwrap();
        rung.iter().map(|(_, key)| key.clone()).collect()
    }
}

/// A tool that rings the bell; with the effect that its name says.
struct Ring(&'static str, Effect);

impl Tool for Ring {
    fn spec(&self) -> ToolSpec {
        let tune = ("tune", json!({"type": "string"}));
        let mut spec = ToolSpec::read(self.0, "Ring", "bells")
            .input(schema::open_object(&[tune], &["tune"]))
            .output(schema::open_object(
                &[("rang", json!({"type": "string"}))],
                &["rang"],
            ));
        spec.effect = self.1;
        spec
    }

    fn answers_secret(&self, arguments: &JsonObject) -> bool {
        arguments["tune"] == "secret"
    }

    async fn reconcile(
        &self,
        context: &Context,
        _: &JsonObject,
        begun: SystemTime,
    ) -> Result<Found, ToolError> {
        assert!(begun.elapsed().unwrap() < Duration::from_secs(60));
        Ok(context
            .backend::<Arc<Bell>>()?
            .found
            .lock()
            .unwrap()
            .clone())
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let bell = context.backend::<Arc<Bell>>()?;
        let tune = arguments["tune"].as_str().unwrap().to_owned();
        let fate = *bell.fate.lock().unwrap();
        let ring = || {
            let key = context.idempotency_key.clone();
            bell.rung.lock().unwrap().push((tune.clone(), key));
        };
        match fate {
            Fate::Works => ring(),
            Fate::Slow => {
                tokio::time::sleep(pace().silence * 3).await;
                ring();
            }
            Fate::Lost => {
                ring();
                return Err(ToolError::new(ErrorKind::Unknown, "the answer was lost"));
            }
            Fate::LostBefore => {
                return Err(ToolError::new(ErrorKind::Unknown, "the answer was lost"));
            }
            Fate::Refuses => return Err(ToolError::new(ErrorKind::Refused, "no such tune")),
            Fate::Hangs => {
                ring();
                pending::<()>().await;
            }
            Fate::Panics => {
                ring();
                panic!("the rope broke");
            }
        }
        Ok(object(json!({"rang": tune})))
    }
}

struct World {
    registry: Registry,
    bell: Arc<Bell>,
    store: Arc<dyn Store>,
}

impl World {
    fn new() -> Self {
        Self::over(Arc::new(Memory::new()))
    }

    fn over(store: Arc<dyn Store>) -> Self {
        let module = Module::new("tower")
            .tool(Ring("ring", Effect::Write(Repeat::Never)))
            .tool(Ring("ring_keyed", Effect::Write(Repeat::Keyed)))
            .tool(Ring("tune", Effect::Write(Repeat::Natural)));
        Self {
            registry: Registry::new(vec![module]).unwrap(),
            bell: Bell::new(),
            store,
        }
    }

    fn context(&self, scope: &str) -> Context {
        let backends = Backends::new().with(Arc::clone(&self.bell));
        let mut context = Context::new("test", backends);
        context.ledger = Some(Ledger::new(Arc::clone(&self.store), scope).with_pace(pace()));
        context
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Value, ToolError> {
        let context = self.context("me");
        let answer = self.registry.call(tool, context, object(arguments)).await?;
        let answer = Value::Object(answer);
        let schema = Value::Object(self.registry.get(tool).unwrap().spec().output.clone());
        assert!(jsonschema::is_valid(&schema, &answer), "{answer}");
        assert_eq!(answer.get("unforeseen"), None, "{answer}");
        Ok(answer)
    }

    async fn works(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).await.unwrap()
    }

    async fn fails(&self, tool: &str, arguments: Value, kind: ErrorKind) -> String {
        let error = self.call(tool, arguments).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        error.text().to_owned()
    }
}

fn tune(name: &str) -> Value {
    json!({"tune": name})
}

fn named(tune: &str, name: &str) -> Value {
    json!({"tune": tune, "idempotency_key": name})
}

const BOTH: [&str; 2] = ["ring", "ring_keyed"];

#[tokio::test]
async fn the_same_call_is_answered_from_the_record() {
    for tool in BOTH {
        let world = World::new();
        let first = world.works(tool, tune("noon")).await;
        assert_eq!(first, json!({"rang": "noon"}));
        let again = world.works(tool, tune("noon")).await;
        assert_eq!(again["rang"], "noon");
        assert_eq!(again["replayed"], true);
        assert_eq!(again["replay_age_seconds"], 0);
        let note = again["replay_note"].as_str().unwrap();
        assert!(note.contains("idempotency_key"), "{note}");
        assert_eq!(world.bell.rings(), 1);
        // Another call is another intent, and so is a new name for the same.
        world.works(tool, tune("dusk")).await;
        world.works(tool, named("noon", "second")).await;
        assert_eq!(world.bell.rings(), 3);
        assert_eq!(
            world.works(tool, named("noon", "second")).await["replayed"],
            true
        );
        assert_eq!(world.bell.rings(), 3);
    }
}

#[tokio::test]
async fn writes_that_leave_the_same_state_are_never_answered_from_a_record() {
    let world = World::new();
    for name in ["a", "b", "a"] {
        world.works("tune", tune(name)).await;
    }
    assert_eq!(world.bell.rings(), 3);
    // They take no name, and say so.
    let text = world
        .fails("tune", named("a", "x"), ErrorKind::Arguments)
        .await;
    assert!(text.contains("idempotency_key"), "{text}");
}

#[tokio::test]
async fn a_name_is_for_one_call() {
    for tool in BOTH {
        let world = World::new();
        world.works(tool, named("noon", "x")).await;
        let text = world
            .fails(tool, named("dusk", "x"), ErrorKind::Conflict)
            .await;
        assert!(text.contains("nothing was sent"), "{text}");
        assert_eq!(world.bell.rings(), 1);
        assert_eq!(world.bell.keys(), [Some("x".to_owned())]);
    }
}

#[tokio::test]
async fn a_refused_call_leaves_its_name_free() {
    for tool in BOTH {
        let world = World::new();
        world.bell.fares(Fate::Refuses);
        world
            .fails(tool, named("nonn", "x"), ErrorKind::Refused)
            .await;
        world.bell.fares(Fate::Works);
        let answer = world.works(tool, named("noon", "x")).await;
        assert_eq!(answer, json!({"rang": "noon"}));
    }
}

#[tokio::test]
async fn twins_ring_once() {
    for tool in BOTH {
        let world = World::new();
        world.bell.fares(Fate::Slow);
        let answers = join_all((0..20).map(|_| world.call(tool, tune("noon")))).await;
        let replayed = |answer: &&Result<Value, _>| answer.as_ref().unwrap()["replayed"] == true;
        assert_eq!(answers.iter().filter(replayed).count(), 19);
        assert_eq!(world.bell.rings(), 1);
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_keyed_write_is_asked_for_with_the_same_key() {
    let world = World::new();
    world.bell.fares(Fate::Lost);
    world
        .fails("ring_keyed", tune("noon"), ErrorKind::Unknown)
        .await;
    world
        .fails("ring_keyed", tune("noon"), ErrorKind::Unknown)
        .await;
    world.bell.fares(Fate::Works);
    world.works("ring_keyed", tune("noon")).await;
    let keys = world.bell.keys();
    assert_eq!(keys.len(), 3);
    assert!(keys[0].as_ref().unwrap().len() >= 32);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(
        world.works("ring_keyed", tune("noon")).await["replayed"],
        true
    );
}

#[tokio::test]
async fn a_lost_answer_is_found_by_reading() {
    let world = World::new();
    world.bell.fares(Fate::Lost);
    world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
    world
        .bell
        .is_found(Found::Applied(object(json!({"rang": "noon"}))));
    let found = world.works("ring", tune("noon")).await;
    assert_eq!(found["found_applied"], true);
    assert_eq!(world.works("ring", tune("noon")).await["replayed"], true);
    assert_eq!(world.bell.rings(), 1);
}

#[tokio::test]
async fn no_trace_of_it_counts_only_after_a_while() {
    let world = World::new();
    world.bell.fares(Fate::LostBefore);
    world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
    world.bell.fares(Fate::Works);
    let text = world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
    assert!(
        text.contains("may still arrive") && text.contains("in 1 s"),
        "{text}"
    );
    assert_eq!(world.bell.rings(), 0);
    // Looking does not make it younger.
    tokio::time::sleep(SETTLE).await;
    assert_eq!(
        world.works("ring", tune("noon")).await,
        json!({"rang": "noon"})
    );
    assert_eq!(world.bell.rings(), 1);
}

#[tokio::test]
async fn what_cannot_be_found_out_is_refused_and_a_new_name_makes_it_again() {
    let world = World::new();
    world.bell.fares(Fate::Lost);
    world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
    world.bell.fares(Fate::Works);
    world
        .bell
        .is_found(Found::Unclear("Listen at the tower.".to_owned()));
    for _ in 0..2 {
        let text = world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
        assert!(text.contains("Listen at the tower."), "{text}");
        assert!(text.contains("idempotency_key"), "{text}");
    }
    assert_eq!(world.bell.rings(), 1);
    world.works("ring", named("noon", "on purpose")).await;
    assert_eq!(world.bell.rings(), 2);
}

#[tokio::test]
async fn a_call_that_is_given_up_is_in_doubt_at_once() {
    let world = World::new();
    world.bell.fares(Fate::Hangs);
    let call = world.call("ring", tune("noon"));
    tokio::time::timeout(Duration::from_millis(20), call)
        .await
        .unwrap_err();
    world.bell.fares(Fate::Works);
    let begun = tokio::time::Instant::now();
    let text = world.fails("ring", tune("noon"), ErrorKind::Unknown).await;
    assert!(text.contains("may still arrive"), "{text}");
    assert!(begun.elapsed() < pace().silence / 2);
}

#[tokio::test]
async fn a_dead_process_is_noticed_by_its_silence() {
    for (tool, rings) in [("ring_keyed", 2), ("ring", 1)] {
        let world = World::new();
        world.bell.fares(Fate::Hangs);
        let mut dead = Box::pin(world.call(tool, tune("noon")));
        // It gets as far as the bell, and is never heard of again.
        assert!(dead.as_mut().now_or_never().is_none());
        assert_eq!(world.bell.rings(), 1);
        world.bell.fares(Fate::Works);
        world
            .bell
            .is_found(Found::Applied(object(json!({"rang": "noon"}))));
        assert_eq!(world.works(tool, tune("noon")).await["rang"], "noon");
        let keys = world.bell.keys();
        assert_eq!(keys.len(), rings);
        assert!(keys.iter().all(|key| *key == keys[0]));
        drop(dead);
    }
}

/// It may have rung, and the fault says nothing of it.
#[tokio::test]
async fn a_call_that_breaks_is_in_doubt() {
    let world = World::new();
    world.bell.fares(Fate::Panics);
    let call = std::panic::AssertUnwindSafe(world.call("ring", tune("noon")));
    call.catch_unwind().await.unwrap_err();
    world.bell.fares(Fate::Works);
    world
        .bell
        .is_found(Found::Applied(object(json!({"rang": "noon"}))));
    assert_eq!(
        world.works("ring", tune("noon")).await["found_applied"],
        true
    );
    assert_eq!(world.bell.rings(), 1);
}

#[tokio::test]
async fn a_running_call_is_waited_for_and_not_longer_than_the_caller_waits() {
    let world = World::new();
    world.bell.fares(Fate::Slow);
    let first = world.call("ring", tune("noon"));
    let hasty = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut context = world.context("me");
        context.deadline = Some(std::time::Instant::now() + Duration::from_millis(400));
        world
            .registry
            .call("ring", context, object(tune("noon")))
            .await
    };
    let (first, hasty) = tokio::join!(first, hasty);
    first.unwrap();
    let error = hasty.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.text().contains("still running"), "{error}");
    assert_eq!(world.bell.rings(), 1);
}

#[tokio::test]
async fn callers_do_not_see_each_other() {
    let world = World::new();
    for scope in ["me", "you"] {
        let context = world.context(scope);
        let answer = world
            .registry
            .call("ring", context, object(named("noon", "x")))
            .await;
        assert_eq!(answer.unwrap().get("replayed"), None);
    }
    assert_eq!(world.bell.rings(), 2);
}

#[tokio::test]
async fn after_the_window_the_same_call_is_a_new_one() {
    let world = World::new();
    let call = async || {
        let mut context = world.context("me");
        let short = Pace {
            window: Duration::from_millis(30),
            ..pace()
        };
        let ledger = Ledger::new(Arc::clone(&world.store), "me").with_pace(short);
        context.ledger = Some(ledger);
        world
            .registry
            .call("ring_keyed", context, object(tune("noon")))
            .await
            .unwrap()
    };
    call().await;
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert_eq!(call().await.get("replayed"), None);
    let keys = world.bell.keys();
    assert_ne!(keys[0], keys[1], "the back end would give the old answer");
}

/// A store that keeps what passes, and can fail.
#[derive(Debug, Default)]
struct Spy {
    inner: Memory,
    down: AtomicBool,
    seen: Mutex<Vec<Vec<u8>>>,
}

impl Spy {
    fn check(&self) -> Result<(), StoreError> {
        match self.down.load(Ordering::Relaxed) {
            true => Err(StoreError {
                store: "spy".into(),
                problem: "is down".to_owned(),
            }),
            false => Ok(()),
        }
    }
}

#[async_trait::async_trait]
impl Store for Spy {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.check()?;
        self.inner.read(name).await
    }

    async fn swap(
        &self,
        name: &str,
        old: Option<&[u8]>,
        new: &[u8],
        lives: Duration,
    ) -> Result<Swap, StoreError> {
        self.check()?;
        self.seen.lock().unwrap().push(new.to_vec());
        self.inner.swap(name, old, new, lives).await
    }

    async fn forget(&self, name: &str, old: &[u8]) -> Result<bool, StoreError> {
        self.check()?;
        self.inner.forget(name, old).await
    }
}

#[tokio::test]
async fn without_its_store_nothing_is_sent() {
    let spy = Arc::new(Spy::default());
    let world = World::over(Arc::clone(&spy) as Arc<dyn Store>);
    spy.down.store(true, Ordering::Relaxed);
    let text = world.fails("ring", tune("noon"), ErrorKind::Upstream).await;
    assert!(
        text.contains("nothing was sent") && text.contains("spy failed: is down"),
        "{text}"
    );
    assert_eq!(world.bell.rings(), 0);
    spy.down.store(false, Ordering::Relaxed);
    world.works("ring", tune("noon")).await;
}

#[tokio::test]
async fn a_store_that_fails_afterwards_does_not_fail_the_call() {
    let spy = Arc::new(Spy::default());
    let world = World::over(Arc::clone(&spy) as Arc<dyn Store>);
    world.bell.fares(Fate::Slow);
    let falls = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        spy.down.store(true, Ordering::Relaxed);
    };
    let (answer, ()) = tokio::join!(world.call("ring", tune("noon")), falls);
    assert_eq!(answer.unwrap(), json!({"rang": "noon"}));
    spy.down.store(false, Ordering::Relaxed);
    // Nobody knows any more, so it is looked for.
    world
        .bell
        .is_found(Found::Applied(object(json!({"rang": "noon"}))));
    assert_eq!(
        world.works("ring", tune("noon")).await["found_applied"],
        true
    );
    assert_eq!(world.bell.rings(), 1);
}

#[tokio::test]
async fn neither_arguments_nor_secrets_are_kept() {
    let spy = Arc::new(Spy::default());
    let world = World::over(Arc::clone(&spy) as Arc<dyn Store>);
    world.bell.fares(Fate::Lost);
    world
        .fails("ring", tune("an argument"), ErrorKind::Unknown)
        .await;
    world.bell.fares(Fate::Works);
    world.works("ring", tune("secret")).await;
    let text = world
        .fails("ring", tune("secret"), ErrorKind::Conflict)
        .await;
    assert!(
        text.contains("was done") && text.contains("not kept"),
        "{text}"
    );
    assert_eq!(world.bell.rings(), 2);
    let seen = spy.seen.lock().unwrap();
    assert!(seen.len() >= 4);
    for bytes in seen.iter() {
        let text = String::from_utf8_lossy(bytes);
        assert!(
            !text.contains("\"secret\"") && !text.contains("an argument"),
            "{text}"
        );
    }
}
