//! The demo data: a mail-order shop for outdoor gear, eight months of its mail.

mod featured;
mod people;
mod random;
mod texts;
mod thread;
mod tickets;

use std::collections::BTreeMap;

use super::model::{Queue, QueuePermission, Resolution, State, Team, Token};
use super::switches::Switches;

/// Number of the ticket with the internal id 1, less one.
const NUMBER_BASE: u64 = 709_370;

/// Every plan feature that a route asks for.
pub(super) const PLANS: [&str; 5] = [
    "has_ai_assistant",
    "has_escalations",
    "has_interventions",
    "has_reports",
    "has_resolution_tracking",
];

/// The queue that tracks resolutions.
const RETURNS: u64 = 4;

/// A running install: people, queues, tokens, tickets, and the rows of all families.
pub(super) fn install(switches: Switches, now: i64, with_tickets: bool) -> State {
    let mut state = State {
        switches,
        next_ticket_number: NUMBER_BASE + 1,
        plans: PLANS.iter().map(|plan| (*plan).to_owned()).collect(),
        ..State::default()
    };
    seed_queues(&mut state);
    people::seed(&mut state);
    seed_teams(&mut state);
    seed_resolutions(&mut state);
    seed_tokens(&mut state);
    if with_tickets {
        tickets::seed(&mut state, now);
    }
    super::seed(&mut state);
    state
}

fn seed_queues(state: &mut State) {
    let names = [
        "Inbox",
        "Sales",
        "Support",
        "Returns",
        "Billing",
        "Wholesale",
        "Atención España",
    ];
    for name in names {
        let id = state.next_id("queue");
        let queue = Queue {
            id,
            name: name.to_owned(),
            outgoing_mailbox_id: Some(2),
            track_resolutions: id == RETURNS,
            built_in: name == "Inbox",
            ..Queue::default()
        };
        state.queues.insert(id, queue);
    }
    state.routing = vec![
        ("damaged".to_owned(), RETURNS),
        ("dañado".to_owned(), RETURNS),
    ];
}

fn seed_teams(state: &mut State) {
    for (name, members) in [
        ("Front desk", [4, 5, 6]),
        ("Warehouse", [6, 7, 8]),
        ("Iberia", [3, 5, 8]),
    ] {
        let id = state.next_id("team");
        let team = Team {
            id,
            name: name.to_owned(),
            members: members.into(),
        };
        state.teams.insert(id, team);
    }
}

fn seed_resolutions(state: &mut State) {
    let rows = [
        ("Refunded", "#2e7d32", true),
        ("Replaced", "#1565c0", true),
        ("Explained", "#6a1b9a", true),
        ("Not ours", "#757575", true),
        ("Carrier claim", "#ef6c00", false),
    ];
    for (name, colour, selectable) in rows {
        let id = state.next_id("resolution");
        state.resolutions.push(Resolution {
            id,
            name: name.to_owned(),
            colour: colour.to_owned(),
            selectable,
        });
    }
}

fn seed_tokens(state: &mut State) {
    let families = [
        "administration",
        "mail",
        "reports",
        "settings",
        "skills",
        "supervisor",
        "templates",
        "tickets",
        "workflow",
    ];
    let reads = families.map(|family| format!("{family}:read"));
    let writes = families.iter().filter(|family| **family != "reports");
    let writes = writes.map(|family| format!("{family}:write"));
    let everything = reads
        .iter()
        .cloned()
        .chain(writes)
        .chain(["create-ticket".to_owned()]);
    let agent = ["settings:read", "tickets:read", "tickets:write"].map(str::to_owned);
    let tokens = [
        ("sandbox-admin", people::ADMIN, everything.collect()),
        ("sandbox-agent", people::AGENT, agent.into()),
        ("sandbox-reader", people::READER, reads.into()),
    ];
    for (plain, owner_id, abilities) in tokens {
        let id = state.next_id("token");
        let token = Token {
            id,
            name: plain.to_owned(),
            plain_text: plain.to_owned(),
            owner_id,
            abilities,
            ..Token::default()
        };
        state.tokens.insert(id, token);
    }
}

/// View, manage and delete on every queue.
pub(super) fn every_queue(state: &State) -> BTreeMap<u64, QueuePermission> {
    let all = QueuePermission {
        can_view: true,
        can_manage: true,
        can_delete: true,
        ..QueuePermission::default()
    };
    state.queues.keys().map(|queue| (*queue, all)).collect()
}
