//! What each client is told, to be copied.

use super::{BASE, escaped};
use crate::config::{ModuleName, variable};

/// Stands in a snippet for scheme, host and port of this server.
const HERE: &str = "HERE";
/// Around what a snippet has for servers that want a key.
const KEYED: [char; 2] = ['⟨', '⟩'];

/// One client.
struct Client {
    name: &'static str,
    ways: Vec<Way>,
}

/// One way to connect it.
struct Way {
    title: &'static str,
    note: &'static str,
    text: String,
}

/// All clients as elements that unfold, the first one unfolded.
pub(super) fn all(modules: &[ModuleName], open: bool) -> String {
    let mut text = String::new();
    for (index, client) in clients(modules, open).iter().enumerate() {
        text.push_str(match index {
            0 => "<details name=\"client\" open>",
            _ => "<details name=\"client\">",
        });
        text.push_str(&client.html());
        text.push_str("</details>\n");
    }
    text
}

impl Client {
    fn html(&self) -> String {
        let ways: String = self.ways.iter().map(|way| way.html(self.name)).collect();
        format!("<summary>{}</summary>{ways}", escaped(self.name))
    }
}

impl Way {
    fn html(&self, client: &str) -> String {
        let label = format!("{client}, {}", self.title);
        let base = format!("<span class=\"base\">{BASE}</span>");
        format!(
            "<div class=\"how\"><div class=\"bar\"><h3>{}</h3></div><p>{}</p><pre tabindex=\"0\" role=\"region\" \
             aria-label=\"{}\">{}</pre></div>",
            escaped(self.title),
            escaped(self.note),
            escaped(&label),
            escaped(&self.text).replace(HERE, &base)
        )
    }
}

fn clients(modules: &[ModuleName], open: bool) -> Vec<Client> {
    const HERE_TOO: &str =
        "In the same file; the program runs on your machine, with tokens of your own.";
    let http = |note, text: &str| Way {
        title: "Over HTTP",
        note,
        text: for_key(text, !open),
    };
    let stdio = |note, text| Way {
        title: "On stdio",
        note,
        text,
    };
    let settings = settings(modules);
    let both = |name, over_http, on_stdio| Client {
        name,
        ways: vec![over_http, on_stdio],
    };
    vec![
        both(
            "Claude Code",
            http("In a terminal.", CLAUDE_CODE),
            stdio(
                "The program runs on your machine, with tokens of your own.",
                command(&settings),
            ),
        ),
        both(
            "Claude Desktop",
            http(
                "In claude_desktop_config.json, through the bridge mcp-remote, which needs Node.js. For an address with \
                 http:// that is not this machine's, add \"--allow-http\" to the args.",
                CLAUDE_DESKTOP,
            ),
            stdio(HERE_TOO, file("mcpServers", "", &settings)),
        ),
        both(
            "Cursor",
            http(
                "In .cursor/mcp.json, of a project or of your home folder.",
                CURSOR,
            ),
            stdio(HERE_TOO, file("mcpServers", "", &settings)),
        ),
        both(
            "VS Code",
            http("In .vscode/mcp.json of a workspace.", VS_CODE),
            stdio(
                HERE_TOO,
                file("servers", "\n      \"type\": \"stdio\",", &settings),
            ),
        ),
        Client {
            name: "curl",
            ways: vec![http("In a terminal: lists the tools.", CURL)],
        },
    ]
}

/// A snippet for a server that wants a key, or for one that wants none.
fn for_key(text: &str, key: bool) -> String {
    let mut parts = text.split(KEYED);
    let mut whole = String::new();
    while let Some(always) = parts.next() {
        whole.push_str(always);
        let keyed = parts.next().unwrap_or_default();
        if key {
            whole.push_str(keyed);
        }
    }
    whole
}

/// The variables that a server of these modules needs on stdio.
fn settings(modules: &[ModuleName]) -> Vec<(&'static str, &'static str)> {
    let of = |module: &ModuleName| match module {
        ModuleName::Tickiti => [
            (variable::API_BASE, "https://support.example.com"),
            (variable::API_TOKEN, "YOUR_TICKITI_TOKEN"),
        ],
        ModuleName::Envia => [
            (variable::BACKEND_URL, "https://admon.example.com"),
            (variable::BACKEND_TOKEN, "YOUR_ENVIA_TOKEN"),
        ],
    };
    modules.iter().flat_map(of).collect()
}

