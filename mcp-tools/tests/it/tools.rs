//! Each tool once in its everyday use: the request that left, the answer that came, and that it fits its schema.

use mcp_tools::JsonObject;
use sandbox::tickiti::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::harness::{World, instances, object};

impl World {
    /// Calls a tool that must succeed, and holds the answer against the tool's own schema.
    async fn works(&self, tool: &str, arguments: Value) -> JsonObject {
        let answer = match self.call(tool, arguments.clone()).await {
            Ok(answer) => answer,
            Err(error) => panic!("{tool} {arguments}: {error}"),
        };
        let schema = Value::Object(self.registry.get(tool).unwrap().spec().output.clone());
        let judge = jsonschema::draft202012::new(&schema).unwrap();
        let value = Value::Object(answer.clone());
        let problems: Vec<String> = judge.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(problems.is_empty(), "{tool}: {problems:?} in {value}");
        answer
    }
}

#[tokio::test]
async fn a_ticket_from_opening_to_report() {
    let world = World::start().await;
    let opened = world
        .works(
            "create_ticket",
            json!({
                "originator_email_address": "marcus@trailblazers-club.example",
                "subject": "Cracked carbon plate", "content": "<p>It cracked on the first run.</p>",
                "queue_name": "Sales", "priority": "High",
            }),
        )
        .await;
    assert_eq!(opened["queue"], "Sales", "{opened:?}");
    let number = &opened["ticket_number"];

    let posted = world
        .works(
            "respond_to_ticket",
            json!({"ticket_number": number, "from_email": "marcus@trailblazers-club.example", "content": "<p>Any news?</p>"}),
        )
        .await;
    assert!(posted["response_id"].is_u64(), "{posted:?}");

    let found = world
        .works(
            "query_tickets",
            json!({"perspective_name": "All", "search_object": {"criteria": [
                {"mode": "subject", "tokens": ["carbon", "plate"]}, {"mode": "queue", "tokens": ["Sales"]},
            ]}}),
        )
        .await;
    assert!(found["count"].as_u64() >= Some(1), "{found:?}");
    let rows = found["tickets"].as_array().unwrap();
    let number_of = |ticket: &Value| ticket.to_string().trim_matches('"').to_owned();
    let same = |row: &Value| number_of(&row["number"]) == number_of(number);
    assert!(rows.iter().any(same), "{rows:?}");

    let shown = world
        .works("get_ticket", json!({"ticket_number": number}))
        .await;
    assert_eq!(shown["ticket"]["priority"], "30");
    assert_eq!(shown["responses"].as_array().unwrap().len(), 2);
    let thread = world
        .works(
            "list_responses",
            json!({"ticket_number": number, "fields": ["plain_text"]}),
        )
        .await;
    assert!(thread["responses"][0].get("html").is_none(), "{thread:?}");

    let report = json!({"report": "volumes", "date_from": "2026-05-01", "date_to": "2026-05-31", "group_by": "week"});
    world.works("run_report", report).await;
    let old_names =
        json!({"report": "volumes", "filters": {"from": "2026-05-01", "to": "2026-05-31"}});
    world.works("run_report", old_names).await;
    world.works("run_report", json!({"report": "meta"})).await;
}

