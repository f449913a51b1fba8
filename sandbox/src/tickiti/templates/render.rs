//! Filling placeholders.

use serde_json::{Value, json};

use super::LIST;
use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{Outcome, Row, inner, text};

/// Subject and HTML as they would be sent; sends nothing.
pub(super) fn render(state: &mut State, call: &Call) -> Outcome {
    let identifier = call.text("template_identifier").unwrap_or_default();
    let kind = call.text("type").unwrap_or_else(|| "email".to_owned());
    let template = find_template(state, &identifier, &kind);
    let template = template.ok_or_else(|| Reply::not_found(LIST.what))?;
    let values = inner(call, "data");
    Ok(Reply::json(json!({
        "subject": fill(text(template, "subject"), &values),
        "content": fill(text(template, "content"), &values),
    })))
}

/// The template of an identifier and type.
pub(in crate::tickiti) fn find_template<'state>(
    state: &'state State,
    identifier: &str,
    kind: &str,
) -> Option<&'state Row> {
    let rows = state.tables.get(LIST.table)?;
    rows.values()
        .find(|row| text(row, "identifier") == identifier && text(row, "type") == kind)
}

/// Replaces each `{{name}}` by its value; a name without a value stays as it is (inferred).
pub(in crate::tickiti) fn fill(template: &str, values: &Row) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let value = after
            .split_once("}}")
            .and_then(|(name, tail)| Some((printed(values.get(name.trim())?)?, tail)));
        if let Some((value, tail)) = value {
            filled.push_str(&value);
            rest = tail;
        } else {
            filled.push_str("{{");
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

fn printed(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null => Some(String::new()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fill;
    use crate::tickiti::rows::object;

    #[test]
    fn fills_known_names_and_leaves_the_others() {
        let values = object(json!({"name": "Dana", "order": 5512, "list": [1]}));
        let cases = [
            ("Hello {{name}}", "Hello Dana"),
            ("{{ order }}/{{order}}", "5512/5512"),
            ("{{missing}} {{name}}", "{{missing}} Dana"),
            ("{{list}}", "{{list}}"),
            ("{{ {{name}}", "{{ Dana"),
            ("open {{name", "open {{name"),
        ];
        for (template, wanted) in cases {
            assert_eq!(fill(template, &values), wanted);
        }
    }
}
