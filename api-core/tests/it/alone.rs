//! Tests that need a process of their own: the environment and the logs belong to a process, not to a thread.

use std::process::Command;

/// Runs an ignored test of this binary in a process of its own, with these environment variables.
pub(crate) fn run(test: &str, environment: &[(&str, &str)]) {
    let child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .envs(environment.iter().copied())
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    let errors = String::from_utf8_lossy(&child.stderr);
    assert!(
        child.status.success() && told.contains("1 passed"),
        "{told}{errors}"
    );
}
