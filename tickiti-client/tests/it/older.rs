//! Installs that are older than the client.

use sandbox::tickiti::{Fault, FaultKind, Install, Switches, Tickiti};
use tickiti_client::{
    ErrorKind,
    api::{self, tickets, token},
};

use crate::helper::{World, client, email, featured, number, start_with};

async fn old(install: Install) -> World {
    let mut switches = Switches::default();
    switches.install = install;
    start_with(Tickiti::builder().switches(switches)).await
}

#[tokio::test]
async fn what_an_install_does_not_have_is_told_so() {
    let world = old(Install::June).await;
    let error = world
        .client
        .send(&tickets::Close::new(featured()))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Unavailable {
                since: Some("2026-10")
            }
        ),
        "{error}"
    );
    assert!(!error.may_have_applied());
    let error = world.client.send(&token::Show::new()).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Unavailable { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn every_added_endpoint_is_told_by_name_too() {
    let world = old(Install::June).await;
    for operation in api::ALL
        .iter()
        .filter(|operation| operation.spec.since.is_some())
    {
        let Ok(prepared) = operation.prepare(serde_json::Map::new()) else {
            continue;
        };
        let outcome = world
            .client
            .call(operation.spec, prepared, &Default::default())
            .await;
        match outcome {
            Ok(_) => assert_eq!(operation.spec.name, "tickets.queues"),
            Err(error) => {
                let unavailable = matches!(
                    error.kind(),
                    ErrorKind::Unavailable { .. } | ErrorKind::Invalid(_)
                );
                assert!(unavailable, "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_missing_ticket_is_not_a_missing_endpoint() {
    let world = old(Install::October).await;
    let error = world
        .client
        .send(&tickets::Close::new(number("100000")))
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(404), "{error}");
}

#[tokio::test]
async fn only_the_install_itself_can_say_that_a_route_is_unknown() {
    let world = old(Install::October).await;
    let check = async |body: &str, content_type: &str, unavailable: bool| {
        let fault = FaultKind::Status {
            status: 404,
            body: body.into(),
            content_type: content_type.into(),
            retry_after: None,
        };
        world
            .install
            .add_fault(Fault::on("tickets.close", fault).times(1));
        let error = world
            .client
            .send(&tickets::Close::new(featured()))
            .await
            .unwrap_err();
        let told = matches!(error.kind(), ErrorKind::Unavailable { .. });
        assert_eq!(told, unavailable, "{body}: {error}");
        assert_eq!(error.status(), (!unavailable).then_some(404), "{body}");
    };
    let json = "application/json";
    for body in [
        r#"{"message":"The route api/v1/tickets/close could not be found."}"#,
        r#"{"message":"Not Found"}"#,
    ] {
        check(body, json, true).await;
    }
    for (body, content_type) in [
        ("", json),
        ("{}", json),
        ("[]", json),
        (r#"{"message":""}"#, json),
        (r#"{"message":"The route api/v1/ti"#, json),
        (r#"{"message":"No parcel takes this route."}"#, json),
        (
            r#"{"ok":false,"error":"not_found","message":"Not found"}"#,
            json,
        ),
        ("<html><body>Not Found</body></html>", "text/html"),
        ("not found", "text/plain"),
    ] {
        check(body, content_type, false).await;
    }
}

#[tokio::test]
async fn queue_names_come_another_way() {
    let world = old(Install::June).await;
    let queues = world
        .client
        .send(&tickets::Queues::new())
        .await
        .unwrap()
        .rows;
    assert!(queues.iter().any(|queue| queue.name == "Inbox"));
    let log = world.install.log();
    assert_eq!(
        log.last().unwrap().endpoint.as_deref(),
        Some("workflow.queues.index")
    );

    let agent = client(&world.install, "sandbox-agent");
    let refused = agent.send(&tickets::Queues::new()).await.unwrap_err();
    assert_eq!(
        (refused.endpoint(), refused.status()),
        ("workflow.queues.index", Some(403))
    );
}

#[tokio::test]
async fn a_ticket_lands_in_its_queue_on_every_install() {
    for install in [Install::June, Install::Intermediate, Install::October] {
        let world = old(install).await;
        let mut request =
            tickets::Create::new(email("dana@customer.example.com"), "Lost", "<p>x</p>");
        request.queue_name = Some("Sales".into());
        let created = world.client.send(&request).await.unwrap();
        let shown = world
            .client
            .send(&tickets::Show::new(created.ticket_number))
            .await
            .unwrap();
        assert_eq!(
            shown.ticket.queue_name.as_deref().unwrap_or("Sales"),
            "Sales",
            "{install:?}"
        );
    }
}
