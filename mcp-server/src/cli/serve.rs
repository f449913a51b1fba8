//! `serve`: MCP on stdin and stdout, or over HTTP.

use std::{
    convert::Infallible, fs, future::Future, io, net::SocketAddr, pin::pin, process::ExitCode,
    sync::Arc,
};

use clap::Args;
use mcp_tools::store::Store;
use tokio::{net::TcpListener, sync::Mutex};
use tokio_util::sync::CancellationToken;

use super::{
    FAILED, FAREWELL, Target, environment, fail, reload::Reloads, say, set, signals::Signals,
    variable, with_secrets,
};
use crate::{
    Config, Server,
    config::{Http, Mistakes, Setup, Transport, Variables},
    http::{self, Front, Limits},
    metrics::Metrics,
    otlp,
    profiles::{self, Profiles},
    transport,
};

/// Exit code after a second signal, when running calls were given up.
const GIVEN_UP: u8 = 130;

/// Flags of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// How clients reach the server: stdio, or http. With Envia, or with profiles, the default is http.
    #[arg(long, value_name = "NAME")]
    transport: Option<String>,
    /// Address to listen on, over HTTP; 127.0.0.1 unless told otherwise.
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<String>,
    /// Port to listen on, over HTTP; 3100 unless told otherwise, 0 takes a free one.
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// Tell the numbers for Prometheus at this address alone, without a key, such as 127.0.0.1:9100.
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_bind: Option<String>,
    /// Take requests over HTTP without a key; on loopback alone.
    #[arg(long)]
    no_auth: bool,
    /// TOML file with settings and profiles; read again on SIGHUP.
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Serve {
    fn put_over(&self, variables: &mut Variables) {
        let open = self.no_auth.then(|| "1".to_owned());
        for (name, flag) in [
            (variable::TRANSPORT, &self.transport),
            (variable::BIND, &self.bind),
            (variable::PORT, &self.port),
            (variable::METRICS_BIND, &self.metrics_bind),
            (variable::NO_AUTH, &open),
            (variable::CONFIG, &self.config),
        ] {
            if let Some(value) = flag {
                variables.insert(name.to_owned(), value.clone());
            }
        }
    }

    /// Whether this will be an HTTP server, whose log is read from a file: known before the configuration is read.
    fn is_service(&self, variables: &Variables) -> bool {
        match set(variables, variable::TRANSPORT) {
            Some(name) => name == "http",
            None => {
                let told = [variable::CONFIG, variable::BACKEND_URL];
                !self.target.sandbox && told.iter().any(|name| set(variables, name).is_some())
            }
        }
    }

    pub(super) async fn run(self) -> ExitCode {
        let mut variables = environment();
        self.put_over(&mut variables);
        if self.is_service(&variables) && set(&variables, variable::LOG).is_none() {
            variables.insert(variable::LOG.to_owned(), "info".to_owned());
        }
        let prepared = match self.target.prepare(variables).await {
            Ok(prepared) => prepared,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        let mut setup = match read(&prepared.variables) {
            Ok(setup) => setup,
            Err(mistakes) => return fail(mistakes, FAILED),
        };
        let signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => return fail(format!("signals cannot be watched: {error}"), FAILED),
        };
        if let (Transport::Stdio, Some(config)) = (&setup.transport, &mut setup.default) {
            prepared.at_home(config);
        }
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "serving");
        otlp::start(&prepared.variables);
        let ended = match (&setup.transport, &setup.default) {
            (Transport::Http(http), _) => {
                Box::pin(over_http(&setup, http, &prepared.variables, signals)).await
            }
            (Transport::Stdio, Some(config)) => Box::pin(on_stdio(config, signals)).await,
            (Transport::Stdio, None) => Err("nothing is served on stdio".to_owned()),
        };
        if !matches!(ended, Ok(false)) {
            otlp::finish();
        }
        match ended {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(GIVEN_UP),
            Err(problem) => fail(problem, FAILED),
        }
    }
}

fn read(variables: &Variables) -> Result<Setup, Mistakes> {
    Setup::read(variables, &|path| fs::read_to_string(path))
}

async fn on_stdio(config: &Config, signals: Signals) -> Result<bool, String> {
    let server = crate::build(config)
        .await
        .map_err(|error| error.to_string())?;
    let server = with_secrets(server, config);
    let stop = CancellationToken::new();
    let servers = vec![server.clone()];
    let serving = transport::serve_stdio(server, stop.clone());
    until_told(signals, &stop, Box::pin(serving), &Mutex::new(servers)).await
}

