//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::Outcome;

/// Measures `ticketing-mcp` as a whole process against its budgets, side by side with floors and other servers.
///
/// Ends with 1 when a budget is missed, with 2 when nothing could be measured.
#[derive(Debug, Parser)]
#[command(name = "benches")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Arguments {
    /// Also measure this stdio server with the same calls; it finds the back end in TICKITI_API_BASE and
    /// TICKITI_API_TOKEN. May be given several times.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) server: Vec<String>,
    /// The ticketing-mcp binary to measure; without it, it is built and taken from the release folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) binary: Option<PathBuf>,
    /// Write the figures to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Fewer repetitions, for automatic checks.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Instead of all else, keep 256 calls in flight over HTTP for a while: every one must be answered, and memory must stay
    /// flat.
    #[arg(long)]
    pub(crate) load: bool,
    /// How long that lasts, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) load_seconds: u64,
    /// End with 0 also when a budget is missed.
    #[arg(long)]
    pub(crate) report_only: bool,
    /// Also time a clean release build, in a folder of its own.
    #[arg(long)]
    pub(crate) build: bool,
    /// Be the bare hop: answer each line at once with so many bytes.
    #[arg(long, value_name = "BYTES", hide = true)]
    pub(crate) bare_hop: Option<usize>,
    /// Be a bare library server with answers of so many bytes.
    #[arg(long, value_name = "BYTES", hide = true)]
    pub(crate) bare_rmcp: Option<usize>,
}

/// The words of a command: separated by blanks, with `'…'` and `"…"` to keep blanks together.
///
/// No shell is asked, because its own start would count.
pub(crate) fn words(command: &str) -> Outcome<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(character),
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(format!("a quotation mark is not closed in: {command}").into());
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(
            words("node  dist/index.js").unwrap(),
            ["node", "dist/index.js"]
        );
        assert_eq!(
            words("'my node' --a=\"b c\" ''").unwrap(),
            ["my node", "--a=b c", ""]
        );
        assert!(words("   ").unwrap().is_empty());
        assert!(words("node 'index").is_err());
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
