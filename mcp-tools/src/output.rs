//! Answers that always fit the schema that was promised for them.

use serde_json::{Value, json};

use crate::{
    arguments::{self, Unknown},
    tool::JsonObject,
};

/// Where parts of an answer go that are not of the promised form.
const UNFORESEEN: &str = "unforeseen";

/// Brings an answer into the form of its schema without losing anything.
///
/// A client refuses a result that does not fit, and the model then takes a write that was done for one that failed. So
/// a null where a value was promised is left out, harmless variations (a number as text) are put right, and a part of
/// another form moves under `unforeseen`.
pub(crate) fn fit(schema: &Value, answer: &mut JsonObject) {
    if arguments::fits_plainly(schema, answer) {
        return;
    }
    // A part can be wrong in several ways; each round moves at least one part.
    loop {
        let mistakes = arguments::check(schema, answer, Unknown::Keep);
        let moved: Vec<(String, Value)> = mistakes
            .iter()
            .filter_map(|mistake| answer.remove_entry(mistake.argument()))
            .collect();
        if moved.is_empty() {
            return;
        }
        let slot = answer.entry(UNFORESEEN).or_insert_with(|| json!({}));
        if let Value::Object(unforeseen) = slot {
            unforeseen.extend(moved);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn schema() -> Value {
        Value::Object(schema::open_object(
            &[
                ("queue", json!({"type": "string"})),
                ("count", json!({"type": "integer"})),
                (
                    "rows",
                    json!({"type": "array", "items": {"type": "object"}}),
                ),
            ],
            &[],
        ))
    }

    #[track_caller]
    fn check(answer: Value, expected: Value) {
        let Value::Object(mut answer) = answer else {
            panic!("answers are objects")
        };
        fit(&schema(), &mut answer);
        let answer = Value::Object(answer);
        assert_eq!(answer, expected);
        assert!(jsonschema::is_valid(&schema(), &answer), "{answer}");
    }

    #[test]
    fn what_fits_stays() {
        let answer = json!({"queue": "Sales", "rows": [{"id": 1}], "more": null});
        check(answer.clone(), answer);
    }

    #[test]
    fn the_quick_look_agrees_with_the_whole_check() {
        for answer in [
            json!({}),
            json!({"queue": "Sales", "count": 3, "rows": [{}, {"a": null}]}),
            json!({"queue": null}),
            json!({"count": "3"}),
            json!({"count": 1.5}),
            json!({"rows": [{}, 1]}),
            json!({"rows": {}}),
            json!({"other": null}),
        ] {
            let Value::Object(answer) = answer else {
                unreachable!()
            };
            let mut checked = answer.clone();
            let mistakes = arguments::check(&schema(), &mut checked, Unknown::Keep);
            let untouched = mistakes.is_empty() && checked == answer;
            assert_eq!(
                arguments::fits_plainly(&schema(), &answer),
                untouched,
                "{answer:?}"
            );
        }
    }

    #[test]
    fn nulls_go_and_numbers_are_put_right() {
        check(json!({"queue": null, "count": "3"}), json!({"count": 3}));
    }

    #[test]
    fn other_forms_are_kept_aside() {
        check(
            json!({"queue": {"id": 2}, "rows": [1, {"id": 2}], "count": 1}),
            json!({"count": 1, "unforeseen": {"queue": {"id": 2}, "rows": [1, {"id": 2}]}}),
        );
    }
}
