//! Names of ticket variables with their unit in them, so that nobody takes days for months.

use serde_json::{Map, Value};

/// Names and what they become. `days` is documented; the others are (inferred).
const UNITS: &[(&str, &str)] = &[
    ("days", "term_in_days"),
    ("amount", "amount_in_mxn"),
    ("declared_value", "declared_value_in_mxn"),
    ("weight", "weight_in_kg"),
    ("real_weight", "real_weight_in_kg"),
    ("length", "length_in_cm"),
    ("width", "width_in_cm"),
    ("height", "height_in_cm"),
    ("months", "term_in_months"),
    ("hours", "term_in_hours"),
];

/// Renames what is known, in place; a name that is taken already stays with its old value.
pub(super) fn named(variables: Map<String, Value>) -> Map<String, Value> {
    let taken: Vec<String> = variables.keys().cloned().collect();
    let renamed = variables.into_iter().map(|(name, value)| {
        let unit = UNITS.iter().find(|(known, _)| *known == name);
        match unit {
            Some((_, new)) if taken.iter().all(|name| name != new) => ((*new).to_owned(), value),
            _ => (name, value),
        }
    });
    renamed.collect()
}
