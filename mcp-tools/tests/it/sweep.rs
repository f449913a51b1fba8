//! Every endpoint through `tickiti_call`: create, use, change, delete, in the order that things depend on each other.

use std::{cell::RefCell, collections::BTreeSet};

use api_core::Encoding;
use serde_json::{Value, json};
use tickiti_client::api;

use crate::harness::World;

struct Sweep {
    world: World,
    called: RefCell<BTreeSet<String>>,
}

impl Sweep {
    async fn call(&self, name: &str, payload: Value) -> Value {
        self.called.borrow_mut().insert(name.to_owned());
        match self.world.endpoint(name, payload.clone()).await {
            Ok(answer) => answer,
            Err(error) => panic!("{name} with {payload}: {error}"),
        }
    }

    /// Calls what must be refused, and answers the text of the refusal.
    async fn refused(&self, name: &str, payload: Value) -> String {
        self.called.borrow_mut().insert(name.to_owned());
        match self.world.endpoint(name, payload.clone()).await {
            Ok(answer) => panic!("{name} with {payload} was not refused: {answer}"),
            Err(error) => error.text().to_owned(),
        }
    }

    /// The row of a list in which a field has a value; lists come bare (under `items`) or under a key.
    async fn row(&self, list: &str, field: &str, value: &str) -> Option<Value> {
        let answer = self.call(list, json!({})).await;
        let lists = answer.as_object().unwrap().values();
        let mut rows = lists.filter_map(Value::as_array).flatten();
        rows.find(|row| row[field] == value).cloned()
    }

    async fn id(&self, list: &str, field: &str, value: &str) -> Value {
        let row = self.row(list, field, value).await;
        row.unwrap_or_else(|| panic!("{list} has no {field} = {value}"))["id"].clone()
    }

