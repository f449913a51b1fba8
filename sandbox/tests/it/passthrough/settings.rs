//! Settings and templates.

use serde_json::json;

use super::sweep::{Sweep, find};

/// Every endpoint of the settings family.
pub(super) async fn settings(sweep: &mut Sweep) {
    perspectives(sweep).await;
    stock_responses(sweep).await;
    watchlists(sweep).await;
    let tags = sweep.ok("settings.hashtags.index", json!({})).await;
    let tag = tags["hashtags"][0]["tag"].clone();
    sweep
        .done("settings.hashtags.delete", json!({"tag": tag}))
        .await;
    sweep
        .done("settings.hashtags.delete", json!({"tag": tag}))
        .await;
}

async fn perspectives(sweep: &mut Sweep) {
    let body = json!({"name": "Sweep", "conditions": [], "orders": []});
    let made = sweep.ok("settings.perspectives.create", body).await;
    let id = made["perspective_id"].clone();
    let update = json!({
        "perspective_id": id,
        "shared": true,
        "conditions": [{"field": "status", "operator": "is", "value": "closed"}],
    });
    sweep.done("settings.perspectives.update", update).await;
    let all = json!({"scope": "all"});
    let list = sweep.ok("settings.perspectives.index", all).await;
    assert_eq!(find(&list["perspectives"], "name", "Sweep")["shared"], true);
    let shown = sweep
        .ok("settings.perspectives.show", json!({"name": "Sweep"}))
        .await;
    assert_eq!(shown["perspective"]["id"], id);

    let closed = sweep
        .tickets(json!({"perspective_id": id, "row_limit": 5}))
        .await;
    assert!(!closed.is_empty());
    assert!(closed.iter().all(|ticket| ticket["status"] == "closed"));
    sweep
        .done(
            "settings.perspectives.delete",
            json!({"perspective_id": id}),
        )
        .await;
    let gone = json!({"perspective_id": id});
    sweep.fails("settings.perspectives.show", gone, 404).await;
}

async fn stock_responses(sweep: &mut Sweep) {
    let body = json!({"identifier": "sweep", "category": "Tests", "content": "<p>Hi</p>"});
    let made = sweep.ok("settings.stock_responses.create", body).await;
    let id = made["template"]["id"].clone();
    let search = json!({"search": "sweep", "include_content": true});
    let list = sweep.ok("settings.stock_responses.index", search).await;
    assert_eq!(
        find(&list["stock_responses"], "identifier", "sweep")["id"],
        id
    );
    let update = json!({"template": {"id": id, "ai_relevance": "as_is"}});
    sweep.done("settings.stock_responses.update", update).await;
    let fields = [("template_id", id.to_string())];
    let image = sweep
        .upload("settings.stock_responses.image_upload", &fields)
        .await;
    assert!(image["data"]["img"].as_str().unwrap().starts_with("<img"));
    let by_id = json!({"template_id": id});
    let shown = sweep
        .ok("settings.stock_responses.show", by_id.clone())
        .await;
    assert_eq!(shown["template"]["content"], "<p>Hi</p>");
    assert_eq!(shown["template"]["ai_relevance"], "as_is");
    sweep
        .done("settings.stock_responses.delete", by_id.clone())
        .await;
    sweep
        .fails("settings.stock_responses.show", by_id, 404)
        .await;
}

async fn watchlists(sweep: &mut Sweep) {
    let body = json!({"name": "Sweep", "icon": "star", "shared": true});
    sweep.done("settings.watchlists.create", body).await;
    let list = sweep.ok("settings.watchlists.index", json!({})).await;
    let id = find(&list["watchlists"], "name", "Sweep")["id"].clone();
    let found = sweep.tickets(json!({"row_limit": 2})).await;
    let ids: Vec<u64> = found
        .iter()
        .map(|ticket| ticket["id"].as_str().unwrap().parse().unwrap())
        .collect();
    let add = json!({"watchlist_id": id, "ticket_ids": ids});
    sweep.done("settings.watchlists.add_tickets", add).await;
    let turned = json!({"watchlist_id": id, "ticket_ids": [ids[1], ids[0]]});
    sweep.done("settings.watchlists.reorder", turned).await;
    let remove = json!({"watchlist_id": id, "ticket_ids": [ids[1]]});
    sweep
        .done("settings.watchlists.remove_tickets", remove)
        .await;
    let criteria = json!([{"mode": "watchlist", "tokens": [id.to_string()]}]);
    let query = json!({"search_object": {"criteria": criteria}});
    let held = sweep.tickets(query).await;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["id"], ids[0].to_string());
    let flag = json!({"watchlist_id": id, "icon": "flag"});
    sweep.done("settings.watchlists.update", flag).await;
    let list = sweep.ok("settings.watchlists.index", json!({})).await;
    assert_eq!(find(&list["watchlists"], "name", "Sweep")["icon"], "flag");
    sweep
        .done("settings.watchlists.delete", json!({"watchlist_id": id}))
        .await;
}

/// Every endpoint of the templates family.
pub(super) async fn templates(sweep: &mut Sweep) {
    let body =
        json!({"type": "email", "identifier": "sweep", "subject": "Hi {{name}}", "content": "x"});
    sweep.done("templates.create", body).await;
    let list = sweep.ok("templates.index", json!({})).await;
    let id = find(&list, "identifier", "sweep")["id"].clone();
    let update = json!({"template": {"id": id, "content": "<p>{{name}}</p>"}});
    sweep.done("templates.update", update).await;
    let data = json!({"template_identifier": "sweep", "data": {"name": "Dana"}});
    let rendered = sweep.ok("templates.render", data).await;
    assert_eq!(
        rendered,
        json!({"subject": "Hi Dana", "content": "<p>Dana</p>"})
    );
    let found = sweep
        .ok("templates.search", json!({"search": "sweep"}))
        .await;
    assert_eq!(found[0]["id"], id);
    let image = sweep
        .upload("templates.image_upload", &[("template_id", id.to_string())])
        .await;
    assert!(image["data"]["cid"].as_str().unwrap().starts_with("cid:"));
    let by_id = json!({"template_id": id});
    let shown = sweep.ok("templates.show", by_id.clone()).await;
    assert_eq!(shown["template"]["subject"], "Hi {{name}}");
    sweep.done("templates.delete", by_id.clone()).await;
    sweep.fails("templates.show", by_id, 404).await;
    let faqs = sweep.ok("templates.faqs", json!({})).await;
    assert_eq!(faqs[0]["type"], "faq");
}
