//! How long customers wait for a first answer.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::range::Range;
use crate::tickiti::call::Call;
use crate::tickiti::clock::{DAY, date};
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::Outcome;

/// Minutes from the opening of a ticket to the first public response of staff, per bucket of
/// opening.
pub(super) fn response_times(state: &mut State, call: &Call) -> Outcome {
    let range = Range::read(state, call)?;
    let mut answers: BTreeMap<u64, i64> = BTreeMap::new();
    for response in range.responses(state) {
        if response.staff_response && !response.is_internal {
            let first = answers.entry(response.ticket_id).or_insert(i64::MAX);
            *first = (*first).min(response.created_at);
        }
    }
    let summary = |covers: &dyn Fn(i64) -> bool| {
        let mut minutes = Vec::new();
        let mut tickets = 0_usize;
        for ticket in range.tickets(state).filter(|t| covers(t.created_at)) {
            tickets += 1;
            let answer = answers.get(&ticket.id);
            minutes.extend(answer.map(|at| (at - ticket.created_at) / 60));
        }
        minutes.sort_unstable();
        json!({
            "tickets": tickets,
            "answered": minutes.len(),
            "average_minutes": average(&minutes),
            "median_minutes": minutes.get(minutes.len() / 2),
        })
    };
    let rows: Vec<Value> = range
        .buckets()
        .iter()
        .map(|bucket| {
            let mut row = summary(&|seconds| bucket.covers(seconds));
            if let Value::Object(row) = &mut row {
                row.insert("period".to_owned(), json!(bucket.period));
                row.insert("from".to_owned(), json!(date(bucket.first * DAY)));
            }
            row
        })
        .collect();
    let totals = summary(&|seconds| range.covers(seconds));
    Ok(Reply::json(json!({"rows": rows, "totals": totals})))
}

fn average(minutes: &[i64]) -> Option<i64> {
    let count = i64::try_from(minutes.len()).ok()?;
    minutes.iter().sum::<i64>().checked_div(count)
}
