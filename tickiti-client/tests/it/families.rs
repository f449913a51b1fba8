//! The eight families of settings and administration, each called whole against an install that keeps state.

use sandbox::tickiti::{Switches, Tickiti};
use serde_json::{Value, json};
use tickiti_client::{
    Bytes, Endpoint, File, FileContent, Reversal, Secret,
    api::{
        ALL, administration, axial, mail, named, reports, settings, supervisor, templates, tickets,
        workflow,
    },
    types::{Id, TicketId, UserId},
};

use crate::helper::{World, client, start_with};

/// An install with diagnostics switched on.
struct Install(World);

impl Install {
    async fn start() -> Self {
        let mut switches = Switches::default();
        switches.diagnostics = true;
        Self(start_with(Tickiti::builder().switches(switches)).await)
    }

    async fn send<E: Endpoint>(&self, request: E) -> E::Response {
        match self.0.client.send(&request).await {
            Ok(answer) => answer,
            Err(error) => panic!("{}: {error} {:?}", E::SPEC.name, error.fields()),
        }
    }

    /// Every endpoint of a family did its work at least once.
    fn check_whole(&self, family: &str) {
        let names = ALL.iter().map(|operation| operation.spec.name);
        let idle: Vec<_> = names
            .filter(|name| name.starts_with(&format!("{family}.")))
            .filter(|name| self.0.install.executions(name) == 0)
            .collect();
        assert!(idle.is_empty(), "not called: {idle:?}");
    }
}

fn image() -> File {
    File {
        name: "logo.png".into(),
        content: FileContent::Bytes(Bytes::from_static(b"\x89PNG\r\n\x1a\n")),
    }
}

/// The id of the first row that has a value, in a bare array or in the one list of an object.
fn id_of(answer: &Value, column: &str, value: &str) -> u64 {
    let rows = match answer {
        Value::Object(object) => object.values().find(|part| part.is_array()).unwrap(),
        list => list,
    };
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row[column] == value);
    let id = &row.unwrap_or_else(|| panic!("no {column} {value} in {answer}"))["id"];
    id.as_u64().or_else(|| id.as_str()?.parse().ok()).unwrap()
}

#[test]
fn what_reverses_a_write_is_a_write_of_the_same_family() {
    for operation in ALL {
        let Some(Reversal::Reversible(by)) = operation.spec.reversal else {
            continue;
        };
        let name = operation.spec.name;
        let by = named(by)
            .unwrap_or_else(|| panic!("{name}: there is no {by}"))
            .spec;
        assert!(by.effect.is_write(), "{name}: {} changes nothing", by.name);
        assert_eq!(by.family(), operation.spec.family(), "{name}");
    }
}

#[test]
fn secrets_are_answered_by_two_endpoints() {
    let secret = ALL.iter().filter(|operation| operation.spec.answers_secret);
    let names: Vec<_> = secret.map(|operation| operation.spec.name).collect();
    assert_eq!(
        names,
        [
            "administration.api_tokens.create",
            "workflow.interventions.generate_token"
        ]
    );
}

