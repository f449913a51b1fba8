//! The endpoints: one module per family, one request type per endpoint, and the list of them all.
//!
//! # What can be taken back
//!
//! Every write says in its [`Spec`](api_core::Spec) whether its effect can be undone, by one rule:
//!
//! - **Reversible** when one call restores the former state, and the text names it: a create names the delete, an
//!   update names itself (called with the values that were read before), and opposites such as adding and removing
//!   name each other.
//! - **Compensable** when it takes judgement, several calls or a person: what is deleted by its id can be made again
//!   from what was read before, under a new id; a call that adds or changes is undone by the one call or the other,
//!   depending on what was there; a secret or file that cannot be read back can be given again by whoever has it; a
//!   message in a ticket can be followed by another.
//! - **Irreversible** when something is sent to people or systems, or is lost that no call can read or make: purged
//!   data, revoked keys, tokens known to a remote system alone, assignments, connections that only a browser makes.

pub mod administration;
pub mod axial;
pub mod faqs;
pub mod idempotency_key;
pub mod interventions;
pub mod mail;
pub mod reports;
pub mod settings;
pub mod supervisor;
pub mod templates;
pub mod tickets;
pub mod token;
#[cfg(test)]
mod wire;
pub mod workflow;

use std::collections::BTreeSet;

use api_core::Operation;

