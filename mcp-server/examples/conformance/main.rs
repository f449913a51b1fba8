//! What the official conformance suite calls by name, on the HTTP of the server: the same connections, limits, keys and
//! endpoint, with a handler of its own in the place of the tools.
//!
//! `MCP_API_KEY=… conformance` takes a free port of loopback and says which. At `/mcp` nothing is kept between two
//! requests, as in the server. At `/mcp/sessions` clients of the older era have sessions, which they need to be asked
//! something within a call.

use std::{collections::BTreeMap, env, error::Error, net::Ipv4Addr, sync::Arc};

use mcp_server::{
    cli::say,
    http::{self, Access, Front, Limits, Names, Profile, hash},
    transport::HttpEndpoint,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::fixtures::{Fixtures, Shared};

mod asking;
mod fixtures;
mod subscriptions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = env::var("MCP_API_KEY").map_err(|_| "MCP_API_KEY must hold the key to ask for")?;
    let shared = Arc::new(Shared::new(hash(&key))?);
    let handler = move || Fixtures::new(Arc::clone(&shared));
    let stop = CancellationToken::new();
    let endpoints = BTreeMap::from([
        ("", HttpEndpoint::of(handler.clone(), stop.clone())),
        (
            "sessions",
            HttpEndpoint::with_sessions(handler, stop.clone()),
        ),
    ]);
    let limits = Limits::default();
    let profile = Arc::new(Profile::new("conformance", endpoints, &limits));
    let access = Access::new().with_key(hash(&key), profile);
    let front = Arc::new(Front::new(access, Names::default(), limits).with_sessions());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    say(&format!("serving at http://{}/mcp", listener.local_addr()?));
    http::serve(listener, front, stop).await?;
    Ok(())
}