#[tokio::test]
async fn settings_are_kept() {
    let install = Install::start().await;

    let mut create = settings::perspectives::Create::new("Refunds");
    create.orders = Some(vec![settings::perspectives::Order {
        field: "updated_at".into(),
        ascending: false,
    }]);
    let id = install.send(create).await.perspective_id;
    let mut update = settings::perspectives::Update::new(id);
    update.description = Some("Money back".into());
    install.send(update).await;
    let mut show = settings::perspectives::Show::new();
    show.perspective_id = Some(id);
    let shown = install.send(show).await;
    assert!(shown.to_string().contains("Money back"), "{shown}");
    install.send(settings::perspectives::Delete::new(id)).await;
    let mut index = settings::perspectives::Index::new();
    index.scope = Some(settings::perspectives::Scope::All);
    let listed = install.send(index).await;
    assert!(!listed.to_string().contains("Refunds"), "{listed}");

    let create = settings::stock_responses::Create::new("Late parcel", "Shipping");
    let id = install.send(create).await.id().unwrap();
    let mut update = settings::stock_responses::Update::new(id);
    update.template.content = Some("<p>Soon.</p>".into());
    install.send(update).await;
    let shown = install.send(settings::stock_responses::Show::new(id)).await;
    assert_eq!(shown["template"]["content"], "<p>Soon.</p>");
    install
        .send(settings::stock_responses::ImageUpload::new(id, image()))
        .await;
    let mut index = settings::stock_responses::Index::new();
    index.search = Some("Late parcel".into());
    assert!(
        install
            .send(index)
            .await
            .to_string()
            .contains("Late parcel")
    );
    install
        .send(settings::stock_responses::Delete::new(id))
        .await;

    install
        .send(settings::watchlists::Create::new("Claims to watch", "star"))
        .await;
    let listed = install.send(settings::watchlists::Index::new()).await;
    let list = listed
        .watchlists
        .iter()
        .find(|list| list.name.as_deref() == Some("Claims to watch"));
    let id = list.unwrap().id;
    let rows = install.send(tickets::Query::new()).await.rows;
    let rows: Vec<TicketId> = rows
        .iter()
        .filter_map(tickets::TicketRow::id)
        .take(2)
        .collect();
    install
        .send(settings::watchlists::AddTickets::new(id, rows.clone()))
        .await;
    let turned: Vec<TicketId> = rows.iter().rev().copied().collect();
    install
        .send(settings::watchlists::Reorder::new(id, turned))
        .await;
    install
        .send(settings::watchlists::RemoveTickets::new(id, rows))
        .await;
    let mut update = settings::watchlists::Update::new(id);
    update.icon = Some("flag".into());
    install.send(update).await;
    install.send(settings::watchlists::Delete::new(id)).await;

    install.send(settings::hashtags::Index::new()).await;
    install
        .send(settings::hashtags::Delete::new("refund"))
        .await;
    install.check_whole("settings");
}

#[tokio::test]
async fn mail_is_sent_and_kept() {
    let install = Install::start().await;

    let mut send = mail::Send::new("dana@customer.example.com");
    send.subject = Some("Your order 5512".into());
    send.content = Some("<p>Shipped.</p>".into());
    install.send(send).await;
    let found = install
        .send(mail::sent_mail::Search::new("order 5512"))
        .await;
    let id = id_of(&found, "subject", "Your order 5512");
    install.send(mail::sent_mail::List::new()).await;
    let shown = install.send(mail::sent_mail::Show::new(id)).await;
    assert!(shown.to_string().contains("Shipped"), "{shown}");

    let address = "noreply@newsletter.example".parse().unwrap();
    install.send(mail::excluded::Create::new(address)).await;
    let listed = install.send(mail::excluded::Index::new()).await;
    let excluded = listed
        .iter()
        .find(|row| row.email.as_deref() == Some("noreply@newsletter.example"));
    install
        .send(mail::excluded::Delete::new(excluded.unwrap().id))
        .await;

    install
        .send(mail::subjects::Create::new("On holiday"))
        .await;
    let listed = install.send(mail::subjects::Index::new()).await;
    let subject = listed
        .iter()
        .find(|row| row.subject.as_deref() == Some("On holiday"));
    install
        .send(mail::subjects::Delete::new(subject.unwrap().id))
        .await;

    let address = "returns@example.com".parse().unwrap();
    let mut mailbox = mail::mailboxes::Settings::new("Returns", address, "imap");
    install
        .send(mail::mailboxes::Create::new(mailbox.clone()))
        .await;
    let listed = install.send(mail::mailboxes::Index::new()).await;
    let found = listed
        .mailboxes
        .iter()
        .find(|row| row.name.as_deref() == Some("Returns"));
    let id = found.unwrap().id;
    mailbox.name = "Parcels back".into();
    install
        .send(mail::mailboxes::Update::new(id, mailbox))
        .await;
    let password = Secret::new("s3cret-of-the-mailbox");
    install
        .send(mail::mailboxes::SetPassword::new(
            id,
            "smtp_password",
            password,
        ))
        .await;
    let listed = install.send(mail::mailboxes::Index::new()).await;
    let listed = serde_json::to_string(&listed).unwrap();
    assert!(
        listed.contains("Parcels back") && !listed.contains("s3cret"),
        "{listed}"
    );
    install.send(mail::mailboxes::Delete::new(id)).await;
    install.check_whole("mail");
}

