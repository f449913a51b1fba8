//! Figures, what they are judged by, and the two forms they are told in.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
    /// Multiples of another figure.
    Times,
    /// Millions of bytes.
    Megabytes,
    Bytes,
    PerSecond,
    Count,
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Microseconds => format!("{value:.1} µs"),
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Seconds => format!("{value:.0} s"),
            Self::Times => format!("{value:.2} ×"),
            Self::Megabytes => format!("{value:.2} MB"),
            Self::Bytes => format!("{value:.0} B"),
            Self::PerSecond => format!("{value:.0} /s"),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

/// How a figure stands to its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Met,
    Missed,
    /// There is a budget, and nothing to hold against it.
    Unknown,
    /// Told for information.
    None,
}

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figure {
    /// What is measured.
    pub(crate) what: String,
    /// Whose figure it is.
    pub(crate) subject: String,
    pub(crate) unit: Unit,
    /// `None` when it could not be measured; the note then says why.
    pub(crate) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) budget: Option<Budget>,
    pub(crate) note: String,
    /// Further figures, for machines.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) more: BTreeMap<&'static str, f64>,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, subject: &str, unit: Unit, value: f64) -> Self {
        Self {
            what: what.into(),
            subject: subject.to_owned(),
            unit,
            value: Some(value),
            budget: None,
            note: String::new(),
            more: BTreeMap::new(),
        }
    }

    /// A figure that could not be measured.
    pub(crate) fn missing(what: impl Into<String>, subject: &str, unit: Unit, why: String) -> Self {
        Self {
            value: None,
            note: why,
            ..Self::new(what, subject, unit, 0.0)
        }
    }

    pub(crate) fn budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(crate) fn more(mut self, name: &'static str, value: f64) -> Self {
        self.more.insert(name, value);
        self
    }

    pub(crate) fn verdict(&self) -> Verdict {
        let met = match (self.value, self.budget) {
            (_, None) => return Verdict::None,
            (None, Some(_)) => return Verdict::Unknown,
            (Some(value), Some(Budget::AtMost(most))) => value <= most,
            (Some(value), Some(Budget::AtLeast(least))) => value >= least,
        };
        if met { Verdict::Met } else { Verdict::Missed }
    }
}

/// All figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    pub(crate) fn push(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Whether every figure that has a budget keeps it.
    pub(crate) fn is_met(&self) -> bool {
        let bad = |figure: &Figure| matches!(figure.verdict(), Verdict::Missed | Verdict::Unknown);
        !self.figures.iter().any(bad)
    }

    /// For machines; `facts` say how the figures came about.
    pub(crate) fn json(
        &self,
        facts: &BTreeMap<&'static str, serde_json::Value>,
    ) -> serde_json::Value {
        let figures: Vec<_> = self
            .figures
            .iter()
            .map(|figure| serde_json::json!({ "verdict": figure.verdict(), "figure": figure }))
            .collect();
        serde_json::json!({ "run": facts, "met": self.is_met(), "figures": figures })
    }

    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut rows =
            vec![["what", "of", "figure", "budget", "verdict", "note"].map(str::to_owned)];
        let mut before = None;
        for figure in &self.figures {
            let what = if before == Some(&figure.what) {
                String::new()
            } else {
                figure.what.clone()
            };
            before = Some(&figure.what);
            rows.push([
                what,
                figure.subject.clone(),
                figure
                    .value
                    .map_or_else(|| "-".to_owned(), |value| figure.unit.text(value)),
                budget_text(figure),
                verdict_text(figure.verdict()).to_owned(),
                figure.note.clone(),
            ]);
        }
        layout(&rows)
    }
}

fn budget_text(figure: &Figure) -> String {
    match figure.budget {
        None => String::new(),
        Some(Budget::AtMost(most)) => format!("≤ {}", figure.unit.text(most)),
        Some(Budget::AtLeast(least)) => format!("≥ {}", figure.unit.text(least)),
    }
}

fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "MISSED",
        Verdict::Unknown => "NOT MEASURED",
        Verdict::None => "",
    }
}

/// Columns as wide as their widest cell; numbers to the right.
fn layout<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            // Writing into a string cannot fail.
            let _ = match column {
                2 | 3 => write!(line, "{cell:>width$}  "),
                _ => write!(line, "{cell:<width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(value: f64, budget: Budget) -> Figure {
        Figure::new("start", "ticketing-mcp", Unit::Milliseconds, value).budget(budget)
    }

    #[test]
    fn a_budget_is_kept_up_to_its_very_end() {
        assert_eq!(figure(10.0, Budget::AtMost(10.0)).verdict(), Verdict::Met);
        assert_eq!(
            figure(10.01, Budget::AtMost(10.0)).verdict(),
            Verdict::Missed
        );
        assert_eq!(figure(0.6, Budget::AtLeast(0.6)).verdict(), Verdict::Met);
        assert_eq!(
            figure(0.59, Budget::AtLeast(0.6)).verdict(),
            Verdict::Missed
        );
    }

    #[test]
    fn what_was_not_measured_is_not_met() {
        let mut report = Report::default();
        assert!(report.is_met());
        let missing = Figure::missing("start", "x", Unit::Times, "it does not start".to_owned());
        report.push(missing.clone());
        assert!(report.is_met(), "nobody asked for it");
        report.push(missing.budget(Budget::AtMost(1.0)));
        assert!(!report.is_met());
    }

    #[test]
    fn the_table_names_a_thing_once_and_lines_up() {
        let mut report = Report::default();
        report.push(figure(6.125, Budget::AtMost(10.0)).note("50 starts"));
        report.push(Figure::new("start", "bare hop", Unit::Milliseconds, 1.0));
        let expected = "\
what   of              figure      budget  verdict  note
start  ticketing-mcp  6.12 ms  ≤ 10.00 ms  met      50 starts
       bare hop       1.00 ms
";
        assert_eq!(report.table(), expected);
    }

    #[test]
    fn machines_read_the_verdict_too() {
        let mut report = Report::default();
        report.push(figure(11.0, Budget::AtMost(10.0)).more("p99", 12.0));
        let value = report.json(&BTreeMap::new());
        assert_eq!(value["met"], false);
        assert_eq!(value["figures"][0]["verdict"], "missed");
        assert_eq!(value["figures"][0]["figure"]["budget"]["at_most"], 10.0);
        assert_eq!(value["figures"][0]["figure"]["more"]["p99"], 12.0);
    }
}
