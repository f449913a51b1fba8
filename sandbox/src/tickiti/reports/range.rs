//! What a report covers: days, a queue, buckets.

use super::period::Grouping;
use crate::tickiti::call::Call;
use crate::tickiti::clock::{DAY, parse_date};
use crate::tickiti::model::{Response, State, Ticket};
use crate::tickiti::reply::Reply;

/// Days that a report covers when no date is given.
const DEFAULT_DAYS: i64 = 30;
/// Most days that a report covers (inferred).
const MOST_DAYS: i64 = 3_660;

/// The filters of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    /// First day, in days since 1970-01-01.
    first: i64,
    /// Last day, which is included.
    last: i64,
    queue: Option<u64>,
    grouping: Grouping,
}

/// One bucket of a range.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    /// Name, as [`Grouping::label`] gives it.
    pub(super) period: String,
    /// First covered day, in days since 1970-01-01.
    pub(super) first: i64,
    /// Last covered day.
    last: i64,
}

impl Range {
    /// Reads the filters of a call; 422 for those that make no sense.
    pub(super) fn read(state: &State, call: &Call) -> Result<Self, Reply> {
        let today = call.now.div_euclid(DAY);
        let last = day(call, "date_to")?;
        let first = day(call, "date_from")?;
        let last = last.unwrap_or_else(|| today.max(first.unwrap_or(today)));
        let first = first.unwrap_or(last - DEFAULT_DAYS + 1);
        if first > last {
            let message = "The date to must not be before the date from.";
            return Err(Reply::invalid("date_to", message));
        }
        if last - first >= MOST_DAYS {
            let message = format!("A report covers at most {MOST_DAYS} days.");
            return Err(Reply::invalid("date_from", &message));
        }
        let queue = call.id("queue_id");
        if queue.is_some_and(|queue| !state.queues.contains_key(&queue)) {
            let message = "The selected queue id is invalid.";
            return Err(Reply::invalid("queue_id", message));
        }
        let grouping = call.text("group_by").unwrap_or_else(|| "day".to_owned());
        let grouping = Grouping::parse(&grouping).ok_or_else(|| {
            Reply::invalid("group_by", "The group by must be day, week or month.")
        })?;
        Ok(Self {
            first,
            last,
            queue,
            grouping,
        })
    }

    /// True when a time falls into the range.
    pub(super) fn covers(&self, seconds: i64) -> bool {
        (self.first..=self.last).contains(&seconds.div_euclid(DAY))
    }

    /// The buckets of the range in order, the outer ones cut to it.
    pub(super) fn buckets(&self) -> Vec<Bucket> {
        let mut buckets = Vec::new();
        let mut start = self.grouping.start(self.first);
        while start <= self.last {
            let next = self.grouping.next(start);
            buckets.push(Bucket {
                period: self.grouping.label(start),
                first: start.max(self.first),
                last: (next - 1).min(self.last),
            });
            start = next;
        }
        buckets
    }

    /// Tickets of the queue that were not deleted.
    pub(super) fn tickets<'state>(
        &self,
        state: &'state State,
    ) -> impl Iterator<Item = &'state Ticket> {
        let queue = self.queue;
        state.tickets.values().filter(move |ticket| {
            ticket.deleted_at.is_none() && queue.is_none_or(|queue| queue == ticket.queue_id)
        })
    }

    /// Responses of such tickets that have a body and were not deleted.
    pub(super) fn responses<'state>(
        &self,
        state: &'state State,
    ) -> impl Iterator<Item = &'state Response> {
        let queue = self.queue;
        state.responses.values().filter(move |response| {
            let ticket = state.tickets.get(&response.ticket_id);
            let counts = ticket.is_some_and(|ticket| {
                ticket.deleted_at.is_none() && queue.is_none_or(|queue| queue == ticket.queue_id)
            });
            counts && response.deleted_at.is_none() && !response.is_audit_only
        })
    }
}

impl Bucket {
    /// True when a time falls into the bucket.
    pub(super) fn covers(&self, seconds: i64) -> bool {
        (self.first..=self.last).contains(&seconds.div_euclid(DAY))
    }
}

fn day(call: &Call, field: &str) -> Result<Option<i64>, Reply> {
    let Some(text) = call.text(field) else {
        return Ok(None);
    };
    parse_date(&text).map(Some).ok_or_else(|| {
        Reply::invalid(
            field,
            &format!("The {field} must be a date like 2026-05-01."),
        )
    })
}
