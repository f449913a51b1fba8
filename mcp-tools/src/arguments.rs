//! Arguments against their schema: every mistake with its path, before anything is sent.
//!
//! The schemas come from our own request types, so a small set of keywords is enough; a test over all tools and
//! endpoints keeps it so. In return each mistake says what was expected and names the nearest valid word, and values
//! that models often send in another form (a number as text) are put right instead of refused.

use std::fmt;

use serde_json::{Map, Value};

mod format;
mod nearest;

pub use nearest::nearest;

/// The schema keywords that [`check`] understands; anything else in a schema would be ignored.
pub const KEYWORDS: &[&str] = &[
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "anyOf",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "format",
    // Said to the reader, nothing to check:
    "title",
    "description",
    "default",
    "examples",
    "writeOnly",
];

/// Arguments of other servers for the same API that name local files. Guessing a near name would send the path itself.
const LOCAL_FILES: &[&str] = &["content_path", "files", "attachments"];

/// Characters of an unknown name that are shown.
const SHOWN_KEY: usize = 60;

/// Mistakes that are looked for. A caller may make any number, and each costs a search for what was meant.
pub(crate) const MOST: usize = 500;

/// One thing that is wrong with the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where: `search_object.criteria[0].mode`; empty for the arguments as a whole.
    pub path: String,
    /// What is wrong, what was expected, and the nearest valid word where there is one.
    pub problem: String,
}

impl Mistake {
    /// A mistake at a place.
    #[must_use]
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// The top-level argument that the mistake is in.
    #[must_use]
    pub fn argument(&self) -> &str {
        self.path
            .split(['.', '['])
            .next()
            .unwrap_or(self.path.as_str())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.problem)
        } else {
            write!(f, "`{}` {}", self.path, self.problem)
        }
    }
}

/// Whether keys that the schema does not name are a mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// As the schema says: objects that list their properties refuse others unless `additionalProperties` allows them.
    Refuse,
    /// Kept: the back end may know more fields than we do.
    Keep,
}

/// Checks arguments against a schema and puts harmless variations right in place.
///
/// Put right: a number given as text where only a number fits and the other way round, `"true"` and `"false"` for
/// booleans, an enum word in another case, and `null` for an optional argument (removed).
#[must_use]
pub fn check(schema: &Value, arguments: &mut Map<String, Value>, unknown: Unknown) -> Vec<Mistake> {
    let mut checker = Checker {
        mistakes: Vec::new(),
        unknown,
    };
    checker.object(schema, arguments, &mut String::new());
    checker.mistakes
}

struct Checker {
    mistakes: Vec<Mistake>,
    unknown: Unknown,
}

impl Checker {
    fn report(&mut self, path: &str, problem: impl Into<String>) {
        self.mistakes.push(Mistake::new(path, problem));
    }

    const fn has_enough(&self) -> bool {
        self.mistakes.len() >= MOST
    }

    fn object(&mut self, schema: &Value, object: &mut Map<String, Value>, path: &mut String) {
        let empty = Map::new();
        let properties = schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let required = required(schema);
        // An absent value and null mean the same to a model, unless the schema gives null a meaning.
        object.retain(|key, value| {
            !(value.is_null()
                && properties
                    .get(key)
                    .is_some_and(|property| !allows_null(property))
                && !required.contains(&key.as_str()))
        });
        self.unknown_keys(schema, properties, object, path);
        for key in &required {
            if !object.contains_key(*key) {
                let expected = properties
                    .get(*key)
                    .map_or_else(String::new, |property| format!(": {}", describe(property)));
                at(path, key, |path| {
                    self.report(path, format!("is required{expected}"));
                });
            }
        }
        for (key, value) in object.iter_mut() {
            if let Some(property) = properties.get(key) {
                at(path, key, |path| self.value(property, value, path));
            } else if let Some(rest) = schema.get("additionalProperties").filter(|s| s.is_object())
            {
                at(path, key, |path| self.value(rest, value, path));
            }
        }
    }

