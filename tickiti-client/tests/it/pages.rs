//! Responses page by page.

use futures_util::{StreamExt, TryStreamExt};
use sandbox::tickiti::{Fault, FaultKind};
use serde_json::Value;
use tickiti_client::{
    Paging, TransferError,
    api::tickets::{Query, ResponseField, ResponseFilters, ResponsesQuery},
};

use crate::helper::start;

#[tokio::test]
async fn every_row_comes_once_and_in_order() {
    let world = start().await;
    let count = ResponsesQuery {
        count_only: Some(true),
        ..Default::default()
    };
    let all = world.client.send(&count).await.unwrap().count.unwrap();
    let paging = Paging::default().with_page_size(100);
    let rows: Vec<_> = world
        .client
        .responses(ResponseFilters::default(), paging)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.len() as u64, all);
    let mut keys: Vec<_> = rows.iter().map(|row| row.key().unwrap()).collect();
    assert!(rows.is_sorted_by(|a, b| a.created_at <= b.created_at));
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len() as u64, all);
    let pages = world.install.log().len() as u64 - 1;
    assert!(pages.abs_diff(all.div_ceil(100)) <= 1, "{pages} pages");
}

#[tokio::test]
async fn no_more_than_wanted_is_asked_for() {
    let world = start().await;
    let paging = Paging::default().with_page_size(10).with_max_records(25);
    let rows: Vec<_> = world
        .client
        .responses(ResponseFilters::default(), paging)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.len(), 25);
    assert_eq!(world.install.log().len(), 3);

    let stream = world
        .client
        .responses(ResponseFilters::default(), Paging::default());
    let first = Box::pin(stream).next().await.unwrap().unwrap();
    assert!(first.key().is_some());
    assert_eq!(
        world.install.log().len(),
        4,
        "pages are fetched when they are needed"
    );
}

#[tokio::test]
async fn an_install_that_goes_round_is_noticed() {
    let world = start().await;
    world
        .install
        .change_switches(|switches| switches.repeated_cursor = true);
    let paging = Paging::default().with_page_size(10);
    let outcome: Result<Vec<_>, _> = world
        .client
        .responses(ResponseFilters::default(), paging)
        .try_collect()
        .await;
    assert!(
        matches!(outcome, Err(TransferError::RepeatedCursor(_))),
        "{outcome:?}"
    );
    assert!(world.install.log().len() < 5);
}

#[tokio::test]
async fn an_export_is_one_object_a_line() {
    let world = start().await;
    let filters = ResponseFilters {
        fields: Some(vec![ResponseField::Html, ResponseField::CreatedAt]),
        ..Default::default()
    };
    let paging = Paging::default().with_page_size(40).with_max_records(70);
    let pages: Vec<_> = world
        .client
        .export(filters, paging)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        pages.iter().map(|page| page.rows).collect::<Vec<_>>(),
        [40, 30]
    );
    for page in pages {
        let text = std::str::from_utf8(&page.lines).unwrap();
        assert!(text.ends_with('\n'));
        assert_eq!(text.lines().count() as u64, page.rows);
        for line in text.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            assert!(
                row["html"].is_string() && row["response_id"].is_string(),
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_without_rows_is_no_empty_page() {
    use sandbox::tickiti::{Fault, FaultKind};
    let world = start().await;
    world.install.add_fault(Fault::on(
        "tickets.responses_query",
        FaultKind::Status {
            status: 200,
            body: r#"{"ok":true,"data":{}}"#.into(),
            content_type: "application/json".into(),
            retry_after: None,
        },
    ));
    let rows = world
        .client
        .export(ResponseFilters::default(), Paging::default());
    let outcome: Result<Vec<_>, _> = rows.try_collect().await;
    assert!(matches!(outcome, Err(TransferError::NoRows)), "{outcome:?}");
}

#[tokio::test]
async fn a_page_of_another_form_loses_nothing() {
    let world = start().await;
    let body = r#"{"ok":true,"data":[{"id":1},{"id":2}],"next_cursor":{"created_at":"t","id":2}}"#;
    let kind = FaultKind::Status {
        status: 200,
        body: body.into(),
        content_type: "application/json".into(),
        retry_after: None,
    };
    let fault = Fault::on("tickets.responses_query", kind);
    world.install.add_fault(fault);
    let request = ResponsesQuery::default();
    let page = world.client.send(&request).await.unwrap();
    assert_eq!(page.next_cursor.unwrap().id.get(), 2);
    assert_eq!(page.extra["data"].as_array().unwrap().len(), 2);
    let mut export = Box::pin(
        world
            .client
            .export(ResponseFilters::default(), Paging::default()),
    );
    let outcome = export.next().await.unwrap();
    assert!(matches!(outcome, Err(TransferError::NoRows)), "{outcome:?}");
}

#[tokio::test]
async fn rows_are_found_in_a_list_with_something_beside_it() {
    let world = start().await;
    let body = r#"{"ok":true,"data":[{"ticket_id":1}],"ignored_params":["x"],"total":1}"#;
    let kind = FaultKind::Status {
        status: 200,
        body: body.into(),
        content_type: "application/json".into(),
        retry_after: None,
    };
    world.install.add_fault(Fault::on("tickets.query", kind));
    let rows = world.client.send(&Query::new()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows.extra["total"], 1);
}
