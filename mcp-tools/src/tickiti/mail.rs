//! The toolset `mail`: mail that belongs to no ticket, and what was sent.

use api_core::Operation;
use tickiti_client::api::mail;

use super::{Tickiti, answers, with_body::WithBody};
use crate::endpoint_tool::EndpointTool;

const TOOLSET: &str = "mail";

/// The tool that sends mail.
pub(super) const SEND_EMAIL: WithBody = WithBody(
    EndpointTool::new(
        "send_email",
        "Send e-mail",
        TOOLSET,
        Operation::of::<mail::Send>(),
        "Sends one e-mail that belongs to no ticket: subject and content, or template_identifier and data. To write to a \
         customer on a ticket use respond_to_ticket; to see a template first, render_template.",
    )
    .open_world()
    .answers(answers::outcome, answers::done),
);

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "search_sent_mail",
        "Search sent mail",
        TOOLSET,
        Operation::of::<mail::sent_mail::Search>(),
        "Finds mail that left the install by words in subjects and receivers' addresses, newest first where the install \
         sorts so. Messages on tickets: query_responses.",
    )
    .answers(|| answers::list_of("messages"), |payload| answers::as_list(payload, "messages")),
];
