//! The search vocabulary of `tickets.query`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::tickiti::call::Call;
use crate::tickiti::clock::{self, DAY};
use crate::tickiti::model::{State, Ticket};
use crate::tickiti::reply::Reply;
use crate::tickiti::switches::Install;

/// How the tokens of one criterion go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// All tokens, unless `match` is `any`.
    Text,
    /// Any token.
    Single,
    /// One date.
    Date,
}

/// The modes: name, kind, what a token is.
pub(super) const MODES: [(&str, Kind, &str); 16] = [
    ("subject", Kind::Text, "words of the subject"),
    ("content", Kind::Text, "words of a response"),
    (
        "subject_content",
        Kind::Text,
        "words of the subject or of a response",
    ),
    ("participant", Kind::Single, "address of a participant"),
    ("raised", Kind::Single, "address of the originator"),
    ("hashtag", Kind::Single, "tag, with or without #"),
    (
        "assigned",
        Kind::Single,
        "staff address, team:<id>, team-and-members:<id> or Unassigned",
    ),
    ("queue", Kind::Single, "name of a queue"),
    ("status", Kind::Single, "open, on-hold or closed"),
    ("priority", Kind::Single, "10, 20, 30 or 40, or the word"),
    ("watchlist", Kind::Single, "id of a watchlist"),
    ("ticket_number", Kind::Single, "ticket number"),
    ("created_from", Kind::Date, "YYYY-MM-DD, UTC"),
    ("created_to", Kind::Date, "YYYY-MM-DD, UTC"),
    ("updated_from", Kind::Date, "YYYY-MM-DD, UTC"),
    ("updated_to", Kind::Date, "YYYY-MM-DD, UTC"),
];

