//! The processes of the server: kept running, ended at the worst moments, and called.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::{sleep, timeout},
};

use super::{arguments::Mode, chaos::Chaos, intent::Seat, pipe::Pipe, proxy::Proxy};
use crate::{Outcome, http::Connection, wire::Line};

/// How long a process may take until it serves.
const STARTING: Duration = Duration::from_secs(20);
/// How long a process that was told to end may take.
const ENDING: Duration = Duration::from_secs(5);
/// Pause before another try to start a process.
const PAUSE: Duration = Duration::from_millis(200);
/// Where a listening server says so.
const SERVING: &str = "serving at http://";

/// How to start a process of the server.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) mode: Mode,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    /// The result of the tool, a failure among them.
    Result(Value),
    /// Something else was answered: an error of the protocol, or of HTTP.
    Refused(String),
    /// The connection ended.
    Lost,
    /// There was no process to call.
    Nobody,
    /// The client did not wait any longer.
    GivenUp,
}

/// All processes.
#[derive(Debug)]
pub(super) struct Fleet {
    slots: Vec<Slot>,
    proxy: Option<Proxy>,
}

/// The place of one process after the other.
#[derive(Debug)]
struct Slot {
    life: Arc<Mutex<Option<Life>>>,
    orders: mpsc::UnboundedSender<Order>,
}

/// A process that serves.
#[derive(Debug, Clone)]
pub(super) enum Life {
    Pipe(Arc<Pipe>),
    Address(String),
}

/// How a process is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// SIGKILL.
    Kill,
    /// SIGTERM, as an operator does.
    Terminate,
    /// For good.
    Stop,
}

impl Fleet {
    /// Starts so many processes; all of them serve when this returns.
    pub(super) async fn start(recipe: &Recipe, count: usize, chaos: &Arc<Chaos>) -> Outcome<Self> {
        let mut slots = Vec::new();
        for _ in 0..count {
            let (child, life) = recipe.start().await?;
            let life = Arc::new(Mutex::new(Some(life)));
            let (orders, given) = mpsc::unbounded_channel();
            let keeper = Keeper {
                recipe: recipe.clone(),
                life: Arc::clone(&life),
                orders: given,
                chaos: Arc::clone(chaos),
            };
            tokio::spawn(keeper.keep(child));
            slots.push(Slot { life, orders });
        }
        let proxy = match recipe.mode {
            Mode::Stdio => None,
            Mode::Http => {
                let lives = slots.iter().map(|slot| Arc::clone(&slot.life)).collect();
                Some(Proxy::start(lives).await?)
            }
        };
        Ok(Self { slots, proxy })
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Ends the process that a call was sent to.
    pub(super) fn end(&self, seat: Seat, order: Order) {
        let number = match seat {
            Seat::Process(number) => Some(number),
            Seat::Port(port) => self.proxy.as_ref().and_then(|proxy| proxy.behind(port)),
        };
        if let Some(slot) = number.and_then(|number| self.slots.get(number)) {
            // Its keeper lives until it is told to stop.
            let _ = slot.orders.send(order);
        }
    }

    /// Calls a process: over pipes this one, over HTTP whichever the load balancer chooses. `sent` is told where before
    /// anything is sent.
    pub(super) async fn call(
        &self,
        number: usize,
        line: &Line,
        patience: Duration,
        sent: impl FnOnce(Seat),
    ) -> Reply {
        match &self.proxy {
            Some(proxy) => {
                let calling = over_http(proxy.address(), line, sent);
                timeout(patience, calling).await.unwrap_or(Reply::GivenUp)
            }
            None => match self.slots.get(number).map(|slot| life_of(&slot.life)) {
                Some(Some(Life::Pipe(pipe))) => {
                    sent(Seat::Process(number));
                    pipe.call(line, patience).await
                }
                _ => Reply::Nobody,
            },
        }
    }

    /// A list of what the server offers.
    pub(super) async fn tools(&self) -> Outcome<Vec<Value>> {
        let line = Line::request("tools/list", &serde_json::json!({}));
        match self.call(0, &line, STARTING, |_| {}).await {
            Reply::Result(result) => match result.get("tools") {
                Some(Value::Array(tools)) => Ok(tools.clone()),
                _ => Err("the server lists no tools".into()),
            },
            other => Err(format!("the server does not list its tools: {other:?}").into()),
        }
    }

    /// Ends all processes for good.
    pub(super) async fn stop(&self) {
        for number in 0..self.slots.len() {
            self.end(Seat::Process(number), Order::Stop);
        }
        for slot in &self.slots {
            slot.orders.closed().await;
        }
    }
}

/// One call on a connection of its own.
async fn over_http(address: &str, line: &Line, sent: impl FnOnce(Seat)) -> Reply {
    let Ok(mut connection) = Connection::open(address).await else {
        return Reply::Nobody;
    };
    sent(Seat::Port(connection.port()));
    let request = crate::http::request(address, line, 1);
    if connection.once(&request).await.is_err() {
        return Reply::Lost;
    }
    match serde_json::from_slice(connection.body()) {
        Ok(answer) => of_answer(answer),
        Err(_) => Reply::Refused(format!(
            "HTTP {}: {}",
            connection.status().unwrap_or_default(),
            String::from_utf8_lossy(connection.body())
        )),
    }
}

/// What an answer of JSON-RPC says.
pub(super) fn of_answer(mut answer: Value) -> Reply {
    match answer.get_mut("result") {
        Some(result) => Reply::Result(result.take()),
        None => Reply::Refused(answer.to_string()),
    }
}

pub(super) fn life_of(life: &Mutex<Option<Life>>) -> Option<Life> {
    life.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Recipe {
    async fn start(&self) -> Outcome<(Child, Life)> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true);
        for name in ["PATH", "HOME"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let started = match self.mode {
            Mode::Stdio => timeout(STARTING, over_pipes(&mut command)).await,
            Mode::Http => timeout(STARTING, listening(&mut command)).await,
        };
        let program = self.program.display();
        let started = started.map_err(|_| format!("{program} does not serve"))?;
        started.map_err(|error| format!("{program} does not start: {error}").into())
    }
}

async fn over_pipes(command: &mut Command) -> Outcome<(Child, Life)> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("it has no pipes".into());
    };
    let pipe = Pipe::open(input, output).await?;
    Ok((child, Life::Pipe(Arc::new(pipe))))
}

