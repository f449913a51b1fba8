//! Rules that span fields or bound them, gathered so that a caller learns of all broken ones at once.

use std::{borrow::Cow, ops::RangeInclusive};

use api_core::Problem;

/// The broken rules of one request, each told as the rest of a sentence that begins with the field.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Problem>);

impl Rules {
    /// Notes a problem when a rule does not hold.
    pub(crate) fn require(
        &mut self,
        holds: bool,
        field: impl Into<Cow<'static, str>>,
        problem: &'static str,
    ) -> &mut Self {
        if !holds {
            self.0.push(Problem::new(field, problem));
        }
        self
    }

    /// A number, when given, must lie within bounds.
    pub(crate) fn within<N: Into<u64>>(
        &mut self,
        field: &'static str,
        value: Option<N>,
        bounds: RangeInclusive<u64>,
    ) -> &mut Self {
        if let Some(value) = value.map(Into::into)
            && !bounds.contains(&value)
        {
            let text = format!(
                "is {value}, which is not within {} to {}",
                bounds.start(),
                bounds.end()
            );
            self.0.push(Problem::new(field, text));
        }
        self
    }

    /// A list must have so many items.
    pub(crate) fn count<T>(
        &mut self,
        field: &'static str,
        items: &[T],
        bounds: RangeInclusive<usize>,
    ) -> &mut Self {
        if !bounds.contains(&items.len()) {
            let text = format!(
                "has {} items; {} to {} are allowed",
                items.len(),
                bounds.start(),
                bounds.end()
            );
            self.0.push(Problem::new(field, text));
        }
        self
    }

    /// A text, when given, must have so many characters.
    pub(crate) fn length(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        bounds: RangeInclusive<usize>,
    ) -> &mut Self {
        if let Some(length) = text.map(|text| text.chars().count())
            && !bounds.contains(&length)
        {
            let text = format!(
                "has {length} characters; {} to {} are allowed",
                bounds.start(),
                bounds.end()
            );
            self.0.push(Problem::new(field, text));
        }
        self
    }

    /// What is broken.
    pub(crate) fn take(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.0)
    }
}

/// True when there is a text with more than white space in it.
pub(crate) fn filled(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}
