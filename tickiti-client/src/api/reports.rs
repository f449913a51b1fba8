//! Reports: counts and times over a range of days.
//!
//! The owner of the token must be an administrator, and the plan must include reports. The forms of the answers are not
//! documented; they are handed on as they come.

use api_core::{Endpoint, Problem, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{ADMIN, HAS_REPORTS, REPORTS_READ},
    rules::Rules,
    types::{Date, QueueId},
};

#[cfg(test)]
mod tests;

/// Reports what each member of staff did in a range of days.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentActivity {
    /// First day. Example: `2026-10-01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_from: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_to: Option<Date>,
    /// Only tickets of this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
}

impl AgentActivity {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for AgentActivity {
    type Response = Value;
    const SPEC: Spec = Spec::read("reports.agent_activity", "reports/agent-activity")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);

    fn problems(&self) -> Vec<Problem> {
        days_in_order(self.date_from.as_ref(), self.date_to.as_ref())
    }
}

/// Lists the queues that a report can be limited to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Meta {}

impl Meta {
    /// Takes no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }
}

impl Endpoint for Meta {
    type Response = Value;
    const SPEC: Spec = Spec::read("reports.meta", "reports/meta")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);
}

/// Reports how tickets were resolved in a range of days.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolutions {
    /// First day. Example: `2026-10-01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_from: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_to: Option<Date>,
    /// Only tickets of this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
}

impl Resolutions {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Resolutions {
    type Response = Value;
    const SPEC: Spec = Spec::read("reports.resolutions", "reports/resolutions")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);

    fn problems(&self) -> Vec<Problem> {
        days_in_order(self.date_from.as_ref(), self.date_to.as_ref())
    }
}

/// Reports how long customers waited for answers, by period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResponseTimes {
    /// First day. Example: `2026-10-01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_from: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_to: Option<Date>,
    /// Only tickets of this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
    /// Length of the periods that are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
}

impl ResponseTimes {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for ResponseTimes {
    type Response = Value;
    const SPEC: Spec = Spec::read("reports.response_times", "reports/response-times")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);

    fn problems(&self) -> Vec<Problem> {
        days_in_order(self.date_from.as_ref(), self.date_to.as_ref())
    }
}

/// Reports how many tickets came in, by period.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Volumes {
    /// First day. Example: `2026-10-01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_from: Option<Date>,
    /// Last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_to: Option<Date>,
    /// Only tickets of this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_id: Option<QueueId>,
    /// Length of the periods that are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
}

impl Volumes {
    /// The request without any of its fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Endpoint for Volumes {
    type Response = Value;
    const SPEC: Spec = Spec::read("reports.volumes", "reports/volumes")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);

    fn problems(&self) -> Vec<Problem> {
        days_in_order(self.date_from.as_ref(), self.date_to.as_ref())
    }
}

/// Length of the periods that a report counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "documented variants would turn the schema's plain list into a choice of constants"
)]
pub enum GroupBy {
    Day,
    Week,
    Month,
}

/// The last day, when both are given, is not before the first.
fn days_in_order(from: Option<&Date>, to: Option<&Date>) -> Vec<Problem> {
    Rules::default()
        .require(
            from.zip(to).is_none_or(|(from, to)| from <= to),
            "date_to",
            "must not be earlier than `date_from`",
        )
        .take()
}
