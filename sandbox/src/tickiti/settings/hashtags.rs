//! Hashtags: a list of known tags, and the tickets that carry them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::tickiti::call::Call;
use crate::tickiti::model::State;
use crate::tickiti::reply::Reply;
use crate::tickiti::rows::{List, text};

/// The known tags, without the `#`.
pub(super) const LIST: List = List {
    table: "hashtags",
    what: "Hashtag",
    key: "id",
    fields: &["tag"],
};

/// Every tag with the number of tickets that carry it.
pub(super) fn index(state: &mut State, _call: &Call) -> Reply {
    let mut uses: BTreeMap<String, u64> = BTreeMap::new();
    for ticket in state.tickets.values().filter(|t| t.deleted_at.is_none()) {
        for tag in &ticket.hashtags {
            *uses.entry(bare(tag)).or_default() += 1;
        }
    }
    let rows = state.tables.get(LIST.table).into_iter().flatten();
    let tags: Vec<Value> = rows
        .map(|(id, row)| {
            let tag = text(row, "tag");
            json!({"id": id, "tag": tag, "tickets": uses.get(&bare(tag)).copied().unwrap_or_default()})
        })
        .collect();
    Reply::json(json!({"hashtags": tags}))
}

/// Forgets a tag everywhere; a tag that nobody knows is a success too.
pub(super) fn delete(state: &mut State, call: &Call) -> Reply {
    let tag = bare(&call.text("tag").unwrap_or_default());
    if let Some(rows) = state.tables.get_mut(LIST.table) {
        rows.retain(|_, row| bare(text(row, "tag")) != tag);
    }
    for ticket in state.tickets.values_mut() {
        ticket.hashtags.retain(|own| bare(own) != tag);
    }
    Reply::empty()
}

/// A tag without its `#`, in lower case: capitals make no difference.
fn bare(tag: &str) -> String {
    tag.trim_start_matches('#').to_lowercase()
}
