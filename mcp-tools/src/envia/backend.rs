//! Envia as a back end of tools: calls with their failures explained, and the catalogues.

use std::sync::Once;

use api_core::{CallOptions, Endpoint, Error};
use envia_client::{
    Catalogs, Client,
    api::{
        catalog::ShipmentStatuses,
        tickets::{Show, Ticket},
    },
    cache::{Cached, NeverLoaded, RefreshError},
    rules::{Catalog, StatusNames},
    types::TicketId,
};

use super::failure;
use crate::{
    context::Context,
    error::{ErrorKind, ToolError},
    probe::Probe,
};

/// The Admon back office that the tools of a profile reach, with its catalogues.
#[derive(Debug)]
pub struct Envia {
    catalogs: Catalogs,
    broken_types_told: Once,
}

impl Envia {
    /// The back end over a client. Nothing is sent yet.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self::with_catalogs(Catalogs::new(client))
    }

    /// The same with catalogues that others share, or that have a clock of their own.
    #[must_use]
    pub const fn with_catalogs(catalogs: Catalogs) -> Self {
        Self {
            catalogs,
            broken_types_told: Once::new(),
        }
    }

    /// A probe of the back office. The smaller of its catalogues is asked for; it is not kept.
    #[must_use]
    pub fn probe(client: &Client) -> Probe {
        let asked = client.clone();
        let ask = move |options| {
            let client = asked.clone();
            async move {
                client
                    .send_with(&ShipmentStatuses::default(), &options)
                    .await
            }
        };
        Probe::new("envia", None, client.base(), ask)
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// What went wrong, in words for the model.
    pub(super) async fn send<E: Endpoint>(
        &self,
        context: &Context,
        request: &E,
    ) -> Result<E::Response, ToolError> {
        let sent = self.attempt(context, request).await;
        sent.map_err(|error| failure::explain(&error))
    }

    /// The same with the failure as it is, for callers that act upon it.
    pub(super) async fn attempt<E: Endpoint>(
        &self,
        context: &Context,
        request: &E,
    ) -> Result<E::Response, Error> {
        self.attempt_with(request, &context.options()).await
    }

    /// The same with options of the caller's.
    pub(super) async fn attempt_with<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> Result<E::Response, Error> {
        self.catalogs.client().send_with(request, options).await
    }

    /// The ticket of an id.
    ///
    /// # Errors
    ///
    /// What went wrong, also when the answer is another ticket.
    pub(super) async fn ticket(
        &self,
        context: &Context,
        id: TicketId,
    ) -> Result<Ticket, ToolError> {
        let ticket = self.send(context, &Show::new(id)).await?.0;
        if ticket.id == id {
            return Ok(ticket);
        }
        let text = format!(
            "the back office was asked for ticket {id} and answered ticket {}; nothing can be said about {id}, and nothing was \
             changed. Tell the user.",
            ticket.id
        );
        Err(ToolError::new(ErrorKind::Upstream, text))
    }

    /// The ticket types with their rules.
    pub(super) async fn ticket_types(
        &self,
        context: &Context,
    ) -> Result<Cached<Catalog>, ToolError> {
        let types = self.catalogs.ticket_types_with(&context.options()).await;
        let types = types.map_err(never_loaded)?;
        self.broken_types_told
            .call_once(|| tell_broken(&types.value));
        Ok(types)
    }

    /// The names of shipment statuses.
    pub(super) async fn shipment_statuses(
        &self,
        context: &Context,
    ) -> Result<Cached<StatusNames>, ToolError> {
        let options = context.options();
        let names = self.catalogs.shipment_statuses_with(&options).await;
        names.map_err(never_loaded)
    }
}

/// Rules that cannot be read are for whoever keeps the back office.
fn tell_broken(types: &Catalog) {
    for rules in types.types() {
        if let Some(reason) = &rules.broken {
            tracing::warn!(ticket_type = %rules.id, reason, "the rules of a ticket type cannot be read");
        }
        for place in &rules.unreadable {
            tracing::warn!(ticket_type = %rules.id, place, "a rule of a ticket type cannot be read");
        }
    }
}

/// Told as other failed calls are: a refused token calls for the operator, throttling for a wait.
#[expect(clippy::needless_pass_by_value, reason = "maps an error")]
fn never_loaded(error: NeverLoaded) -> ToolError {
    if let RefreshError::Failed(failed) = error.source.as_ref() {
        let told = failure::explain(failed);
        // A catalogue that is not found is no fault of the arguments.
        if told.kind() != ErrorKind::NotFound {
            return told.with_advice(&format!(
                "The {} could not be loaded, and none were loaded before. Nothing was changed.",
                error.what
            ));
        }
    }
    let text = format!("{error}. Nothing was changed.");
    ToolError::new(ErrorKind::Upstream, text)
}

/// What a caller must know of a value that is older than it should be.
pub(super) fn stale_note<T>(cached: &Cached<T>, what: &str) -> Option<String> {
    let hours = cached.age.as_secs() / 3_600;
    cached.stale.as_ref().map(|_| {
        format!(
            "the {what} are {hours} h old: they could not be loaded anew, so they may have changed"
        )
    })
}
