//! The two tool calls that are measured, and the HTTP calls that they make.

use serde_json::{Value, json};
use tickiti_client::{Operation, api};

use crate::{Outcome, wire::Line};

/// One tool call and the endpoint behind it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) tool: &'static str,
    /// Arguments of the tool; the endpoint's fields are the same.
    pub(crate) arguments: Value,
    pub(crate) operation: &'static Operation,
    /// What no answer but the right one holds.
    pub(crate) proof: &'static str,
}

impl Case {
    /// The request to a server.
    pub(crate) fn line(&self) -> Line {
        Line::call(self.tool, &self.arguments)
    }
}

/// A ticket with its thread, and the first rows of a search.
pub(crate) fn cases() -> Outcome<Vec<Case>> {
    Ok(vec![
        Case {
            tool: "get_ticket",
            arguments: json!({ "ticket_number": 709_383 }),
            operation: operation("tickets.show")?,
            proof: "709383",
        },
        Case {
            tool: "query_responses",
            arguments: json!({ "ticket_number": ["709383"], "limit": 3 }),
            operation: operation("tickets.responses_query")?,
            proof: "709383",
        },
    ])
}

fn operation(name: &str) -> Outcome<&'static Operation> {
    let found = api::ALL
        .iter()
        .find(|operation| operation.spec.name == name);
    found.ok_or_else(|| format!("the client has no endpoint {name}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_make_a_request_of_the_endpoint() {
        for case in cases().unwrap() {
            let fields = case.arguments.as_object().unwrap().clone();
            let prepared = case.operation.prepare(fields.clone()).unwrap();
            assert_eq!(prepared.fields.len(), fields.len(), "{}", case.tool);
        }
    }
}