    async fn gone(&self, list: &str, field: &str, value: &str) {
        let row = self.row(list, field, value).await;
        assert_eq!(row, None, "{list}: {value} is still there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_endpoint_answers_as_the_facts_say() {
    let sweep = Sweep {
        world: World::start().await,
        called: RefCell::default(),
    };
    tickets(&sweep).await;
    restructuring(&sweep).await;
    settings(&sweep).await;
    mail(&sweep).await;
    templates(&sweep).await;
    workflow(&sweep).await;
    reports(&sweep).await;
    supervisor(&sweep).await;
    administration(&sweep).await;
    axial(&sweep).await;
    single(&sweep).await;

    let all: BTreeSet<String> = api::ALL
        .iter()
        .filter(|operation| operation.spec.encoding != Encoding::Multipart)
        .map(|operation| operation.spec.name.to_owned())
        .collect();
    let called = sweep.called.into_inner();
    let missed: Vec<_> = all.difference(&called).collect();
    assert!(missed.is_empty(), "not called: {missed:?}");
    assert_eq!(all.len(), 150);
}

async fn open(sweep: &Sweep, subject: &str) -> Value {
    let answer = sweep
        .call(
            "tickets.create",
            json!({
                "originator_email_address": "marcus@trailblazers-club.example",
                "is_public": true,
                "queue_name": "Sales",
                "data": {"subject": subject, "content": "<p>It broke.</p>"},
            }),
        )
        .await;
    answer["ticket_number"].clone()
}

async fn tickets(sweep: &Sweep) {
    let number = open(sweep, "Sweep").await;
    let staff = sweep.call("tickets.staff", json!({})).await;
    let staff = staff
        .as_object()
        .unwrap()
        .values()
        .find_map(Value::as_array);
    let author = staff.unwrap()[0]["email"].clone();
    let posted = sweep
        .call(
            "tickets.respond",
            json!({"ticket_number": number, "from_email": author, "content": "<p>We look into it.</p>"}),
        )
        .await;
    let response = posted["response_id"].clone();
    assert!(response.is_u64(), "{posted}");
    let shown = sweep
        .call("tickets.show", json!({"ticket_number": number}))
        .await;
    assert_eq!(shown["responses"].as_array().unwrap().len(), 2, "{shown}");
    let thread = sweep
        .call(
            "tickets.responses",
            json!({"ticket_id": shown["ticket"]["id"]}),
        )
        .await;
    assert_eq!(thread["responses"].as_array().unwrap().len(), 2);
    sweep
        .call("tickets.response_show", json!({"response_id": response}))
        .await;
    sweep
        .call(
            "tickets.response_update",
            json!({"response_id": response, "replace": [{"find": "look into", "replace": "looked into"}]}),
        )
        .await;
    let page = sweep
        .call(
            "tickets.responses_query",
            json!({"ticket_number": [number.to_string().trim_matches('"')], "limit": 1}),
        )
        .await;
    assert_eq!(page["responses"].as_array().unwrap().len(), 1, "{page}");
    assert!(page["next_cursor"].is_object(), "{page}");
    let found = sweep
        .call(
            "tickets.query",
            json!({"search_object": {"criteria": [{"mode": "subject", "tokens": ["Sweep"]}]}}),
        )
        .await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    for list in ["search_modes", "queues", "teams", "resolutions"] {
        sweep.call(&format!("tickets.{list}"), json!({})).await;
    }
    let other = json!(["kim@trailblazers-club.example"]);
    for action in ["participants_add", "participants_remove"] {
        let fields = json!({"ticket_number": number, "participants": other});
        sweep.call(&format!("tickets.{action}"), fields).await;
    }
    sweep
        .call(
            "tickets.originator_update",
            json!({"ticket_number": number, "originator_email": "kim@trailblazers-club.example"}),
        )
        .await;
    sweep
        .call("tickets.response_delete", json!({"response_id": response}))
        .await;
    sweep
        .call(
            "tickets.close",
            json!({"ticket_number": number, "content": "<p>Done.</p>"}),
        )
        .await;
    let shown = sweep
        .call("tickets.show", json!({"ticket_number": number}))
        .await;
    assert_eq!(shown["ticket"]["status"], "closed", "{shown}");
}

async fn restructuring(sweep: &Sweep) {
    let shown = sweep
        .call("tickets.show", json!({"ticket_number": "709383"}))
        .await;
    let attachment = shown["responses"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|response| response["attachments"].get(0))
        .expect("the demo ticket has attachments")["id"]
        .clone();
    let of_ticket = json!({"ticket_number": "709383", "response_attachment_id": attachment});
    let file = sweep.call("tickets.attachment", of_ticket.clone()).await;
    assert!(file["content_base64"].is_string(), "{file}");

    let (first, second) = (open(sweep, "First").await, open(sweep, "Second").await);
    let linked = json!({"ticket_number": first, "linked_ticket_numbers": [second]});
    sweep.call("tickets.link", linked).await;
    let links = sweep
        .call("tickets.links", json!({"ticket_number": first}))
        .await;
    assert!(
        links
            .to_string()
            .contains(second.to_string().trim_matches('"')),
        "{links}"
    );
    let unlinked = json!({"ticket_number": first, "linked_ticket_number": second});
    sweep.call("tickets.unlink", unlinked).await;

    let responses = |number: Value| async move {
        let thread = sweep
            .call("tickets.responses", json!({"ticket_number": number}))
            .await;
        let rows = thread["responses"].as_array().unwrap().clone();
        let ids = rows.iter().filter(|row| row["is_audit_only"] != true);
        ids.map(|row| row["id"].clone()).collect::<Vec<Value>>()
    };
    let ids = responses(first.clone()).await;
    sweep
        .call(
            "tickets.response_copy",
            json!({"response_ids": ids, "target_ticket_number": second}),
        )
        .await;
    let copied = responses(second.clone()).await;
    assert_eq!(copied.len(), 2);
    let one = json!([copied[1]]);
    sweep
        .call(
            "tickets.response_move",
            json!({"response_ids": one, "target_ticket_number": first}),
        )
        .await;
    let moved = responses(first.clone()).await;
    assert_eq!(moved.len(), 2);
    let split = json!({"response_ids": [moved[1]], "subject": "Split off"});
    sweep.call("tickets.split", split).await;
    sweep
        .call(
            "tickets.merge",
            json!({"ticket_number": first, "other_ticket_number": second}),
        )
        .await;
    sweep
        .refused("tickets.show", json!({"ticket_number": second}))
        .await;

    let dry = json!({"ticket_numbers": [first], "dry_run": true});
    sweep.call("tickets.delete", dry).await;
    sweep
        .call("tickets.show", json!({"ticket_number": first}))
        .await;
    sweep
        .call("tickets.delete", json!({"ticket_numbers": [first]}))
        .await;
    sweep
        .refused("tickets.show", json!({"ticket_number": first}))
        .await;
    sweep
        .call("tickets.restore", json!({"ticket_number": first}))
        .await;
    sweep
        .call("tickets.show", json!({"ticket_number": first}))
        .await;
    sweep
        .call("tickets.attachment_delete", of_ticket.clone())
        .await;
    sweep.refused("tickets.attachment", of_ticket).await;
}

async fn settings(sweep: &Sweep) {
    sweep.call("settings.hashtags.index", json!({})).await;
    sweep
        .call("settings.hashtags.delete", json!({"tag": "no-such-tag"}))
        .await;

    let made = sweep
        .call(
            "settings.perspectives.create",
            json!({"name": "Sweep", "conditions": [], "orders": []}),
        )
        .await;
    let id = made["perspective_id"].clone();
    sweep
        .call(
            "settings.perspectives.update",
            json!({"perspective_id": id, "name": "Swept"}),
        )
        .await;
    let shown = sweep
        .call("settings.perspectives.show", json!({"perspective_id": id}))
        .await;
    assert!(shown.to_string().contains("Swept"), "{shown}");
    sweep
        .call("settings.perspectives.index", json!({"scope": "all"}))
        .await;
    sweep
        .call(
            "settings.perspectives.delete",
            json!({"perspective_id": id}),
        )
        .await;

    let made = sweep
        .call(
            "settings.stock_responses.create",
            json!({"identifier": "sweep", "category": "Test", "content": "<p>Hello</p>"}),
        )
        .await;
    let id = made["template"]["id"].clone();
    sweep
        .call(
            "settings.stock_responses.update",
            json!({"template": {"id": id, "category": "Swept"}}),
        )
        .await;
    let shown = sweep
        .call("settings.stock_responses.show", json!({"template_id": id}))
        .await;
    assert!(shown.to_string().contains("Swept"), "{shown}");
    sweep
        .call("settings.stock_responses.index", json!({"search": "sweep"}))
        .await;
    sweep
        .call(
            "settings.stock_responses.delete",
            json!({"template_id": id}),
        )
        .await;
    sweep
        .refused("settings.stock_responses.show", json!({"template_id": id}))
        .await;

    sweep
        .call(
            "settings.watchlists.create",
            json!({"name": "Sweep", "icon": "star"}),
        )
        .await;
    let id = sweep.id("settings.watchlists.index", "name", "Sweep").await;
    for action in ["add_tickets", "reorder", "remove_tickets"] {
        let fields = json!({"watchlist_id": id, "ticket_ids": [13]});
        sweep
            .call(&format!("settings.watchlists.{action}"), fields)
            .await;
    }
    sweep
        .call(
            "settings.watchlists.update",
            json!({"watchlist_id": id, "name": "Swept", "icon": "flag"}),
        )
        .await;
    sweep
        .call("settings.watchlists.delete", json!({"watchlist_id": id}))
        .await;
    sweep
        .gone("settings.watchlists.index", "name", "Swept")
        .await;
}

async fn mail(sweep: &Sweep) {
    sweep
        .call(
            "mail.excluded.create",
            json!({"email": "noise@example.com"}),
        )
        .await;
    let id = sweep
        .id("mail.excluded.index", "email", "noise@example.com")
        .await;
    sweep.call("mail.excluded.delete", json!({"id": id})).await;
    sweep
        .gone("mail.excluded.index", "email", "noise@example.com")
        .await;

    sweep
        .call("mail.subjects.create", json!({"subject": "Sweep subject"}))
        .await;
    let id = sweep
        .id("mail.subjects.index", "subject", "Sweep subject")
        .await;
    sweep.call("mail.subjects.delete", json!({"id": id})).await;

    let mailbox = |name: &str| {
        json!({
            "name": name, "address": "sweep@example.com", "mailbox_type": "imap", "pop_enable": false,
            "pop_encryption": "none", "pop_validate_cert": true, "max_consecutive_errors": 5,
            "secondary_report_threshold": 10, "outgoing_mailbox_type": "none", "smtp_enable": false,
            "smtp_security": "none",
        })
    };
    sweep.call("mail.mailboxes.create", mailbox("Sweep")).await;
    let id = sweep.id("mail.mailboxes.index", "name", "Sweep").await;
    let mut changed = mailbox("Swept");
    changed["mailbox_id"] = id.clone();
    sweep.call("mail.mailboxes.update", changed).await;
    let password =
        json!({"mailbox_id": id, "field": "smtp_password", "value": "hidden-in-the-box"});
    sweep.call("mail.mailboxes.set_password", password).await;
    let listed = sweep.call("mail.mailboxes.index", json!({})).await;
    assert!(
        !listed.to_string().contains("hidden-in-the-box"),
        "a password is listed"
    );
    sweep
        .call("mail.mailboxes.delete", json!({"mailbox_id": id}))
        .await;

    sweep
        .call(
            "mail.send",
            json!({"to_address": "marcus@trailblazers-club.example", "subject": "Sweep mail", "content": "<p>Hi</p>"}),
        )
        .await;
    let listed = sweep
        .call(
            "mail.sent_mail.list",
            json!({"range_days": 30, "limit": 300}),
        )
        .await;
    assert!(listed.to_string().contains("Sweep mail"), "{listed}");
    let found = sweep
        .call("mail.sent_mail.search", json!({"q": "Sweep mail"}))
        .await;
    let rows = found
        .as_object()
        .unwrap()
        .values()
        .find_map(Value::as_array);
    let id = rows.unwrap()[0]["id"].clone();
    sweep.call("mail.sent_mail.show", json!({"id": id})).await;
}

async fn templates(sweep: &Sweep) {
    sweep
        .call(
            "templates.create",
            json!({"type": "email", "identifier": "sweep_mail", "subject": "Order {{order_no}}", "content": "<p>{{order_no}}</p>"}),
        )
        .await;
    let id = sweep
        .id("templates.index", "identifier", "sweep_mail")
        .await;
    sweep
        .call(
            "templates.update",
            json!({"template": {"id": id, "legend": "swept"}}),
        )
        .await;
    let shown = sweep
        .call("templates.show", json!({"template_id": id}))
        .await;
    assert_eq!(shown["template"]["legend"], "swept", "{shown}");
    let rendered = sweep
        .call(
            "templates.render",
            json!({"template_identifier": "sweep_mail", "data": {"order_no": "5512"}}),
        )
        .await;
    assert!(rendered.to_string().contains("5512"), "{rendered}");
    sweep
        .call("templates.search", json!({"search": "sweep_mail"}))
        .await;
    sweep.call("templates.faqs", json!({})).await;
    sweep
        .call("templates.delete", json!({"template_id": id}))
        .await;
    sweep
        .gone("templates.index", "identifier", "sweep_mail")
        .await;
}

async fn workflow(sweep: &Sweep) {
    sweep
        .call(
            "workflow.business_hours.update",
            json!({
                "mode": "simple", "mon_enabled": true, "tue_enabled": true, "wed_enabled": true, "thu_enabled": true,
                "fri_enabled": true, "sat_enabled": false, "sun_enabled": false, "simple_start": 540, "simple_end": 1020,
            }),
        )
        .await;
    let escalation = json!({"minutes": 777, "action": "email", "email": "lead@example.com"});
    sweep.call("workflow.escalations.create", escalation).await;
    let id = sweep
        .id("workflow.escalations.index", "email", "lead@example.com")
        .await;
    sweep
        .call(
            "workflow.escalations.update",
            json!({"id": id, "minutes": 778, "action": "notify"}),
        )
        .await;
    sweep
        .call("workflow.escalations.delete", json!({"id": id}))
        .await;

    let intervention = json!({
        "name": "sweep", "title": "Sweep", "queue_name": "Sales", "notify_inbox_managers": false,
        "create_urgent": false, "remote_timeout_seconds": 10, "remote_enabled": false,
    });
    sweep
        .call("workflow.interventions.create", intervention.clone())
        .await;
    let id = sweep
        .id("workflow.interventions.index", "name", "sweep")
        .await;
    let mut changed = intervention;
    changed["intervention_id"] = id.clone();
    changed["title"] = json!("Swept");
    sweep.call("workflow.interventions.update", changed).await;
    sweep
        .call(
            "workflow.interventions.generate_token",
            json!({"intervention_id": id, "remote_name": "shop"}),
        )
        .await;
    sweep
        .call(
            "workflow.interventions.delete",
            json!({"intervention_id": id}),
        )
        .await;

    sweep
        .call(
            "workflow.queues.create",
            json!({"name": "Sweep", "outgoing_mailbox_id": 2}),
        )
        .await;
    let id = sweep.id("workflow.queues.index", "name", "Sweep").await;
    sweep
        .call(
            "workflow.queues.update",
            json!({"queue_id": id, "name": "Swept"}),
        )
        .await;
    sweep
        .call(
            "workflow.queues.move",
            json!({"from_queue_id": id, "to_queue_id": 1}),
        )
        .await;
    sweep
        .call("workflow.queues.delete", json!({"queue_id": id}))
        .await;
    sweep.gone("workflow.queues.index", "name", "Swept").await;
    let refusal = sweep
        .refused("workflow.queues.delete", json!({"queue_id": 1}))
        .await;
    assert!(
        refusal.contains("answered 200"),
        "a logical error in a 200 is an error: {refusal}"
    );

    sweep
        .call(
            "workflow.resolutions.create",
            json!({"name": "Sweep", "colour": "#2e7d32"}),
        )
        .await;
    let id = sweep
        .id("workflow.resolutions.index", "name", "Sweep")
        .await;
    sweep
        .call(
            "workflow.resolutions.update",
            json!({"id": id, "name": "Swept"}),
        )
        .await;
    let listed = sweep.call("workflow.resolutions.index", json!({})).await;
    let rows = listed["items"].as_array().unwrap();
    let ids: Vec<Value> = rows.iter().rev().map(|row| row["id"].clone()).collect();
    sweep
        .call("workflow.resolutions.reorder", json!({"ids": ids}))
        .await;
    sweep
        .call("workflow.resolutions.delete", json!({"id": id}))
        .await;
}

async fn reports(sweep: &Sweep) {
    sweep.call("reports.meta", json!({})).await;
    let may = json!({"date_from": "2026-05-01", "date_to": "2026-05-31"});
    for report in ["resolutions", "volumes", "response_times", "agent_activity"] {
        sweep.call(&format!("reports.{report}"), may.clone()).await;
    }
}

async fn supervisor(sweep: &Sweep) {
    for read in [
        "diagnostics",
        "health.status",
        "jobs.index",
        "super_tasks.fetch",
    ] {
        sweep.call(&format!("supervisor.{read}"), json!({})).await;
    }
    let disk = json!({"root_path": "S:/", "min_free_space": 5, "warn_free_space": 10});
    sweep.call("supervisor.health.disk_store", disk).await;
    let id = sweep
        .id("supervisor.health.manage", "root_path", "S:/")
        .await;
    sweep
        .call("supervisor.health.disk_delete", json!({"id": id}))
        .await;
    let exception = json!({"pattern": "sweep*", "description": "a test"});
    sweep
        .call("supervisor.health.exception_store", exception)
        .await;
    let id = sweep
        .id("supervisor.health.manage", "pattern", "sweep*")
        .await;
    sweep
        .call("supervisor.health.exception_delete", json!({"id": id}))
        .await;
    sweep
        .call("supervisor.jobs.retry", json!({"job_ids": [999_999]}))
        .await;
    sweep
        .call("supervisor.jobs.delete", json!({"job_ids": [999_999]}))
        .await;
}

async fn administration(sweep: &Sweep) {
    for read in [
        "ai.index",
        "api_tokens.index",
        "branding.index",
        "custom_domain.status",
        "licence.index",
        "system.index",
    ] {
        sweep
            .call(&format!("administration.{read}"), json!({}))
            .await;
    }
    let password = "sandbox-password";
    sweep
        .call(
            "administration.ai.update",
            json!({"current_password": password, "ai_auto_send_threshold": 91}),
        )
        .await;
    let wrong = json!({"current_password": "wrong", "domain": "help.example.com"});
    let refusal = sweep
        .refused("administration.custom_domain.update", wrong)
        .await;
    assert!(
        refusal.contains("current_password") && !refusal.contains("wrong\""),
        "{refusal}"
    );
    let domain = json!({"current_password": password, "domain": "help.example.com"});
    sweep
        .call("administration.custom_domain.update", domain)
        .await;
    for reset in [
        "branding.reset_app_logo",
        "branding.reset_email_logo",
        "branding.update",
        "system.update",
    ] {
        sweep
            .call(&format!("administration.{reset}"), json!({}))
            .await;
    }

    let made = sweep
        .call(
            "administration.api_tokens.create",
            json!({"name": "sweep", "owner": "system", "abilities": ["tickets:read"]}),
        )
        .await;
    let file = made["secret_file"].as_str().unwrap();
    let token = std::fs::read_to_string(file).unwrap().trim().to_owned();
    let info = sweep
        .world
        .call_as(&token, "get_token_info", json!({}))
        .await
        .unwrap();
    assert!(Value::Object(info).to_string().contains("tickets:read"));
    let id = sweep
        .id("administration.api_tokens.index", "name", "sweep")
        .await;
    sweep
        .call(
            "administration.api_tokens.update",
            json!({"id": id, "name": "swept", "allowed_ip": null}),
        )
        .await;
    sweep
        .call("administration.api_tokens.revoke", json!({"id": id}))
        .await;
    let refusal = sweep
        .world
        .call_as(&token, "list_queues", json!({}))
        .await
        .unwrap_err();
    assert!(refusal.text().contains("401"), "{refusal}");

    sweep
        .call("administration.storage.delete_orphaned", json!({}))
        .await;
    sweep
        .call(
            "administration.storage.delete_closed",
            json!({"older_than_days": 99_999}),
        )
        .await;
    sweep
        .call(
            "administration.storage.retention",
            json!({"sent_mail_retention_days": 365}),
        )
        .await;

    sweep
        .call("administration.teams.create", json!({"name": "Sweep"}))
        .await;
    let id = sweep
        .id("administration.teams.index", "name", "Sweep")
        .await;
    sweep
        .call(
            "administration.teams.update",
            json!({"id": id, "name": "Swept"}),
        )
        .await;
    sweep
        .call("administration.teams.delete", json!({"id": id}))
        .await;

    let user = json!({"name": "Sweep", "email": "sweep@example.com", "is_staff": true, "is_admin": false, "tonic_notifications": false});
    sweep.call("administration.users.create", user).await;
    let id = sweep
        .id("administration.users.index", "email", "sweep@example.com")
        .await;
    sweep
        .call(
            "administration.users.update",
            json!({"user": id, "is_admin": true}),
        )
        .await;
    let queue = json!({
        "user": id, "queue": 1, "can_view": true, "can_manage": false, "can_delete": false,
        "treat_as_inbox": false, "receive_inbox_errors": false,
    });
    sweep.call("administration.users.queue_upsert", queue).await;
    sweep
        .call(
            "administration.users.queue_detach",
            json!({"user": id, "queue": 1}),
        )
        .await;

    // Switched off on this install: the four answer 404, and the refusal says so.
    for diagnostics in ["fetch", "index", "update", "upload"] {
        let refusal = sweep
            .refused(
                &format!("administration.diagnostics.{diagnostics}"),
                json!({}),
            )
            .await;
        assert!(
            refusal.contains("404") || refusal.contains("not available"),
            "{refusal}"
        );
    }
}

async fn axial(sweep: &Sweep) {
    sweep.call("axial.skills.options", json!({})).await;
    let skill = json!({
        "key": "sweep.test", "title": "Sweep", "description": "For tests", "instructions": "# Sweep",
        "composition": "guided", "enabled": false,
    });
    sweep.call("axial.skills.create", skill).await;
    sweep
        .call(
            "axial.skills.update",
            json!({"skill": "sweep.test", "title": "Swept", "parent_key": null}),
        )
        .await;
    let action = json!({
        "name": "lookup", "description": "Reads an order", "handler_type": "remote", "handler_ref": "orders.lookup",
        "permission": "staff", "parameters": {"type": "object"},
    });
    sweep
        .call(
            "axial.skills.actions.upsert",
            json!({"skill": "sweep.test", "action": action}),
        )
        .await;
    let shown = sweep
        .call("axial.skills.show", json!({"skill": "sweep.test"}))
        .await;
    assert!(shown.to_string().contains("orders.lookup"), "{shown}");
    sweep
        .call(
            "axial.skills.actions.delete",
            json!({"skill": "sweep.test", "name": "lookup"}),
        )
        .await;
    sweep.call("axial.skills.index", json!({})).await;
    sweep
        .call("axial.skills.delete", json!({"skill": "sweep.test"}))
        .await;
    sweep
        .refused("axial.skills.show", json!({"skill": "sweep.test"}))
        .await;
}

async fn single(sweep: &Sweep) {
    sweep.call("token.show", json!({})).await;
    sweep.call("idempotency_key.create", json!({})).await;
    sweep.call("faqs", json!({})).await;
    sweep
        .call("interventions.accept", json!({"uid": "order-5512"}))
        .await;
}
