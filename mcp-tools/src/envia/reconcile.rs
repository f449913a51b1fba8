//! What became of a write whose answer was lost: found out by reading the ticket, or the list.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use envia_client::{
    api::tickets::{List, Row, Ticket, Update},
    types::Date,
};
use serde_json::{Map, Value};

use super::Envia;
use crate::{context::Context, error::ToolError, ledger::Found, moment};

/// Time zone of the back office's own times: Mexico City, six hours behind UTC (inferred).
const BEHIND_UTC: i64 = 6 * 60 * 60;
/// How far the clocks of the back office and of this machine may differ.
const CLOCKS: Duration = Duration::from_secs(120);
/// Rows of one page, and pages that are read for a ticket that has no tracking number.
const PAGE: u64 = 100;
const PAGES: u64 = 5;
/// Tickets that are read one by one, because they may be the one.
const READ: usize = 50;

/// A ticket like the one that was to be opened.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// One that was opened since.
    pub(super) since: Option<Ticket>,
    /// Another, opened before or at a time that is not told.
    pub(super) other: Option<Ticket>,
    /// There are more that may be the one than were read.
    unread: bool,
}

/// What tells a ticket from others before it has an id.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    pub(super) draft: &'a envia_client::api::tickets::Create,
    pub(super) tracking_number: Option<String>,
}

impl Wanted<'_> {
    /// Looks through the list, newest first, for tickets with the same content.
    pub(super) async fn find(
        &self,
        envia: &Envia,
        context: &Context,
        begun: SystemTime,
    ) -> Result<Alike, ToolError> {
        let mut alike = Alike::default();
        let mut read = 0;
        for page in 0..PAGES {
            let rows = envia.send(context, &self.page(page, begun)).await?.rows;
            let last = u64::try_from(rows.len()).unwrap_or(0) < PAGE;
            for row in rows.into_iter().filter(|row| self.may_be(row)) {
                if read == READ {
                    alike.unread = true;
                    return Ok(alike);
                }
                read += 1;
                let ticket = envia.ticket(context, row.id).await?;
                if !self.is(&ticket) {
                    continue;
                }
                if is_since(&ticket.extra, ticket.created_at.as_deref(), begun) {
                    alike.since = Some(ticket);
                    return Ok(alike);
                }
                alike.other.get_or_insert(ticket);
            }
            if last {
                return Ok(alike);
            }
        }
        alike.unread = true;
        Ok(alike)
    }

    /// By tracking number where there is one; else the company's tickets of these days.
    fn page(&self, page: u64, begun: SystemTime) -> List {
        let mut list = List {
            start: page * PAGE,
            length: PAGE,
            ..List::default()
        };
        match &self.tracking_number {
            Some(number) => list.tracking_number = Some(number.clone()),
            None => {
                list.company_id = Some(self.draft.company_id);
                // Whatever its time zone, the back office was not a whole day behind.
                list.created_start_date = day(begun, 24 * 60 * 60);
            }
        }
        list
    }

    fn may_be(&self, row: &Row) -> bool {
        let same = row.ticket_type_id.is_none_or(|id| id == self.draft.type_id);
        same && row.company_id.is_none_or(|id| id == self.draft.company_id)
    }

    fn is(&self, ticket: &Ticket) -> bool {
        let text = |text: Option<&str>| text.map(str::trim).map(str::to_owned);
        ticket.ticket_type_id == Some(self.draft.type_id)
            && ticket.company_id == Some(self.draft.company_id)
            && text(ticket.comments.as_deref()) == text(Some(&self.draft.comments))
            && self
                .draft
                .shipment_id
                .is_none_or(|id| ticket.shipment_id == Some(id))
    }
}

