//! The toolset `templates`: texts of the mails and notifications that the install sends, and the FAQs.

use api_core::Operation;
use tickiti_client::api::templates;

use super::{Tickiti, answers, revise::Revise};
use crate::{endpoint_tool::EndpointTool, schema};

const TOOLSET: &str = "templates";

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "search_templates",
        "Search templates",
        TOOLSET,
        Operation::of::<templates::Search>(),
        "Finds templates and FAQs by words in identifier, subject, content and keywords. One with its text: get_template. \
         Prepared answers of staff: list_stock_responses.",
    ),
    EndpointTool::new(
        "get_template",
        "Get template",
        TOOLSET,
        Operation::of::<templates::Show>(),
        "Reads one template or FAQ with its text. Its `version` is for update_template. Find the id with search_templates.",
    )
    .answers(answers::template, answers::with_version),
    EndpointTool::new(
        "create_template",
        "Create template",
        TOOLSET,
        Operation::of::<templates::Create>(),
        "Adds a template or FAQ. The install answers no id: search_templates finds it. Prepared answers of staff: \
         create_stock_response.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "render_template",
        "Render template",
        TOOLSET,
        Operation::of::<templates::Render>(),
        "Shows the subject and HTML that a template makes of some values; sends nothing. To send it use send_email.",
    ),
];

/// `update_template`.
pub(super) const UPDATE: Revise = Revise {
    name: "update_template",
    title: "Update template",
    toolset: TOOLSET,
    description: "Changes a template or FAQ: only the fields that are given and differ. Read it with get_template first, and \
                  give its version as if_version. Answers what changed.",
    show: Operation::of::<templates::Show>(),
    update: Operation::of::<templates::Update>(),
    fields: schema::of::<templates::Change>,
    hidden: &["type"],
    reader: "get_template",
};
