//! `query_tickets`: a perspective, criteria, or both.

use api_core::{Operation, Spec};
use serde_json::{Map, Value, json};
use tickiti_client::api::tickets;

use super::{TICKETS, Tickiti};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::mistakes_of,
    error::{ErrorKind, ToolError},
    schema,
    tool::{JsonObject, Tool, ToolSpec},
};

const QUERY: Operation = Operation::of::<tickets::Query>();

/// Rows the API answers when the caller sets no limit.
const DEFAULT_ROW_LIMIT: u64 = 100;

/// Lists tickets.
#[derive(Debug)]
pub(super) struct QueryTickets;

/// `perspective_name` is the search object's `search_perspective` under a name of its own.
fn fields(arguments: &JsonObject) -> JsonObject {
    let mut fields = arguments.clone();
    if let Some(name) = fields.remove("perspective_name") {
        let search = fields
            .entry("search_object")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(search) = search {
            search.insert("search_perspective".to_owned(), name);
        }
    }
    fields
}

/// Rows under one key, whatever the install wraps them in, with their count and whether more may exist.
///
/// An answer without a list is not taken for "no tickets": the wrapper is inferred, and a wrong "none" misleads.
fn rows(payload: Value, limit: u64) -> Result<JsonObject, ToolError> {
    let rows = match payload {
        Value::Array(rows) => Ok(rows),
        Value::Object(mut wrapper) => ["tickets", "data", "rows"]
            .iter()
            .find_map(|key| match wrapper.remove(*key) {
                Some(Value::Array(rows)) => Some(rows),
                _ => None,
            })
            .ok_or_else(|| {
                let keys: Vec<String> = wrapper.keys().take(10).cloned().collect();
                format!("an object with the keys {}", keys.join(", "))
            }),
        _ => Err("no list".to_owned()),
    };
    let rows = rows.and_then(|rows| match rows.iter().all(Value::is_object) {
        true => Ok(rows),
        false => Err("a list of something else than rows".to_owned()),
    });
    let rows = rows.map_err(|found| {
        ToolError::new(
            ErrorKind::Upstream,
            format!(
                "the install answered the search in a form that is not known here: {found}. Nothing can be said about \
                 the tickets; tickiti_call with tickets.query shows the answer as it is."
            ),
        )
    })?;
    let count = rows.len() as u64;
    let mut result = JsonObject::new();
    result.insert("count".to_owned(), json!(count));
    result.insert("tickets".to_owned(), Value::Array(rows));
    if count >= limit {
        result.insert(
            "more".to_owned(),
            json!(format!(
                "the limit of {limit} rows was reached, so more tickets may match: raise row_limit (at most 5000) or \
                 narrow the search, for example with a created_from or queue criterion"
            )),
        );
    }
    Ok(result)
}

fn output() -> JsonObject {
    schema::open_object(
        &[
            (
                "count",
                json!({"type": "integer", "description": "Rows in this answer."}),
            ),
            (
                "tickets",
                json!({"type": "array", "items": {"type": "object"}, "description": "One row per ticket, in the perspective's order. Priority: 10 Low, 20 Normal, 30 High, 40 Urgent."}),
            ),
            (
                "more",
                json!({"type": "string", "description": "Present when rows may be missing: how to get them."}),
            ),
        ],
        &["count", "tickets"],
    )
}

impl Tool for QueryTickets {
    fn spec(&self) -> ToolSpec {
        let mut input = schema::tidy(QUERY.schema().into());
        schema::add_properties(
            &mut input,
            Map::from_iter([(
                "perspective_name".to_owned(),
                json!({"type": "string", "description": "Perspective to run, by name, for example `All` or `For my attention`."}),
            )]),
        );
        ToolSpec::of_endpoint("query_tickets", "Query tickets", TICKETS, QUERY.spec)
            .describe(
                "Lists tickets of a perspective, filtered by search criteria. Without arguments: the perspective All. \
                 Words in messages are the mode `content`. For the messages of a ticket use get_ticket; to list messages by time or author use \
                 query_responses.",
            )
            .input(input)
            .output(output())
    }

    fn endpoints(&self, _: Option<&JsonObject>) -> Vec<&'static Spec> {
        vec![QUERY.spec]
    }

    fn mistakes(&self, arguments: &JsonObject) -> Vec<Mistake> {
        let mut mistakes = mistakes_of(&QUERY, &fields(arguments));
        if arguments.contains_key("perspective_name") && arguments.contains_key("perspective_id") {
            mistakes.push(Mistake::new(
                "perspective_name",
                "goes without `perspective_id`: name the perspective once",
            ));
        }
        mistakes
    }

    async fn call(
        &self,
        context: &Context,
        arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let limit = arguments
            .get("row_limit")
            .and_then(Value::as_u64)
            .unwrap_or(DEFAULT_ROW_LIMIT);
        let tickiti = context.backend::<Tickiti>()?;
        let payload = tickiti.answer(context, &QUERY, fields(&arguments)).await?;
        rows(payload, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_every_wrapper_and_tells_of_a_cut() {
        for payload in [
            json!([{"id": "1"}, {"id": "2"}]),
            json!({"data": [{"id": "1"}, {"id": "2"}]}),
            json!({"tickets": [{"id": "1"}, {"id": "2"}]}),
        ] {
            let whole = rows(payload.clone(), 3).unwrap();
            assert_eq!(whole.get("count"), Some(&json!(2)));
            assert!(!whole.contains_key("more"));
            assert!(rows(payload, 2).unwrap().contains_key("more"));
        }
    }

    #[test]
    fn an_answer_without_a_list_is_not_no_tickets() {
        for payload in [
            json!(null),
            json!({}),
            json!("x"),
            json!({"tickets": {"0": {}}}),
        ] {
            let error = rows(payload, 3).unwrap_err();
            assert!(error.text().contains("form that is not known"), "{error}");
        }
    }

    #[test]
    fn a_perspective_name_wins_over_one_in_the_search_object() {
        let arguments = json!({"perspective_name": "All", "search_object": {"search_perspective": "Old", "criteria": []}});
        let Value::Object(arguments) = arguments else {
            unreachable!()
        };
        assert_eq!(
            Value::Object(fields(&arguments)),
            json!({"search_object": {"search_perspective": "All", "criteria": []}})
        );
    }
}
