//! The arguments of a type as a JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Input, TypeRules, Variable};

/// The variable that has a field of its own.
const AMOUNT: &str = "amount";

impl TypeRules {
    /// JSON Schema of what a ticket of this type takes: the fields of `tickets::Create`, with the variables as
    /// `variables`.
    ///
    /// What the rules demand of the draft alone is in it; what they demand of the shipment is not. Types of variables
    /// are advice to whoever fills them in: [`TypeRules::check`] looks only whether they are there.
    #[must_use]
    pub fn input_schema(&self) -> Value {
        let (required, optional) = (self.required_variables(), self.optional_variables());
        let own = |variable: &&Variable| variable.name != AMOUNT;
        let mut variables = Map::new();
        // The first of a name is the one that counts.
        let inputs = self.inputs.iter().rev();
        let inputs: BTreeMap<&str, &Input> = inputs.map(|i| (i.name.as_str(), i)).collect();
        for variable in required.iter().chain(&optional).filter(own) {
            variables.insert(
                variable.name.clone(),
                property(variable, inputs.get(variable.name.as_str()).copied()),
            );
        }
        let names: Vec<&str> = required
            .iter()
            .filter(own)
            .map(|v| v.name.as_str())
            .collect();
        let mut needed = vec!["company_id", "type", "comments"];
        if self.requires_credit() {
            needed.push("credit_id");
        }
        if required.iter().any(|variable| variable.name == AMOUNT) {
            needed.push(AMOUNT);
        }
        if !names.is_empty() {
            needed.push("variables");
        }
        let mut schema = json!({
            "type": "object",
            "title": self.name,
            "properties": {
                "company_id": {"type": "integer", "minimum": 1},
                "type": {"const": self.id},
                "comments": {"type": "string", "minLength": 1},
                "shipment_id": {"type": "integer", "minimum": 1},
                "tracking_number": {"type": "string", "minLength": 1},
                "amount": {"type": "number", "minimum": 0, "description": "MXN"},
                "assigned_to_id": {"type": "integer", "minimum": 1},
                "credit_id": {"type": "integer", "minimum": 1},
                "variables": {"type": "object", "properties": variables, "required": names},
            },
            "required": needed,
        });
        if let Some(schema) = schema.as_object_mut()
            && (self.requires_guide() || self.needs_shipment())
        {
            let either = json!([{"required": ["tracking_number"]}, {"required": ["shipment_id"]}]);
            schema.insert("anyOf".to_owned(), either);
        }
        schema
    }
}

fn property(variable: &Variable, input: Option<&Input>) -> Value {
    let mut schema = match variable.kind.as_str() {
        "number" => json!({"type": "number"}),
        "integer" => json!({"type": "integer"}),
        "boolean" => json!({"type": "boolean"}),
        "array" => json!({"type": "array"}),
        "object" => json!({"type": "object"}),
        "string (email)" => json!({"type": "string", "format": "email"}),
        // A choice of several, such as documents, is a list.
        "string (select)" => json!({"type": ["string", "integer", "array"], "minLength": 1}),
        _ => json!({"type": "string", "minLength": 1}),
    };
    let hint = input.and_then(|input| input.regex_message.clone().or(input.regex.clone()));
    for (key, text) in [("title", variable.label.clone()), ("description", hint)] {
        if let (Some(schema), Some(text)) = (schema.as_object_mut(), text) {
            schema.insert(key.to_owned(), text.into());
        }
    }
    schema
}
