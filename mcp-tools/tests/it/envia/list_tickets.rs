//! `list_tickets`: every filter as it is documented, pages, and what is refused before anything is sent.

use mcp_tools::ErrorKind::Arguments;
use serde_json::{Value, json};

use super::{World, answers};

const LIST: &str = "list_tickets";

/// The query that a call sends.
async fn query(world: &World, arguments: Value) -> String {
    world.sandbox.clear_log();
    world.works(LIST, arguments).await;
    let asked = world.asked();
    let [line] = asked.as_slice() else {
        panic!("one request: {asked:?}")
    };
    line.strip_prefix("GET /companies/tickets?")
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn all_thirteen_filters_arrive_as_documented() {
    let world = World::start().await;
    let paged = "start=0&length=10";
    for (arguments, sent) in [
        (json!({}), ""),
        (json!({"company_id": 4410}), "company_id=4410"),
        (json!({"ticket_id": 58201}), "ticket_id=58201"),
        (
            json!({"tracking_number": "TST 1&2"}),
            "tracking_number=TST+1%262",
        ),
        (
            json!({"ticket_type": "overweight"}),
            "ticket_type=overweight",
        ),
        (json!({"ticket_status": "pending"}), "ticket_status=pending"),
        (json!({"carrier": "dhl"}), "carrier=dhl"),
        (json!({"shipment_type": 2}), "shipment_type=2"),
        (json!({"international": 0}), "international=0"),
        (json!({"international": 2}), "international=2"),
        (json!({"sla": 0}), "sla=0"),
        (json!({"sla": "2"}), "sla=2"),
        (
            json!({"created_start_date": "2024-02-29"}),
            "created_start_date=2024-02-29",
        ),
        (
            json!({"created_end_date": "2026-06-15"}),
            "created_end_date=2026-06-15",
        ),
    ] {
        let expected = if sent.is_empty() {
            paged.to_owned()
        } else {
            format!("{sent}&{paged}")
        };
        assert_eq!(query(&world, arguments).await, expected);
    }
    assert_eq!(
        query(&world, json!({"start": 5})).await,
        "start=5&length=10"
    );
    assert_eq!(
        query(&world, json!({"length": 100})).await,
        "start=0&length=100"
    );
    let all = json!({"company_id": 4410, "ticket_id": 58202, "tracking_number": "TST0001112223", "ticket_type": "overweight",
        "ticket_status": "accepted", "carrier": "dhl", "shipment_type": 1, "international": 0, "sla": 0,
        "created_start_date": "2026-01-01", "created_end_date": "2026-06-15", "start": 0, "length": 1});
    let sent = "company_id=4410&ticket_id=58202&tracking_number=TST0001112223&ticket_type=overweight&ticket_status=accepted\
                &carrier=dhl&shipment_type=1&international=0&sla=0&created_start_date=2026-01-01\
                &created_end_date=2026-06-15&start=0&length=1";
    assert_eq!(query(&world, all.clone()).await, sent);
    let found = world.works(LIST, all).await;
    assert_eq!(found["tickets"][0]["id"], 58202);
    assert_eq!(found["total"], 1);
}

#[tokio::test]
async fn a_status_by_name_and_label() {
    let world = World::start().await;
    for said in [
        "claim_in_review",
        "Claim In Review",
        "CLAIM-IN-REVIEW",
        " claim in_review ",
    ] {
        assert!(
            query(&world, json!({"ticket_status": said}))
                .await
                .starts_with("ticket_status=claim_in_review&"),
            "{said}"
        );
    }
    for (said, name) in [
        ("Follow-up", "follow_up"),
        ("follow up", "follow_up"),
        ("In Analysis", "in_analysis"),
        ("Pending", "pending"),
    ] {
        assert!(
            query(&world, json!({"ticket_status": said}))
                .await
                .starts_with(&format!("ticket_status={name}&")),
            "{said}"
        );
    }
    let found = world
        .works(LIST, json!({"ticket_status": "Claim In Review"}))
        .await;
    assert_eq!(found["tickets"][0]["id"], 58210);
    world.sandbox.clear_log();
    for (said, hint) in [
        ("pendin", "did you mean `pending`?"),
        ("acepted", "did you mean `accepted`?"),
        ("solved", "must be one of `pending`, `accepted`"),
        ("", "empty"),
    ] {
        world
            .fails(
                LIST,
                json!({"ticket_status": said}),
                Arguments,
                &["`ticket_status`", hint],
            )
            .await;
    }
    assert!(world.asked().is_empty());
}

#[tokio::test]
async fn what_is_refused_before_anything_is_sent() {
    let world = World::start().await;
    for (row, wrong, says) in [
        (
            "a day that is none",
            json!({"created_start_date": "2026-02-30"}),
            vec!["`created_start_date`", "2026-02-30"],
        ),
        (
            "another order of the parts",
            json!({"created_end_date": "15-06-2026"}),
            vec!["`created_end_date`"],
        ),
        (
            "a time as well",
            json!({"created_end_date": "2026-06-15 10:00:00"}),
            vec!["`created_end_date`"],
        ),
        (
            "the start after the end",
            json!({"created_start_date": "2026-06-02", "created_end_date": "2026-06-01"}),
            vec!["the start is after the end"],
        ),
        (
            "no rows",
            json!({"length": 0}),
            vec!["`length` must be at least 1"],
        ),
        (
            "too many rows",
            json!({"length": 101}),
            vec!["`length` must be at most 100"],
        ),
        ("before the first", json!({"start": -1}), vec!["`start`"]),
        (
            "an unknown kind of freight",
            json!({"shipment_type": 4}),
            vec!["`shipment_type` must be one of", "3", "got 4"],
        ),
        (
            "an unknown direction",
            json!({"international": 3}),
            vec!["`international` must be one of", "2", "got 3"],
        ),
        (
            "an unknown standing",
            json!({"sla": 3}),
            vec!["`sla` must be one of", "2", "got 3"],
        ),
        (
            "empty texts",
            json!({"tracking_number": "", "carrier": "", "ticket_type": ""}),
            vec!["`tracking_number`", "`carrier`", "`ticket_type`"],
        ),
        (
            "a blank tracking number",
            json!({"tracking_number": "  "}),
            vec!["`tracking_number`"],
        ),
        (
            "ids from 1",
            json!({"company_id": 0, "ticket_id": 0}),
            vec!["`company_id`", "`ticket_id`"],
        ),
        (
            "the other interface's names",
            json!({"page": 1, "limit": 5}),
            vec!["`page`", "`limit`"],
        ),
        (
            "all together",
            json!({"created_start_date": "2026-02-30", "length": 0, "sla": 9}),
            vec!["3 mistakes"],
        ),
    ] {
        let text = world.fails(LIST, wrong, Arguments, &says).await;
        assert!(text.contains("nothing was sent"), "{row}: {text}");
    }
    assert!(world.asked().is_empty());
    let same_day = json!({"created_start_date": "2026-06-15", "created_end_date": "2026-06-15"});
    world.works(LIST, same_day).await;
}

#[tokio::test]
async fn an_empty_result_is_a_success() {
    let world = World::start().await;
    let none = world.works(LIST, json!({"tracking_number": "NONE"})).await;
    assert_eq!(
        none,
        json!({"tickets": [], "total": 0, "start": 0, "length": 10})
    );
    let past = world.works(LIST, json!({"start": 500})).await;
    assert_eq!(
        past,
        json!({"tickets": [], "total": 22, "start": 500, "length": 10})
    );
}

/// Every ticket once, newest first, by following `next_start`.
async fn all_pages(world: &World, length: u64) -> Vec<u64> {
    let (mut ids, mut start) = (Vec::new(), Some(0));
    while let Some(from) = start {
        let page = world
            .works(LIST, json!({"start": from, "length": length}))
            .await;
        ids.extend(
            page["tickets"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_u64().unwrap()),
        );
        start = page.get("next_start").map(|next| next.as_u64().unwrap());
        assert!(ids.len() < 100, "pages without an end");
    }
    ids
}

#[tokio::test]
async fn pages_lead_to_every_ticket_once() {
    let newest_first: Vec<u64> = (58201..=58222).rev().collect();
    for bare in [false, true] {
        for length in [1, 10, 11, 22, 23, 100] {
            let world = World::start().await;
            world
                .sandbox
                .change_switches(|switches| switches.bare_lists = bare);
            assert_eq!(
                all_pages(&world, length).await,
                newest_first,
                "pages of {length}, without a total: {bare}"
            );
        }
    }
}

#[tokio::test]
async fn every_name_of_the_total_and_no_total() {
    for key in [
        "total_rows",
        "recordsFiltered",
        "recordsTotal",
        "total",
        "count",
    ] {
        let world = World::start().await;
        world.sandbox.change_switches(|switches| {
            switches.total_key = key.to_owned();
            switches.ids_as_strings = true;
        });
        let page = world.works(LIST, json!({"length": 3})).await;
        assert_eq!(
            (&page["total"], &page["next_start"]),
            (&json!(22), &json!(3)),
            "{key}"
        );
        assert_eq!(page["tickets"][0]["ticket_status_id"], 1, "{page}");
    }
    let world = World::start().await;
    world
        .sandbox
        .change_switches(|switches| switches.bare_lists = true);
    let bare = world.works(LIST, json!({"length": 100})).await;
    assert_eq!((bare.get("total"), bare.get("next_start")), (None, None));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told() {
    let rows = json!({"data": [{"id": 7}, {"name": "no id"}, {"id": "8", "sla": 9, "international": null}], "total_rows": 3});
    let world = World::failing("tickets.list", answers(200, &rows)).await;
    let page = world.works(LIST, json!({})).await;
    assert_eq!(page["tickets"].as_array().unwrap().len(), 2, "{page}");
    assert!(page["note"].as_str().unwrap().contains("1 row"), "{page}");
    assert_eq!(
        page.get("next_start"),
        None,
        "the row that is missing was on this page: {page}"
    );
}

#[tokio::test]
async fn an_id_in_the_place_of_a_type_name_is_refused() {
    let world = World::start().await;
    let says = ["`ticket_type`", "not its id", "get_ticket_types"];
    world
        .fails(LIST, json!({"ticket_type": "5"}), Arguments, &says)
        .await;
    assert!(world.asked().is_empty());
}

#[tokio::test]
async fn the_name_of_no_type_is_told_when_nothing_is_found() {
    let world = World::start().await;
    let says = ["is the name of no type", "did you mean `damaged`?"];
    let wrong = json!({"ticket_type": "damagd"});
    world.fails(LIST, wrong, Arguments, &says).await;
    // A type that has no tickets is no mistake.
    let none = world.works(LIST, json!({"ticket_type": "Ltl_Ftl"})).await;
    assert_eq!(none["total"], 0);
}
