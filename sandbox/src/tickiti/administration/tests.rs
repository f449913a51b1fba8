//! What the administration endpoints do.

use serde_json::json;

use crate::tickiti::model::{Attachment, State};
use crate::tickiti::rows::fixture::{call, done, file, id_of, ok, refused, run, state};

#[test]
fn a_token_is_shown_once_and_cannot_grant_more_than_it_holds() {
    let mut state = state();
    let body = json!({"name": "night", "owner": "system", "abilities": ["tickets:read"],
                      "allowed_ip": "203.0.113.9"});
    let made = ok(&mut state, "administration.api_tokens.create", body.clone());
    assert_eq!(made["ok"], true);
    let id = made["data"]["id"].as_u64().unwrap();
    let plain = made["data"]["token"].as_str().unwrap();
    assert!(plain.starts_with(&format!("{id}|")));
    assert_eq!(state.tokens[&id].plain_text, plain);
    assert_eq!(state.tokens[&id].owner_id, 1);
    let list = ok(&mut state, "administration.api_tokens.index", json!({}));
    assert_eq!(id_of(&list["data"]["tokens"], "name", "night"), id);
    assert!(!list.to_string().contains(plain));

    let narrow = |body| {
        let mut call = call(body);
        let token = call.token.as_mut().unwrap();
        token.abilities = ["tickets:read", "administration:write"]
            .map(str::to_owned)
            .into();
        call
    };
    let reply = run(
        &mut state,
        "administration.api_tokens.create",
        &narrow(body),
    );
    assert_eq!(reply.status, 200);
    let wider = narrow(json!({"name": "w", "owner": "system", "abilities": ["tickets:write"]}));
    let reply = run(&mut state, "administration.api_tokens.create", &wider);
    assert_eq!(reply.status, 403);
    let wider = narrow(json!({"id": id, "abilities": ["mail:read"]}));
    let reply = run(&mut state, "administration.api_tokens.update", &wider);
    assert_eq!(reply.status, 403);

    let free = json!({"id": id.to_string(), "allowed_ip": null});
    done(&mut state, "administration.api_tokens.update", free);
    assert_eq!(state.tokens[&id].allowed_ip, None);
    assert_eq!(state.tokens[&id].name, "night");
    done(
        &mut state,
        "administration.api_tokens.revoke",
        json!({"id": id}),
    );
    assert!(!state.tokens.contains_key(&id));
    refused(
        &mut state,
        "administration.api_tokens.revoke",
        json!({"id": id}),
        404,
    );
}

#[test]
fn tokens_need_a_real_owner_ability_and_address() {
    let mut state = state();
    for (field, value) in [
        ("owner", json!("99")),
        ("owner", json!("someone")),
        ("abilities", json!(["tickets:fly"])),
        ("allowed_ip", json!("localhost")),
    ] {
        let mut body = json!({"name": "x", "owner": "2", "abilities": ["tickets:read"]});
        body[field] = value;
        refused(&mut state, "administration.api_tokens.create", body, 422);
    }
    assert!(state.tokens.is_empty());
}

#[test]
fn users_are_welcomed_listed_and_changed() {
    let mut state = state();
    let body = json!({"name": "Eva", "email": "Eva@shop.example", "is_staff": true});
    done(&mut state, "administration.users.create", body.clone());
    refused(&mut state, "administration.users.create", body, 422);
    let list = ok(&mut state, "administration.users.index", json!({}));
    let id = id_of(&list["users"], "name", "Eva");
    assert!(!list.to_string().contains("sandbox-password"));
    let welcome = state.tables["sent_mail"].values().last().unwrap();
    assert_eq!(welcome["to_address"], "eva@shop.example");

    let to = |body, queue: &str| {
        let mut call = call(body);
        call.params.push(("user".to_owned(), id.to_string()));
        call.params.push(("queue".to_owned(), queue.to_owned()));
        call
    };
    let admin = to(json!({"is_admin": true}), "1");
    assert_eq!(
        run(&mut state, "administration.users.update", &admin).body,
        json!({})
    );
    assert!(state.users[&id].is_admin && state.users[&id].is_staff);
    let permission = to(json!({"can_view": true, "can_manage": false}), "3");
    let reply = run(&mut state, "administration.users.queue_upsert", &permission);
    assert_eq!(reply.body, json!({}));
    assert!(state.users[&id].queues[&3].can_view && !state.users[&id].queues[&3].can_manage);
    let reply = run(&mut state, "administration.users.queue_detach", &permission);
    assert_eq!(reply.body, json!({}));
    assert!(!state.users[&id].queues.contains_key(&3));
    let lost = to(json!({}), "99");
    let reply = run(&mut state, "administration.users.queue_detach", &lost);
    assert_eq!(reply.status, 404);
}

