//! All that a run needs: what is measured, over what floors, against which back end.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    Outcome,
    arguments::{Arguments, words},
    direct::Direct,
    place::Place,
    plan::Plan,
    process::Subject,
    sandbox::Sandbox,
};

#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) plan: Plan,
    pub(crate) sandbox: Sandbox,
    pub(crate) direct: Direct,
    /// The server that has the budgets.
    pub(crate) ours: Subject,
    /// Servers of the command line.
    pub(crate) others: Vec<Subject>,
    /// This program, which is its own floors.
    program: PathBuf,
}

impl Bench {
    /// Starts the sandbox and gets everything ready.
    pub(crate) fn new(arguments: &Arguments, binary: PathBuf) -> Outcome<Self> {
        let sandbox = Sandbox::start(&binary)?;
        let subject = |name: &str, program: PathBuf, arguments_: Vec<OsString>| Subject {
            name: name.to_owned(),
            program,
            arguments: arguments_,
            environment: sandbox.environment(),
            place: Place::Anywhere,
        };
        let mut others = Vec::new();
        for command in &arguments.server {
            let mut words = words(command)?.into_iter();
            let program = words.next().ok_or("--server needs a command")?;
            others.push(subject(
                command,
                program.into(),
                words.map(OsString::from).collect(),
            ));
        }
        Ok(Self {
            plan: if arguments.quick {
                Plan::QUICK
            } else {
                Plan::FULL
            },
            direct: Direct::new(&sandbox.base)?,
            ours: subject("ticketing-mcp", binary, Vec::new()),
            others,
            program: std::env::current_exe()?,
            sandbox,
        })
    }

    /// The floor of the hop, with answers of a length.
    pub(crate) fn bare_hop(&self, length: usize) -> Subject {
        self.floor("bare hop", "--bare-hop", length)
    }

    /// The least server of the protocol library.
    pub(crate) fn bare_rmcp(&self, length: usize) -> Subject {
        self.floor("bare rmcp", "--bare-rmcp", length)
    }

    fn floor(&self, name: &str, flag: &str, length: usize) -> Subject {
        Subject {
            name: name.to_owned(),
            program: self.program.clone(),
            arguments: vec![flag.into(), length.to_string().into()],
            environment: Vec::new(),
            place: Place::Anywhere,
        }
    }

    /// The server, then the floors that are servers too, then the others.
    pub(crate) fn all(&self) -> Vec<Subject> {
        let floors = [self.bare_rmcp(1024), self.bare_hop(1024)];
        [self.ours.clone()]
            .into_iter()
            .chain(floors)
            .chain(self.others.iter().cloned())
            .collect()
    }

    /// The server that has the budgets, over HTTP.
    pub(crate) fn over_http(&self) -> Subject {
        Subject {
            name: format!("{} over HTTP", self.ours.name),
            ..self.ours.clone()
        }
    }

    /// The servers that serve the tools.
    pub(crate) fn servers(&self) -> Vec<Subject> {
        [self.ours.clone()]
            .into_iter()
            .chain(self.others.iter().cloned())
            .collect()
    }
}