#[tokio::test]
async fn lists_to_choose_from() {
    let world = World::start().await;
    let perspectives = world
        .works("list_perspectives", json!({"scope": "all"}))
        .await;
    let text = Value::Object(perspectives).to_string();
    assert!(text.contains("For my attention"), "{text}");
    let old_form = world
        .works("list_perspectives", json!({"filters": {"scope": "all"}}))
        .await;
    assert_eq!(Value::Object(old_form).to_string(), text);

    let queues = world.works("list_queues", json!({})).await;
    let names: Vec<&Value> = queues["queues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| &q["name"])
        .collect();
    assert!(
        names.contains(&&json!("Inbox")) && names.contains(&&json!("Sales")),
        "{names:?}"
    );
    world.works("list_queues", json!({"filters": {}})).await;
    world.works("list_watchlists", json!({})).await;
    world
        .works(
            "list_stock_responses",
            json!({"search": "refund", "include_content": true}),
        )
        .await;
    for kind in ["resolution-categories", "interventions", "escalations"] {
        world.works("list_workflow", json!({"kind": kind})).await;
    }
}

#[tokio::test]
async fn messages_across_tickets_page_by_page() {
    let world = World::start().await;
    let first = world
        .works(
            "query_responses",
            json!({"limit": 3, "metadata_only": true}),
        )
        .await;
    assert_eq!(first["responses"].as_array().unwrap().len(), 3);
    let cursor = first["next_cursor"].clone();
    let second = world
        .works(
            "query_responses",
            json!({"limit": 3, "metadata_only": true, "cursor": cursor}),
        )
        .await;
    assert_ne!(first["responses"][0], second["responses"][0]);
    let count = world
        .works("query_responses", json!({"count_only": true}))
        .await;
    assert!(count["count"].as_u64() > Some(300), "{count:?}");
    let last = world
        .works("query_responses", json!({"ticket_number": ["709383"]}))
        .await;
    assert!(!last.contains_key("next_cursor"), "{last:?}");
}

#[tokio::test]
async fn what_the_token_may_do() {
    let world = World::start().await;
    let info = world.works("get_token_info", json!({})).await;
    assert_eq!(
        info["reach"]["tickets"],
        json!({"read": "12 of 12", "write": "18 of 18"})
    );
    let info = world
        .call_as("sandbox-agent", "get_token_info", json!({}))
        .await
        .unwrap();
    assert_eq!(info["reach"]["mail"]["write"], "0 of 9");
}

#[tokio::test]
async fn the_whole_api_is_listed() {
    let world = World::start().await;
    world.sandbox.clear_log();
    let all = world.works("list_endpoints", json!({})).await;
    assert_eq!(all["count"], 155);
    let one = world
        .works(
            "list_endpoints",
            json!({"family": "tickets", "action": "delete", "schema": true}),
        )
        .await;
    let row = object(one["endpoints"][0].clone());
    assert_eq!(row["effect"], "write");
    assert_eq!(row["abilities"], json!(["tickets:write"]));
    assert!(
        row["payload"]["properties"]["dry_run"].is_object(),
        "{row:?}"
    );
    assert!(
        row["reversal"]
            .as_str()
            .unwrap()
            .contains("tickets.restore"),
        "{row:?}"
    );
    assert_eq!(
        world.sandbox.log().len(),
        0,
        "list_endpoints called something"
    );
}

#[tokio::test]
async fn unknown_fields_reach_the_back_end_and_ids_leave_as_numbers() {
    let world = World::start().await;
    let payload = json!({"ticket_id": "13", "from_email": "marcus@trailblazers-club.example", "content": "<p>x</p>", "colour": "red"});
    let answer = world.endpoint("tickets.respond", payload).await.unwrap();
    assert_eq!(answer["ignored_params"], json!(["colour"]), "{answer}");
    assert_eq!(answer["ticket_id"], 13);
}

#[tokio::test]
async fn several_installs_take_an_instance() {
    let world = World::start().await;
    let base = world.sandbox.base_url();
    let two = instances(&["live", "test"], &base, "sandbox-admin");
    let registry = mcp_tools::Registry::new(vec![mcp_tools::tickiti::module(&two)]).unwrap();
    let call = |arguments: Value| {
        let backends =
            mcp_tools::Backends::new().with(mcp_tools::tickiti::Tickiti::new(two.clone()));
        registry.call(
            "list_queues",
            mcp_tools::Context::new("test", backends),
            object(arguments),
        )
    };
    call(json!({"instance": "test"})).await.unwrap();
    let error = call(json!({"instance": "tset"})).await.unwrap_err();
    assert!(error.text().contains("did you mean `test`"), "{error}");
}

/// Arguments with which each tool calls its endpoint.
fn everyday(tool: &str) -> Value {
    match tool {
        "create_ticket" => json!({
            "originator_email_address": "marcus@trailblazers-club.example", "subject": "S", "content": "<p>C</p>",
        }),
        "respond_to_ticket" => json!({
            "ticket_number": "709383", "from_email": "marcus@trailblazers-club.example", "content": "<p>C</p>",
        }),
        "get_ticket" | "list_responses" => json!({"ticket_number": "709383"}),
        "list_workflow" => json!({"kind": "escalations"}),
        "run_report" => json!({"report": "meta"}),
        "tickiti_call" => json!({"family": "mail", "action": "subjects.index"}),
        _ => json!({}),
    }
}

#[tokio::test]
async fn whatever_a_success_looks_like_the_result_fits_its_schema() {
    let world = World::start().await;
    let odd = [
        "",
        "null",
        "{}",
        "[]",
        "[1, null]",
        "7",
        r#"{"ok": true}"#,
        r#"{"ok": true, "data": null}"#,
        r#"{"ok": true, "data": [1]}"#,
        r#"{"ok": true, "data": {"ticket_number": null, "queue": {"id": 1}, "rerouted": 1, "tag_warnings": {}}}"#,
        r#"{"ok": true, "data": {"ticket_id": null, "response_id": [], "reopened": "perhaps"}}"#,
        r#"{"ok": true, "data": {"ticket": [], "responses": {"1": {}}, "next_cursor": 5, "count": "7", "groups": {}}}"#,
        r#"{"queues": {"1": {}}, "watchlists": null, "perspectives": "x", "stock_responses": [1]}"#,
        r#"{"tickets": [1, {"id": 2}]}"#,
    ];
    for body in odd {
        world.sandbox.clear_faults();
        world.sandbox.add_fault(Fault::on(
            "*",
            FaultKind::Status {
                status: 200,
                body: body.to_owned(),
                content_type: "application/json".to_owned(),
                retry_after: None,
            },
        ));
        for tool in world.registry.iter() {
            let Ok(answer) = world.call(tool.name(), everyday(tool.name())).await else {
                continue;
            };
            let schema = Value::Object(tool.spec().output.clone());
            let value = Value::Object(answer);
            assert!(
                jsonschema::is_valid(&schema, &value),
                "{} for {body}: {value}",
                tool.name()
            );
        }
    }
}

#[tokio::test]
async fn inputs_of_older_servers_are_taken() {
    let world = World::start().await;
    let inside = json!({
        "originator_email_address": "marcus@trailblazers-club.example", "subject": "S", "content": "<p>C</p>",
        "data": {"queue_name": "Sales"},
    });
    let opened = world.works("create_ticket", inside).await;
    assert_eq!(opened["queue"], "Sales", "{opened:?}");
    for tool in [
        "list_watchlists",
        "list_perspectives",
        "list_stock_responses",
        "list_queues",
    ] {
        world.works(tool, json!({"filters": {}})).await;
    }
    let as_number = json!({"ticket_number": 709_383});
    world.works("get_ticket", as_number).await;
}
