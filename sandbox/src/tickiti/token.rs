//! What a token may do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::{Call, Handler};
use super::facts::{Endpoint, FACTS};
use super::gates;
use super::model::{State, Token, User};
use super::reply::Reply;

/// The handler of an action.
pub(super) fn handler(action: &str) -> Option<Handler> {
    (action == "show").then_some(show as Handler)
}

/// Abilities, the owner's roles, plan features, and what they come to by family (shape inferred).
fn show(state: &mut State, call: &Call) -> Reply {
    let (Some(token), Some(owner)) = (&call.token, &call.owner) else {
        return Reply::forbidden("This action needs a token with an owner.");
    };
    let roles: Vec<&str> = ["staff", "admin", "superuser"]
        .into_iter()
        .filter(|role| gates::has_role(owner, role))
        .collect();
    let mut families: BTreeMap<&str, Family> = BTreeMap::new();
    for endpoint in &FACTS.endpoints {
        let family = families.entry(&endpoint.family).or_default();
        let missing = missing(state, endpoint, token, owner);
        if !missing.is_empty() {
            family.reasons.extend(missing);
        } else if endpoint.effect == "read" {
            family.read = true;
        } else {
            family.write = true;
        }
    }
    let families: Value = families
        .into_iter()
        .map(|(name, family)| {
            let view =
                json!({"read": family.read, "write": family.write, "reasons": family.reasons});
            (name.to_owned(), view)
        })
        .collect();
    Reply::data(json!({
        "name": token.name,
        "abilities": token.abilities,
        "owner": {
            "id": owner.id,
            "name": owner.name,
            "email": owner.email,
            "roles": roles,
            "is_sysadmin": owner.is_sysadmin,
        },
        "plan": state.plans,
        "families": families,
    }))
}

#[derive(Debug, Default)]
struct Family {
    read: bool,
    write: bool,
    reasons: BTreeSet<String>,
}

/// Every gate of an endpoint that stays shut.
fn missing(state: &State, endpoint: &Endpoint, token: &Token, owner: &User) -> Vec<String> {
    let mut missing = Vec::new();
    if !gates::may(token, endpoint) {
        missing.push(format!(
            "missing ability {}",
            endpoint.abilities.join(" or ")
        ));
    }
    if let Some(role) = endpoint
        .role
        .as_ref()
        .filter(|role| !gates::has_role(owner, role))
    {
        missing.push(format!("missing role {role}"));
    }
    if endpoint.sysadmin && !owner.is_sysadmin {
        missing.push("missing sysadmin".to_owned());
    }
    let plans = endpoint
        .plans
        .iter()
        .filter(|plan| !state.plans.contains(*plan));
    missing.extend(plans.map(|plan| format!("missing plan {plan}")));
    missing
}
