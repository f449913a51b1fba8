//! What the settings endpoints do.

use serde_json::json;

use crate::tickiti::rows::fixture::{call, call_as, done, file, id_of, ok, refused, run, state};
use crate::tickiti::switches::Install;

#[test]
fn a_perspective_lives_from_create_to_delete() {
    let mut state = state();
    let created = ok(
        &mut state,
        "settings.perspectives.create",
        json!({"name": "Mine", "conditions": [{"field": "status", "operator": "is", "value": "open"}]}),
    );
    let id = created["perspective_id"].as_u64().unwrap();
    done(
        &mut state,
        "settings.perspectives.update",
        json!({"perspective_id": id.to_string(), "shared": true}),
    );
    let shown = ok(
        &mut state,
        "settings.perspectives.show",
        json!({"name": "Mine"}),
    );
    assert_eq!(shown["perspective"]["shared"], true);
    assert_eq!(shown["perspective"]["conditions"][0]["field"], "status");
    let mine = ok(&mut state, "settings.perspectives.index", json!({}));
    assert_eq!(id_of(&mine["perspectives"], "name", "Mine"), id);
    let by_id = json!({"perspective_id": id});
    done(&mut state, "settings.perspectives.delete", by_id.clone());
    refused(&mut state, "settings.perspectives.show", by_id, 404);
}

#[test]
fn built_in_and_foreign_perspectives_are_kept() {
    let mut state = state();
    let everything = ok(
        &mut state,
        "settings.perspectives.index",
        json!({"scope": "all"}),
    );
    let built_in = id_of(&everything["perspectives"], "name", "All");
    let personal = id_of(&everything["perspectives"], "name", "Facturas");
    let built_in = json!({"perspective_id": built_in});
    refused(&mut state, "settings.perspectives.delete", built_in, 403);
    refused(
        &mut state,
        "settings.perspectives.index",
        json!({"scope": "x"}),
        422,
    );
    refused(&mut state, "settings.perspectives.show", json!({}), 422);

    let staff = call_as(3, json!({"perspective_id": personal}));
    let hidden = run(&mut state, "settings.perspectives.show", &staff);
    assert_eq!(hidden.status, 404);
    let share = call_as(3, json!({"name": "x", "shared": true}));
    let shared = run(&mut state, "settings.perspectives.create", &share);
    assert_eq!(shared.status, 403);
    let mine = run(
        &mut state,
        "settings.perspectives.index",
        &call_as(3, json!({})),
    );
    assert_eq!(mine.body["perspectives"], json!([]));
}

#[test]
fn a_watchlist_keeps_tickets_in_order() {
    let mut state = state();
    done(
        &mut state,
        "settings.watchlists.create",
        json!({"name": "Hot", "icon": "star"}),
    );
    let lists = ok(&mut state, "settings.watchlists.index", json!({}));
    let id = id_of(&lists["watchlists"], "name", "Hot");
    let with = |tickets: &[u64]| json!({"watchlist_id": id, "ticket_ids": tickets});
    done(
        &mut state,
        "settings.watchlists.add_tickets",
        with(&[11, 12]),
    );
    done(
        &mut state,
        "settings.watchlists.add_tickets",
        with(&[12, 13]),
    );
    refused(
        &mut state,
        "settings.watchlists.add_tickets",
        with(&[99]),
        422,
    );
    refused(
        &mut state,
        "settings.watchlists.reorder",
        with(&[13, 11]),
        422,
    );
    done(
        &mut state,
        "settings.watchlists.reorder",
        with(&[13, 11, 12]),
    );
    done(
        &mut state,
        "settings.watchlists.remove_tickets",
        with(&[11, 77]),
    );
    assert_eq!(
        state.tables["watchlists"][&id]["ticket_ids"],
        json!([13, 12])
    );

    done(
        &mut state,
        "settings.watchlists.update",
        json!({"watchlist_id": id, "icon": "flag"}),
    );
    assert_eq!(state.tables["watchlists"][&id]["name"], "Hot");
    assert_eq!(state.tables["watchlists"][&id]["icon"], "flag");
    let staff = call_as(3, json!({"watchlist_id": id}));
    let foreign = run(&mut state, "settings.watchlists.delete", &staff);
    assert_eq!(foreign.status, 404, "personal lists are hidden from others");
    done(&mut state, "settings.watchlists.delete", with(&[]));
    refused(&mut state, "settings.watchlists.delete", with(&[]), 404);
}

