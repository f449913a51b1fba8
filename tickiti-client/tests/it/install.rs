//! The everyday calls against an install.

use serde_json::json;
use tickiti_client::{
    CallOptions, Client, File, Instances, Missing,
    api::{self, administration, mail, tickets, token},
    permission::TICKETS_WRITE,
    types::{AssigneeKey, Priority, Reported, Status, TicketRef},
};

use crate::helper::{AGENT, client, email, featured, start};

fn lost_parcel() -> tickets::Create {
    tickets::Create::new(
        email("dana@customer.example.com"),
        "Lost parcel",
        "<p>Where is it?</p>",
    )
}

#[tokio::test]
async fn a_ticket_lives() {
    let world = start().await;
    let tickets = world.client.tickets();
    let mut request = lost_parcel();
    request.queue_name = Some("Sales".into());
    request.data.priority = Some(Priority::High);
    let created = tickets.create(&request).await.unwrap();
    assert_eq!(created.queue.as_deref(), Some("Sales"));
    let ticket = TicketRef::from(created.ticket_number);

    let sam = || email("sam@support.example.com");
    let reply = tickets::Respond::reply(ticket.clone(), sam(), "<p>On its way.</p>");
    let replied = tickets.respond(&reply).await.unwrap();
    assert_eq!(replied.ticket_id, created.ticket_id);
    assert_eq!(replied.reopened, Some(false));
    tickets
        .respond(&tickets::Respond::note(
            ticket.clone(),
            sam(),
            "<p>Check.</p>",
        ))
        .await
        .unwrap();

    let shown = tickets
        .show(&tickets::Show::new(ticket.clone()))
        .await
        .unwrap();
    assert_eq!(shown.ticket.status, Some(Reported::Known(Status::Open)));
    assert_eq!(
        shown.ticket.priority.and_then(|p| p.known()),
        Some(Priority::High)
    );
    assert_eq!(shown.ticket.queue_name.as_deref(), Some("Sales"));
    assert_eq!(shown.responses.len(), 3);
    assert_eq!(shown.responses[1].key(), replied.response_id);
    assert_eq!(shown.responses[2].is_internal, Some(true));

    let one = tickets::ResponseShow::new(replied.response_id.unwrap());
    let one = world.client.send(&one).await.unwrap().response;
    assert_eq!(one.plain_text.as_deref(), Some("On its way."));

    tickets
        .close(&tickets::Close::new(ticket.clone()))
        .await
        .unwrap();
    let shown = tickets
        .show(&tickets::Show::new(ticket.clone()))
        .await
        .unwrap();
    assert_eq!(shown.ticket.status, Some(Reported::Known(Status::Closed)));
    let reopened = tickets.respond(&reply).await.unwrap();
    assert_eq!(reopened.reopened, Some(true));
}

#[tokio::test]
async fn attributes_change_without_a_message() {
    let world = start().await;
    let mut change = tickets::Respond::new(featured(), email("sam@support.example.com"));
    change.assigned_to_email = Some(AssigneeKey::Unassigned);
    change.priority = Some(Priority::Urgent);
    world.client.send(&change).await.unwrap();
    let shown = world
        .client
        .send(&tickets::Show::new(featured()))
        .await
        .unwrap();
    assert_eq!(shown.ticket.assigned_to_email, None);
    assert_eq!(
        shown.ticket.priority.and_then(|p| p.known()),
        Some(Priority::Urgent)
    );
}

#[tokio::test]
async fn searches_find() {
    let world = start().await;
    for wrapped in [false, true] {
        world
            .install
            .change_switches(|switches| switches.wrapped_query = wrapped);
        let query = tickets::Query::new().with(tickets::Mode::TicketNumber, ["709383"]);
        let rows = world.client.tickets().query(&query).await.unwrap().rows;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].number().unwrap().as_str(), "709383");
    }
    let unknown = tickets::Query::new().with(tickets::Mode::Other("colour".into()), ["red"]);
    let refused = world.client.send(&unknown).await.unwrap_err();
    assert_eq!(
        (refused.status(), refused.code()),
        (Some(422), Some("validation_failed"))
    );
    assert!(!refused.fields().is_empty());
}

