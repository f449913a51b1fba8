//! How the session looks: aligned plain text, with colour where a terminal shows it.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal},
    time::Duration,
};

use mcp_tools::{JsonObject, provenance};
use serde_json::Value;

use super::super::print;

/// Longest line, in characters.
const WIDTH: usize = 100;
/// Column where the names of fields begin.
const INDENT: usize = 12;

/// Prints the steps of a session.
pub(super) struct Screen {
    colour: bool,
    step: usize,
}

/// How a piece of text is shown on a terminal.
#[derive(Clone, Copy)]
enum Style {
    Strong,
    Faint,
    Good,
    Bad,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "31",
        }
    }
}

/// Names and values of one object, in the order they are shown.
pub(super) type Fields = Vec<(String, String)>;

impl Screen {
    pub(super) fn new() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colour: wanted && io::stdout().is_terminal(),
            step: 0,
        }
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }

    /// A paragraph at the left edge.
    pub(super) fn paragraph(&self, text: &str) {
        for line in wrap(text, WIDTH) {
            print(&format!("{}\n", line.trim_end()));
        }
    }

    /// An empty line.
    pub(super) fn gap(&self) {
        print("\n");
    }

    /// Begins the next step.
    pub(super) fn step(&mut self, title: &str) {
        self.step += 1;
        print(&format!(
            "\n{}\n",
            self.styled(Style::Strong, &format!("{}. {title}", self.step))
        ));
    }

    /// The tool that is called.
    pub(super) fn call(&self, tool: &str) {
        self.labelled(
            Style::Faint,
            "call",
            &[self.styled(Style::Strong, tool)],
            None,
        );
    }

    /// The arguments of a call.
    pub(super) fn arguments(&self, arguments: &JsonObject) {
        let fields = arguments.iter();
        let fields = fields.map(|(name, value)| (name.clone(), argument(value)));
        let lines = aligned(&fields.collect());
        self.labelled(Style::Faint, "with", &lines, None);
    }

    /// What matters of an answer, and how long it took.
    pub(super) fn answer(&self, fields: &Fields, took: Duration) {
        self.answer_lines(&aligned(fields), took);
    }

    /// An answer that is lines rather than fields.
    pub(super) fn answer_lines(&self, lines: &[String], took: Duration) {
        self.labelled(Style::Good, "answer", lines, Some(took));
    }

    /// Lines under a label.
    pub(super) fn lines(&self, label: &str, lines: &[String]) {
        self.labelled(Style::Good, label, lines, None);
    }

    /// The text of a refusal.
    pub(super) fn refusal(&self, text: &str, took: Duration) {
        let mut lines = Vec::new();
        for line in text.lines() {
            // The rest of a list's item stands under its text.
            let hang = if line.starts_with("- ") { "  " } else { "" };
            let mut margin = "";
            for part in wrap(line, WIDTH - INDENT - hang.len()) {
                lines.push(format!("{margin}{part}"));
                margin = hang;
            }
        }
        self.labelled(Style::Bad, "refused", &lines, Some(took));
    }

    /// A list of words under a label, as many in a line as fit.
    pub(super) fn words(&self, label: &str, words: &[String]) {
        let lines = wrap(&words.join("  "), WIDTH - INDENT);
        self.labelled(Style::Faint, label, &lines, None);
    }

    /// Lines beside a label; how long an answer took is at the end of the first, or below the last if there is no room.
    fn labelled(&self, style: Style, label: &str, lines: &[String], took: Option<Duration>) {
        let mut text = String::new();
        let mut label = label;
        let mut took = took.map(|took| format!("{:.1} ms", took.as_secs_f64() * 1000.0));
        for line in lines {
            let line = line.trim_end();
            let used = INDENT + line.chars().count();
            let shown = if label.is_empty() {
                " ".repeat(INDENT)
            } else {
                format!(
                    "   {}",
                    self.styled(style, &format!("{label:<width$}", width = INDENT - 3))
                )
            };
            // Writing to a string cannot fail.
            let _ = write!(text, "{shown}{line}");
            if let Some(time) = took.take_if(|time| used + 2 + time.len() <= WIDTH) {
                let time = format!("{time:>width$}", width = WIDTH - used);
                text.push_str(&self.styled(Style::Faint, &time));
            }
            text.push('\n');
            label = "";
        }
        if let Some(time) = took {
            let _ = writeln!(
                text,
                "{}",
                self.styled(Style::Faint, &format!("{time:>WIDTH$}"))
            );
        }
        print(&text);
    }
}

