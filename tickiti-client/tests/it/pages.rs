//! Responses page by page.

use futures_util::{StreamExt, TryStreamExt};
use serde_json::Value;
use tickiti_client::{
    Paging, TransferError,
    api::tickets::{ResponseField, ResponseFilters, ResponsesQuery},
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
