//! A small install for the tests of the families.

use serde_json::{Value, json};

use super::object;
use crate::tickiti::call::{Call, Upload};
use crate::tickiti::model::{Queue, Resolution, Response, State, Ticket, Token, User};
use crate::tickiti::reply::Reply;

/// 2026-06-15 12:00:00 UTC.
pub(in crate::tickiti) const NOW: i64 = 1_781_524_800;

const DAY: i64 = 86_400;

/// Queues 1 `Inbox` (built in) and 3 `Claims`; users 1 (system), 2 (admin) and 3 (staff);
/// tickets 11 (open), 12 (closed, resolved) and 13 (closed 40 days ago); all demo rows.
pub(in crate::tickiti) fn state() -> State {
    let mut state = State::default();
    for (id, name) in [(1, "Inbox"), (3, "Claims")] {
        let queue = Queue {
            id,
            name: name.to_owned(),
            built_in: id == 1,
            ..Queue::default()
        };
        state.queues.insert(id, queue);
    }
    for user in [user(1), user(2), user(3)] {
        state.users.insert(user.id, user);
    }
    for (id, name) in [(1, "Fixed"), (2, "Refused")] {
        state.resolutions.push(Resolution {
            id,
            name: name.to_owned(),
            colour: "#2e7d32".to_owned(),
            selectable: true,
        });
    }
    for (id, status, days) in [(11, "open", 1), (12, "closed", 2), (13, "closed", 40)] {
        let ticket = Ticket {
            id,
            number: 481_000 + id,
            status: status.to_owned(),
            queue_id: 1,
            resolved: (id == 12).then_some(1),
            hashtags: [format!("tag{id}")].into(),
            created_at: NOW - days * DAY,
            updated_at: NOW - days * DAY,
            ..Ticket::default()
        };
        state.ticket_numbers.insert(ticket.number, id);
        state.tickets.insert(id, ticket);
    }
    for (id, ticket_id, email, minutes) in [
        (21, 11, "dana@customer.example", 0),
        (22, 11, "staff@shop.example", 90),
        (23, 12, "dana@customer.example", 0),
    ] {
        let opened = state.tickets[&ticket_id].created_at;
        let response = Response {
            id,
            ticket_id,
            staff_response: email.starts_with("staff"),
            created_by_email: email.to_owned(),
            created_at: opened + minutes * 60,
            ..Response::default()
        };
        state.responses.insert(id, response);
    }
    crate::tickiti::seed(&mut state);
    state
}

/// One of the three users.
fn user(id: u64) -> User {
    let name = ["nobody", "system", "admin", "staff"][usize::try_from(id).unwrap()];
    User {
        id,
        name: name.to_owned(),
        email: format!("{name}@shop.example"),
        is_staff: true,
        is_admin: id < 3,
        is_system: id == 1,
        password: "sandbox-password".to_owned(),
        ..User::default()
    }
}

/// A call of the admin, whose token holds `abilities` (or everything).
pub(in crate::tickiti) fn call(body: Value) -> Call {
    call_as(2, body)
}

/// A call of one of the users.
pub(in crate::tickiti) fn call_as(id: u64, body: Value) -> Call {
    Call {
        token: Some(Token {
            owner_id: id,
            abilities: ["*".to_owned()].into(),
            ..Token::default()
        }),
        owner: Some(user(id)),
        body: object(body),
        params: Vec::new(),
        files: Vec::new(),
        now: NOW,
    }
}

/// A file part named `file`.
pub(in crate::tickiti) fn file(name: &str, content: &[u8]) -> Upload {
    Upload {
        part: "file".to_owned(),
        file_name: name.to_owned(),
        content: content.to_vec(),
    }
}

/// Runs an endpoint, named with its family.
pub(in crate::tickiti) fn run(state: &mut State, endpoint: &str, call: &Call) -> Reply {
    let (family, action) = endpoint.split_once('.').unwrap();
    let handler = crate::tickiti::handler(family, action);
    handler.unwrap_or_else(|| panic!("{endpoint} has no handler"))(state, call)
}

/// The body of a call that must succeed.
pub(in crate::tickiti) fn ok(state: &mut State, endpoint: &str, body: Value) -> Value {
    let reply = run(state, endpoint, &call(body));
    assert_eq!(reply.status, 200, "{endpoint}: {}", reply.body);
    assert_eq!(reply.body.get("my_error"), None, "{endpoint}");
    reply.body
}

/// Checks that a call succeeds with `{}`.
pub(in crate::tickiti) fn done(state: &mut State, endpoint: &str, body: Value) {
    assert_eq!(ok(state, endpoint, body), json!({}), "{endpoint}");
}

/// Checks the status with which a call of the admin fails.
pub(in crate::tickiti) fn refused(state: &mut State, endpoint: &str, body: Value, status: u16) {
    let reply = run(state, endpoint, &call(body));
    assert_eq!(reply.status, status, "{endpoint}: {}", reply.body);
}

/// The id of the last row of a list whose field has a value.
pub(in crate::tickiti) fn id_of(list: &Value, field: &str, value: &str) -> u64 {
    let rows = list.as_array().unwrap();
    let row = rows.iter().rfind(|row| row[field] == value);
    row.unwrap_or_else(|| panic!("no {field} {value}"))["id"]
        .as_u64()
        .unwrap()
}
