//! What the workflow endpoints do.

use serde_json::{Value, json};

use crate::tickiti::model::State;
use crate::tickiti::rows::fixture::{call, done, id_of, ok, refused, run, state};

/// Checks that a call is refused inside a 200.
fn logically_refused(state: &mut State, endpoint: &str, body: Value) {
    let reply = run(state, endpoint, &call(body));
    assert_eq!(reply.status, 200, "{endpoint}");
    assert!(
        reply.body["my_error"].is_string(),
        "{endpoint}: {}",
        reply.body
    );
}

fn queue_id(state: &mut State, name: &str) -> u64 {
    let list = ok(state, "workflow.queues.index", json!({}));
    id_of(&list["queues"], "name", name)
}

#[test]
fn a_queue_lives_from_create_to_delete() {
    let mut state = state();
    let body = json!({"name": "Returns", "outgoing_mailbox_id": 2});
    done(&mut state, "workflow.queues.create", body.clone());
    refused(&mut state, "workflow.queues.create", body, 422);
    let no_box = json!({"name": "Other", "outgoing_mailbox_id": 99});
    refused(&mut state, "workflow.queues.create", no_box, 422);
    let list = ok(&mut state, "workflow.queues.index", json!({}));
    let id = id_of(&list["queues"], "name", "Returns");
    assert!(
        state.users[&3].queues[&id].can_manage,
        "the model is permissive"
    );

    let update =
        json!({"queue_id": id.to_string(), "track_resolutions": true, "release_queue_id": 3});
    done(&mut state, "workflow.queues.update", update);
    let queue = &state.queues[&id];
    assert!(queue.track_resolutions && queue.name == "Returns");
    assert_eq!(
        (queue.outgoing_mailbox_id, queue.release_queue_id),
        (Some(2), Some(3))
    );
    let to_itself = json!({"queue_id": id, "release_queue_id": id});
    refused(&mut state, "workflow.queues.update", to_itself, 422);

    done(
        &mut state,
        "workflow.queues.delete",
        json!({"queue_id": id}),
    );
    refused(
        &mut state,
        "workflow.queues.delete",
        json!({"queue_id": id}),
        404,
    );
    assert!(!state.users[&3].queues.contains_key(&id));
}

#[test]
fn restrictive_installs_open_new_queues_to_nobody() {
    let mut state = state();
    let system = json!({"permissions_model": "restrictive"});
    done(&mut state, "administration.system.update", system);
    done(
        &mut state,
        "workflow.queues.create",
        json!({"name": "Closed"}),
    );
    let id = queue_id(&mut state, "Closed");
    assert!(!state.users[&3].queues.contains_key(&id));
}

#[test]
fn queues_in_use_stay_until_their_tickets_move() {
    let mut state = state();
    logically_refused(&mut state, "workflow.queues.delete", json!({"queue_id": 1}));
    done(
        &mut state,
        "workflow.queues.create",
        json!({"name": "Other"}),
    );
    let other = queue_id(&mut state, "Other");
    let there = json!({"from_queue_id": 1, "to_queue_id": other});
    done(&mut state, "workflow.queues.move", there);
    assert!(
        state
            .tickets
            .values()
            .all(|ticket| ticket.queue_id == other)
    );
    let list = ok(&mut state, "workflow.queues.index", json!({}));
    let rows = list["queues"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == other).unwrap();
    assert_eq!(
        (&row["open_tickets"], &row["closed_tickets"]),
        (&json!(1), &json!(2))
    );
    logically_refused(
        &mut state,
        "workflow.queues.delete",
        json!({"queue_id": other}),
    );
    let back = json!({"from_queue_id": other, "to_queue_id": "1"});
    done(&mut state, "workflow.queues.move", back);
    done(
        &mut state,
        "workflow.queues.delete",
        json!({"queue_id": other}),
    );
    let same = json!({"from_queue_id": 1, "to_queue_id": 1});
    refused(&mut state, "workflow.queues.move", same, 422);
    let unknown = json!({"from_queue_id": 1, "to_queue_id": 99});
    refused(&mut state, "workflow.queues.move", unknown, 404);
}