#[tokio::test]
async fn templates_are_rendered() {
    let install = Install::start().await;

    let mut create = templates::Create::new("email");
    create.identifier = Some("parcel_late".into());
    create.subject = Some("Order {{order_no}}".into());
    create.content = Some("<p>Late.</p>".into());
    install.send(create).await;
    let listed = install.send(templates::Index::new()).await;
    let found = listed
        .iter()
        .find(|row| row.identifier.as_deref() == Some("parcel_late"));
    let id = found.unwrap().id;
    let mut update = templates::Update::new(id);
    update.template.content = Some("<p>Very late.</p>".into());
    install.send(update).await;
    let shown = install.send(templates::Show::new(id)).await.template;
    assert_eq!(shown.content.as_deref(), Some("<p>Very late.</p>"));
    assert_eq!(shown.subject.as_deref(), Some("Order {{order_no}}"));

    let Value::Object(data) = json!({"order_no": "5512"}) else {
        unreachable!()
    };
    let rendered = install
        .send(templates::Render::new("parcel_late", data))
        .await;
    assert!(rendered.to_string().contains("Order 5512"), "{rendered}");
    install.send(templates::ImageUpload::new(id, image())).await;
    let found = install.send(templates::Search::new("parcel_late")).await;
    assert!(found.to_string().contains("parcel_late"), "{found}");
    install.send(templates::Faqs::new()).await;
    install.send(templates::Delete::new(id)).await;
    install.check_whole("templates");
}

#[tokio::test]
async fn workflow_is_arranged() {
    let install = Install::start().await;

    install
        .send(workflow::queues::Create::new("Exchanges"))
        .await;
    let listed = install.send(workflow::queues::Index::new()).await.queues;
    let id_of_queue = |name: &str| {
        let queue = listed
            .iter()
            .find(|queue| queue.name.as_deref() == Some(name));
        queue.unwrap().id
    };
    let (exchanges, inbox) = (id_of_queue("Exchanges"), id_of_queue("Inbox"));
    let mut update = workflow::queues::Update::new(exchanges);
    update.track_resolutions = Some(true);
    install.send(update).await;
    install
        .send(workflow::queues::Move::new(exchanges, inbox))
        .await;
    install.send(workflow::queues::Delete::new(exchanges)).await;

    let mut create = workflow::resolutions::Create::new("Picked up");
    create.colour = Some("#2e7d32".into());
    install.send(create).await;
    let listed = install.send(workflow::resolutions::Index::new()).await;
    let ids: Vec<Id> = listed.iter().rev().map(|row| row.id).collect();
    install.send(workflow::resolutions::Reorder::new(ids)).await;
    let found = listed
        .iter()
        .find(|row| row.name.as_deref() == Some("Picked up"));
    let id = found.unwrap().id;
    let mut update = workflow::resolutions::Update::new(id);
    update.name = Some("Collected".into());
    install.send(update).await;
    install.send(workflow::resolutions::Delete::new(id)).await;

    let notify = workflow::escalations::Action::Notify;
    install
        .send(workflow::escalations::Create::new(77, notify))
        .await;
    let listed = install
        .send(workflow::escalations::Index::new())
        .await
        .escalations;
    let id = listed
        .iter()
        .find(|row| row.minutes == Some(77))
        .unwrap()
        .id;
    let mut update = workflow::escalations::Update::new(id);
    update.minutes = Some(78);
    install.send(update).await;
    install.send(workflow::escalations::Delete::new(id)).await;
    install
        .send(workflow::business_hours::Update::new(480, 960))
        .await;

    let create = workflow::interventions::Create::new("exchange", "Exchange", "Inbox");
    install.send(create).await;
    let listed = install
        .send(workflow::interventions::Index::new())
        .await
        .interventions;
    let found = listed
        .iter()
        .find(|row| row.name.as_deref() == Some("exchange"));
    let id = found.unwrap().id;
    let mut update = workflow::interventions::Update::new(id, "exchange", "Swap", "Inbox");
    update.create_urgent = Some(true);
    install.send(update).await;
    let issued = install
        .send(workflow::interventions::GenerateToken::new(id, "shop"))
        .await;
    assert!(issued.token().is_some());
    install.send(workflow::interventions::Delete::new(id)).await;
    install.check_whole("workflow");
}