#[test]
fn a_deleted_team_leaves_its_tickets_unassigned() {
    let mut state = state();
    done(
        &mut state,
        "administration.teams.create",
        json!({"name": "Night", "members": [2, "3"]}),
    );
    refused(
        &mut state,
        "administration.teams.create",
        json!({"name": "Night"}),
        422,
    );
    let none = json!({"name": "None", "members": [99]});
    refused(&mut state, "administration.teams.create", none, 422);
    let list = ok(&mut state, "administration.teams.index", json!({}));
    let id = id_of(&list["teams"], "name", "Night");
    assert_eq!(list["teams"][0]["members"][1]["name"], "staff");
    state.tickets.get_mut(&11).unwrap().assigned_to = Some(format!("team:{id}"));
    done(
        &mut state,
        "administration.teams.update",
        json!({"id": id, "name": "Late"}),
    );
    assert_eq!(state.teams[&id].members.len(), 2);
    done(&mut state, "administration.teams.delete", json!({"id": id}));
    assert_eq!(state.tickets[&11].assigned_to, None);
    refused(
        &mut state,
        "administration.teams.delete",
        json!({"id": id}),
        404,
    );
}

#[test]
fn the_api_key_of_the_assistant_is_never_read() {
    let mut state = state();
    let update = |extra: serde_json::Value| {
        let mut body = json!({"current_password": "sandbox-password"});
        body.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        body
    };
    let key = |state: &mut State| {
        let shown = ok(state, "administration.ai.index", json!({}));
        assert!(!shown.to_string().contains("sk-secret"));
        shown["ai_api_key_set"].as_bool().unwrap()
    };
    assert!(!key(&mut state));
    let set = update(json!({"ai_api_key": "sk-secret", "ai_enabled": false}));
    done(&mut state, "administration.ai.update", set);
    let keep = update(json!({"ai_api_key": "", "ai_auto_send_threshold": 50}));
    done(&mut state, "administration.ai.update", keep);
    assert!(key(&mut state));
    let shown = ok(&mut state, "administration.ai.index", json!({}));
    assert_eq!(shown["ai_enabled"], false);
    assert_eq!(shown["ai_auto_send_threshold"], 50);
    let clear = update(json!({"ai_api_key_clear": true}));
    done(&mut state, "administration.ai.update", clear);
    assert!(!key(&mut state));
    let wrong = json!({"current_password": "guess", "ai_enabled": true});
    refused(&mut state, "administration.ai.update", wrong, 422);
    let wrong = update(json!({"ai_auto_send_threshold": 101}));
    refused(&mut state, "administration.ai.update", wrong, 422);
}

#[test]
fn a_custom_domain_waits_for_its_dns_entry() {
    let mut state = state();
    let ask =
        |domain: &str, password: &str| json!({"domain": domain, "current_password": password});
    let endpoint = "administration.custom_domain.update";
    refused(&mut state, endpoint, ask("a.example", "guess"), 422);
    refused(
        &mut state,
        endpoint,
        ask("no domain", "sandbox-password"),
        422,
    );
    done(
        &mut state,
        endpoint,
        ask("Ayuda.Shop.example", "sandbox-password"),
    );
    let status = ok(&mut state, "administration.custom_domain.status", json!({}));
    assert_eq!(status["domain"], "ayuda.shop.example");
    assert_eq!(status["status"], "waiting_for_dns");
    assert_eq!(status["default_address"], "shop.tickiti.example");
}

#[test]
fn branding_keeps_names_and_sizes_of_logos() {
    let mut state = state();
    let mut upload = call(json!({}));
    upload.files.push(file("logo.png", b"pixels"));
    let reply = run(&mut state, "administration.branding.app_logo", &upload);
    assert_eq!(reply.body, json!({}));
    let colour = json!({"primary_colour": "#000000", "email_logo": "ignored"});
    done(&mut state, "administration.branding.update", colour);
    let shown = ok(&mut state, "administration.branding.index", json!({}));
    assert_eq!(
        shown["app_logo"],
        json!({"name": "logo.png", "file_size": 6})
    );
    assert_eq!(shown["email_logo"]["name"], "shop-mail.png");
    assert_eq!(shown["primary_colour"], "#000000");
    done(
        &mut state,
        "administration.branding.reset_app_logo",
        json!({}),
    );
    done(
        &mut state,
        "administration.branding.reset_email_logo",
        json!({}),
    );
    let shown = ok(&mut state, "administration.branding.index", json!({}));
    assert!(shown["app_logo"].is_null() && shown["email_logo"].is_null());
}

