//! How much came in and was done.

use serde_json::{Value, json};

use super::range::Range;
use crate::tickiti::call::Call;
use crate::tickiti::clock::{DAY, date};
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::Outcome;

/// Tickets created and closed, and responses written, per bucket.
///
/// A closed ticket counts where it changed last.
pub(super) fn volumes(state: &mut State, call: &Call) -> Outcome {
    let range = Range::read(state, call)?;
    let rows: Vec<Value> = range
        .buckets()
        .iter()
        .map(|bucket| {
            let mut row = counts(state, &range, |seconds| bucket.covers(seconds));
            if let Value::Object(row) = &mut row {
                row.insert("period".to_owned(), json!(bucket.period));
                row.insert("from".to_owned(), json!(date(bucket.first * DAY)));
            }
            row
        })
        .collect();
    let totals = counts(state, &range, |seconds| range.covers(seconds));
    Ok(Reply::json(json!({"rows": rows, "totals": totals})))
}

fn counts(state: &State, range: &Range, covers: impl Fn(i64) -> bool) -> Value {
    let created = range
        .tickets(state)
        .filter(|ticket| covers(ticket.created_at));
    let closed = range
        .tickets(state)
        .filter(|ticket| ticket.status == "closed");
    let responses = range.responses(state);
    json!({
        "created": created.count(),
        "closed": closed.filter(|ticket| covers(ticket.updated_at)).count(),
        "responses": responses.filter(|response| covers(response.created_at)).count(),
    })
}
