//! The list: filters, order, pages.

use serde_json::json;

use super::helper::{start, wrong_keys};

#[tokio::test]
async fn newest_first_in_pages() {
    let api = start().await;
    let (ids, total) = api.list("").await;
    assert_eq!((ids.len(), total), (10, 22));
    assert_eq!((ids[0], ids[9]), (58222, 58213));
    assert_eq!(api.list("start=20").await, (vec![58202, 58201], 22));
    assert_eq!(api.list("start=22&length=5").await, (vec![], 22));
    assert_eq!(api.list("length=1000").await.0.len(), 22);
}

#[tokio::test]
async fn each_filter_keeps_what_it_names() {
    let api = start().await;
    for (query, expected) in [
        ("ticket_id=58210", vec![58210]),
        ("tracking_number=TST0001112227", vec![58201]),
        ("ticket_type=Overweight", vec![58217, 58202]),
        (
            "ticket_type=overweight,%20refund",
            vec![58217, 58211, 58202],
        ),
        ("ticket_type=over", vec![]),
        ("ticket_status=follow_up", vec![58218, 58205]),
        ("ticket_status=Follow-up", vec![58218, 58205]),
        ("ticket_status=IN+REVIEW", vec![58220, 58206]),
        ("ticket_status=claim%20in%20review", vec![58210]),
        ("carrier=DHL&company_id=4411", vec![58218]),
        ("shipment_type=2", vec![58208]),
        ("international=1", vec![58205]),
        ("international=2", vec![]),
        (
            "company_id=4411&international=0&ticket_status=pending",
            vec![58222, 58217],
        ),
        (
            "created_start_date=2026-06-15&company_id=4410",
            vec![58216, 58215, 58214, 58212, 58201],
        ),
        ("created_end_date=2026-05-20", vec![58221]),
        ("created_start_date=2026-06-16", vec![]),
        ("company_id=4412", vec![]),
    ] {
        let (ids, total) = api.list(query).await;
        assert_eq!(
            (ids.clone(), total),
            (expected, ids.len() as u64),
            "{query}"
        );
    }
}

#[tokio::test]
async fn the_last_day_counts_whole_in_local_time() {
    let api = start().await;
    // 2026-06-16 05:59:59 UTC is the last second of 15 June in Mexico City.
    api.envia.set_clock(1_781_589_599);
    let id = api.created(json!({})).await;
    api.envia.advance_clock(1);
    let next = api.created(json!({})).await;
    let day = "created_start_date=2026-06-15&created_end_date=2026-06-15&ticket_type=ltl_ftl";
    assert_eq!(api.list(day).await.0, [id]);
    assert_eq!(api.list("created_start_date=2026-06-16").await.0, [next]);
}

#[tokio::test]
async fn sla_is_the_seed_or_the_clock() {
    let api = start().await;
    let sla = async |id: u64| {
        let path = format!("/companies/tickets?ticket_id={id}");
        api.get(&path).await.data()[0]["sla"].as_u64().unwrap()
    };
    assert_eq!(
        (sla(58212).await, sla(58222).await, sla(58211).await),
        (1, 2, 1)
    );
    let id = api.created(json!({})).await;
    for (hours, expected) in [(0, 0), (17, 0), (1, 1), (6, 1), (1, 2)] {
        api.envia.advance_clock(hours * 3_600);
        assert_eq!(sla(id).await, expected);
    }
    // Closed: the value at closing stays.
    let closed = api.created(json!({})).await;
    api.envia.advance_clock(20 * 3_600);
    let change = json!({"status_id": 2, "comment": "Listo"});
    api.update(closed, change).await.ok();
    api.envia.advance_clock(100 * 3_600);
    assert_eq!(sla(closed).await, 1);
    api.envia.set_sla(closed, Some(0));
    assert_eq!(sla(closed).await, 0);
    let (overdue, _) = api.list("sla=2&length=100").await;
    assert!(overdue.contains(&id) && !overdue.contains(&closed));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let api = start().await;
    for (query, wrong) in [
        ("length=0", "length"),
        ("start=-1", "start"),
        ("shipment_type=4", "shipment_type"),
        ("international=3", "international"),
        ("sla=x", "sla"),
        ("company_id=0", "company_id"),
        ("tracking_number=", "tracking_number"),
        ("created_start_date=2026-02-30", "created_start_date"),
        ("page=1", "page"),
        ("sla=1&sla=2", "sla"),
    ] {
        let answer = api.get(&format!("/companies/tickets?{query}")).await;
        assert_eq!(wrong_keys(&answer), [wrong], "{query}");
        assert_eq!(answer.body["message"], "Invalid request query input");
    }
}

#[tokio::test]
async fn a_row_has_the_documented_keys() {
    let api = start().await;
    let answer = api.get("/companies/tickets?ticket_id=58201").await.ok();
    let expected = json!({"data": [{
        "id": 58201, "company_id": 4410, "company_name": "Tienda Prueba",
        "shipment_id": 900127, "tracking_number": "TST0001112227", "carrier": "estafeta", "service": "ground ",
        "ticket_type_id": 5, "ticket_type": "damaged", "ticket_status_id": 1, "ticket_status": "pending",
        "shipment_type": 1, "international": 0, "sla": 0, "assigned_to_id": 77,
        "created_at": "2026-06-15 04:00:00", "updated_at": "2026-06-15 04:00:00",
    }], "total_rows": 1});
    assert_eq!(answer, expected);
}
