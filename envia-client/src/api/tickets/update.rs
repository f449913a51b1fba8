//! Changing a ticket.

use std::borrow::Cow;

use api_core::{
    Endpoint, Method, Problem, Repeat, Reversal, Spec,
    path::{self, PathError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    json::Plain,
    problems::Problems,
    statuses::TicketStatus,
    types::{Done, StaffId, TicketId, TypeId},
};

/// Changes a ticket; what is not given stays. [`crate::rules::Change`] judges it before it is sent.
///
/// Not repeated by itself: a comment is added each time the call arrives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Update {
    /// Id of the ticket. Example: 58231.
    #[serde(skip_serializing)]
    pub ticket_id: TicketId,
    /// New status, 1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_id: Option<TicketStatus>,
    /// Comment that is kept with the change; the name on the wire is (inferred).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Member of staff to assign it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to_id: Option<StaffId>,
    /// Why it is declined: an id of the catalogue of reasons, or a text (inferred).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "plain"
    )]
    pub reason_decline: Option<Value>,
    /// Type to move it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_ticket_type_id: Option<TypeId>,
}

impl Update {
    /// A change of nothing yet.
    pub fn new(ticket_id: impl Into<TicketId>) -> Self {
        Self {
            ticket_id: ticket_id.into(),
            status_id: None,
            comment: None,
            assigned_to_id: None,
            reason_decline: None,
            new_ticket_type_id: None,
        }
    }

    /// True when nothing is to be changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.status_id.is_none()
            && self.comment.is_none()
            && self.assigned_to_id.is_none()
            && self.reason_decline.is_none()
            && self.new_ticket_type_id.is_none()
    }
}

fn plain<S: serde::Serializer>(reason: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    reason.as_ref().map(Plain).serialize(serializer)
}

impl Endpoint for Update {
    type Response = Done;
    const SPEC: Spec = Spec::write(
        "tickets.update",
        "companies/tickets/{ticket_id}",
        Repeat::Never,
        Reversal::Compensable,
    )
    .method(Method::Put);

    fn path(&self) -> Result<Cow<'static, str>, PathError> {
        path::fill(
            Self::SPEC.path,
            &[("ticket_id", &self.ticket_id.to_string())],
        )
    }

    fn problems(&self) -> Vec<Problem> {
        let reason = self.reason_decline.as_ref();
        Problems::default()
            .id("ticket_id", Some(self.ticket_id.get()))
            .require(
                !self.is_empty(),
                "ticket_id",
                "is alone: give at least one change",
            )
            .filled("comment", self.comment.as_deref())
            .id("assigned_to_id", self.assigned_to_id.map(StaffId::get))
            .require(
                reason.is_none_or(|reason| reason.is_string() || reason.is_number()),
                "reason_decline",
                "must be an id or a text",
            )
            .id(
                "new_ticket_type_id",
                self.new_ticket_type_id.map(TypeId::get),
            )
            .take()
    }
}
