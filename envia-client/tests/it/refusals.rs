//! What goes wrong, and what the caller learns of it.

use envia_client::{
    Error, ErrorKind, Reason,
    api::{catalog, shipments, tickets},
    types::ShipmentId,
};
use serde_json::json;

use crate::back_end::{BackEnd, Reply, TOKEN, boom, ok};

async fn show(reply: Reply) -> Error {
    let back_end = BackEnd::start([reply]).await;
    back_end
        .client
        .send(&tickets::Show::new(7))
        .await
        .unwrap_err()
}

async fn update(reply: Reply) -> Error {
    let back_end = BackEnd::start([reply]).await;
    let mut update = tickets::Update::new(7);
    update.comment = Some("visto".into());
    back_end.client.send(&update).await.unwrap_err()
}

async fn create(reply: Reply) -> (Error, usize) {
    let back_end = BackEnd::start([reply]).await;
    let create = tickets::Create::new(4410, 5, "roto");
    let error = back_end.client.send(&create).await.unwrap_err();
    (error, back_end.lines().len())
}

#[tokio::test]
async fn not_found_in_three_ways() {
    for reply in [
        boom(404, "Not Found", "Not Found"),
        boom(400, "Bad Request", "Ticket not found."),
        ok(&json!({"data": []})),
        ok(&json!({"data": null})),
    ] {
        let error = show(reply).await;
        assert_eq!(Reason::of(&error), Some(Reason::NotFound), "{error}");
    }
    let back_end = BackEnd::start([ok(&json!([]))]).await;
    let shipment = shipments::Show::new(ShipmentId::new(7));
    let error = back_end.client.send(&shipment).await.unwrap_err();
    assert_eq!(Reason::of(&error), Some(Reason::NotFound), "{error}");
    let error = show(boom(400, "Bad Request", "Invalid request params input")).await;
    assert_eq!(Reason::of(&error), None, "{error}");
}

#[tokio::test]
async fn refusals_that_call_for_something_else() {
    let (error, _) = create(boom(409, "Conflict", "there is one")).await;
    assert_eq!(Reason::of(&error), Some(Reason::Duplicate));
    assert!(!error.may_have_applied());
    for status in [400, 422] {
        let error = update(boom(status, "Bad Request", "Ticket already close.")).await;
        assert_eq!(Reason::of(&error), Some(Reason::Closed), "{error}");
    }
    for (status, reason) in [
        (401, Some(Reason::Unauthorized)),
        (403, Some(Reason::Unauthorized)),
        (413, Some(Reason::TooLarge)),
        (422, Some(Reason::MayHaveBegun)),
        (409, None),
    ] {
        let error = update(boom(status, "No", "no")).await;
        assert_eq!(Reason::of(&error), reason, "{error}");
    }
    let error = update(boom(422, "No", "The server closed the connection.")).await;
    assert_eq!(Reason::of(&error), Some(Reason::MayHaveBegun), "{error}");
    for (message, reason) in [
        ("An internal error occurred", Some(Reason::MayHaveBegun)),
        ("", Some(Reason::MayHaveBegun)),
        ("This ticket type needs documents.", None),
        ("Invalid request payload input", None),
        (
            "The server closed the connection.",
            Some(Reason::MayHaveBegun),
        ),
    ] {
        let (error, sent) = create(boom(422, "Unprocessable Entity", message)).await;
        assert_eq!((Reason::of(&error), sent), (reason, 1), "{error}");
    }
    let error = show(boom(422, "Unprocessable Entity", "no")).await;
    assert_eq!(Reason::of(&error), None, "{error}");
    let error = update(ok(&json!({"success": false, "message": "no"}))).await;
    assert!(matches!(error.kind(), ErrorKind::Logical(_)), "{error}");
    let error = update(boom(401, "Unauthorized", &format!("bad token {TOKEN}"))).await;
    assert!(!error.to_string().contains(TOKEN), "{error}");
    let error = show(Reply::Answer(502, "<html>proxy</html>".into())).await;
    assert_eq!(
        error.status(),
        Some(500),
        "the script has one answer, and a read is tried again"
    );
}

#[tokio::test]
async fn only_reads_are_repeated() {
    let types = catalog::TicketTypes::default();
    let row = json!({"data": [{"id": 1}]});
    for broken in [Reply::Drop, boom(503, "Service Unavailable", "later")] {
        let back_end = BackEnd::start([broken, ok(&row)]).await;
        assert_eq!(back_end.client.send(&types).await.unwrap().rows.len(), 1);
        assert_eq!(back_end.lines().len(), 2);
    }
    for broken in [Reply::Drop, boom(503, "Service Unavailable", "later")] {
        let (error, sent) = create(broken).await;
        assert_eq!((error.may_have_applied(), sent), (true, 1), "{error}");
    }
}

/// A success that refuses is no success; one that cannot be understood may have been one.
#[tokio::test]
async fn successes_that_are_none() {
    for (body, may_have) in [
        (json!({"data": true}), true),
        (json!({"id": 0}), true),
        (json!({"success": false, "data": {"id": 5}}), true),
        (json!("saved"), true),
        (json!({"success": "false"}), false),
        (
            json!({"data": {"statusCode": "409", "message": "no"}}),
            false,
        ),
        (json!(false), false),
    ] {
        let (error, sent) = create(ok(&body)).await;
        assert_eq!((error.may_have_applied(), sent), (may_have, 1), "{error}");
    }
    for (reply, may_have) in [
        (ok(&json!("saved")), true),
        (ok(&json!([{"id": 7}])), true),
        (Reply::Answer(200, "saved".into()), true),
        (
            ok(&json!({"meta": "error", "error": {"message": "no"}})),
            false,
        ),
        (ok(&json!({"ok": 0})), false),
        (ok(&json!(false)), false),
    ] {
        let error = update(reply).await;
        assert_eq!(error.may_have_applied(), may_have, "{error}");
        assert_eq!(
            matches!(error.kind(), ErrorKind::Logical(_)),
            !may_have,
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_does_not_leave() {
    let back_end = BackEnd::start([]).await;
    let error = back_end
        .client
        .send(&tickets::Create::new(0, 5, ""))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("company_id") && text.contains("comments"),
        "{text}"
    );
    let error = back_end
        .client
        .send(&tickets::Update::new(7))
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Invalid(_)));
    assert!(back_end.lines().is_empty());
}
