//! Who may call what: token, ability, role, sysadmin flag, plan.

use std::net::IpAddr;

use http::HeaderMap;

use super::facts::Endpoint;
use super::model::{State, Token, User};
use super::reply::Reply;

/// Passes a request or answers 401 or 403, in the documented order.
///
/// # Errors
///
/// The answer of the first gate that stays shut.
pub(crate) fn admit(
    state: &mut State,
    endpoint: &Endpoint,
    headers: &HeaderMap,
    peer: IpAddr,
    now: i64,
) -> Result<(Option<Token>, Option<User>), Reply> {
    let open = matches!(endpoint.name.as_str(), "faqs" | "idempotency_key.create");
    let token = bearer(headers).and_then(|plain| {
        let tokens = state.tokens.values_mut();
        tokens.into_iter().find(|token| token.plain_text == plain)
    });
    let Some(token) = token else {
        return if open {
            Ok((None, None))
        } else {
            Err(unauthenticated())
        };
    };
    if !ip_allowed(token, peer) {
        return Err(unauthenticated());
    }
    token.last_used_at = Some(now);
    let token = token.clone();
    let Some(owner) = state.users.get(&token.owner_id) else {
        return Err(unauthenticated());
    };
    check(state, endpoint, &token, owner)?;
    Ok((Some(token), Some(owner.clone())))
}

fn check(state: &State, endpoint: &Endpoint, token: &Token, owner: &User) -> Result<(), Reply> {
    if !may(token, endpoint) {
        return Err(Reply::forbidden("Invalid ability provided."));
    }
    if let Some(role) = &endpoint.role
        && !has_role(owner, role)
    {
        return Err(Reply::forbidden("This action is unauthorized."));
    }
    if endpoint.sysadmin && !owner.is_sysadmin {
        return Err(Reply::forbidden(
            "This action needs a system administrator.",
        ));
    }
    if endpoint
        .plans
        .iter()
        .any(|plan| !state.plans.contains(plan))
    {
        return Err(Reply::forbidden("Your plan does not include this feature."));
    }
    Ok(())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn ip_allowed(token: &Token, peer: IpAddr) -> bool {
    let Some(allowed) = &token.allowed_ip else {
        return true;
    };
    allowed.parse() == Ok(peer)
}

/// True when the token holds any of the abilities that open the endpoint.
pub(crate) fn may(token: &Token, endpoint: &Endpoint) -> bool {
    let mut abilities = endpoint.abilities.iter();
    endpoint.abilities.is_empty()
        || token.abilities.contains("*")
        || abilities.any(|ability| token.abilities.contains(ability))
}

/// Roles nest: sysadmin, admin, staff. `superuser` stands apart.
pub(crate) fn has_role(owner: &User, role: &str) -> bool {
    match role {
        "staff" => owner.is_staff || owner.is_admin || owner.is_sysadmin,
        "admin" => owner.is_admin || owner.is_sysadmin,
        "superuser" => owner.is_superuser,
        _ => false,
    }
}

fn unauthenticated() -> Reply {
    Reply {
        status: 401,
        body: serde_json::json!({"message": "Unauthenticated."}),
    }
}
