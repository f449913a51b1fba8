//! Short ways to the calls that every program makes.

use api_core::Error;

use crate::{
    Client,
    api::tickets::{
        Close, Create, Created, Query, Respond, Responded, ResponsesPage, ResponsesQuery, Show,
        Shown, TicketRow,
    },
    types::Rows,
};

/// The everyday calls of the tickets family, as [`Client::tickets`] gives it.
///
/// Every other endpoint is a request type in [`crate::api`] and goes through [`Client::send`].
#[derive(Debug, Clone, Copy)]
pub struct Tickets<'a>(&'a Client);

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty;)+) => {
        impl<'a> Tickets<'a> {
            pub(crate) const fn new(client: &'a Client) -> Self {
                Self(client)
            }

            $($(#[$doc])*
            ///
            /// # Errors
            ///
            /// As [`Client::send`].
            pub async fn $name(&self, request: &$request) -> Result<$response, Error> {
                self.0.send(request).await
            })+
        }
    };
}

calls! {
    /// Opens a ticket.
    create(Create) -> Created;
    /// Adds a reply or a note, or changes attributes.
    respond(Respond) -> Responded;
    /// Closes a ticket.
    close(Close) -> Responded;
    /// Reads a ticket with its thread.
    show(Show) -> Shown;
    /// Searches tickets.
    query(Query) -> Rows<TicketRow>;
    /// Searches responses across tickets, one page; [`Client::responses`] turns the pages.
    query_responses(ResponsesQuery) -> ResponsesPage;
}