    fn unknown_keys(
        &mut self,
        schema: &Value,
        properties: &Map<String, Value>,
        object: &Map<String, Value>,
        path: &mut String,
    ) {
        let closed = match schema.get("additionalProperties") {
            Some(Value::Bool(allowed)) => !allowed,
            Some(_) => false,
            None => !properties.is_empty(),
        };
        if !closed || self.unknown == Unknown::Keep {
            return;
        }
        for key in object.keys().filter(|key| !properties.contains_key(*key)) {
            if self.has_enough() {
                return;
            }
            // A long name is shown by its start: it may be content in the wrong place.
            let key: &str = &key.chars().take(SHOWN_KEY).collect::<String>();
            let problem = match nearest(key, properties.keys().map(String::as_str)) {
                _ if LOCAL_FILES.contains(&key) => {
                    "is not taken here; put the text itself into `content`".to_owned()
                }
                Some(known) => format!("is not an argument here; did you mean `{known}`?"),
                None if properties.is_empty() => {
                    "is not an argument here: none are taken".to_owned()
                }
                None => format!(
                    "is not an argument here; known: {}",
                    list(properties.keys().map(String::as_str))
                ),
            };
            at(path, key, |path| self.report(path, problem));
        }
    }

    fn value(&mut self, schema: &Value, value: &mut Value, path: &mut String) {
        if self.has_enough() {
            return;
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            self.any_of(schema, choices, value, path);
            return;
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            self.one_of(words, value, path);
            return;
        }
        if let Some(expected) = schema.get("const") {
            if value != expected {
                self.report(path, format!("must be {expected}"));
            }
            return;
        }
        put_right(schema, value);
        if !type_fits(schema, value) {
            let found = describe_value(value);
            self.report(path, format!("must be {}, got {found}", describe(schema)));
            return;
        }
        match value {
            Value::Object(object) => self.object(schema, object, path),
            Value::Array(items) => self.array(schema, items, path),
            Value::String(text) => self.text(schema, text, path),
            Value::Number(number) => self.number(schema, number.as_f64(), path),
            Value::Bool(_) | Value::Null => {}
        }
    }

    /// The branch whose type fits decides; so the mistake names what that branch expects.
    fn any_of(&mut self, schema: &Value, choices: &[Value], value: &mut Value, path: &mut String) {
        let mut first_mistakes = None;
        for choice in choices {
            let mut probe = Self {
                mistakes: Vec::new(),
                unknown: self.unknown,
            };
            let mut candidate = value.clone();
            probe.value(choice, &mut candidate, path);
            if probe.mistakes.is_empty() {
                *value = candidate;
                return;
            }
            if type_fits(choice, value) && first_mistakes.is_none() {
                first_mistakes = Some(probe.mistakes);
            }
        }
        match first_mistakes {
            Some(mistakes) => self.mistakes.extend(mistakes),
            None => self.report(
                path,
                format!(
                    "must be {}, got {}",
                    describe(schema),
                    describe_value(value)
                ),
            ),
        }
    }

    fn one_of(&mut self, words: &[Value], value: &mut Value, path: &str) {
        if words.contains(value) {
            return;
        }
        let said = match &*value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let same = words.iter().find(|word| match word {
            Value::String(word) => word.eq_ignore_ascii_case(&said),
            other => other.to_string() == said,
        });
        if let Some(word) = same {
            *value = word.clone();
            return;
        }
        let known = words.iter().filter_map(Value::as_str);
        let hint = nearest(&said, known)
            .map_or_else(String::new, |word| format!("; did you mean `{word}`?"));
        self.report(
            path,
            format!(
                "must be one of {}, got {}{hint}",
                words_of(words),
                describe_value(value)
            ),
        );
    }