fn command(settings: &[(&str, &str)]) -> String {
    let set: String = settings
        .iter()
        .map(|(name, value)| format!(" \\\n  --env {name}={value}"))
        .collect();
    format!("claude mcp add ticketing{set} \\\n  -- ticketing-mcp serve --transport stdio")
}

/// An entry of a client's file, under the name that the client has for all of them.
fn file(servers: &str, more: &str, settings: &[(&str, &str)]) -> String {
    let set: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("        \"{name}\": \"{value}\""))
        .collect();
    format!(
        "{{\n  \"{servers}\": {{\n    \"ticketing\": {{{more}\n      \"command\": \"ticketing-mcp\",\n      \"args\": \
         [\"serve\", \"--transport\", \"stdio\"],\n      \"env\": {{\n{}\n      }}\n    }}\n  }}\n}}",
        set.join(",\n")
    )
}

const CLAUDE_CODE: &str =
    "claude mcp add --transport http ticketing HERE/mcp⟨ \\\n  --header \"X-API-Key: YOUR_KEY\"⟩";

const CLAUDE_DESKTOP: &str = r#"{
  "mcpServers": {
    "ticketing": {
      "command": "npx",
      "args": [
        "-y", "mcp-remote", "HERE/mcp"⟨,
        "--header", "X-API-Key:${TICKETING_KEY}"⟩
      ]⟨,
      "env": { "TICKETING_KEY": "YOUR_KEY" }⟩
    }
  }
}"#;

const CURSOR: &str = r#"{
  "mcpServers": {
    "ticketing": {
      "url": "HERE/mcp"⟨,
      "headers": { "X-API-Key": "YOUR_KEY" }⟩
    }
  }
}"#;

const VS_CODE: &str = r#"{
  "servers": {
    "ticketing": {
      "type": "http",
      "url": "HERE/mcp"⟨,
      "headers": { "X-API-Key": "${input:ticketing-key}" }⟩
    }
  }⟨,
  "inputs": [
    {
      "type": "promptString",
      "id": "ticketing-key",
      "description": "Key for ticketing-mcp",
      "password": true
    }
  ]⟩
}"#;

const CURL: &str = r#"curl HERE/mcp \
⟨  --header 'X-API-Key: YOUR_KEY' \
⟩  --header 'Content-Type: application/json' \
  --header 'Accept: application/json, text/event-stream' \
  --data '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'"#;

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_goes_into_a_file_is_json() {
        let mut files = 0;
        for modules in [&ModuleName::ALL[..], &[ModuleName::Envia]] {
            for open in [true, false] {
                let ways = clients(modules, open)
                    .into_iter()
                    .flat_map(|client| client.ways);
                for text in ways.map(|way| way.text) {
                    assert!(!text.contains(KEYED), "{text}");
                    if text.starts_with('{') {
                        let read: Result<Value, _> = serde_json::from_str(&text);
                        assert!(read.is_ok(), "{text}: {read:?}");
                        files += 1;
                    }
                }
            }
        }
        assert_eq!(files, 4 * 6);
    }

    #[test]
    fn a_key_is_named_where_one_is_wanted() {
        for (open, expected) in [(false, 5), (true, 0)] {
            let named = clients(&ModuleName::ALL, open)
                .iter()
                .flat_map(|client| &client.ways)
                .filter(|way| way.title == "Over HTTP")
                .filter(|way| way.text.contains("X-API-Key"))
                .count();
            assert_eq!(named, expected);
        }
        assert!(CURL.starts_with("curl HERE/mcp"));
    }

    #[test]
    fn a_server_on_stdio_is_told_its_modules_and_no_others() {
        let envia = file("servers", "", &settings(&[ModuleName::Envia]));
        assert!(envia.contains(variable::BACKEND_TOKEN) && !envia.contains(variable::API_TOKEN));
    }
}