/// Every endpoint, in the order of the names.
// Not a `const`: each crate that reads one compiles the code of all endpoints anew.
pub static ALL: &[Operation] = &[
    Operation::of::<administration::ai::Index>(),
    Operation::of::<administration::ai::Update>(),
    Operation::of::<administration::api_tokens::Create>(),
    Operation::of::<administration::api_tokens::Index>(),
    Operation::of::<administration::api_tokens::Revoke>(),
    Operation::of::<administration::api_tokens::Update>(),
    Operation::of::<administration::branding::AppLogo>(),
    Operation::of::<administration::branding::EmailLogo>(),
    Operation::of::<administration::branding::Index>(),
    Operation::of::<administration::branding::ResetAppLogo>(),
    Operation::of::<administration::branding::ResetEmailLogo>(),
    Operation::of::<administration::branding::Update>(),
    Operation::of::<administration::custom_domain::Status>(),
    Operation::of::<administration::custom_domain::Update>(),
    Operation::of::<administration::diagnostics::Fetch>(),
    Operation::of::<administration::diagnostics::Index>(),
    Operation::of::<administration::diagnostics::Update>(),
    Operation::of::<administration::diagnostics::Upload>(),
    Operation::of::<administration::licence::Index>(),
    Operation::of::<administration::storage::DeleteClosed>(),
    Operation::of::<administration::storage::DeleteOrphaned>(),
    Operation::of::<administration::storage::Retention>(),
    Operation::of::<administration::system::Index>(),
    Operation::of::<administration::system::Update>(),
    Operation::of::<administration::teams::Create>(),
    Operation::of::<administration::teams::Delete>(),
    Operation::of::<administration::teams::Index>(),
    Operation::of::<administration::teams::Update>(),
    Operation::of::<administration::users::Create>(),
    Operation::of::<administration::users::Index>(),
    Operation::of::<administration::users::QueueDetach>(),
    Operation::of::<administration::users::QueueUpsert>(),
    Operation::of::<administration::users::Update>(),
    Operation::of::<axial::skills::actions::Delete>(),
    Operation::of::<axial::skills::actions::Upsert>(),
    Operation::of::<axial::skills::Create>(),
    Operation::of::<axial::skills::Delete>(),
    Operation::of::<axial::skills::Index>(),
    Operation::of::<axial::skills::Options>(),
    Operation::of::<axial::skills::Show>(),
    Operation::of::<axial::skills::Update>(),
    Operation::of::<faqs::List>(),
    Operation::of::<idempotency_key::Create>(),
    Operation::of::<interventions::Accept>(),
    Operation::of::<mail::excluded::Create>(),
    Operation::of::<mail::excluded::Delete>(),
    Operation::of::<mail::excluded::Index>(),
    Operation::of::<mail::mailboxes::Create>(),
    Operation::of::<mail::mailboxes::Delete>(),
    Operation::of::<mail::mailboxes::Index>(),
    Operation::of::<mail::mailboxes::SetPassword>(),
    Operation::of::<mail::mailboxes::Update>(),
    Operation::of::<mail::Send>(),
    Operation::of::<mail::sent_mail::List>(),
    Operation::of::<mail::sent_mail::Search>(),
    Operation::of::<mail::sent_mail::Show>(),
    Operation::of::<mail::subjects::Create>(),
    Operation::of::<mail::subjects::Delete>(),
    Operation::of::<mail::subjects::Index>(),
    Operation::of::<reports::AgentActivity>(),
    Operation::of::<reports::Meta>(),
    Operation::of::<reports::Resolutions>(),
    Operation::of::<reports::ResponseTimes>(),
    Operation::of::<reports::Volumes>(),
    Operation::of::<settings::hashtags::Delete>(),
    Operation::of::<settings::hashtags::Index>(),
    Operation::of::<settings::perspectives::Create>(),
    Operation::of::<settings::perspectives::Delete>(),
    Operation::of::<settings::perspectives::Index>(),
    Operation::of::<settings::perspectives::Show>(),
    Operation::of::<settings::perspectives::Update>(),
    Operation::of::<settings::stock_responses::Create>(),
    Operation::of::<settings::stock_responses::Delete>(),
    Operation::of::<settings::stock_responses::ImageUpload>(),
    Operation::of::<settings::stock_responses::Index>(),
    Operation::of::<settings::stock_responses::Show>(),
    Operation::of::<settings::stock_responses::Update>(),
    Operation::of::<settings::watchlists::AddTickets>(),
    Operation::of::<settings::watchlists::Create>(),
    Operation::of::<settings::watchlists::Delete>(),
    Operation::of::<settings::watchlists::Index>(),
    Operation::of::<settings::watchlists::RemoveTickets>(),
    Operation::of::<settings::watchlists::Reorder>(),
    Operation::of::<settings::watchlists::Update>(),
    Operation::of::<supervisor::Diagnostics>(),
    Operation::of::<supervisor::health::DiskDelete>(),
    Operation::of::<supervisor::health::DiskStore>(),
    Operation::of::<supervisor::health::ExceptionDelete>(),
    Operation::of::<supervisor::health::ExceptionStore>(),
    Operation::of::<supervisor::health::Manage>(),
    Operation::of::<supervisor::health::Status>(),
    Operation::of::<supervisor::jobs::Delete>(),
    Operation::of::<supervisor::jobs::Index>(),
    Operation::of::<supervisor::jobs::Retry>(),
    Operation::of::<supervisor::super_tasks::Fetch>(),
    Operation::of::<templates::Create>(),
    Operation::of::<templates::Delete>(),
    Operation::of::<templates::Faqs>(),
    Operation::of::<templates::ImageUpload>(),
    Operation::of::<templates::Index>(),
    Operation::of::<templates::Render>(),
    Operation::of::<templates::Search>(),
    Operation::of::<templates::Show>(),
    Operation::of::<templates::Update>(),
    Operation::of::<tickets::Attachment>(),
    Operation::of::<tickets::AttachmentDelete>(),
    Operation::of::<tickets::AttachmentUpload>(),
    Operation::of::<tickets::Close>(),
    Operation::of::<tickets::Create>(),
    Operation::of::<tickets::Delete>(),
    Operation::of::<tickets::Link>(),
    Operation::of::<tickets::Links>(),
    Operation::of::<tickets::Merge>(),
    Operation::of::<tickets::OriginatorUpdate>(),
    Operation::of::<tickets::ParticipantsAdd>(),
    Operation::of::<tickets::ParticipantsRemove>(),
    Operation::of::<tickets::Query>(),
    Operation::of::<tickets::Queues>(),
    Operation::of::<tickets::Resolutions>(),
    Operation::of::<tickets::Respond>(),
    Operation::of::<tickets::ResponseCopy>(),
    Operation::of::<tickets::ResponseDelete>(),
    Operation::of::<tickets::ResponseMove>(),
    Operation::of::<tickets::ResponseShow>(),
    Operation::of::<tickets::ResponseUpdate>(),
    Operation::of::<tickets::Responses>(),
    Operation::of::<tickets::ResponsesQuery>(),
    Operation::of::<tickets::Restore>(),
    Operation::of::<tickets::SearchModes>(),
    Operation::of::<tickets::Show>(),
    Operation::of::<tickets::Split>(),
    Operation::of::<tickets::Staff>(),
    Operation::of::<tickets::Teams>(),
    Operation::of::<tickets::Unlink>(),
    Operation::of::<token::Show>(),
    Operation::of::<workflow::business_hours::Update>(),
    Operation::of::<workflow::escalations::Create>(),
    Operation::of::<workflow::escalations::Delete>(),
    Operation::of::<workflow::escalations::Index>(),
    Operation::of::<workflow::escalations::Update>(),
    Operation::of::<workflow::interventions::Create>(),
    Operation::of::<workflow::interventions::Delete>(),
    Operation::of::<workflow::interventions::GenerateToken>(),
    Operation::of::<workflow::interventions::Index>(),
    Operation::of::<workflow::interventions::Update>(),
    Operation::of::<workflow::queues::Create>(),
    Operation::of::<workflow::queues::Delete>(),
    Operation::of::<workflow::queues::Index>(),
    Operation::of::<workflow::queues::Move>(),
    Operation::of::<workflow::queues::Update>(),
    Operation::of::<workflow::resolutions::Create>(),
    Operation::of::<workflow::resolutions::Delete>(),
    Operation::of::<workflow::resolutions::Index>(),
    Operation::of::<workflow::resolutions::Reorder>(),
    Operation::of::<workflow::resolutions::Update>(),
];

/// The endpoint of a family with an action: `find("tickets", "create")`.
///
/// An endpoint that is a family of its own has the action `(root)`.
#[must_use]
pub fn find(family: &str, action: &str) -> Option<&'static Operation> {
    ALL.iter()
        .find(|operation| operation.spec.family() == family && operation.spec.action() == action)
}

/// The endpoint with a name: `tickets.create`.
#[must_use]
pub fn named(name: &str) -> Option<&'static Operation> {
    ALL.iter().find(|operation| operation.spec.name == name)
}

/// Names of the families, in order.
#[must_use]
pub fn families() -> BTreeSet<&'static str> {
    ALL.iter()
        .map(|operation| operation.spec.family())
        .collect()
}

/// Actions of a family, in order; none when there is no such family.
pub fn actions(family: &str) -> impl Iterator<Item = &'static str> {
    ALL.iter()
        .filter(move |operation| operation.spec.family() == family)
        .map(|operation| operation.spec.action())
}