#[tokio::test]
async fn lists_of_what_calls_can_name() {
    let world = start().await;
    let queues = world
        .client
        .send(&tickets::Queues::new())
        .await
        .unwrap()
        .rows;
    assert!(
        queues
            .iter()
            .any(|queue| queue.name == "Inbox" && queue.id.is_some())
    );
    assert!(
        !world
            .client
            .send(&tickets::Teams::new())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let staff = world
        .client
        .send(&tickets::Staff::new())
        .await
        .unwrap()
        .rows;
    assert!(staff.iter().all(|member| member.email.is_some()));
    assert!(
        !world
            .client
            .send(&tickets::Resolutions::new())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert!(
        world
            .client
            .send(&tickets::SearchModes::new())
            .await
            .unwrap()
            .is_object()
    );
    world
        .client
        .send(&tickets::Links::new(featured()))
        .await
        .unwrap();
    world.client.send(&api::faqs::List::new()).await.unwrap();
    world
        .client
        .send(&api::idempotency_key::Create::new())
        .await
        .unwrap();
}

#[tokio::test]
async fn counts_come_instead_of_rows() {
    let world = start().await;
    let mut query = tickets::ResponsesQuery {
        count_only: Some(true),
        ..Default::default()
    };
    let page = world.client.send(&query).await.unwrap();
    assert!(
        page.count.unwrap() > 100 && page.responses.is_none(),
        "{page:?}"
    );
    query.count_only = None;
    query.group_by = Some(tickets::GroupBy::IsInternal);
    let groups = world.client.send(&query).await.unwrap().groups;
    assert_eq!(groups.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_makes_one_ticket_of_two_calls() {
    let world = start().await;
    let before = world.install.ticket_count();
    let options = CallOptions::default().with_idempotency_key("shop:order-5512");
    let first = world
        .client
        .send_with(&lost_parcel(), &options)
        .await
        .unwrap();
    let again = world
        .client
        .send_with(&lost_parcel(), &options)
        .await
        .unwrap();
    assert_eq!(first.ticket_number, again.ticket_number);
    assert_eq!(world.install.executions("tickets.create"), 1);
    assert_eq!(world.install.replays("tickets.create"), 1);
    assert_eq!(world.install.ticket_count(), before + 1);

    let mut other = lost_parcel();
    other.data.subject = Some("Found parcel".into());
    let conflict = world.client.send_with(&other, &options).await.unwrap_err();
    assert_eq!(
        (conflict.status(), conflict.code()),
        (Some(409), Some("idempotency_key_conflict"))
    );
    assert_eq!(conflict.attempts(), 1);
    assert_eq!(conflict.idempotency_key(), Some("shop:order-5512"));
    assert!(!conflict.may_have_applied());
}

#[tokio::test]
async fn keys_are_minted_for_the_keyed_calls_alone() {
    let world = start().await;
    world.client.send(&lost_parcel()).await.unwrap();
    world
        .client
        .send(&tickets::Show::new(featured()))
        .await
        .unwrap();
    let log = world.install.log();
    assert!(
        log[0]
            .idempotency_key
            .as_ref()
            .is_some_and(|key| key.len() >= 32)
    );
    assert_eq!(log[1].idempotency_key, None);
    assert!(
        log[0]
            .user_agent
            .as_ref()
            .unwrap()
            .starts_with("tickiti-client/")
    );
}

#[tokio::test]
async fn a_refusal_is_explained_by_the_permissions() {
    let world = start().await;
    let reader = client(&world.install, "sandbox-reader");
    let refused = reader.send(&lost_parcel()).await.unwrap_err();
    assert_eq!(refused.status(), Some(403));
    let permissions = reader.permissions().await.unwrap();
    let missing = |name| permissions.missing(api::named(name).unwrap().spec);
    assert_eq!(missing("tickets.create"), [Missing::Ability(TICKETS_WRITE)]);
    assert_eq!(missing("tickets.show"), []);

    let admin = world.client.permissions().await.unwrap();
    for operation in api::ALL
        .iter()
        .filter(|operation| operation.spec.family() != "supervisor")
    {
        assert_eq!(admin.missing(operation.spec), [], "{}", operation.spec.name);
    }
    let nobody = client(&world.install, "nobody");
    assert_eq!(
        nobody.send(&token::Show::new()).await.unwrap_err().status(),
        Some(401)
    );
}

#[tokio::test]
async fn restructuring_works_and_comes_back() {
    let world = start().await;
    let created = world.client.send(&lost_parcel()).await.unwrap();
    let other = world.client.send(&lost_parcel()).await.unwrap();
    let (one, two) = (created.ticket_number, other.ticket_number);
    let send = tickets::Link::new(one.clone(), vec![two.clone()]);
    world.client.send(&send).await.unwrap();
    let links = world
        .client
        .send(&tickets::Links::new(one.clone()))
        .await
        .unwrap();
    assert_eq!(links.rows.len(), 1);
    world
        .client
        .send(&tickets::Unlink::new(one.clone(), two.clone()))
        .await
        .unwrap();

    let mut dry = tickets::Delete::new(vec![one.clone()]);
    dry.dry_run = Some(true);
    world.client.send(&dry).await.unwrap();
    world
        .client
        .send(&tickets::Show::new(one.clone()))
        .await
        .unwrap();
    world
        .client
        .send(&tickets::Delete::new(vec![one.clone()]))
        .await
        .unwrap();
    let gone = world
        .client
        .send(&tickets::Show::new(one.clone()))
        .await
        .unwrap_err();
    assert_eq!(gone.status(), Some(404));
    world
        .client
        .send(&tickets::Restore::new(one.clone()))
        .await
        .unwrap();
    world
        .client
        .send(&tickets::Merge::new(one.clone(), two))
        .await
        .unwrap();
    let thread = world
        .client
        .send(&tickets::Responses::new(one))
        .await
        .unwrap();
    assert!(thread.responses.len() >= 2);
}

#[tokio::test]
async fn every_read_without_fields_answers() {
    let world = start().await;
    let superuser = sandbox::tickiti::TokenSetup::new("all")
        .abilities(["*"])
        .superuser()
        .sysadmin();
    world.install.add_token(superuser);
    world
        .install
        .change_switches(|switches| switches.diagnostics = true);
    let client = client(&world.install, "all");
    for operation in api::ALL
        .iter()
        .filter(|operation| !operation.spec.effect.is_write())
    {
        let Ok(prepared) = operation.prepare(serde_json::Map::new()) else {
            continue;
        };
        let answer = client
            .call(operation.spec, prepared, &CallOptions::default())
            .await;
        match answer {
            Ok(answer) => drop(answer.value().unwrap()),
            // Some want a field, which is theirs to say.
            Err(error) => assert_eq!(error.status(), Some(422), "{error}"),
        }
    }
}

#[tokio::test]
async fn typed_writes_of_other_families_work() {
    let world = start().await;
    let issued: serde_json::Value = {
        let operation = api::named("administration.api_tokens.create").unwrap();
        let fields = json!({"name": "nightly", "owner": "system", "abilities": ["tickets:read"]});
        let prepared = operation
            .prepare(fields.as_object().unwrap().clone())
            .unwrap();
        let answer = world
            .client
            .call(operation.spec, prepared, &CallOptions::default())
            .await;
        answer.unwrap().value().unwrap()
    };
    let minted = client(&world.install, issued["token"].as_str().unwrap());
    assert_eq!(
        minted.permissions().await.unwrap().abilities.unwrap().len(),
        1
    );
    let keys = world
        .client
        .send(&administration::api_tokens::Index::default())
        .await;
    keys.unwrap();
    let list = world.client.send(&mail::subjects::Index::default()).await;
    list.unwrap();
}

#[tokio::test]
async fn an_upload_is_named_by_a_ticket() {
    let world = start().await;
    let file = File::from_bytes("notes.txt", "line one\n");
    let uploaded = world
        .client
        .send(&tickets::AttachmentUpload::new(file.clone()))
        .await
        .unwrap();
    assert_eq!(
        (uploaded.name.as_str(), uploaded.file_size),
        ("notes.txt", 9)
    );
    let again = world
        .client
        .send(&tickets::AttachmentUpload::new(file))
        .await
        .unwrap();
    assert_eq!(again, uploaded);
    let mut request = lost_parcel();
    request.attachments = Some(vec![uploaded]);
    let created = world.client.send(&request).await.unwrap();
    let shown = world
        .client
        .send(&tickets::Show::new(created.ticket_number))
        .await
        .unwrap();
    let files = shown.responses[0].attachments.as_ref().unwrap();
    assert_eq!(files[0].name.as_deref(), Some("notes.txt"));
}

#[tokio::test]
async fn several_installs_stand_side_by_side() {
    let (shop, staging) = (start().await, start().await);
    let named = |world: &crate::helper::World, name: &str| {
        Client::builder(world.install.base_url(), AGENT)
            .instance(name)
            .build()
            .unwrap()
    };
    let instances = Instances::new(vec![named(&shop, "shop"), named(&staging, "staging")]).unwrap();
    let client = instances.get(Some("staging")).unwrap();
    client.send(&tickets::Show::new(featured())).await.unwrap();
    assert_eq!(
        (shop.install.log().len(), staging.install.log().len()),
        (0, 1)
    );
}
