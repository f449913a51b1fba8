//! The ten statuses of a ticket, and what is known of each.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use crate::types::InvalidValue;

const EXPECTED: &str = "a ticket status: an id from 1 to 10, or a name such as `in_review`";

/// Status of a ticket: read from its id, name or label, sent as its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TicketStatus {
    /// Where tickets begin.
    Pending = 1,
    /// Granted; closed.
    Accepted = 2,
    /// Refused; closed.
    Declined = 3,
    /// Waits for the customer.
    Incomplete = 4,
    /// The customer asks how it stands.
    FollowUp = 5,
    /// Staff look at it.
    InReview = 6,
    /// Done.
    Complete = 7,
    /// Turned down.
    Rejected = 8,
    /// Being analysed.
    InAnalysis = 9,
    /// A claim is being looked at; the amount limit of the type holds here.
    ClaimInReview = 10,
}

/// What is known of one status.
struct Row {
    status: TicketStatus,
    /// Two words in lower snake case (inferred).
    name: &'static str,
    label: &'static str,
    comment: Comment,
}

#[derive(PartialEq)]
enum Comment {
    Required,
    Optional,
}

const fn row(
    status: TicketStatus,
    name: &'static str,
    label: &'static str,
    comment: Comment,
) -> Row {
    Row {
        status,
        name,
        label,
        comment,
    }
}

const TABLE: [Row; 10] = {
    use Comment::{Optional, Required};
    use TicketStatus as S;
    [
        row(S::Pending, "pending", "Pending", Optional),
        row(S::Accepted, "accepted", "Accepted", Required),
        row(S::Declined, "declined", "Declined", Required),
        row(S::Incomplete, "incomplete", "Incomplete", Optional),
        row(S::FollowUp, "follow_up", "Follow-up", Optional),
        row(S::InReview, "in_review", "In Review", Optional),
        row(S::Complete, "complete", "Complete", Required),
        row(S::Rejected, "rejected", "Rejected", Required),
        row(S::InAnalysis, "in_analysis", "In Analysis", Optional),
        row(
            S::ClaimInReview,
            "claim_in_review",
            "Claim In Review",
            Required,
        ),
    ]
};

impl TicketStatus {
    /// All ten, in order of their ids.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::Accepted,
        Self::Declined,
        Self::Incomplete,
        Self::FollowUp,
        Self::InReview,
        Self::Complete,
        Self::Rejected,
        Self::InAnalysis,
        Self::ClaimInReview,
    ];

    /// The id on the wire, 1 to 10.
    #[must_use]
    pub const fn id(self) -> u8 {
        self as u8
    }

    /// The status with an id.
    #[must_use]
    pub fn from_id(id: u64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|status| u64::from(status.id()) == id)
    }

    /// The name on the wire, such as `in_review`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// What people call it, such as `In Review`.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.row().map_or("", |row| row.label)
    }

    /// True when a change to this status needs a comment.
    #[must_use]
    pub fn requires_comment(self) -> bool {
        self.row()
            .is_some_and(|row| row.comment == Comment::Required)
    }

    /// True when a ticket with this status takes no further changes.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Accepted | Self::Declined)
    }

    /// True when a ticket with this status stands in the way of another for the same shipment and type.
    ///
    /// Declined counts, although it is closed: that is what the back end does.
    #[must_use]
    pub const fn blocks_duplicates(self) -> bool {
        matches!(
            self,
            Self::Pending | Self::Declined | Self::FollowUp | Self::InReview
        )
    }

    /// Writes the name in place of the id, as the filter of a list wants it.
    pub(crate) fn by_name<S: Serializer>(
        status: &Option<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        status.map(Self::name).serialize(serializer)
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.status == self)
    }
}

/// The same for two ways of writing a status: case does not matter, and blank, `-` and `_` are equal (inferred).
fn normal(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace([' ', '-'], "_")
}

impl FromStr for TicketStatus {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let said = normal(text);
        let known = |status: &Self| {
            said == status.name()
                || said == normal(status.label())
                || said == status.id().to_string()
        };
        let found = Self::ALL.into_iter().find(known);
        found.ok_or_else(|| InvalidValue::new(text, EXPECTED))
    }
}

impl fmt::Display for TicketStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl Serialize for TicketStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.id())
    }
}

impl<'de> Deserialize<'de> for TicketStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = crate::types::lenient::text(&Value::deserialize(deserializer)?);
        let text = text.map_err(de::Error::custom)?.unwrap_or_default();
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TicketStatus {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TicketStatus".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "integer", "enum": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_statuses() {
        let rows: Vec<_> = TicketStatus::ALL
            .into_iter()
            .map(|s| (s.id(), s.name(), s.label(), s.requires_comment()))
            .collect();
        assert_eq!(
            rows,
            [
                (1, "pending", "Pending", false),
                (2, "accepted", "Accepted", true),
                (3, "declined", "Declined", true),
                (4, "incomplete", "Incomplete", false),
                (5, "follow_up", "Follow-up", false),
                (6, "in_review", "In Review", false),
                (7, "complete", "Complete", true),
                (8, "rejected", "Rejected", true),
                (9, "in_analysis", "In Analysis", false),
                (10, "claim_in_review", "Claim In Review", true),
            ]
        );
        let ids = |holds: fn(TicketStatus) -> bool| -> Vec<u8> {
            let all = TicketStatus::ALL.into_iter();
            all.filter(|status| holds(*status))
                .map(TicketStatus::id)
                .collect()
        };
        assert_eq!(ids(TicketStatus::is_closed), [2, 3]);
        assert_eq!(ids(TicketStatus::blocks_duplicates), [1, 3, 5, 6]);
    }

    #[test]
    fn read_from_id_name_and_label() {
        for json in [
            "10",
            "\"10\"",
            "10.0",
            "\"claim_in_review\"",
            "\"Claim In Review\"",
            "\"CLAIM-in review\"",
        ] {
            let status: TicketStatus = serde_json::from_str(json).unwrap();
            assert_eq!(status, TicketStatus::ClaimInReview, "{json}");
            assert_eq!(serde_json::to_string(&status).unwrap(), "10");
        }
        for json in ["0", "11", "null", "\"solved\"", "\"\"", "1.5"] {
            assert!(
                serde_json::from_str::<TicketStatus>(json).is_err(),
                "{json}"
            );
        }
    }
}
