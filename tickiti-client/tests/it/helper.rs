//! An install of one's own, and short names.

use std::time::Duration;

use sandbox::tickiti::{Builder, Tickiti};
use tickiti_client::{
    Client, RetryPolicy, Settings,
    types::{Email, TicketNumber, TicketRef},
};

/// The demo ticket that has everything.
pub(crate) const FEATURED: &str = "709383";

pub(crate) const AGENT: &str = "sandbox-agent";
pub(crate) const ADMIN: &str = "sandbox-admin";

/// An install and a client of it that does not wait long between attempts.
pub(crate) struct World {
    pub(crate) install: Tickiti,
    pub(crate) client: Client,
}

pub(crate) async fn start() -> World {
    start_with(Tickiti::builder()).await
}

pub(crate) async fn start_with(builder: Builder) -> World {
    let install = builder.start().await.unwrap();
    let client = client(&install, ADMIN);
    World { install, client }
}

pub(crate) fn client(install: &Tickiti, token: &str) -> Client {
    let waits =
        RetryPolicy::default().with_waits(Duration::from_millis(1), Duration::from_millis(5));
    Client::builder(install.base_url(), token)
        .settings(
            Settings::default()
                .with_retry(waits)
                .with_deadline(Duration::from_secs(5)),
        )
        .build()
        .unwrap()
}

pub(crate) fn email(text: &str) -> Email {
    Email::new(text).unwrap()
}

pub(crate) fn number(text: &str) -> TicketNumber {
    TicketNumber::new(text).unwrap()
}

pub(crate) fn featured() -> TicketRef {
    number(FEATURED).into()
}