async fn over_http(
    setup: &Setup,
    http: &Http,
    variables: &Variables,
    signals: Signals,
) -> Result<bool, String> {
    let stop = CancellationToken::new();
    let base = Base {
        limits: http.limits.clone(),
        metrics: Metrics::default(),
        cut: CancellationToken::new(),
        store: Arc::clone(&setup.store),
    };
    let built = base.profiles(setup, http).await?;
    let (access, overview) = built.into_parts();
    let listener = listen(http.address, [variable::PORT, "--port"]).await?;
    if let Ok(address) = listener.local_addr() {
        say(&format!("serving at http://{address}/mcp"));
    }
    let servers = Mutex::new(overview.servers.clone());
    let front = Front::new(access, http.names.clone(), base.limits.clone())
        .with_overview(overview)
        .with_metrics(base.metrics.clone(), http.metrics.is_some())
        .with_landing(http.landing);
    let front = Arc::new(front);
    let counting = numbers(http.metrics, &front).await?;
    let serving = http::serve(listener, Arc::clone(&front), stop.clone());
    let reloading = async {
        let Ok(mut reloads) = Reloads::new() else {
            return std::future::pending().await;
        };
        loop {
            reloads.next().await;
            base.reload(variables, &front, &servers).await;
        }
    };
    tokio::select! {
        ended = until_told(signals, &stop, serving, &servers) => ended,
        () = reloading => Ok(true),
        never = counting => match never {},
    }
}

/// What stays the same when the configuration is read again.
struct Base {
    limits: Limits,
    metrics: Metrics,
    /// Ends requests under way. It is not the wish to stop: they have their time then.
    cut: CancellationToken,
    /// What is on record must be found again.
    store: Arc<dyn Store>,
}

impl Base {
    async fn profiles(&self, setup: &Setup, http: &Http) -> Result<Profiles, String> {
        Profiles::build(setup, http, &self.limits, &self.metrics, &self.cut)
            .await
            .map_err(|error| error.to_string())
    }

    /// Reads the configuration again; what is wrong with it is told, and the last good one stays.
    async fn reload(&self, variables: &Variables, front: &Front, servers: &Mutex<Vec<Server>>) {
        let built = match read(variables) {
            Ok(setup) => match &setup.transport {
                Transport::Http(http) => {
                    let setup = setup.clone().with_store(&self.store);
                    self.profiles(&setup, http).await
                }
                Transport::Stdio => {
                    Err("the transport cannot change while the server runs".to_owned())
                }
            },
            Err(mistakes) => Err(mistakes.to_string()),
        };
        match built {
            Ok(profiles) => {
                let (access, overview) = profiles.into_parts();
                let new = overview.servers.clone();
                front.replace(access, overview);
                let old = std::mem::replace(&mut *servers.lock().await, new);
                tokio::spawn(async move {
                    // Calls under way still leave their records with the old ones, which must deliver until then.
                    let longest = old.iter().map(Server::call_timeout).max();
                    tokio::time::sleep(longest.unwrap_or_default()).await;
                    profiles::finish(&old, FAREWELL).await;
                });
                say("the configuration was read again; its profiles and keys hold from now on");
            }
            Err(problem) => say(&format!("the configuration stays as it was: {problem}")),
        }
    }
}

/// Tells the numbers at an address of their own, if there is one. Never ends.
async fn numbers(
    address: Option<SocketAddr>,
    front: &Arc<Front>,
) -> Result<impl Future<Output = Infallible> + use<>, String> {
    let mut listener = None;
    if let Some(address) = address {
        let bound = listen(address, [variable::METRICS_BIND, "--metrics-bind"]).await?;
        if let Ok(address) = bound.local_addr() {
            say(&format!("numbers at http://{address}/metrics"));
        }
        listener = Some(bound);
    }
    let front = Arc::clone(front);
    Ok(async move {
        match listener {
            Some(listener) => http::serve_numbers(listener, front).await,
            None => std::future::pending().await,
        }
    })
}

/// Serves until that ends or a signal comes; then delivers what the journals hold. `false` after a second signal.
async fn until_told<E: ToString>(
    mut signals: Signals,
    stop: &CancellationToken,
    serving: impl Future<Output = Result<(), E>>,
    servers: &Mutex<Vec<Server>>,
) -> Result<bool, String> {
    let mut serving = pin!(async {
        let ended = serving.await;
        profiles::finish(&servers.lock().await, FAREWELL).await;
        ended.map_err(|error| error.to_string())
    });
    tokio::select! {
        ended = &mut serving => ended.map(|()| true),
        () = signals.next() => {
            stop.cancel();
            tokio::select! {
                ended = &mut serving => ended.map(|()| true),
                () = signals.next() => Ok(false),
            }
        }
    }
}

async fn listen(address: SocketAddr, [name, flag]: [&str; 2]) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{address} is in use by another program; choose another port with {flag} or {name}"
        ),
        _ => format!("the server cannot listen on {address}: {error}"),
    })
}
