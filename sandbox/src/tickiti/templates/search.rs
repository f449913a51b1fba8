//! Searching templates, FAQs and stock responses.

use serde_json::{Value, json};

use super::LIST;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Row, pick, text};
use crate::tickiti::settings::STOCK_RESPONSES;

/// Fields that a search looks at.
const SEARCHED: &[&str] = &["identifier", "subject", "content", "keywords"];

/// Rows in which every word and quoted phrase occurs, of one type or of all.
pub(super) fn search(state: &mut State, call: &Call) -> Reply {
    let terms = terms(&call.text("search").unwrap_or_default());
    let kind = call.text("type").filter(|kind| !kind.is_empty());
    let tables = [LIST.table, STOCK_RESPONSES.table];
    let rows = tables.iter().filter_map(|table| state.tables.get(table));
    let found: Vec<Value> = rows
        .flat_map(|rows| rows.values())
        .filter(|row| kind.as_deref().is_none_or(|kind| text(row, "type") == kind))
        .filter(|row| terms.iter().all(|term| contains_term(row, term)))
        .map(|row| {
            let fields = [
                "id",
                "type",
                "identifier",
                "subject",
                "category",
                "keywords",
            ];
            Value::Object(pick(row, &fields))
        })
        .collect();
    Reply::json(json!(found))
}

/// True when a lower-case term occurs in a searched field.
pub(in crate::tickiti) fn contains_term(row: &Row, term: &str) -> bool {
    SEARCHED
        .iter()
        .any(|field| text(row, field).to_lowercase().contains(term))
}

/// Words and quoted phrases in lower case.
fn terms(search: &str) -> Vec<String> {
    let search = search.to_lowercase();
    let mut terms = Vec::new();
    for (index, part) in search.split('"').enumerate() {
        if index % 2 == 1 {
            terms.push(part.trim().to_owned());
        } else {
            terms.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn splits_words_and_phrases() {
        assert_eq!(
            terms(r#"refund "Late parcel" x"#),
            ["refund", "late parcel", "x"]
        );
        assert_eq!(terms(r#""open end"#), ["open end"]);
        assert!(terms(r#"  "" "#).is_empty());
    }
}
