//! Escalations and the business hours they count in.

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, one_of, pick, settings, text};

/// What happens after so many business minutes without an answer.
pub(super) const LIST: List = List {
    table: "escalations",
    what: "Escalation",
    key: "id",
    fields: &["minutes", "action", "email"],
};

/// Name of the settings object with the business hours.
pub(super) const BUSINESS_HOURS: &str = "business_hours";

const MINUTES_OF_A_DAY: u64 = 1_440;

/// The escalations, with the business hours, which have no read of their own.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let hours = settings(state, BUSINESS_HOURS).clone();
    let rows = state.rows(LIST.table);
    Reply::json(json!({"escalations": rows, "business_hours": hours}))
}

/// Adds an escalation; without an address it goes to the assignee.
pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    check(call)?;
    LIST.add(state, json!({"email": null}), &call.body);
    Ok(Reply::empty())
}

/// Changes the given fields.
pub(super) fn update(state: &mut State, call: &Call) -> Outcome {
    LIST.row(state, call)?;
    check(call)?;
    LIST.update(state, call)
}

/// Stores the business hours; hours of the simple mode must be a span within one day.
pub(super) fn update_business_hours(state: &mut State, call: &Call) -> Outcome {
    let (start, end) = (call.id("simple_start"), call.id("simple_end"));
    let is_span = start < end && end.is_some_and(|end| end <= MINUTES_OF_A_DAY);
    let is_simple = text(&call.body, "mode") == "simple";
    if is_simple && (start.is_none() || !is_span) {
        return Err(Reply::invalid(
            "simple_end",
            "The simple end must be after the simple start, within 1440 minutes.",
        ));
    }
    let fields = [
        "mode",
        "mon_enabled",
        "tue_enabled",
        "wed_enabled",
        "thu_enabled",
        "fri_enabled",
        "sat_enabled",
        "sun_enabled",
        "simple_start",
        "simple_end",
    ];
    settings(state, BUSINESS_HOURS).extend(pick(&call.body, &fields));
    Ok(Reply::empty())
}

fn check(call: &Call) -> Result<(), Reply> {
    one_of(&call.body, "action", &["notify", "email"])?;
    let minutes = call.body.get("minutes").and_then(Value::as_i64);
    if minutes.is_some_and(|minutes| minutes < 1) {
        return Err(Reply::invalid("minutes", "The minutes must be at least 1."));
    }
    Ok(())
}
