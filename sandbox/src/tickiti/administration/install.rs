//! The install: system settings, custom domain, licence, diagnostics.

use serde_json::{Map, Value, json};

use super::check_password;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, one_of, settings};

/// Settings object of the system; the names inside are (inferred).
pub(super) const SYSTEM: &str = "system";
/// Settings object of the custom domain.
pub(super) const DOMAIN: &str = "custom_domain";
/// Settings object of the licence.
pub(super) const LICENCE: &str = "licence";
/// Settings object of the diagnostic options.
pub(super) const DIAGNOSTICS: &str = "diagnostics";

/// System settings that hold a number of at least one.
const NUMBERS: &[&str] = &[
    "max_attachment_mb",
    "max_responses_in_email",
    super::storage::RETENTION,
];

/// The system settings.
pub(super) fn system(state: &mut State, _call: &Call) -> Reply {
    Reply::json(Value::Object(settings(state, SYSTEM).clone()))
}

/// Changes the given settings.
pub(super) fn update_system(state: &mut State, call: &Call) -> Outcome {
    one_of(
        &call.body,
        "permissions_model",
        &["permissive", "restrictive"],
    )?;
    for field in NUMBERS {
        let value = call.body.get(*field);
        if value.is_some_and(|value| value.as_u64().is_none_or(|number| number == 0)) {
            return Err(Reply::invalid(
                field,
                &format!("The {field} must be at least 1."),
            ));
        }
    }
    settings(state, SYSTEM).extend(call.body.clone());
    Ok(Reply::empty())
}

/// True when new queues are open to all staff, which is the default.
pub(in crate::tickiti) fn is_permissive(state: &State) -> bool {
    let system = state.settings.get(SYSTEM);
    let model = system.and_then(|system| system.get("permissions_model"));
    model.and_then(Value::as_str) != Some("restrictive")
}

/// The default address, the custom domain and how far its DNS entry is.
pub(super) fn domain_status(state: &mut State, _call: &Call) -> Reply {
    Reply::json(Value::Object(settings(state, DOMAIN).clone()))
}

/// Asks for a custom domain, which then waits for its DNS entry; an empty one is given up.
pub(super) fn update_domain(state: &mut State, call: &Call) -> Outcome {
    check_password(call)?;
    let domain = call.text("domain").unwrap_or_default().to_lowercase();
    if !domain.is_empty() && !is_domain(&domain) {
        return Err(Reply::invalid(
            "domain",
            "The domain must be a valid host name.",
        ));
    }
    let stored = settings(state, DOMAIN);
    let (domain, status) = match domain {
        none if none.is_empty() => (Value::Null, "none"),
        some => (json!(some), "waiting_for_dns"),
    };
    stored.insert("domain".to_owned(), domain);
    stored.insert("status".to_owned(), json!(status));
    Ok(Reply::empty())
}

/// The licence, with the plan features of the install and the staff it counts.
pub(super) fn licence(state: &mut State, _call: &Call) -> Reply {
    let features = state.plans.clone();
    let staff = state.users.values();
    let staff = staff
        .filter(|user| user.is_staff && !user.is_system)
        .count();
    let mut shown = settings(state, LICENCE).clone();
    shown.insert("features".to_owned(), json!(features));
    shown.insert("staff_used".to_owned(), json!(staff));
    Reply::json(Value::Object(shown))
}

/// The diagnostic options.
pub(super) fn diagnostics(state: &mut State) -> Outcome {
    check_diagnostics(state)?;
    let options = settings(state, DIAGNOSTICS).clone();
    Ok(Reply::json(json!({"options": options})))
}

/// What the diagnostics collected.
pub(super) fn fetch_diagnostics(state: &mut State) -> Outcome {
    check_diagnostics(state)?;
    Ok(Reply::json(json!({"entries": state.rows(DIAGNOSTICS)})))
}

/// Changes the given options.
pub(super) fn update_diagnostics(state: &mut State, call: &Call) -> Outcome {
    check_diagnostics(state)?;
    settings(state, DIAGNOSTICS).extend(call.body.clone());
    Ok(Reply::empty())
}

/// Adds an entry.
pub(super) fn upload_diagnostics(state: &mut State, call: &Call) -> Outcome {
    check_diagnostics(state)?;
    let entry = Map::from_iter([("data".to_owned(), Value::Object(call.body.clone()))]);
    state.insert_row(DIAGNOSTICS, entry);
    Ok(Reply::empty())
}

/// 404 while the install has its diagnostics switched off.
fn check_diagnostics(state: &State) -> Result<(), Reply> {
    if state.switches.diagnostics {
        return Ok(());
    }
    Err(Reply::not_found("Diagnostics"))
}

/// True for a host name with at least one dot.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let plain = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    domain.contains('.') && domain.split('.').all(is_label)
}
