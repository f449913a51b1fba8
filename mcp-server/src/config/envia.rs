//! The Envia back end that is served.

use envia_client::{BuildError, Client, Settings};

use super::{
    pair::{Names, Refusal},
    reader::Reader,
    variable,
};

/// How the module is switched on.
pub(super) const HOW: &str = "for Envia, set BACKEND_URL (such as https://admon.example.com) and BACKEND_BOT_AI_TOKEN \
                              or BACKEND_BOT_AI_TOKEN_FILE; and MCP_TRANSPORT=stdio, or MCP_API_KEY for HTTP";

const NAMES: Names = Names {
    base: variable::BACKEND_URL,
    token: variable::BACKEND_TOKEN,
    token_file: variable::BACKEND_TOKEN_FILE,
    allow_http: variable::BACKEND_ALLOW_HTTP,
    example: "https://admon.example.com",
};

pub(super) fn settings(reader: &mut Reader<'_>) -> Settings {
    reader.settings(variable::BACKEND_ALLOW_HTTP, variable::BACKEND_TIMEOUT_MS)
}

pub(super) fn read(reader: &mut Reader<'_>, settings: &Settings) -> Option<Client> {
    let pair = NAMES.read(reader);
    pair.client(reader, &NAMES, |base, token| {
        let built = Client::builder(base, token).settings(settings.clone());
        built.build().map_err(|error| match error {
            BuildError::Setup(error) => Refusal::Setup(error),
            other => Refusal::Other(other.to_string()),
        })
    })
}