#[test]
fn old_closed_tickets_go_with_all_that_is_theirs() {
    let mut state = state();
    state.tickets.get_mut(&11).unwrap().links = [12, 13].into();
    let list = state
        .tables
        .get_mut("watchlists")
        .unwrap()
        .get_mut(&1)
        .unwrap();
    list.insert("ticket_ids".to_owned(), json!([13, 11]));
    let endpoint = "administration.storage.delete_closed";
    refused(&mut state, endpoint, json!({"older_than_days": 0}), 422);
    done(&mut state, endpoint, json!({"older_than_days": 99_999}));
    assert_eq!(state.tickets.len(), 3);
    done(&mut state, endpoint, json!({"older_than_days": 30}));
    assert_eq!(state.tickets.keys().copied().collect::<Vec<_>>(), [11, 12]);
    assert_eq!(state.ticket_numbers.len(), 2);
    assert_eq!(state.tickets[&11].links, [12].into());
    assert_eq!(state.tables["watchlists"][&1]["ticket_ids"], json!([11]));
    done(&mut state, endpoint, json!({"older_than_days": 1}));
    assert!(!state.responses.contains_key(&23));
}

#[test]
fn only_files_that_nothing_refers_to_are_orphans() {
    let mut state = state();
    let id = *state.tables["templates"].keys().next().unwrap();
    let mut upload = call(json!({"template_id": id}));
    upload.files.push(file("box.png", b"pixels"));
    run(&mut state, "templates.image_upload", &upload);
    for hash in ["used", "orphan"] {
        state.blobs.insert(hash.to_owned(), Vec::new());
    }
    let attachment = Attachment {
        sha256: "used".to_owned(),
        ..Attachment::default()
    };
    state.attachments.insert(1, attachment);
    done(
        &mut state,
        "administration.storage.delete_orphaned",
        json!({}),
    );
    assert_eq!(state.blobs.len(), 2);
    assert!(!state.blobs.contains_key("orphan"));
}

#[test]
fn system_settings_change_one_by_one() {
    let mut state = state();
    let days = json!({"sent_mail_retention_days": 90});
    done(&mut state, "administration.storage.retention", days);
    done(
        &mut state,
        "administration.system.update",
        json!({"max_attachment_mb": 20}),
    );
    let shown = ok(&mut state, "administration.system.index", json!({}));
    assert_eq!(shown["sent_mail_retention_days"], 90);
    assert_eq!(shown["max_attachment_mb"], 20);
    assert_eq!(shown["permissions_model"], "permissive");
    let wrong = json!({"permissions_model": "open"});
    refused(&mut state, "administration.system.update", wrong, 422);
    refused(
        &mut state,
        "administration.system.update",
        json!({"max_attachment_mb": 0}),
        422,
    );
    state.plans.insert("has_reports".to_owned());
    let licence = ok(&mut state, "administration.licence.index", json!({}));
    assert_eq!(licence["features"], json!(["has_reports"]));
    assert_eq!(licence["staff_used"], 2);
}

#[test]
fn diagnostics_exist_only_where_they_are_switched_on() {
    let mut state = state();
    for action in ["index", "fetch", "update", "upload"] {
        let endpoint = format!("administration.diagnostics.{action}");
        refused(&mut state, &endpoint, json!({}), 404);
    }
    state.switches.diagnostics = true;
    done(
        &mut state,
        "administration.diagnostics.update",
        json!({"collect_logs": true}),
    );
    done(
        &mut state,
        "administration.diagnostics.upload",
        json!({"note": "x"}),
    );
    let index = ok(&mut state, "administration.diagnostics.index", json!({}));
    assert_eq!(index["options"]["collect_logs"], true);
    let fetched = ok(&mut state, "administration.diagnostics.fetch", json!({}));
    assert_eq!(fetched["entries"][0]["data"]["note"], "x");
}