#[test]
fn stock_responses_change_only_where_told() {
    let mut state = state();
    let created = ok(
        &mut state,
        "settings.stock_responses.create",
        json!({"identifier": "new", "category": "Shipping", "content": "<p>Hi</p>"}),
    );
    let id = created["template"]["id"].as_u64().unwrap();
    let update = json!({"template": {"id": id, "title": "renamed"}});
    done(
        &mut state,
        "settings.stock_responses.update",
        update.clone(),
    );
    let by_id = json!({"template_id": id});
    let shown = ok(&mut state, "settings.stock_responses.show", by_id.clone());
    assert_eq!(shown["template"]["identifier"], "renamed");
    assert_eq!(shown["template"]["content"], "<p>Hi</p>");

    state.switches.reset_omitted_fields = true;
    done(&mut state, "settings.stock_responses.update", update);
    let shown = ok(&mut state, "settings.stock_responses.show", by_id.clone());
    assert_eq!(shown["template"]["content"], "");
    assert_eq!(shown["template"]["is_enabled"], false);

    refused(&mut state, "templates.show", by_id.clone(), 404);
    done(&mut state, "settings.stock_responses.delete", by_id);
}

#[test]
fn stock_responses_are_searched_and_guarded() {
    let mut state = state();
    let search = json!({"search": "PAQUETE", "include_content": true});
    let found = ok(&mut state, "settings.stock_responses.index", search);
    let found = found["stock_responses"].as_array().unwrap();
    assert_eq!(found.len(), 2);
    assert!(found[0]["content"].as_str().unwrap().contains("paquete"));
    let all = ok(&mut state, "settings.stock_responses.index", json!({}));
    assert!(all["stock_responses"].as_array().unwrap().len() > 2);
    assert_eq!(all["stock_responses"][0].get("content"), None);

    let body = json!({"identifier": "a", "category": "b", "ai_relevance": "as_is"});
    let by_staff = call_as(3, body);
    let reply = run(&mut state, "settings.stock_responses.create", &by_staff);
    assert_eq!(reply.status, 403);
    let body = json!({"identifier": "a", "category": "b", "ai_relevance": "often"});
    refused(&mut state, "settings.stock_responses.create", body, 422);
}

#[test]
fn images_are_kept_once_and_only_images() {
    let mut state = state();
    let id = *state.tables["stock_responses"].keys().next().unwrap();
    let mut upload = call(json!({"template_id": id.to_string()}));
    upload.files.push(file("box.png", b"pixels"));
    for _ in 0..2 {
        let reply = run(&mut state, "settings.stock_responses.image_upload", &upload);
        let cid = reply.body["data"]["cid"].as_str().unwrap();
        let img = reply.body["data"]["img"].as_str().unwrap();
        assert!(cid.starts_with("cid:") && img.contains(cid), "{img}");
    }
    let images = state.tables["stock_responses"][&id]["images"].clone();
    assert_eq!(images.as_array().unwrap().len(), 1);
    upload.files[0].file_name = "tool.exe".to_owned();
    let reply = run(&mut state, "settings.stock_responses.image_upload", &upload);
    assert_eq!(reply.status, 422);
}

#[test]
fn a_deleted_hashtag_leaves_the_tickets() {
    let mut state = state();
    let tags = ok(&mut state, "settings.hashtags.index", json!({}));
    let row = tags["hashtags"].as_array().unwrap();
    let row = row.iter().find(|row| row["tag"] == "tag11").unwrap();
    assert_eq!(row["tickets"], 1);
    for _ in 0..2 {
        done(
            &mut state,
            "settings.hashtags.delete",
            json!({"tag": "#Tag11"}),
        );
    }
    assert!(state.tickets[&11].hashtags.is_empty());
    assert!(!state.tickets[&12].hashtags.is_empty());
}

#[test]
fn older_installs_know_no_choices_in_lists() {
    let mut state = state();
    state.switches.install = Install::June;
    let search = json!({"search": "no such text", "include_content": true});
    let list = ok(&mut state, "settings.stock_responses.index", search);
    let rows = list["stock_responses"].as_array().unwrap();
    assert!(rows.len() > 2);
    assert_eq!(rows[0].get("content"), None);
    let all = json!({"scope": "all"});
    let list = ok(&mut state, "settings.perspectives.index", all);
    let rows = list["perspectives"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["name"] != "All"));

    let id = *state.tables["stock_responses"].keys().next().unwrap();
    let update = json!({"template": {"id": id, "subject": "new"}});
    done(&mut state, "settings.stock_responses.update", update);
    assert_eq!(state.tables["stock_responses"][&id]["content"], "");
}
