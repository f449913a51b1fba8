//! Images of templates and stock responses.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, Outcome, Row};
use crate::tickiti::settings::STOCK_RESPONSES;

const EXTENSIONS: &[&str] = &["png", "jpg", "jpeg", "gif", "webp", "svg", "bmp"];

/// Keeps the image on a row and answers how to use it in the body: `{cid, img}`.
pub(in crate::tickiti) fn upload_image(state: &mut State, call: &Call, list: &List) -> Outcome {
    list.row(state, call)?;
    let file = call.files.iter().find(|file| file.part == "file");
    let file = file.ok_or_else(|| Reply::invalid("file", "The file field is required."))?;
    let extension = file.file_name.rsplit_once('.').map(|(_, end)| end);
    let extension = extension.unwrap_or_default().to_lowercase();
    if !EXTENSIONS.contains(&extension.as_str()) {
        return Err(Reply::invalid("file", "The file must be an image."));
    }
    let hash = state.store_blob(file.content.clone());
    let short: String = hash.chars().take(16).collect();
    let cid = format!("cid:{short}");
    let image = json!({
        "cid": cid,
        "name": file.file_name,
        "sha256": hash,
        "file_size": file.content.len(),
    });
    let row = list.row_mut(state, call.id(list.key))?;
    if let Value::Array(images) = row.entry("images").or_insert_with(|| json!([])) {
        images.retain(|known| known.get("cid") != image.get("cid"));
        images.push(image);
    }
    let img = format!(r#"<img src="{cid}" alt="{}">"#, escape(&file.file_name));
    Ok(Reply::data(json!({"cid": cid, "img": img})))
}

/// Hashes of all images of templates and stock responses.
pub(in crate::tickiti) fn referenced(state: &State) -> BTreeSet<String> {
    let tables = [super::LIST.table, STOCK_RESPONSES.table];
    let rows = tables.iter().filter_map(|table| state.tables.get(table));
    rows.flat_map(|rows| rows.values())
        .flat_map(images)
        .filter_map(|image| image.get("sha256")?.as_str().map(str::to_owned))
        .collect()
}

fn images(row: &Row) -> impl Iterator<Item = &Value> {
    let images = row.get("images").and_then(Value::as_array);
    images.into_iter().flatten()
}

/// Text for an attribute value.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}