/// An argument for a person; the rows of a list are a line each, without the names of their members.
fn argument(value: &Value) -> String {
    let rows = value
        .as_array()
        .map(|rows| rows.iter().map(Value::as_object));
    let Some(rows) = rows.and_then(Iterator::collect::<Option<Vec<_>>>) else {
        return plain(value);
    };
    let member = |(name, value): (&String, &Value)| match value.as_str() {
        Some(text) if name == "content_base64" => format!("{} characters of base64", text.len()),
        _ => plain(value),
    };
    let row = |row: &JsonObject| row.iter().map(member).collect::<Vec<_>>().join(", ");
    rows.into_iter().map(row).collect::<Vec<_>>().join("\n")
}

/// Names in one column, values in the next.
fn aligned(fields: &Fields) -> Vec<String> {
    let widths = fields.iter().map(|(name, _)| name.chars().count());
    let width = widths.max().unwrap_or(0);
    let room = WIDTH - INDENT - width - 2;
    let mut lines = Vec::new();
    for (name, value) in fields {
        let mut name = name.as_str();
        for part in value.split('\n').flat_map(|line| wrap(line, room)) {
            lines.push(format!("{name:width$}  {part}"));
            name = "";
        }
    }
    lines
}

/// A value for a person: text without quotes, all else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => match provenance::unmarked(other) {
            Some((_, text)) => provenance::visible(&text).into_owned(),
            None => other.to_string(),
        },
    }
}

/// Rows under headings, each column as wide as it must be; numbers to the right, all else to the left.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let columns: Vec<Column> = headings
        .iter()
        .enumerate()
        .map(|(index, heading)| Column::of(heading, rows.iter().filter_map(|row| row.get(index))))
        .collect();
    let headings: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
    std::iter::once(&headings)
        .chain(rows)
        .map(|row| {
            let cells = row
                .iter()
                .zip(&columns)
                .map(|(cell, column)| column.pad(cell));
            cells.collect::<Vec<_>>().join("   ").trim_end().to_owned()
        })
        .collect()
}

/// How the cells of a column are padded.
struct Column {
    width: usize,
    numeric: bool,
}

impl Column {
    fn of<'a>(heading: &str, cells: impl Iterator<Item = &'a String> + Clone) -> Self {
        let numeric = cells.clone().all(|cell| cell.parse::<f64>().is_ok());
        let widest = cells.map(|cell| cell.chars().count()).max();
        Self {
            width: widest.unwrap_or(0).max(heading.chars().count()),
            numeric,
        }
    }

    fn pad(&self, cell: &str) -> String {
        let width = self.width;
        if self.numeric {
            format!("{cell:>width$}")
        } else {
            format!("{cell:<width$}")
        }
    }
}

/// Lines of at most `width` characters, broken at blanks where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for piece in text.split_inclusive(char::is_whitespace) {
        let length = piece.trim_end().chars().count();
        if used > 0 && used + length > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        line.push_str(piece);
        used += piece.chars().count();
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_blanks() {
        assert_eq!(wrap("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrap("unbreakable words", 4), ["unbreakable ", "words"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn columns_are_aligned() {
        let rows = [
            vec!["May".to_owned(), "7".to_owned()],
            vec!["June".to_owned(), "12".to_owned()],
        ];
        assert_eq!(
            table(&["month", "n"], &rows),
            ["month    n", "May      7", "June    12"]
        );
    }
}