    fn array(&mut self, schema: &Value, items: &mut [Value], path: &mut String) {
        let count = items.len();
        if let Some(least) = bound(schema, "minItems").filter(|least| count < *least) {
            self.report(path, format!("must hold at least {least}, got {count}"));
        }
        if let Some(most) = bound(schema, "maxItems").filter(|most| count > *most) {
            self.report(path, format!("must hold at most {most}, got {count}"));
        }
        if let Some(schema) = schema.get("items") {
            for (index, item) in items.iter_mut().enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                self.value(schema, item, path);
                path.truncate(length);
            }
        }
    }

    fn text(&mut self, schema: &Value, text: &str, path: &str) {
        let length = text.chars().count();
        if let Some(least) = bound(schema, "minLength").filter(|least| length < *least) {
            let problem = if least == 1 {
                "must not be empty".to_owned()
            } else {
                format!("must have at least {least} characters, got {length}")
            };
            self.report(path, problem);
        }
        if let Some(most) = bound(schema, "maxLength").filter(|most| length > *most) {
            self.report(
                path,
                format!("must have at most {most} characters, got {length}"),
            );
        }
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let format = schema.get("format").and_then(Value::as_str);
        let problem = pattern
            .and_then(|pattern| format::pattern_problem(pattern, text))
            .or_else(|| format.and_then(|format| format::format_problem(format, text)));
        if let Some(problem) = problem {
            self.report(
                path,
                format!("{problem}, got {}", describe_value(&Value::from(text))),
            );
        }
    }

    fn number(&mut self, schema: &Value, number: Option<f64>, path: &str) {
        let Some(number) = number else { return };
        let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
        if let Some(least) = limit("minimum").filter(|least| number < *least) {
            self.report(path, format!("must be at least {least}, got {number}"));
        }
        if let Some(most) = limit("maximum").filter(|most| number > *most) {
            self.report(path, format!("must be at most {most}, got {number}"));
        }
    }
}

/// Whether an answer plainly fits a schema, told without the work of finding out why not.
///
/// `false` means that only [`check`] can tell.
pub(crate) fn fits_plainly(schema: &Value, answer: &Map<String, Value>) -> bool {
    const PLAIN: [&str; 3] = ["type", "description", "items"];
    let plain = |schema: &Value| {
        let keys = schema.as_object().map(Map::keys);
        keys.is_some_and(|mut keys| keys.all(|key| PLAIN.contains(&key.as_str())))
    };
    let fits = |name: &String, property: &Value| {
        let Some(value) = answer.get(name) else {
            return true;
        };
        if !plain(property) || !is_one_of(&types(property), value) {
            return false;
        }
        match (property.get("items"), value) {
            (Some(items), Value::Array(values)) => {
                let wanted = types(items);
                plain(items)
                    && items.get("items").is_none()
                    && values.iter().all(|value| is_one_of(&wanted, value))
            }
            _ => true,
        }
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    required(schema).iter().all(|key| answer.contains_key(*key))
        && properties.is_none_or(|properties| properties.iter().all(|(name, p)| fits(name, p)))
}

/// Patterns and formats that [`check`] knows; a schema with another would not be checked.
#[must_use]
pub fn knows_pattern(pattern: &str) -> bool {
    format::PATTERNS.iter().any(|(known, ..)| *known == pattern)
}

/// Whether a `format` is checked.
#[must_use]
pub fn knows_format(format: &str) -> bool {
    format::FORMATS.contains(&format)
}

fn at(path: &mut String, key: &str, inside: impl FnOnce(&mut String)) {
    let length = path.len();
    if length > 0 {
        path.push('.');
    }
    path.push_str(key);
    inside(path);
    path.truncate(length);
}

fn required(schema: &Value) -> Vec<&str> {
    let keys = schema.get("required").and_then(Value::as_array);
    keys.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn bound(schema: &Value, key: &str) -> Option<usize> {
    usize::try_from(schema.get(key)?.as_u64()?).ok()
}

/// The types a schema allows; empty when it allows any.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn allows_null(schema: &Value) -> bool {
    let types = types(schema);
    let branches = schema.get("anyOf").and_then(Value::as_array);
    match branches {
        Some(branches) => branches.iter().any(allows_null),
        None => types.is_empty() && schema.get("enum").is_none() || types.contains(&"null"),
    }
}

fn type_fits(schema: &Value, value: &Value) -> bool {
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        return branches.iter().any(|branch| type_fits(branch, value));
    }
    is_one_of(&types(schema), value)
}