#[tokio::test]
async fn reports_are_answered() {
    let install = Install::start().await;
    let (from, to) = ("2026-06-01".parse().ok(), "2026-06-15".parse().ok());

    install.send(reports::Meta::new()).await;
    let mut agents = reports::AgentActivity::new();
    (agents.date_from, agents.date_to) = (from.clone(), to.clone());
    install.send(agents).await;
    let mut resolutions = reports::Resolutions::new();
    (resolutions.date_from, resolutions.date_to) = (from.clone(), to.clone());
    install.send(resolutions).await;
    let mut times = reports::ResponseTimes::new();
    (times.date_from, times.date_to) = (from.clone(), to.clone());
    install.send(times).await;
    let mut volumes = reports::Volumes::new();
    (volumes.date_from, volumes.date_to) = (from, to);
    volumes.group_by = Some(reports::GroupBy::Week);
    install.send(volumes).await;
    install.check_whole("reports");
}

#[tokio::test]
async fn the_install_is_supervised() {
    let install = Install::start().await;

    install.send(supervisor::Diagnostics::new()).await;
    install.send(supervisor::health::Status::new()).await;
    install
        .send(supervisor::health::DiskStore::new("Q:/", 5.5, 10.0))
        .await;
    install
        .send(supervisor::health::ExceptionStore::new("Timeout*"))
        .await;
    let managed = install.send(supervisor::health::Manage::new()).await;
    let disk = managed
        .disks
        .iter()
        .find(|disk| disk.root_path.as_deref() == Some("Q:/"))
        .unwrap();
    assert_eq!(disk.min_free_space, Some(5.5));
    let mut expected = managed.exceptions.iter();
    let exception = expected
        .find(|row| row.pattern.as_deref() == Some("Timeout*"))
        .unwrap();
    install
        .send(supervisor::health::DiskDelete::new(disk.id))
        .await;
    install
        .send(supervisor::health::ExceptionDelete::new(exception.id))
        .await;

    install.send(supervisor::jobs::Index::new()).await;
    install
        .send(supervisor::jobs::Retry::new(vec![Id::new(999_998)]))
        .await;
    install
        .send(supervisor::jobs::Delete::new(vec![Id::new(999_999)]))
        .await;
    install.send(supervisor::super_tasks::Fetch::new()).await;
    install.check_whole("supervisor");
}

