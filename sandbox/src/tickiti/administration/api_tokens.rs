//! API tokens: made, narrowed and revoked through the API itself.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::tickiti::call::Call;
use crate::tickiti::clock::iso;
use crate::tickiti::digest::hex;
use crate::tickiti::model::{State, Token, User};
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, fresh_id};

/// Abilities that exist, besides the wildcard.
const ABILITIES: &[&str] = &[
    "tickets:read",
    "tickets:write",
    "settings:read",
    "settings:write",
    "mail:read",
    "mail:write",
    "templates:read",
    "templates:write",
    "workflow:read",
    "workflow:write",
    "reports:read",
    "supervisor:read",
    "supervisor:write",
    "administration:read",
    "administration:write",
    "skills:read",
    "skills:write",
    "create-ticket",
];

const WILDCARD: &str = "*";

/// All tokens without their secrets, and the abilities that the calling token holds.
pub(super) fn index(state: &mut State, call: &Call) -> Outcome {
    let tokens: Vec<Value> = state
        .tokens
        .values()
        .map(|token| described(state, token))
        .collect();
    let held = &calling(call)?.abilities;
    Ok(Reply::data(json!({"tokens": tokens, "abilities": held})))
}

/// Makes a token; its plain text is in this answer and nowhere else.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let abilities = abilities(call)?;
    let owner = owner(state, &call.text("owner").unwrap_or_default());
    let owner_id = owner
        .map(|user| user.id)
        .ok_or_else(|| Reply::invalid("owner", "The selected owner is invalid."))?;
    check_ip(call)?;
    let token = Token {
        name: call.text("name").unwrap_or_default(),
        owner_id,
        abilities,
        allowed_ip: call.text("allowed_ip"),
        ..Token::default()
    };
    let (id, plain_text) = new_token(state, token, call.now);
    Ok(Reply::data(json!({"id": id, "token": plain_text})))
}

/// Changes the given fields; `allowed_ip: null` lifts the restriction.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call)?;
    let wanted = match call.body.get("abilities") {
        Some(_) => Some(abilities(call)?),
        None => None,
    };
    check_ip(call)?;
    if let Some(token) = state.tokens.get_mut(&id) {
        token.name = call.text("name").unwrap_or_else(|| token.name.clone());
        if let Some(wanted) = wanted {
            token.abilities = wanted;
        }
        if call.body.contains_key("allowed_ip") {
            token.allowed_ip = call.text("allowed_ip");
        }
    }
    Ok(Reply::empty())
}

/// Ends a token at once.
pub(super) fn revoke(state: &mut State, call: &Call) -> Outcome {
    let id = known(state, call)?;
    state.tokens.remove(&id);
    Ok(Reply::empty())
}

/// Stores a token under a new id and gives it a plain text in the form `<id>|<text>`.
pub(in crate::tickiti) fn new_token(state: &mut State, token: Token, now: i64) -> (u64, String) {
    let id = fresh_id(state, "token", |state, id| state.tokens.contains_key(&id));
    // The double repeats itself exactly, so its secrets are not random.
    let seed = format!("{id}:{}:{now}", token.name);
    let random: String = hex(&Sha256::digest(seed.as_bytes()))
        .chars()
        .take(40)
        .collect();
    let plain_text = format!("{id}|{random}");
    let plain = plain_text.clone();
    state.tokens.insert(
        id,
        Token {
            id,
            plain_text,
            ..token
        },
    );
    (id, plain)
}

fn described(state: &State, token: &Token) -> Value {
    let owner = state.users.get(&token.owner_id);
    let owner =
        owner.map(|user| json!({"id": user.id, "name": user.name, "is_system": user.is_system}));
    json!({
        "id": token.id,
        "name": token.name,
        "owner": owner,
        "abilities": token.abilities,
        "allowed_ip": token.allowed_ip,
        "last_used_at": token.last_used_at.map(iso),
    })
}

/// The wanted abilities: each must exist, and the calling token must hold it.
fn abilities(call: &Call) -> Result<BTreeSet<String>, Reply> {
    let wanted: BTreeSet<String> = call.texts("abilities").into_iter().collect();
    let held = &calling(call)?.abilities;
    for ability in &wanted {
        if !ABILITIES.contains(&ability.as_str()) && ability != WILDCARD {
            let message = format!("The ability {ability} does not exist.");
            return Err(Reply::invalid("abilities", &message));
        }
        if !held.contains(ability) && !held.contains(WILDCARD) {
            let message = format!("This token cannot grant {ability}, which it does not hold.");
            return Err(Reply::forbidden(&message));
        }
    }
    Ok(wanted)
}

fn calling(call: &Call) -> Result<&Token, Reply> {
    call.token
        .as_ref()
        .ok_or_else(|| Reply::forbidden("This action needs a token."))
}

/// `system`, or the id of a staff user.
fn owner<'state>(state: &'state State, owner: &str) -> Option<&'state User> {
    if owner == "system" {
        return state.users.values().find(|user| user.is_system);
    }
    let user = state.users.get(&owner.parse().ok()?)?;
    user.is_staff.then_some(user)
}

fn check_ip(call: &Call) -> Result<(), Reply> {
    let ip = call.text("allowed_ip");
    if ip.is_some_and(|ip| ip.parse::<IpAddr>().is_err()) {
        let message = "The allowed ip must be a valid IP address.";
        return Err(Reply::invalid("allowed_ip", message));
    }
    Ok(())
}

fn known(state: &State, call: &Call) -> Result<u64, Reply> {
    call.id("id")
        .filter(|id| state.tokens.contains_key(id))
        .ok_or_else(|| Reply::not_found("API token"))
}
