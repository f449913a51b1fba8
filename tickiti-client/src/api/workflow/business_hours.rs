//! Business hours: the minutes that escalations count.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    permission::{ADMIN, HAS_ESCALATIONS, WORKFLOW_WRITE},
    rules::Rules,
};

/// Sets the business hours. All values are sent.
///
/// No endpoint of its own reads them; `workflow.escalations.index` most likely answers with them (inferred).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the wire has one flag per day of the week"
)]
pub struct Update {
    /// How hours are given: `simple` = the same hours on each working day. Two more exist on the screens, hours per day
    /// and round the clock; their names on the wire are not known.
    pub mode: String,
    /// True makes Monday a working day.
    pub mon_enabled: bool,
    /// True makes Tuesday a working day.
    pub tue_enabled: bool,
    /// True makes Wednesday a working day.
    pub wed_enabled: bool,
    /// True makes Thursday a working day.
    pub thu_enabled: bool,
    /// True makes Friday a working day.
    pub fri_enabled: bool,
    /// True makes Saturday a working day.
    pub sat_enabled: bool,
    /// True makes Sunday a working day.
    pub sun_enabled: bool,
    /// When a working day begins, in minutes after midnight, 0 to 1440. Example: 540 for 09:00.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1440)))]
    pub simple_start: u16,
    /// When a working day ends, in minutes after midnight, 0 to 1440. Example: 1020 for 17:00.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1440)))]
    pub simple_end: u16,
}

impl Update {
    /// The same hours from Monday to Friday, in minutes after midnight.
    #[must_use]
    pub fn new(simple_start: u16, simple_end: u16) -> Self {
        Self {
            mode: "simple".to_owned(),
            mon_enabled: true,
            tue_enabled: true,
            wed_enabled: true,
            thu_enabled: true,
            fri_enabled: true,
            sat_enabled: false,
            sun_enabled: false,
            simple_start,
            simple_end,
        }
    }
}

impl Endpoint for Update {
    type Response = Value;
    const SPEC: Spec = Spec::write(
        "workflow.business_hours.update",
        "workflow/business-hours/update",
        Repeat::Natural,
        Reversal::Compensable,
    )
    .abilities(WORKFLOW_WRITE)
    .role(ADMIN)
    .plans(&[HAS_ESCALATIONS]);

    fn problems(&self) -> Vec<Problem> {
        Rules::default()
            .within("simple_start", Some(self.simple_start), 0..=1440)
            .within("simple_end", Some(self.simple_end), 0..=1440)
            .require(
                self.simple_start < self.simple_end,
                "simple_end",
                "must be later than `simple_start`",
            )
            .take()
    }
}
