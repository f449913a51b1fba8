//! What is wrong with a request before it leaves, gathered so that a caller learns of all of it at once.

use std::borrow::Cow;

use api_core::Problem;

use crate::{json::MAX_SAFE, types::is_blank};

/// The broken rules of one request, each told as the rest of a sentence that begins with the field.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a problem when a rule does not hold.
    pub(crate) fn require(
        &mut self,
        holds: bool,
        field: &'static str,
        problem: impl Into<Cow<'static, str>>,
    ) -> &mut Self {
        if !holds {
            self.0.push(Problem::new(field, problem));
        }
        self
    }

    /// An id, when given, must be one that the back end can tell apart from others.
    pub(crate) fn id(&mut self, field: &'static str, id: Option<u64>) -> &mut Self {
        let fits = id.is_none_or(|id| (1..=MAX_SAFE).contains(&id));
        self.require(
            fits,
            field,
            "must be an id: a whole number from 1 to 2^53 - 1",
        )
    }

    /// A text, when given, must say something, see [`is_blank`].
    pub(crate) fn filled(&mut self, field: &'static str, text: Option<&str>) -> &mut Self {
        let filled = text.is_none_or(|text| !is_blank(text));
        self.require(filled, field, "is empty: give a text")
    }

    /// A text may have so many characters.
    pub(crate) fn at_most(&mut self, field: &'static str, text: &str, most: usize) -> &mut Self {
        let length = text.chars().count();
        let problem = format!("has {length} characters; at most {most} are allowed");
        self.require(length <= most, field, problem)
    }

    /// What is broken.
    pub(crate) fn take(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.0)
    }
}
