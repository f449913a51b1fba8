//! Reads all public messages of one month, page by page, holding one page at a time.

use futures_util::TryStreamExt;
use sandbox::tickiti::Tickiti as Sandbox;
use tickiti_client::{Client, Paging, api::tickets};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let install = Sandbox::builder().start().await?;
    let client = Client::builder(install.base_url(), "sandbox-reader").build()?;

    let filters = tickets::ResponseFilters {
        created_from: Some("2026-05-01".parse()?),
        created_to: Some("2026-05-31".parse()?),
        is_internal: Some(false),
        ..tickets::ResponseFilters::default()
    };

    let (mut rows, mut characters) = (0, 0);
    let mut stream =
        std::pin::pin!(client.responses(filters, Paging::default().with_page_size(25)));
    while let Some(row) = stream.try_next().await? {
        rows += 1;
        characters += row
            .plain_text
            .as_deref()
            .unwrap_or_default()
            .chars()
            .count();
    }
    println!(
        "{rows} messages, {characters} characters, {} requests",
        install.log().len()
    );
    Ok(())
}