/// Whether a change shows in the ticket.
pub(super) fn change(ticket: &Ticket, update: &Update, begun: SystemTime) -> Outcome {
    let shows = update
        .status_id
        .is_none_or(|to| ticket.ticket_status_id == Some(to))
        && update
            .assigned_to_id
            .is_none_or(|to| ticket.assigned_to_id == Some(to))
        && update
            .new_ticket_type_id
            .is_none_or(|to| ticket.ticket_type_id == Some(to));
    let Some(comment) = &update.comment else {
        return if shows {
            Outcome::Made
        } else {
            Outcome::NotMade
        };
    };
    let same = |text: &Option<String>| text.as_deref().map(str::trim) == Some(comment.trim());
    let mut written = ticket
        .comments_list
        .iter()
        .filter(|one| same(&one.description))
        .peekable();
    if written.peek().is_none() {
        return Outcome::NotMade;
    }
    // Later changes by others do not undo that this one was made.
    match written.any(|one| is_since(&one.extra, one.created_at.as_deref(), begun)) {
        true => Outcome::Made,
        false => Outcome::Unclear,
    }
}

/// What a ticket says of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Made,
    NotMade,
    /// The same comment is there, written before or at a time that is not told.
    Unclear,
}

impl Alike {
    /// The verdict, with the answer that a found ticket makes.
    pub(super) fn verdict(self, answer: impl FnOnce(Ticket) -> crate::tool::JsonObject) -> Found {
        match (self.since, self.other) {
            (Some(ticket), _) => Found::Applied(answer(ticket)),
            (None, None) if self.unread => Found::Unclear(
                "The company has too many tickets of that type from these days to read them all: find those with the \
                 same content with list_tickets and get_ticket, and ask the user whether one of them is it."
                    .to_owned(),
            ),
            (None, None) => Found::Absent,
            (None, Some(ticket)) => Found::Unclear(format!(
                "Ticket {} has the same content, but not certainly from this attempt: read it with get_ticket, and ask \
                 the user whether it is the one.",
                ticket.id
            )),
        }
    }
}

/// Whether a time of the back office lies after a moment; false when it is not told.
fn is_since(extra: &Map<String, Value>, local: Option<&str>, begun: SystemTime) -> bool {
    let utc = extra.get("utc_created_at").and_then(Value::as_str);
    let told = match utc.and_then(seconds) {
        Some(utc) => Some(utc),
        None => local.and_then(seconds).map(|local| local + BEHIND_UTC),
    };
    let begun = begun - CLOCKS;
    told.is_some_and(|told| told >= epoch(begun))
}

fn epoch(moment: SystemTime) -> i64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The day of a moment, so many seconds earlier.
fn day(moment: SystemTime, earlier: i64) -> Option<Date> {
    let days = (epoch(moment) - earlier).div_euclid(24 * 60 * 60);
    // Civil calendar from days since 1970-01-01, in eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date::new(&format!("{year:04}-{month:02}-{day:02}")).ok()
}

/// Seconds since 1970 of a time, read as UTC.
fn seconds(text: &str) -> Option<i64> {
    moment::parse(text).map(|micros| micros.div_euclid(1_000_000))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn days_are_named() {
        for (text, named) in [
            ("2026-02-03 10:15:00", "2026-02-03"),
            ("2000-02-29 00:00:00", "2000-02-29"),
            ("2026-12-31 23:59:59", "2026-12-31"),
            ("2027-01-01 00:00:00", "2027-01-01"),
        ] {
            let moment = at(u64::try_from(seconds(text).unwrap()).unwrap());
            assert_eq!(day(moment, 0).unwrap().to_string(), named);
        }
    }

    #[test]
    fn local_times_are_behind() {
        let begun = at(1_770_113_700);
        let extra = |utc: Option<&str>| {
            let mut extra = Map::new();
            if let Some(utc) = utc {
                extra.insert("utc_created_at".to_owned(), json!(utc));
            }
            extra
        };
        for (utc, local, expected) in [
            (None, Some("2026-02-03 04:15:00"), true),
            (None, Some("2026-02-03 04:14:00"), true),
            (None, Some("2026-02-03 04:10:00"), false),
            (
                Some("2026-02-03 10:15:00"),
                Some("2020-01-01 00:00:00"),
                true,
            ),
            (
                Some("2026-02-03 10:10:00"),
                Some("2026-02-03 10:15:00"),
                false,
            ),
            (None, None, false),
        ] {
            assert_eq!(
                is_since(&extra(utc), local, begun),
                expected,
                "{utc:?} {local:?}"
            );
        }
    }
}