async fn listening(command: &mut Command) -> Outcome<(Child, Life)> {
    let mut child = command
        .args(["serve", "--transport", "http", "--port", "0", "--no-auth"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let told = child.stderr.take().ok_or("it has no output")?;
    let mut lines = BufReader::new(told).lines();
    while let Some(line) = lines.next_line().await? {
        let rest = line.split_once(SERVING).map(|(_, rest)| rest);
        if let Some((address, _)) = rest.and_then(|rest| rest.split_once('/')) {
            let address = address.to_owned();
            tokio::spawn(drain(lines.into_inner()));
            return Ok((child, Life::Address(address)));
        }
    }
    Err("it ended".into())
}

/// Reads what nobody wants to know: whoever writes it must not be held up.
async fn drain(mut output: impl AsyncRead + Unpin) {
    // It ends with its process.
    let _ = tokio::io::copy(&mut output, &mut tokio::io::sink()).await;
}

/// Keeps one place filled.
struct Keeper {
    recipe: Recipe,
    life: Arc<Mutex<Option<Life>>>,
    orders: mpsc::UnboundedReceiver<Order>,
    chaos: Arc<Chaos>,
}

impl Keeper {
    async fn keep(mut self, mut child: Child) {
        loop {
            let order = tokio::select! {
                order = self.orders.recv() => order.unwrap_or(Order::Stop),
                _ = child.wait() => {
                    self.chaos.count(BY_ITSELF);
                    Order::Kill
                }
            };
            self.end(&mut child, order).await;
            self.put(None);
            if order == Order::Stop {
                return;
            }
            // Whoever else wanted it dead has got it.
            while let Ok(order) = self.orders.try_recv() {
                if order == Order::Stop {
                    return;
                }
            }
            child = loop {
                // Its error may not wait with this task; it would say what the count says.
                let started = self.recipe.start().await.ok();
                if let Some((child, life)) = started {
                    self.put(Some(life));
                    break child;
                }
                self.chaos.count(NO_START);
                sleep(PAUSE).await;
            };
        }
    }

    fn put(&self, life: Option<Life>) {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner) = life;
    }

    async fn end(&self, child: &mut Child, order: Order) {
        if order == Order::Terminate
            && let Some(id) = child.id()
        {
            self.chaos.count(TERMINATED);
            let told = Command::new("kill").arg(id.to_string()).status().await;
            // The load balancer hears of it at once, as it would by a readiness check.
            if let (Ok(_), Life::Address(_)) = (told, life_of(&self.life).unwrap_or_else(nowhere)) {
                self.put(None);
            }
            if timeout(ENDING, child.wait()).await.is_ok() {
                return;
            }
        }
        if order == Order::Kill {
            self.chaos.count(KILLED);
        }
        // It may have ended by itself.
        let _ = child.kill().await;
    }
}

fn nowhere() -> Life {
    Life::Address(String::new())
}

/// Names of what befell processes.
pub(super) const KILLED: &str = "processes killed (SIGKILL)";
pub(super) const TERMINATED: &str = "processes told to end (SIGTERM)";
/// These are failures of the server.
pub(super) const BY_ITSELF: &str = "processes that ended by themselves";
pub(super) const NO_START: &str = "starts that failed";
