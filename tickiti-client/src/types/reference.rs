//! What points at something else: tickets, assignees, uploaded files, pages.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Email, Id, InvalidValue, Sha256, TeamId, TicketId, TicketNumber};

/// The one ticket that a call is about.
///
/// On the wire it is exactly one of the fields `ticket_number` and `ticket_id`; both or neither are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RefFields", into = "RefFields")]
pub enum TicketRef {
    /// By the number that people see.
    Number(TicketNumber),
    /// By the internal id.
    Id(TicketId),
}

impl From<TicketNumber> for TicketRef {
    fn from(number: TicketNumber) -> Self {
        Self::Number(number)
    }
}

impl From<TicketId> for TicketRef {
    fn from(id: TicketId) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for TicketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "ticket {number}"),
            Self::Id(id) => write!(f, "ticket with id {id}"),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct RefFields {
    /// Number that people see; or give `ticket_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ticket_number: Option<TicketNumber>,
    /// Internal id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ticket_id: Option<TicketId>,
}

impl TryFrom<RefFields> for TicketRef {
    type Error = &'static str;

    fn try_from(fields: RefFields) -> Result<Self, &'static str> {
        match (fields.ticket_number, fields.ticket_id) {
            (Some(number), None) => Ok(Self::Number(number)),
            (None, Some(id)) => Ok(Self::Id(id)),
            (None, None) => Err("the ticket is missing: give `ticket_number` or `ticket_id`"),
            (Some(_), Some(_)) => Err("give `ticket_number` or `ticket_id`, not both"),
        }
    }
}

impl From<TicketRef> for RefFields {
    fn from(ticket: TicketRef) -> Self {
        let (ticket_number, ticket_id) = match ticket {
            TicketRef::Number(number) => (Some(number), None),
            TicketRef::Id(id) => (None, Some(id)),
        };
        Self {
            ticket_number,
            ticket_id,
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TicketRef {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TicketRef".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RefFields::json_schema(generator)
    }
}

/// Who a ticket is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssigneeKey {
    /// A member of staff, by address.
    Staff(Email),
    /// A team; every member then counts as assignee.
    Team(TeamId),
    /// Nobody.
    Unassigned,
}

impl FromStr for AssigneeKey {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        if text.eq_ignore_ascii_case("unassigned") {
            return Ok(Self::Unassigned);
        }
        let key = match text.strip_prefix("team:") {
            Some(id) => id.parse().map(Self::Team),
            None => Email::new(text).map(Self::Staff),
        };
        key.map_err(|_| {
            InvalidValue::new(
                text,
                "an assignee: a staff e-mail address, team:<id>, or Unassigned",
            )
        })
    }
}

impl fmt::Display for AssigneeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(email) => email.fmt(f),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Unassigned => f.write_str("Unassigned"),
        }
    }
}

impl Serialize for AssigneeKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AssigneeKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for AssigneeKey {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "AssigneeKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A staff e-mail address, team:<id>, or Unassigned."
        })
    }
}

/// A file that was uploaded before; `tickets.attachment_upload` answers with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct UploadedFile {
    /// SHA-256 of the content, 64 hexadecimal digits, as the upload answered it.
    pub sha256: Sha256,
    /// File name that readers of the ticket see.
    pub name: String,
    /// Size of the content in bytes.
    pub file_size: u64,
}

/// Where a page of responses ended; opaque, taken from one answer and sent with the next request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub struct Cursor {
    /// Time mark of the last row, unchanged from the answer.
    pub created_at: String,
    /// Id of the last row, unchanged from the answer.
    pub id: Id,
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Request {
        #[serde(flatten)]
        ticket: TicketRef,
        subject: String,
    }

    #[test]
    fn a_ticket_is_exactly_one_flat_field() {
        let request: Request =
            from_value(json!({"ticket_number": 481230, "subject": "x"})).unwrap();
        assert_eq!(
            to_value(&request).unwrap(),
            json!({"ticket_number": "481230", "subject": "x"})
        );
        let request: Request = from_value(json!({"ticket_id": "912", "subject": "x"})).unwrap();
        assert_eq!(
            to_value(&request).unwrap(),
            json!({"ticket_id": 912, "subject": "x"})
        );

        let none = from_value::<Request>(json!({"subject": "x"})).unwrap_err();
        assert!(none.to_string().contains("the ticket is missing"), "{none}");
        let both = json!({"ticket_id": 1, "ticket_number": "2", "subject": "x"});
        let both = from_value::<Request>(both).unwrap_err();
        assert!(both.to_string().contains("not both"), "{both}");
    }

    #[test]
    fn assignees() {
        for (text, wire) in [
            ("sam@support.example.com", "sam@support.example.com"),
            ("team:4", "team:4"),
            ("unassigned", "Unassigned"),
        ] {
            let key: AssigneeKey = from_value(json!(text)).unwrap();
            assert_eq!(to_value(&key).unwrap(), json!(wire));
        }
        for bad in ["team:", "team:x", "Sam", ""] {
            assert!(bad.parse::<AssigneeKey>().is_err(), "{bad}");
        }
    }
}
