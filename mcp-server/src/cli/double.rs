//! The sandbox inside this process.

use sandbox::tickiti::Tickiti;

/// A running sandbox; it ends when this is dropped.
pub(super) struct Double(Tickiti);

impl Double {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(super) fn base_url(&self) -> String {
        self.0.base_url()
    }
}

/// Starts the sandbox on loopback; port 0 takes a free one.
pub(super) async fn start(port: u16) -> Result<Double, String> {
    match Tickiti::builder().port(port).start().await {
        Ok(double) => Ok(Double(double)),
        Err(error) => Err(format!("the sandbox cannot listen on port {port}: {error}")),
    }
}