#[test]
fn resolutions_keep_their_order_and_their_tickets() {
    let mut state = state();
    let create = |name: &str, colour: &str| json!({"name": name, "colour": colour});
    done(
        &mut state,
        "workflow.resolutions.create",
        create("Late", "#ff0000"),
    );
    refused(
        &mut state,
        "workflow.resolutions.create",
        create("Late", "#ff0000"),
        422,
    );
    refused(
        &mut state,
        "workflow.resolutions.create",
        create("Red", "red"),
        422,
    );
    let list = ok(&mut state, "workflow.resolutions.index", json!({}));
    let id = id_of(&list, "name", "Late");
    refused(
        &mut state,
        "workflow.resolutions.reorder",
        json!({"ids": [id, 1]}),
        422,
    );
    done(
        &mut state,
        "workflow.resolutions.reorder",
        json!({"ids": [id, 2, 1]}),
    );
    let colour = json!({"id": id, "colour": "#00ff00"});
    done(&mut state, "workflow.resolutions.update", colour);
    let list = ok(&mut state, "workflow.resolutions.index", json!({}));
    assert_eq!(list[0]["name"], "Late");
    assert_eq!(list[0]["colour"], "#00ff00");
    assert_eq!(list[2]["id"], 1);
    logically_refused(&mut state, "workflow.resolutions.delete", json!({"id": 1}));
    done(&mut state, "workflow.resolutions.delete", json!({"id": id}));
    refused(
        &mut state,
        "workflow.resolutions.update",
        json!({"id": id}),
        404,
    );
}

#[test]
fn escalations_come_with_the_business_hours() {
    let mut state = state();
    let body = json!({"minutes": 77, "action": "email", "email": "lead@shop.example"});
    done(&mut state, "workflow.escalations.create", body);
    let list = ok(&mut state, "workflow.escalations.index", json!({}));
    let rows = list["escalations"].as_array().unwrap();
    let id = rows.iter().find(|row| row["minutes"] == 77).unwrap()["id"].clone();
    assert_eq!(list["business_hours"]["simple_start"], 540);
    done(
        &mut state,
        "workflow.escalations.update",
        json!({"id": id, "minutes": 78}),
    );
    let id = id.as_u64().unwrap();
    assert_eq!(state.tables["escalations"][&id]["minutes"], 78);
    assert_eq!(state.tables["escalations"][&id]["action"], "email");
    let update = json!({"id": id, "minutes": 0});
    refused(&mut state, "workflow.escalations.update", update, 422);
    let update = json!({"id": id, "action": "shout"});
    refused(&mut state, "workflow.escalations.update", update, 422);
    done(&mut state, "workflow.escalations.delete", json!({"id": id}));

    let mut hours =
        json!({"mode": "simple", "sat_enabled": true, "simple_start": 480, "simple_end": 900});
    done(&mut state, "workflow.business_hours.update", hours.clone());
    let list = ok(&mut state, "workflow.escalations.index", json!({}));
    assert_eq!(list["business_hours"]["simple_end"], 900);
    assert_eq!(list["business_hours"]["sat_enabled"], true);
    hours["simple_end"] = json!(480);
    refused(&mut state, "workflow.business_hours.update", hours, 422);
}

#[test]
fn an_intervention_gets_a_token_for_its_remote_side() {
    let mut state = state();
    let body = json!({"name": "swap", "title": "Swap", "queue_name": "Claims"});
    done(&mut state, "workflow.interventions.create", body.clone());
    refused(&mut state, "workflow.interventions.create", body, 422);
    let lost = json!({"name": "lost", "title": "Lost", "queue_name": "Nowhere"});
    refused(&mut state, "workflow.interventions.create", lost, 422);
    let list = ok(&mut state, "workflow.interventions.index", json!({}));
    let id = id_of(&list["interventions"], "name", "swap");
    let update = json!({"intervention_id": id, "name": "swap", "title": "Swap it",
                        "queue_name": "Inbox", "create_urgent": true});
    done(&mut state, "workflow.interventions.update", update);
    assert_eq!(state.tables["interventions"][&id]["title"], "Swap it");

    let remote = json!({"intervention_id": id, "remote_name": "back office"});
    let token = ok(&mut state, "workflow.interventions.generate_token", remote);
    let token = token["token"].as_str().unwrap();
    let stored = state
        .tokens
        .values()
        .find(|one| one.plain_text == token)
        .unwrap();
    assert_eq!(stored.abilities, ["create-ticket".to_owned()].into());
    assert_eq!(stored.owner_id, 1);
    let list = ok(&mut state, "workflow.interventions.index", json!({}));
    assert!(!list.to_string().contains(token));
    done(
        &mut state,
        "workflow.interventions.delete",
        json!({"intervention_id": id}),
    );
}
