//! Several servers of one configuration behind a load balancer, any of which can be killed, told to end, and started
//! again.

use std::{
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Child,
    time::{sleep, timeout},
};

use super::balancer::Balancer;
use crate::support::{Folder, program};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Fleet {
    pub(crate) balancer: Balancer,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    replicas: Vec<Replica>,
    /// What all of them have written.
    log: Arc<Mutex<String>>,
}

struct Replica {
    child: Option<Child>,
    /// Its own, as on a machine of its own.
    state: Folder,
}

impl Fleet {
    /// So many servers, all of them up.
    pub(crate) async fn start(
        count: usize,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let replicas = (0..count).map(|_| Replica {
            child: None,
            state: Folder::new(),
        });
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut fleet = Self {
            balancer: Balancer::start(count).await,
            arguments: arguments.iter().map(|&a| a.to_owned()).collect(),
            variables: variables.iter().map(owned).collect(),
            replicas: replicas.collect(),
            log: Arc::default(),
        };
        for index in 0..count {
            fleet.run(index).await;
        }
        fleet
    }

    /// Starts one that is not running.
    pub(crate) async fn run(&mut self, index: usize) {
        let replica = &mut self.replicas[index];
        assert!(replica.child.is_none(), "replica {index} runs");
        let mut arguments = vec![
            "serve",
            "--transport",
            "http",
            "--port",
            "0",
            "--log",
            "info",
        ];
        if !self.arguments.iter().any(|argument| argument == "--state") {
            arguments.extend(["--state", replica.state.path()]);
        }
        arguments.extend(self.arguments.iter().map(String::as_str));
        let variables = self.variables.iter();
        let variables: Vec<_> = variables
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let mut command = program(&arguments, &variables);
        let mut child = command.stdin(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let listening = timeout(PATIENCE, async {
            let mut told = String::new();
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, rest)) = line.split_once("serving at http://127.0.0.1:") {
                    return rest.split('/').next().unwrap().parse().unwrap();
                }
                told.push_str(&line);
            }
            panic!("it ended: {told}");
        });
        let port = listening.await.expect("it listens");
        let log = Arc::clone(&self.log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut log = log.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        replica.child = Some(child);
        self.balancer.set(index, port);
    }

    /// Ends one at once, whatever it does.
    pub(crate) async fn kill(&mut self, index: usize) {
        let mut child = self.replicas[index].child.take().unwrap();
        child.kill().await.unwrap();
    }

    /// Tells one to end, and gives its exit code.
    pub(crate) async fn terminate(&mut self, index: usize) -> Option<i32> {
        let mut child = self.replicas[index].child.take().unwrap();
        let id = child.id().unwrap().to_string();
        let told = std::process::Command::new("kill").arg(id).status();
        assert!(told.unwrap().success());
        let ended = timeout(PATIENCE, child.wait()).await;
        ended.expect("it ends").unwrap().code()
    }

    /// What all of them have written so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until each has answered something after this moment.
    pub(crate) async fn all_answer(&self) {
        let before = self.balancer.answered();
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.balancer.answered();
            if before.iter().zip(&now).all(|(before, now)| now > before) {
                return;
            }
            assert!(Instant::now() < until, "{before:?} to {now:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }
}
