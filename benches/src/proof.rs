//! The proof that every write happens once: real processes of the server, the worst that can happen to them, and a count
//! of the effects in the back ends.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::{sync::mpsc, time::sleep};

use self::{
    arguments::{Arguments, Mode},
    chaos::Chaos,
    client::{Client, Tally},
    fleet::{Fleet, Order, Recipe},
    intent::{Intent, Seat, Surface},
    random::Random,
    redis::Redis,
    verdict::Verdict,
    world::World,
};
use crate::Outcome;

mod arguments;
mod chaos;
mod client;
mod fleet;
mod intent;
mod pipe;
mod proxy;
mod random;
mod redis;
mod verdict;
mod world;

/// Program of a Redis server, where no argument names it.
const REDIS: &str = "TICKETING_TEST_REDIS";
/// How long servers reckon with a lost write's arrival; the simulated network delays it by less.
const SETTLE_MS: &str = "1500";
/// Longest time of a request to a back end, and of a call.
const REQUEST_MS: &str = "1500";
const CALL_MS: &str = "20000";
/// Between two processes that end without a reason, in milliseconds: the least, and the most.
const PEACE_MS: (u64, u64) = (1000, 3500);
/// The same for a Redis server of our own, and how long it is away.
const STORE_PEACE_MS: (u64, u64) = (6_000, 15_000);
const STORE_AWAY_MS: (u64, u64) = (20, 800);
/// With fewer intents than this, processes live longer.
const FEW: usize = 40;
/// How often one of them is told to end in place of being killed, in a thousand.
const TOLD: u64 = 150;
/// How long work may still go on in the back ends after the last call.
const REST: Duration = Duration::from_millis(1500);

