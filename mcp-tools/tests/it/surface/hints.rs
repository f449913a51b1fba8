//! What clients ask their users by: which tools only read, which may take something away, which may be repeated, which
//! reach people outside.

use std::collections::BTreeSet;

use mcp_tools::{Registry, definition, envia, tickiti};
use tickiti_client::api;

use crate::harness::instances;

/// Writes that overwrite nothing and take nothing away.
const ADDING: &[&str] = &[
    "add_participants",
    "close_ticket",
    "copy_responses",
    "create_api_token",
    "create_axial_skill",
    "create_stock_response",
    "create_template",
    "create_ticket",
    "envia_create_ticket",
    "link_tickets",
    "respond_to_ticket",
    "restore_ticket",
    "send_email",
    "upload_template_image",
];

/// Other writes.
const CHANGING: &[&str] = &[
    "change_originator",
    "delete_attachment",
    "delete_axial_skill",
    "delete_axial_skill_action",
    "delete_response",
    "delete_stock_response",
    "delete_tickets",
    "edit_response",
    "envia_update_ticket",
    "merge_tickets",
    "move_responses",
    "remove_participants",
    "revoke_api_token",
    "split_ticket",
    "tickiti_call",
    "unlink_tickets",
    "update_api_token",
    "update_axial_skill",
    "update_stock_response",
    "update_template",
    "upsert_axial_skill_action",
];

/// Tools that are no writes to the back end, but write files on this machine.
const LOCAL: &[&str] = &["download_attachment", "export_responses"];

/// Writes that leave the same state when they are made twice.
const REPEATABLE: &[&str] = &[
    "change_originator",
    "delete_attachment",
    "delete_axial_skill",
    "delete_axial_skill_action",
    "delete_response",
    "delete_stock_response",
    "link_tickets",
    "merge_tickets",
    "restore_ticket",
    "revoke_api_token",
    "unlink_tickets",
    "update_api_token",
    "update_axial_skill",
    "update_stock_response",
    "update_template",
    "upsert_axial_skill_action",
];

/// Tools by which mail to people can leave.
const OUTSIDE: &[&str] = &[
    "close_ticket",
    "create_ticket",
    "edit_response",
    "envia_create_ticket",
    "envia_update_ticket",
    "respond_to_ticket",
    "send_email",
    "tickiti_call",
];

#[test]
fn each_tool_tells_what_it_may_do() {
    let instances = instances(&["default"], "http://127.0.0.1:9", "sandbox-admin");
    let registry = Registry::new(vec![tickiti::module(&instances), envia::module()]).unwrap();
    let mut told = BTreeSet::new();
    for tool in registry.iter() {
        let name = match tool.module() {
            "envia" => tool.name(),
            _ => tool.own_name(),
        };
        if LOCAL.contains(&name) {
            continue;
        }
        let hints = definition::annotations(tool.spec());
        let writes = ADDING.contains(&name) || CHANGING.contains(&name);
        assert_eq!(hints.read_only_hint, Some(!writes), "{name} reads");
        let changes = CHANGING.contains(&name);
        assert_eq!(hints.destructive_hint, Some(changes), "{name} destroys");
        let repeatable = !writes || REPEATABLE.contains(&name);
        assert_eq!(hints.idempotent_hint, Some(repeatable), "{name} repeats");
        let outside = OUTSIDE.contains(&name);
        assert_eq!(hints.open_world_hint, Some(outside), "{name} reaches out");
        told.insert(name.to_owned());
    }
    let known = ADDING.iter().chain(CHANGING).copied();
    let gone: Vec<&str> = known.filter(|name| !told.contains(*name)).collect();
    assert_eq!(gone, Vec::<&str>::new());
}

/// Endpoints of which the last word of the name does not tell that they add, or does so wrongly.
#[test]
fn which_endpoints_say_it_otherwise_than_by_their_name() {
    let said = api::ALL.iter().filter_map(|operation| {
        let spec = operation.spec;
        spec.adds.map(|adds| (spec.name, adds))
    });
    let mut said: Vec<(&str, bool)> = said.collect();
    said.sort_unstable();
    assert_eq!(
        said,
        [
            ("settings.watchlists.add_tickets", true),
            ("tickets.close", true),
            ("tickets.respond", true),
        ]
    );
}
