//! The toolset `axial`: the skills that the product's assistant drafts from.

use api_core::Operation;
use serde_json::json;
use tickiti_client::api::axial::skills::{self, actions as action};

use super::{Tickiti, answers};
use crate::{endpoint_tool::EndpointTool, tool::JsonObject};

const TOOLSET: &str = "axial";

/// The tools served as they are.
pub(super) const ENDPOINTS: &[EndpointTool<Tickiti>] = &[
    EndpointTool::new(
        "list_axial_skills",
        "List Axial skills",
        TOOLSET,
        Operation::of::<skills::Index>(),
        "Lists the skills that Axial, the install's assistant, drafts answers by, without instructions. One whole: \
         get_axial_skill.",
    )
    .answers(|| answers::list_of("skills"), |payload| answers::as_list(payload, "skills")),
    EndpointTool::new(
        "get_axial_skill",
        "Get Axial skill",
        TOOLSET,
        Operation::of::<skills::Show>(),
        "Reads one skill with its instructions and actions. Read it before update_axial_skill, which replaces instructions \
         whole.",
    ),
    EndpointTool::new(
        "get_axial_skill_options",
        "Get Axial skill options",
        TOOLSET,
        Operation::of::<skills::Options>(),
        "Tells what skills and actions can be made of: local handlers, permissions, compositions, names of fields.",
    ),
    EndpointTool::new(
        "create_axial_skill",
        "Create Axial skill",
        TOOLSET,
        Operation::of::<skills::Create>(),
        "Adds a skill with its actions, all or nothing. Handlers to choose from: get_axial_skill_options. To change one use \
         update_axial_skill.",
    )
    .instead(actions)
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "update_axial_skill",
        "Update Axial skill",
        TOOLSET,
        Operation::of::<skills::Update>(),
        "Changes the given fields of a skill; instructions are replaced whole, so read them with get_axial_skill. Actions: \
         upsert_axial_skill_action.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "delete_axial_skill",
        "Delete Axial skill",
        TOOLSET,
        Operation::of::<skills::Delete>(),
        "Deletes a skill with its actions; `axial.core` stays. To put it out of use, update_axial_skill with enabled false.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "upsert_axial_skill_action",
        "Set Axial skill action",
        TOOLSET,
        Operation::of::<action::Upsert>(),
        "Adds an action to a skill, or changes the given fields of the one of that name. Answers the whole skill.",
    )
    .answers(answers::outcome, answers::done),
    EndpointTool::new(
        "delete_axial_skill_action",
        "Delete Axial skill action",
        TOOLSET,
        Operation::of::<action::Delete>(),
        "Takes an action out of a skill. Answers the whole skill.",
    )
    .answers(answers::outcome, answers::done),
];

/// Actions of a new skill; their whole form stands where single ones are set.
fn actions() -> JsonObject {
    let about = "Actions, each as upsert_axial_skill_action takes it.";
    let schema = json!({"type": "array", "items": {"type": "object", "additionalProperties": true}, "description": about});
    JsonObject::from_iter([("actions".to_owned(), schema)])
}
