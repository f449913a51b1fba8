//! The record of what an agent did.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{
    json::{MAX_SAFE, PlainMap},
    problems::Problems,
    types::{ActivityStatus, Done},
};

/// Longest name that a row takes, in characters.
const LONGEST_NAME: usize = 100;

/// Writes one row to the activity log. Sent twice, it makes two rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Name of the tool, at most 100 characters. Example: `create_ticket`.
    pub tool_name: String,
    /// Name of the server that offers the tool, at most 100 characters.
    pub mcp_name: String,
    /// How the call ended. That it is required is (inferred), as for the names.
    pub status: ActivityStatus,
    /// User on whose behalf it was made; the back end takes 0, the system's own, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<u64>,
    /// The arguments of the call.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "plain"
    )]
    pub input_params: Option<Map<String, Value>>,
    /// Why it failed or was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_time_ms: Option<u64>,
}

impl Create {
    /// The request with its required fields alone.
    pub fn new(
        tool_name: impl Into<String>,
        mcp_name: impl Into<String>,
        status: ActivityStatus,
    ) -> Self {
        Self {
            tool_name: tool_name.into(),
            mcp_name: mcp_name.into(),
            status,
            user_id: None,
            input_params: None,
            error_message: None,
            execution_time_ms: None,
        }
    }
}

impl Endpoint for Create {
    type Response = Done;
    const SPEC: Spec = Spec::write(
        "activity_log.create",
        "mcp/activity-log",
        Repeat::Never,
        Reversal::Irreversible,
    );

    fn problems(&self) -> Vec<Problem> {
        let safe = |number: Option<u64>| number.is_none_or(|number| number <= MAX_SAFE);
        Problems::default()
            .filled("tool_name", Some(&self.tool_name))
            .at_most("tool_name", &self.tool_name, LONGEST_NAME)
            .filled("mcp_name", Some(&self.mcp_name))
            .at_most("mcp_name", &self.mcp_name, LONGEST_NAME)
            .require(safe(self.user_id), "user_id", "must be below 2^53")
            .require(
                safe(self.execution_time_ms),
                "execution_time_ms",
                "must be below 2^53",
            )
            .take()
    }
}

fn plain<S: Serializer>(
    params: &Option<Map<String, Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    params.as_ref().map(PlainMap).serialize(serializer)
}