/// Criteria by mode: those of one mode are alternatives, the modes must all hold.
#[derive(Debug, Default)]
pub(super) struct Criteria(BTreeMap<&'static str, Vec<Criterion>>);

#[derive(Debug)]
struct Criterion {
    /// In lower case.
    tokens: Vec<String>,
    any: bool,
    /// The date of a date mode, in days since the epoch.
    day: i64,
    /// The tickets of a watchlist mode.
    listed: BTreeSet<u64>,
}

impl Criteria {
    /// Reads `search_object.criteria`; unknown modes are refused.
    pub(super) fn of(state: &State, call: &Call) -> Result<Self, Reply> {
        let mut criteria = Self::default();
        let search = call.body.get("search_object");
        let items = search
            .and_then(|search| search.get("criteria"))
            .and_then(Value::as_array);
        for (index, item) in items.into_iter().flatten().enumerate() {
            let field = |name: &str| format!("search_object.criteria.{index}.{name}");
            let mode = item.get("mode").and_then(Value::as_str).unwrap_or_default();
            let Some((name, kind, _)) = MODES.iter().find(|(name, ..)| *name == mode) else {
                if state.switches.install == Install::June {
                    continue;
                }
                let text = format!("The search mode {mode} is unknown.");
                return Err(Reply::invalid(&field("mode"), &text));
            };
            let any = match item.get("match").and_then(Value::as_str) {
                Some("any") => true,
                Some("all") | None => *kind != Kind::Text,
                Some(_) => {
                    return Err(Reply::invalid(
                        &field("match"),
                        "The match must be all or any.",
                    ));
                }
            };
            let criterion = Criterion::read(state, name, *kind, item, any).ok_or_else(|| {
                Reply::invalid(&field("tokens"), "The token must be one date (YYYY-MM-DD).")
            })?;
            criteria.0.entry(name).or_default().push(criterion);
        }
        Ok(criteria)
    }

    /// True when the ticket meets every mode.
    pub(super) fn hold(&self, state: &State, ticket: &Ticket) -> bool {
        let mut modes = self.0.iter();
        modes.all(|(mode, list)| {
            list.iter()
                .any(|criterion| criterion.holds(state, mode, ticket))
        })
    }
}

impl Criterion {
    /// `None` when a date mode has something else than one date.
    fn read(state: &State, mode: &str, kind: Kind, item: &Value, any: bool) -> Option<Self> {
        let tokens = item.get("tokens").and_then(Value::as_array);
        let tokens = tokens.into_iter().flatten().filter_map(Value::as_str);
        let tokens: Vec<String> = tokens.map(|token| token.trim().to_lowercase()).collect();
        let day = match (kind, tokens.as_slice()) {
            (Kind::Date, [day]) => clock::parse_date(day)?,
            (Kind::Date, _) => return None,
            _ => 0,
        };
        let listed = if mode == "watchlist" {
            watched(state, &tokens)
        } else {
            BTreeSet::new()
        };
        Some(Self {
            tokens,
            any,
            day,
            listed,
        })
    }

    fn holds(&self, state: &State, mode: &str, ticket: &Ticket) -> bool {
        let equals = |value: &str| {
            self.tokens
                .iter()
                .any(|token| value.eq_ignore_ascii_case(token))
        };
        match mode {
            "subject" => self.in_texts(&[ticket.subject.to_lowercase()]),
            "content" => self.in_texts(&bodies(state, ticket)),
            "subject_content" => {
                let mut texts = bodies(state, ticket);
                texts.push(ticket.subject.to_lowercase());
                self.in_texts(&texts)
            }
            "participant" => ticket.participants.iter().any(|email| equals(email)),
            "raised" => equals(&ticket.originator_email),
            "hashtag" => self.tokens.iter().any(|token| {
                let tag = token.trim_start_matches('#');
                ticket
                    .hashtags
                    .iter()
                    .any(|own| own.trim_start_matches('#').eq_ignore_ascii_case(tag))
            }),
            "assigned" => self
                .tokens
                .iter()
                .any(|token| is_assigned(state, ticket, token)),
            "queue" => self
                .tokens
                .iter()
                .any(|token| state.queue_name(ticket.queue_id).to_lowercase() == *token),
            "status" => equals(&ticket.status),
            "priority" => self.tokens.iter().any(|token| {
                super::attributes::priority(token, mode)
                    .is_ok_and(|priority| priority == ticket.priority)
            }),
            "watchlist" => self.listed.contains(&ticket.id),
            "ticket_number" => equals(&ticket.number.to_string()),
            "created_from" => ticket.created_at.div_euclid(DAY) >= self.day,
            "created_to" => ticket.created_at.div_euclid(DAY) <= self.day,
            "updated_from" => ticket.updated_at.div_euclid(DAY) >= self.day,
            "updated_to" => ticket.updated_at.div_euclid(DAY) <= self.day,
            _ => false,
        }
    }

    /// True when all tokens, or any, occur in the texts, which are in lower case.
    fn in_texts(&self, texts: &[String]) -> bool {
        let occurs = |token: &String| texts.iter().any(|text| text.contains(token.as_str()));
        if self.any {
            self.tokens.iter().any(occurs)
        } else {
            self.tokens.iter().all(occurs)
        }
    }
}

fn bodies(state: &State, ticket: &Ticket) -> Vec<String> {
    let live = state
        .thread(ticket.id)
        .filter(|response| response.deleted_at.is_none());
    live.map(|response| response.plain_text.to_lowercase())
        .collect()
}

fn watched(state: &State, ids: &[String]) -> BTreeSet<u64> {
    let rows = state.tables.get("watchlists");
    let rows = ids.iter().filter_map(|id| rows?.get(&id.parse().ok()?));
    let tickets = rows
        .filter_map(|row| row.get("ticket_ids")?.as_array())
        .flatten();
    tickets.filter_map(Value::as_u64).collect()
}

/// True when a ticket is assigned as the key says; a person's teams count for the person.
pub(super) fn is_assigned(state: &State, ticket: &Ticket, key: &str) -> bool {
    let Some(assigned) = &ticket.assigned_to else {
        return key.eq_ignore_ascii_case("unassigned");
    };
    let assigned_team = assigned
        .strip_prefix("team:")
        .and_then(|id| id.parse::<u64>().ok());
    if let Some(id) = key.strip_prefix("team-and-members:") {
        let team = id.parse().ok().and_then(|id: u64| state.teams.get(&id));
        let member = state.user_by_email(assigned);
        return team.is_some_and(|team| {
            assigned_team == Some(team.id)
                || member.is_some_and(|user| team.members.contains(&user.id))
        });
    }
    if assigned.eq_ignore_ascii_case(key) {
        return true;
    }
    let person = state.user_by_email(key);
    person.is_some_and(|user| {
        assigned_team.is_some_and(|team| state.teams_of(user.id).contains(&team))
    })
}
