//! Envia as a back end of tools.

use envia_client::{Catalogs, Client};

/// The Admon back office that the tools of a profile reach, with its catalogues.
#[derive(Debug)]
pub struct Envia {
    catalogs: Catalogs,
}

impl Envia {
    /// The back end over a client. Nothing is sent yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            catalogs: Catalogs::new(client),
        }
    }

    /// The client.
    #[must_use]
    pub const fn client(&self) -> &Client {
        self.catalogs.client()
    }
}
