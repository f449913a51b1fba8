//! Searching tickets.

use api_core::{Endpoint, Problem, Spec};
use serde::{Deserialize, Serialize};

use super::objects::TicketRow;
use crate::{
    permission::TICKETS_READ,
    rules::Rules,
    types::{Date, PerspectiveId, Rows, lenient},
};

const MAX_ROWS: u64 = 5000;

/// Searches tickets by a saved perspective, by criteria, or both; with no fields at all it lists the perspective `All`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Query {
    /// Id of the perspective (saved search) to run; default `All`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub perspective_id: Option<PerspectiveId>,
    /// Most rows, default 100. There are no further pages: with as many rows, narrow the search, for instance by dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = MAX_ROWS)))]
    pub row_limit: Option<u32>,
    /// Perspective, and criteria that narrow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_object: Option<SearchObject>,
}

impl Query {
    /// The perspective `All`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, narrowed by one more criterion.
    #[must_use]
    pub fn with(mut self, mode: Mode, tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let search = self.search_object.get_or_insert_default();
        let criteria = search.criteria.get_or_insert_default();
        criteria.push(Criterion {
            mode,
            tokens: tokens.into_iter().map(Into::into).collect(),
            r#match: None,
        });
        self
    }

    /// Rows that come back when no limit is given.
    pub const DEFAULT_ROWS: u32 = 100;
}

/// What to search in and for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct SearchObject {
    /// Perspective to search in, by name; default `All`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_perspective: Option<String>,
    /// The same by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_perspective_id: Option<PerspectiveId>,
    /// Those of one mode are alternatives, different modes must all hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub criteria: Option<Vec<Criterion>>,
}

/// One condition of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Criterion {
    /// What to compare: `subject`, `content`, `subject_content` (words); `participant`, `raised` (addresses);
    /// `hashtag`; `assigned` (staff address, `team:<id>`, `team-and-members:<id>`, `Unassigned`); `queue`, `status`
    /// (`open`, `on-hold`, `closed`), `priority`, `watchlist` (id), `ticket_number`; `created_from`, `created_to`,
    /// `updated_from`, `updated_to` (one date YYYY-MM-DD, UTC).
    pub mode: Mode,
    /// Values, at least one. All words of a text mode must occur; of other modes any value matches.
    #[serde(deserialize_with = "lenient::texts")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tokens: Vec<String>,
    /// `any`: one word of a text mode is enough. Default `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#match: Option<Match>,
}

/// Whether all words of a criterion must occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum Match {
    All,
    Any,
}

/// What a criterion compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mode {
    /// Words of the subject.
    Subject,
    /// Words of the messages.
    Content,
    /// Words of either.
    SubjectContent,
    /// Address of a participant.
    Participant,
    /// Address of the customer who raised the ticket.
    Raised,
    /// A hashtag.
    Hashtag,
    /// A staff address, `team:<id>`, `team-and-members:<id>` or `Unassigned`.
    Assigned,
    /// Name of a queue.
    Queue,
    /// A state.
    Status,
    /// An urgency.
    Priority,
    /// Id of a watchlist.
    Watchlist,
    /// A ticket number.
    TicketNumber,
    /// Created on or after a date.
    CreatedFrom,
    /// Created on or before a date.
    CreatedTo,
    /// Changed on or after a date.
    UpdatedFrom,
    /// Changed on or before a date.
    UpdatedTo,
    /// A mode of the install's own, as `tickets.search_modes` lists it.
    #[serde(untagged)]
    Other(String),
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Mode {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }
}

impl Criterion {
    const fn is_date(&self) -> bool {
        matches!(
            self.mode,
            Mode::CreatedFrom | Mode::CreatedTo | Mode::UpdatedFrom | Mode::UpdatedTo
        )
    }

    /// What is wrong with the values: a word that the mode does not know would match nothing.
    fn problem(&self) -> Option<&'static str> {
        const STATES: &[&str] = &["open", "on-hold", "closed"];
        const URGENCIES: &[&str] = &["10", "20", "30", "40", "low", "normal", "high", "urgent"];
        match self.mode {
            _ if self.tokens.is_empty() => {
                Some("is empty: give at least one value for every criterion")
            }
            Mode::Status if !self.knows(STATES) => {
                Some("has an unknown word: a status is `open`, `on-hold` or `closed`")
            }
            Mode::Priority if !self.knows(URGENCIES) => Some(
                "has an unknown word: a priority is Low, Normal, High or Urgent, or 10, 20, 30 or 40",
            ),
            _ if self.is_date() && !self.has_one_date() => {
                Some("must be exactly one date for this mode, YYYY-MM-DD")
            }
            _ => None,
        }
    }

    fn knows(&self, words: &[&str]) -> bool {
        self.tokens.iter().all(|token| {
            let token = token.trim();
            words.iter().any(|word| word.eq_ignore_ascii_case(token))
        })
    }

    fn has_one_date(&self) -> bool {
        matches!(self.tokens.as_slice(), [token] if Date::new(token.as_str()).is_ok())
    }
}

impl Endpoint for Query {
    type Response = Rows<TicketRow>;

    const SPEC: Spec = Spec::read("tickets.query", "tickets/query").abilities(TICKETS_READ);

    fn problems(&self) -> Vec<Problem> {
        let mut rules = Rules::default();
        rules.within("row_limit", self.row_limit, 1..=MAX_ROWS);
        let criteria = self
            .search_object
            .iter()
            .flat_map(|search| &search.criteria)
            .flatten();
        for (place, criterion) in criteria.enumerate() {
            if let Some(problem) = criterion.problem() {
                let field = format!("search_object.criteria[{place}].tokens");
                rules.require(false, field, problem);
            }
        }
        rules.take()
    }
}
