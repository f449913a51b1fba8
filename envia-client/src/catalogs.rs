//! The two catalogues of a back end, kept for a while.

use std::sync::Arc;

use api_core::CallOptions;

use crate::{
    Client,
    api::catalog::{ShipmentStatuses, TicketTypes},
    cache::{Cache, Cached, Clock, NeverLoaded, SystemClock},
    rules::{Catalog, StatusNames},
};

/// Ticket types and shipment statuses, each fetched when it is first wanted and again after [`crate::cache::TTL`].
#[derive(Debug)]
pub struct Catalogs {
    client: Client,
    ticket_types: Cache<Catalog>,
    shipment_statuses: Cache<StatusNames>,
}

impl Catalogs {
    /// Catalogues of a client's back end. Nothing is fetched yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::with_clock(client, Arc::new(SystemClock::default()))
    }

    /// The same with a clock of the caller's.
    #[must_use]
    pub fn with_clock(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            ticket_types: Cache::new("ticket types", Catalog::is_empty, Arc::clone(&clock)),
            shipment_statuses: Cache::new("shipment statuses", StatusNames::is_empty, clock),
        }
    }

    /// The client that fetches them.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// All ticket types with their rules.
    ///
    /// # Errors
    ///
    /// When they cannot be fetched and never were.
    pub async fn ticket_types(&self) -> Result<Cached<Catalog>, NeverLoaded> {
        self.ticket_types_with(&CallOptions::default()).await
    }

    /// The same; when they have to be fetched, in this way.
    ///
    /// # Errors
    ///
    /// As [`Self::ticket_types`].
    pub async fn ticket_types_with(
        &self,
        options: &CallOptions,
    ) -> Result<Cached<Catalog>, NeverLoaded> {
        let fetch = || async {
            let request = TicketTypes::default();
            let page = self.client.send_with(&request, options).await?;
            Ok(Catalog::new(page.rows))
        };
        self.ticket_types.get(fetch).await
    }

    /// The names of shipment statuses.
    ///
    /// # Errors
    ///
    /// When they cannot be fetched and never were.
    pub async fn shipment_statuses(&self) -> Result<Cached<StatusNames>, NeverLoaded> {
        self.shipment_statuses_with(&CallOptions::default()).await
    }

    /// The same; when they have to be fetched, in this way.
    ///
    /// # Errors
    ///
    /// As [`Self::shipment_statuses`].
    pub async fn shipment_statuses_with(
        &self,
        options: &CallOptions,
    ) -> Result<Cached<StatusNames>, NeverLoaded> {
        let fetch = || async {
            let request = ShipmentStatuses::default();
            let page = self.client.send_with(&request, options).await?;
            Ok(StatusNames::new(page.rows))
        };
        self.shipment_statuses.get(fetch).await
    }
}
