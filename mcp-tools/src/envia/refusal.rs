//! Broken rules as one refusal: every violation, and the types that would take the draft.

use std::fmt::Display;

use envia_client::rules::{Alternative, Rule, Violation};

use crate::{
    arguments::Mistake,
    error::{ErrorKind, ToolError},
};

/// Alternatives that are told; more would not help to choose.
const SHOWN_ALTERNATIVES: usize = 6;

/// A refusal by rules; nothing was sent.
pub(super) fn refusal(
    tool: &str,
    kind: ErrorKind,
    broken: &[impl Display],
    alternatives: &[Alternative],
) -> ToolError {
    let count = match broken.len() {
        1 => "1 rule is broken".to_owned(),
        many => format!("{many} rules are broken"),
    };
    let mut text = format!("{tool} was refused: {count}; nothing was changed.");
    for line in broken {
        text.push_str(&format!("\n- {line}"));
    }
    if !alternatives.is_empty() {
        text.push_str("\nTypes that would take these arguments as they are, if their use fits:");
        for other in alternatives.iter().take(SHOWN_ALTERNATIVES) {
            text.push_str(&format!("\n- {} `{}`", other.id, other.name));
            if let Some(use_case) = &other.use_case {
                text.push_str(&format!(": {use_case}"));
            }
        }
    }
    ToolError::new(kind, text)
}

/// The class of a refusal: a policy that forbids, a state that stands against it, or arguments that can be mended.
pub(super) fn kind_of(violations: &[Violation]) -> ErrorKind {
    if violations
        .iter()
        .any(|violation| violation.rule.is_policy())
    {
        ErrorKind::Denied
    } else if violations
        .iter()
        .any(|violation| violation.rule == Rule::Closed)
    {
        ErrorKind::Conflict
    } else {
        ErrorKind::Arguments
    }
}

/// A violation as a mistake in an argument.
pub(super) fn mistake(violation: &Violation) -> Mistake {
    let text = violation.to_string();
    let field = format!("`{}` ", violation.field);
    Mistake::new(
        violation.field.clone(),
        text.strip_prefix(&field).unwrap_or(&text),
    )
}