/// Runs the proof that the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nobody is left to be told when this fails.
            let _ = writeln!(std::io::stderr(), "proof: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether what was to be proved is proved.
fn run(arguments: &Arguments) -> Outcome<bool> {
    let seed = match arguments.seed {
        Some(seed) => seed,
        None => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
            u64::try_from(now.as_millis() % 1_000_000_000)?
        }
    };
    let folder = Folder::new()?;
    let store = Store::open(arguments, &folder.0)?;
    let setting = match &arguments.server {
        Some(command) => format!("`{command}`, {} processes on stdio", arguments.replicas),
        None => format!(
            "{} processes {}, store {}",
            arguments.replicas,
            arguments.mode.words(),
            arguments.store
        ),
    };
    let mut out = std::io::stdout();
    writeln!(out, "seed {seed}: {} intents, {setting}", arguments.intents)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let began = Instant::now();
    let mut verdict = runtime.block_on(prove(arguments, seed, &store, &folder.0))?;
    let seconds = began.elapsed().as_secs();
    verdict.figures.push(("seconds".to_owned(), seconds));
    write!(out, "{}", verdict.text())?;
    if !arguments.expect_duplicates {
        write!(out, "{}", verdict.histories())?;
    }
    let proved = match (arguments.expect_duplicates, &arguments.server) {
        (true, _) => verdict.all.duplicates > 0,
        (false, Some(_)) => true,
        (false, None) => verdict.holds(),
    };
    let word = match (proved, arguments.expect_duplicates) {
        (true, true) => "duplicates were found, as they must be",
        (false, true) => "no duplicate was found, so this harness would not see one",
        (_, false) if verdict.holds() => "every write happened once",
        (_, false) => "NOT every write happened once",
    };
    writeln!(out, "{word}\n")?;
    if let Some(file) = &arguments.json {
        let report = json!({
            "seed": seed,
            "setting": setting,
            "verdict": verdict.json(),
        });
        fs::write(file, serde_json::to_string_pretty(&report)? + "\n")
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(proved)
}

/// A folder for the state of servers; removed with its value.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Outcome<Self> {
        let name = format!("ticketing-proof-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left lies among temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the processes share.
#[derive(Debug)]
struct Store {
    setting: String,
    /// A server of our own; ends with this.
    redis: Option<Arc<Mutex<Redis>>>,
}

impl Store {
    fn open(arguments: &Arguments, folder: &Path) -> Outcome<Self> {
        if arguments.store != "redis" {
            return Ok(Self {
                setting: arguments.store.clone(),
                redis: None,
            });
        }
        let told = std::env::var_os(REDIS).map(PathBuf::from);
        let program = arguments.redis.clone().or(told);
        let program = program.ok_or_else(|| {
            format!("no Redis server is known; name its program with --redis or {REDIS}")
        })?;
        let redis = Redis::start(&program, folder)?;
        Ok(Self {
            setting: redis.url(),
            redis: Some(Arc::new(Mutex::new(redis))),
        })
    }
}

/// How to start the server that is to be tested.
fn recipe(arguments: &Arguments, world: &World, store: &Store, folder: &Path) -> Outcome<Recipe> {
    let mut environment = world.settings();
    if let Some(command) = &arguments.server {
        let mut words = command.split_whitespace().map(OsString::from);
        let program = words.next().ok_or("--server names no command")?;
        environment.retain(|(name, _)| name.starts_with("TICKITI_"));
        return Ok(Recipe {
            program: program.into(),
            arguments: words.collect(),
            environment,
            mode: Mode::Stdio,
        });
    }
    let beside = || Ok(std::env::current_exe()?.with_file_name("ticketing-mcp"));
    let program = arguments.binary.clone().map_or_else(beside, Outcome::Ok)?;
    let program = program
        .canonicalize()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    for (name, value) in [
        ("TICKETING_MCP_STORE", store.setting.as_str()),
        ("TICKETING_MCP_SETTLE_MS", SETTLE_MS),
        ("TICKITI_API_TIMEOUT_MS", REQUEST_MS),
        ("BACKEND_TIMEOUT_MS", REQUEST_MS),
        ("TICKETING_MCP_CALL_TIMEOUT_MS", CALL_MS),
        ("TICKETING_MCP_CONFIRM", "never"),
        ("TICKETING_MCP_LOG", "info"),
        ("TICKETING_MCP_IN_FLIGHT", "4000"),
        ("TICKETING_MCP_PROFILE_IN_FLIGHT", "4000"),
        ("TICKETING_MCP_CONNECTIONS", "8000"),
        ("MCP_TRANSPORT", "stdio"),
    ] {
        environment.push((name, value.to_owned()));
    }
    environment.push(("TICKETING_MCP_STATE", folder.display().to_string()));
    Ok(Recipe {
        program,
        arguments: Vec::new(),
        environment,
        mode: arguments.mode,
    })
}

/// What the server that is to be tested offers.
async fn surface(arguments: &Arguments, recipe: &Recipe) -> Outcome<Surface> {
    if arguments.server.is_none() {
        return Ok(Surface {
            prefixed: true,
            tickiti_alone: false,
            named: true,
        });
    }
    let (sender, _) = mpsc::unbounded_channel();
    let chaos = Arc::new(Chaos::new(0, Instant::now(), Arc::from([]), sender));
    let fleet = Fleet::start(recipe, 1, &chaos).await?;
    let tools = fleet.tools().await;
    fleet.stop().await;
    let tools = tools?;
    let named = |name: &str| tools.iter().find(|tool| tool["name"] == name);
    let (Some(create), Some(_)) = (named("create_ticket"), named("respond_to_ticket")) else {
        return Err("the server has no create_ticket and respond_to_ticket".into());
    };
    let key = create.pointer("/inputSchema/properties/idempotency_key");
    Ok(Surface {
        prefixed: false,
        tickiti_alone: true,
        named: key.is_some(),
    })
}

async fn prove(arguments: &Arguments, seed: u64, store: &Store, folder: &Path) -> Outcome<Verdict> {
    let world = World::start(arguments.intents).await?;
    let recipe = recipe(arguments, &world, store, folder)?;
    let surface = surface(arguments, &recipe).await?;
    let numbers = 0..arguments.intents;
    let intents: Arc<[Intent]> = numbers
        .map(|number| Intent::new(seed, number, surface))
        .collect();
    let (kills, killed) = mpsc::unbounded_channel();
    let began = Instant::now();
    let chaos = Arc::new(Chaos::new(seed, began, Arc::clone(&intents), kills));
    let fleet = Fleet::start(&recipe, arguments.replicas, &chaos).await?;
    let fleet = Arc::new(fleet);
    world.suffer(&chaos);
    let mut tasks = vec![
        tokio::spawn(kill_when_told(Arc::clone(&fleet), killed)),
        tokio::spawn(kill_at_random(seed, Arc::clone(&fleet), Arc::clone(&chaos))),
    ];
    if let Some(redis) = &store.redis {
        let killing = kill_the_store(seed, Arc::clone(redis), Arc::clone(&chaos));
        tasks.push(tokio::spawn(killing));
    }

    let tally = Tally::default();
    let client = Client {
        seed,
        began,
        fleet: &fleet,
        chaos: &chaos,
        tally: &tally,
    };
    stream::iter(intents.iter())
        .for_each_concurrent(arguments.at_once.max(1), |intent| client.pursue(intent))
        .await;

    chaos.end();
    sleep(REST).await;
    for task in &tasks {
        task.abort();
    }
    fleet.stop().await;
    let replayed = world.count(&intents);
    let mut verdict = Verdict::of(&intents);
    let counts = chaos.counts();
    put(&mut verdict, &tally, replayed, &counts);
    if arguments.server.is_none() {
        let miscounted = world.miscounted(&intents);
        let failures = [
            (fleet::BY_ITSELF, counts.get(fleet::BY_ITSELF).copied()),
            (fleet::NO_START, counts.get(fleet::NO_START).copied()),
            (
                "things in the back ends that no intent made",
                Some(miscounted),
            ),
            (
                "answers that contradict each other",
                Some(tally.contradictions.get()),
            ),
        ];
        verdict.failures = failures
            .map(|(name, count)| (name.to_owned(), count.unwrap_or_default()))
            .into();
    }
    Ok(verdict)
}

/// The figures of the run, for the table.
fn put(verdict: &mut Verdict, tally: &Tally, replayed: u64, counts: &BTreeMap<&'static str, u64>) {
    let figures = [
        ("calls", tally.calls.get()),
        ("calls that failed", tally.failures.get()),
        ("answers from the record", tally.replays.get()),
        ("effects found by reading", tally.found.get()),
        (
            "repeats that the back end recognised by their key",
            replayed,
        ),
    ];
    let figures = figures.into_iter().chain(
        counts
            .iter()
            .filter(|(name, _)| ![fleet::BY_ITSELF, fleet::NO_START].contains(name))
            .map(|(name, count)| (*name, *count)),
    );
    verdict
        .figures
        .extend(figures.map(|(name, count)| (name.to_owned(), count)));
}

/// Kills the process of a call at the moment that was chosen.
async fn kill_when_told(fleet: Arc<Fleet>, mut killed: mpsc::UnboundedReceiver<Seat>) {
    while let Some(seat) = killed.recv().await {
        fleet.end(seat, Order::Kill);
    }
}

/// Ends processes without a reason.
async fn kill_at_random(seed: u64, fleet: Arc<Fleet>, chaos: Arc<Chaos>) {
    let mut random = Random::of(seed, [4, 0, 0]);
    while !chaos.is_over() {
        sleep(random.millis(PEACE_MS.0, PEACE_MS.1) * patience(&chaos)).await;
        let order = match random.chance(TOLD) {
            true => Order::Terminate,
            false => Order::Kill,
        };
        fleet.end(Seat::Process(random.index(fleet.len())), order);
    }
}

/// The last few intents would otherwise hardly ever find a process that lives long enough to see that another is dead.
fn patience(chaos: &Chaos) -> u32 {
    if chaos.left() < FEW { 4 } else { 1 }
}

/// Kills the store, and starts it again with what it had acknowledged.
async fn kill_the_store(seed: u64, redis: Arc<Mutex<Redis>>, chaos: Arc<Chaos>) {
    let mut random = Random::of(seed, [5, 0, 0]);
    loop {
        sleep(random.millis(STORE_PEACE_MS.0, STORE_PEACE_MS.1) * patience(&chaos)).await;
        if chaos.is_over() {
            return;
        }
        chaos.count("Redis killed (SIGKILL) and started again");
        locked(&redis).kill();
        sleep(random.millis(STORE_AWAY_MS.0, STORE_AWAY_MS.1)).await;
        // When it does not start, no call can succeed, and that is told.
        let _ = locked(&redis).run_again();
    }
}

fn locked(redis: &Mutex<Redis>) -> MutexGuard<'_, Redis> {
    redis.lock().unwrap_or_else(PoisonError::into_inner)
}