/// Whether a value is of one of these types; no types mean any.
fn is_one_of(types: &[&str], value: &Value) -> bool {
    types.is_empty()
        || types.iter().any(|name| match *name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(whole),
            "number" => value.is_number(),
            _ => false,
        })
}

fn whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0
}

/// Models send `"20"` for 20, 709383 for `"709383"` and `"true"` for true; all of them are clear.
fn put_right(schema: &Value, value: &mut Value) {
    let types = types(schema);
    let wants = |name: &str| types.contains(&name);
    let better = match value {
        Value::String(text) if !wants("string") => {
            let text = text.trim();
            if wants("integer") || wants("number") {
                let whole = text.parse::<i64>().ok().map(Value::from);
                let fraction = || text.parse::<f64>().ok().filter(|_| wants("number"));
                whole.or_else(|| fraction().map(Value::from))
            } else if wants("boolean") {
                text.to_ascii_lowercase()
                    .parse::<bool>()
                    .ok()
                    .map(Value::from)
            } else {
                None
            }
        }
        Value::Number(number) if wants("integer") && !number.is_i64() && !number.is_u64() => {
            // 20.0 is how some clients write 20.
            let number = number.as_f64().filter(|number| whole(*number));
            number.and_then(|number| format!("{number:.0}").parse::<i64>().ok().map(Value::from))
        }
        Value::Number(number) if wants("string") && !wants("integer") && !wants("number") => {
            let number = match number.as_f64() {
                Some(float) if whole(float) => format!("{float:.0}"),
                _ => number.to_string(),
            };
            Some(Value::from(number))
        }
        Value::String(text) if schema.get("pattern").is_some() && text.trim() != text => {
            Some(Value::from(text.trim()))
        }
        _ => None,
    };
    if let Some(better) = better {
        *value = better;
    }
}

/// What a schema wants, in words.
fn describe(schema: &Value) -> String {
    if let Some(branches) = schema.get("anyOf").and_then(Value::as_array) {
        let parts: Vec<String> = branches.iter().map(describe).collect();
        return parts.join(" or ");
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return format!("one of {}", words_of(words));
    }
    let format = schema.get("format").and_then(Value::as_str);
    let names: Vec<&str> = types(schema)
        .into_iter()
        .map(|name| match (name, format) {
            ("string", Some("email")) => "an e-mail address",
            ("string", Some("date")) => "a date as YYYY-MM-DD",
            ("string", Some("date-time")) => "a date and time",
            ("string", _) => "a text",
            ("integer", _) => "a whole number",
            ("number", _) => "a number",
            ("boolean", _) => "true or false",
            ("array", _) => "a list",
            ("object", _) => "an object",
            ("null", _) => "null",
            _ => "a value",
        })
        .collect();
    if names.is_empty() {
        return "a value".to_owned();
    }
    names.join(" or ")
}

fn describe_value(value: &Value) -> String {
    const SHOWN: usize = 60;
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        other => {
            let text = other.to_string();
            if text.chars().count() > SHOWN {
                let start: String = text.chars().take(SHOWN).collect();
                format!("{start}…")
            } else {
                text
            }
        }
    }
}

/// The words of an enum; they may be numbers.
fn words_of(words: &[Value]) -> String {
    let texts: Vec<String> = words
        .iter()
        .map(|word| match word {
            Value::String(word) => word.clone(),
            other => other.to_string(),
        })
        .collect();
    list(texts.iter().map(String::as_str))
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
