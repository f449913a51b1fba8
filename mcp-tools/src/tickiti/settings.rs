//! The toolset `settings`: stock responses and perspectives.

use api_core::Operation;
use tickiti_client::api::settings::{perspectives, stock_responses};

use super::{Tickiti, answers, revise::Revise};
use crate::{endpoint_tool::EndpointTool, schema};

const TOOLSET: &str = "settings";

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "get_stock_response",
        "Get stock response",
        TOOLSET,
        Operation::of::<stock_responses::Show>(),
        "Reads one prepared answer with its body. Its `version` is for update_stock_response. Find the id with \
         list_stock_responses.",
    )
    .answers(answers::template, answers::with_version),
    EndpointTool::new(
        "create_stock_response",
        "Create stock response",
        TOOLSET,
        Operation::of::<stock_responses::Create>(),
        "Adds a prepared answer that staff can pick. Answers its id. Texts that the install mails by itself are templates: \
         create_template.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "delete_stock_response",
        "Delete stock response",
        TOOLSET,
        Operation::of::<stock_responses::Delete>(),
        "Deletes a prepared answer. To only hide it, update_stock_response with is_enabled false.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "get_perspective",
        "Get perspective",
        TOOLSET,
        Operation::of::<perspectives::Show>(),
        "Reads one saved ticket view with its conditions and orders, by id or exact name. All: list_perspectives with \
         `scope: all`. The tickets in it: query_tickets.",
    ),
];

/// `update_stock_response`.
pub(super) const UPDATE: Revise = Revise {
    name: "update_stock_response",
    title: "Update stock response",
    toolset: TOOLSET,
    description: "Changes a prepared answer: only the fields that are given and differ. Read it with get_stock_response \
                  first, and give its version as if_version. Answers what changed.",
    show: Operation::of::<stock_responses::Show>(),
    update: Operation::of::<stock_responses::Update>(),
    fields: schema::of::<stock_responses::Change>,
    hidden: &[],
    reader: "get_stock_response",
};