#[tokio::test]
async fn the_install_is_administered() {
    use administration as admin;
    let install = Install::start().await;
    let password = "sandbox-password";

    install.send(admin::ai::Index::new()).await;
    let mut update = admin::ai::Update::new(password);
    update.ai_auto_send_threshold = Some(90);
    install.send(update).await;
    install.send(admin::custom_domain::Status::new()).await;
    install
        .send(admin::custom_domain::Update::new(
            password,
            "help.example.com",
        ))
        .await;

    let create =
        admin::users::Create::new("Sam Park", "sam.park@support.example.com".parse().unwrap());
    install.send(create).await;
    let users = install.send(admin::users::Index::new()).await.users;
    let sam: UserId = users
        .iter()
        .find(|user| user.name.as_deref() == Some("Sam Park"))
        .unwrap()
        .id;
    let mut update = admin::users::Update::new(sam);
    update.is_staff = Some(true);
    install.send(update).await;
    let queue = install.send(workflow::queues::Index::new()).await.queues[0].id;
    let mut upsert = admin::users::QueueUpsert::new(sam, queue);
    upsert.can_view = true;
    install.send(upsert).await;
    install
        .send(admin::users::QueueDetach::new(sam, queue))
        .await;

    let owner = admin::api_tokens::Owner::System;
    let abilities = vec!["tickets:read".to_owned()];
    let issued = install
        .send(admin::api_tokens::Create::new("nightly", owner, abilities))
        .await;
    let id = issued.id().unwrap().get();
    let token = issued.token().unwrap();
    let works = client(&install.0.install, token.expose());
    works.send(&tickets::Queues::new()).await.unwrap();
    install.send(admin::api_tokens::Index::new()).await;
    let mut update = admin::api_tokens::Update::new(id);
    update.allowed_ip = Some(Some("203.0.113.9".into()));
    install.send(update.clone()).await;
    let refused = works.send(&tickets::Queues::new()).await.unwrap_err();
    assert_eq!(refused.status(), Some(401), "called from another address");
    update.allowed_ip = Some(None);
    install.send(update).await;
    works.send(&tickets::Queues::new()).await.unwrap();
    install.send(admin::api_tokens::Revoke::new(id)).await;
    assert!(works.send(&tickets::Queues::new()).await.is_err());

    install.send(admin::branding::Index::new()).await;
    install.send(admin::branding::AppLogo::new(image())).await;
    install.send(admin::branding::EmailLogo::new(image())).await;
    install.send(admin::branding::ResetAppLogo::new()).await;
    install.send(admin::branding::ResetEmailLogo::new()).await;
    install.send(admin::branding::Update::new()).await;
    install.send(admin::diagnostics::Index::new()).await;
    install.send(admin::diagnostics::Fetch::new()).await;
    install.send(admin::diagnostics::Update::new()).await;
    install.send(admin::diagnostics::Upload::new()).await;
    install.send(admin::licence::Index::new()).await;
    install.send(admin::system::Index::new()).await;
    install.send(admin::system::Update::new()).await;

    install.send(admin::teams::Create::new("Third line")).await;
    let teams = install.send(admin::teams::Index::new()).await;
    let team = id_of(&teams, "name", "Third line");
    let mut update = admin::teams::Update::new(team);
    update.name = Some("Fourth line".into());
    install.send(update).await;
    install.send(admin::teams::Delete::new(team)).await;

    install.send(admin::storage::Retention::new(365)).await;
    install
        .send(admin::storage::DeleteClosed::new(99_999))
        .await;
    install.send(admin::storage::DeleteOrphaned::new()).await;
    install.check_whole("administration");
}

#[tokio::test]
async fn skills_are_taught() {
    use axial::skills;
    let install = Install::start().await;

    install.send(skills::Options::new()).await;
    let mut create = skills::Create::new("billing.swap", "Swaps", "Swap an order", "Be brief.");
    create.composition = Some(skills::Composition::Guided);
    install.send(create).await;
    let mut update = skills::Update::new("billing.swap");
    update.title = Some("Exchanges".into());
    update.parent_key = Some(None);
    install.send(update).await;
    let mut action = skills::actions::Action::new("lookup_order");
    action.description = Some("Reads an order".into());
    action.handler_type = Some(skills::actions::HandlerType::Remote);
    action.handler_ref = Some("orders.lookup".into());
    action.permission = Some(skills::actions::Permission::Staff);
    let skill = install
        .send(skills::actions::Upsert::new("billing.swap", action))
        .await;
    assert!(skill.to_string().contains("lookup_order"), "{skill}");
    install
        .send(skills::actions::Delete::new("billing.swap", "lookup_order"))
        .await;
    let shown = install
        .send(skills::Show::new("billing.swap"))
        .await
        .to_string();
    assert!(
        shown.contains("Exchanges") && !shown.contains("lookup_order"),
        "{shown}"
    );
    install.send(skills::Delete::new("billing.swap")).await;
    let listed = install.send(skills::Index::new()).await;
    assert!(!listed.to_string().contains("billing.swap"), "{listed}");
    install.check_whole("axial");
}
