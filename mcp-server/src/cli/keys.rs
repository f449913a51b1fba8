//! `keys new`: a key for a profile, and the entry that lets it in.

use std::{fmt::Write as _, process::ExitCode};

use clap::{Args, Subcommand};

use super::{print, say};
use crate::http::hash;

/// Keys for profiles.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key, and print the entry of its profile for the configuration file.
    New {
        /// Name of the profile.
        name: String,
    },
}

impl Keys {
    pub(super) fn run(self) -> ExitCode {
        let Command::New { name } = self.command;
        // Two random ids: 244 random bits from the system's source.
        let (one, two) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
        let key = format!("tmcp_{}{}", one.simple(), two.simple());
        let mut digits = String::new();
        for byte in hash(&key) {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        say(&format!("the key of {name}, shown this once: {key}"));
        // A JSON text is a TOML text too.
        print(&format!(
            "[[profiles]]\nname = {}\nkey = \"sha256:{digits}\"\n",
            serde_json::Value::String(name)
        ));
        ExitCode::SUCCESS
    }
}
