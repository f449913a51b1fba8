//! What came out: effects counted in the back ends, held against what clients were told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Value, json};

use super::intent::{Class, End, Intent};

/// Histories that are shown of intents that went wrong.
const SHOWN: usize = 5;

/// The counts of one class, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) intents: u64,
    /// Told done, with exactly one effect.
    pub(super) once: u64,
    /// Effects beyond the first of each intent.
    pub(super) duplicates: u64,
    /// Told done, or given up, without an effect.
    pub(super) lost: u64,
    /// Given up although the effect is there: nobody told the client.
    pub(super) untold: u64,
    /// Left to a person, as is right where nothing can be found out.
    pub(super) asked: u64,
}

impl Counts {
    fn add(&mut self, effects: u64, end: Option<End>) {
        self.intents += 1;
        self.duplicates += effects.saturating_sub(1);
        match (effects, end) {
            (_, Some(End::Asked)) => self.asked += 1,
            (0, _) => self.lost += 1,
            (_, Some(End::GivenUp) | None) => self.untold += 1,
            (1, Some(End::Done)) => self.once += 1,
            (_, Some(End::Done)) => {}
        }
    }

    fn json(self) -> Value {
        json!({
            "intents": self.intents,
            "once": self.once,
            "duplicates": self.duplicates,
            "lost": self.lost,
            "untold": self.untold,
            "asked": self.asked,
        })
    }
}

/// What came out of a run.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) all: Counts,
    pub(super) by_class: BTreeMap<Class, Counts>,
    /// Intents that were told of a thing that another intent made.
    pub(super) confused: u64,
    /// Histories of intents that went wrong.
    wrong: Vec<String>,
    /// Further figures, in the order of the table.
    pub(super) figures: Vec<(String, u64)>,
    /// Figures that must be nought.
    pub(super) failures: Vec<(String, u64)>,
}

impl Verdict {
    /// Judges intents whose effects have been counted.
    pub(super) fn of(intents: &[Intent]) -> Self {
        let mut verdict = Self {
            all: Counts::default(),
            by_class: BTreeMap::new(),
            confused: 0,
            wrong: Vec::new(),
            figures: Vec::new(),
            failures: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for intent in intents {
            let state = intent.state();
            let class = verdict.by_class.entry(intent.class).or_default();
            let before = *class;
            class.add(state.effects, state.end);
            let is_right = (class.once, class.asked) != (before.once, before.asked)
                && class.duplicates == before.duplicates;
            verdict.all.add(state.effects, state.end);
            let mut confused = false;
            for told in &state.told {
                confused |= !seen.insert((intent.class, told.clone()));
            }
            verdict.confused += u64::from(confused);
            if !is_right || confused {
                let end = state.end.map_or("never ended", End::words);
                let mut text = format!(
                    "intent {} ({}): {} effects, the client {end}\n  {}\n",
                    intent.number, intent.class, state.effects, intent.arguments
                );
                for line in &state.history {
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "  {line}");
                }
                verdict.wrong.push(text);
            }
        }
        verdict
    }

    /// Whether every write happened once.
    pub(super) fn holds(&self) -> bool {
        let counts = self.all;
        counts.duplicates + counts.lost + counts.untold + self.confused == 0
            && self.failures.iter().all(|(_, count)| *count == 0)
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, counts: &Counts| {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{name:<28}{:>9}{:>9}{:>12}{:>7}{:>9}{:>9}",
                counts.intents,
                counts.once,
                counts.duplicates,
                counts.lost,
                counts.untold,
                counts.asked
            );
        };
        for (class, counts) in &self.by_class {
            line(&class.to_string(), counts);
        }
        line("all", &self.all);
        let head = format!(
            "{:<28}{:>9}{:>9}{:>12}{:>7}{:>9}{:>9}\n",
            "writes", "intents", "once", "duplicates", "lost", "untold", "asked"
        );
        text.insert_str(0, &head);
        text.push('\n');
        for (name, count) in self.figures.iter().chain(&self.failures) {
            let _ = writeln!(text, "{name:<48}{count:>10}");
        }
        let _ = writeln!(
            text,
            "{:<48}{:>10}",
            "answers about another write", self.confused
        );
        text
    }

    /// What happened to writes that went wrong, the first of them.
    pub(super) fn histories(&self) -> String {
        let mut text = String::new();
        for wrong in self.wrong.iter().take(SHOWN) {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{wrong}");
        }
        if self.wrong.len() > SHOWN {
            let _ = writeln!(text, "\nand {} more, in the JSON", self.wrong.len() - SHOWN);
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let classes: serde_json::Map<String, Value> = self
            .by_class
            .iter()
            .map(|(class, counts)| (class.to_string(), counts.json()))
            .collect();
        let figures: serde_json::Map<String, Value> = self
            .figures
            .iter()
            .chain(&self.failures)
            .map(|(name, count)| (name.clone(), json!(count)))
            .collect();
        json!({
            "all": self.all.json(),
            "classes": classes,
            "figures": figures,
            "answers_about_another_write": self.confused,
            "holds": self.holds(),
            "wrong": self.wrong,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_is_counted() {
        let count = |effects, end| {
            let mut counts = Counts::default();
            counts.add(effects, end);
            counts
        };
        assert_eq!(count(1, Some(End::Done)).once, 1);
        let twice = count(3, Some(End::Done));
        assert_eq!((twice.once, twice.duplicates), (0, 2));
        assert_eq!(count(0, Some(End::Done)).lost, 1);
        assert_eq!(count(0, Some(End::GivenUp)).lost, 1);
        assert_eq!(count(1, Some(End::GivenUp)).untold, 1);
        for effects in [0, 1] {
            let asked = count(effects, Some(End::Asked));
            assert_eq!((asked.asked, asked.lost, asked.duplicates), (1, 0, 0));
        }
        assert_eq!(count(2, Some(End::Asked)).duplicates, 1);
    }
}
