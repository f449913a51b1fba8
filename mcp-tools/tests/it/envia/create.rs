//! Creation step by step, in the order in which the steps must come.

use mcp_tools::ErrorKind::{Arguments, Conflict, Denied};
use sandbox::envia::{Envia as Sandbox, Fault, FaultKind};
use serde_json::{Value, json};

use super::{PNG, World, draft, file, merge};

const CREATE: &str = "create_ticket";

#[tokio::test]
async fn step_1_schema() {
    let world = World::start().await;
    for (row, wrong, says) in [
        (
            "nothing",
            json!({}),
            vec![
                "`company_id` is required",
                "`type` is required",
                "`comments` is required",
            ],
        ),
        (
            "empty comments",
            json!({"comments": ""}),
            vec!["`comments` must not be empty"],
        ),
        (
            "ids from 1",
            json!({"company_id": 0, "type": 0, "shipment_id": 0, "assigned_to_id": 0, "credit_id": 0}),
            vec![
                "`company_id` must",
                "`type` must",
                "`shipment_id` must",
                "`assigned_to_id` must",
                "`credit_id` must",
            ],
        ),
        (
            "an id that is a text",
            json!({"company_id": "Tienda"}),
            vec!["`company_id` must be a whole number"],
        ),
        (
            "an amount below zero",
            json!({"amount": -1}),
            vec!["`amount` must be at least 0"],
        ),
        (
            "an empty tracking number",
            json!({"tracking_number": ""}),
            vec!["`tracking_number` must not be empty"],
        ),
        (
            "variables in another form",
            json!({"variables": [1]}),
            vec!["`variables` must be an object"],
        ),
        (
            "files in another form",
            json!({"files": "foto.png"}),
            vec!["`files` must be a list"],
        ),
        (
            "a file without its parts",
            json!({"files": [{"name": "a.png"}]}),
            vec![
                "`files[0].content_base64` is required",
                "`files[0].content_type` is required",
            ],
        ),
        (
            "a file of another type",
            json!({"files": [{"name": "a.gif", "content_base64": PNG, "content_type": "image/gif"}]}),
            vec![
                "`files[0].content_type` must be one of `image/jpeg`, `image/png`, `application/pdf`",
            ],
        ),
    ] {
        // A blocked type: the form is judged before it.
        let mut arguments = if row == "nothing" {
            json!({})
        } else {
            draft(10, json!({}))
        };
        merge(&mut arguments, wrong);
        world.fails(CREATE, arguments, Arguments, &says).await;
    }
    assert!(world.asked().is_empty(), "{:?}", world.asked());
}

#[tokio::test]
async fn step_1_schema_takes_numbers_as_text() {
    let world = World::start().await;
    let texts = json!({"company_id": "4410", "type": "5", "comments": "Roto", "shipment_id": "900131", "amount": "180.50"});
    world.works(CREATE, texts).await;
    assert_eq!(
        world.body("tickets.create"),
        json!({"company_id": 4410, "type": 5, "comments": "Roto", "shipment_id": 900_131, "amount": 180.5,
            "data": "{\"amount\":180.5}"})
    );
}

#[tokio::test]
async fn step_2_type_before_any_other_check_or_call() {
    let world = World::start().await;
    let wrong = draft(
        10,
        json!({"tracking_number": "NONE", "files": [
        {"name": " ", "content_base64": "!", "content_type": "image/png"}]}),
    );
    world
        .fails(CREATE, wrong, Denied, &["1 rule is broken", "10 (blocked"])
        .await;
    assert_eq!(world.asked(), ["GET /catalog/ticket-types"]);
}

/// Steps 3 to 6 are judged together: one answer names all that must be mended.
#[tokio::test]
async fn steps_3_to_6_every_violation_at_once() {
    let world = World::start().await;
    world.put_type(
        41,
        "everything",
        json!({"reference": "credit", "inputs": [{"name": "color", "required": true, "label": "the color"}],
            "conditions": {"avaliable_status": [3], "validations": [
                {"type": "default", "field": "overcharge_applied", "operator": "==", "value": "1"}]},
            "mcp_context": {"requires_guide": true}}),
    );
    let wrong = draft(
        41,
        json!({"tracking_number": "TST0001112228", "colour": "red", "files": [file("a.png"),
        {"name": "b.png", "content_base64": "no base64", "content_type": "image/png"}]}),
    );
    let says = [
        "6 rules are broken",
        "nothing was changed",
        "`credit_id` is missing",
        "`variables.color` is missing",
        "ask for `the color`",
        "did you mean `color`?",
        "`files[1].content_base64`",
        "`shipment.status_id` is Shipped; allowed: Delivered",
        "`shipment.overcharge_applied` is 0; allowed: == 1",
    ];
    let text = world.fails(CREATE, wrong, Arguments, &says).await;
    assert!(
        !text.contains("Types that would take"),
        "no type takes a wrong file: {text}"
    );
    assert_eq!(
        world.asked(),
        [
            "GET /catalog/ticket-types",
            "GET /shipments/details/TST0001112228",
            "GET /catalog/shipment-statuses"
        ]
    );
}

/// The legal alternatives, where nothing but the rules of the chosen type stands against the draft.
#[tokio::test]
async fn types_that_would_take_the_same_draft() {
    let world = World::start().await;
    let says = [
        "Types that would take these arguments as they are",
        "- 4 `lost`: The package was lost on its way.",
    ];
    let on_its_way = draft(5, json!({"tracking_number": "TST0001112228"}));
    let text = world
        .fails(CREATE, on_its_way.clone(), Arguments, &says)
        .await;
    for (name, is_one) in [
        ("`delay`", true),
        ("`damaged`\n", false),
        ("`carrier`", false),
        ("`credit`", false),
        ("`theft`", false),
    ] {
        assert_eq!(text.contains(name), is_one, "{name} in: {text}");
    }
    // Each of them does.
    let told = text
        .lines()
        .skip_while(|line| !line.starts_with("Types that"))
        .skip(1);
    let ids = told.map(|line| {
        line.trim_start_matches("- ")
            .split(' ')
            .next()
            .unwrap()
            .parse::<u64>()
            .unwrap()
    });
    for id in ids {
        let mut other = on_its_way.clone();
        merge(&mut other, json!({"type": id, "dry_run": true}));
        world.works(CREATE, other).await;
    }
    for more in [
        json!({"tracking_number": "NONE1"}),
        json!({"colour": 1}),
        json!({"files": [{"name": " ", "content_base64": PNG, "content_type": "image/png"}]}),
    ] {
        let mut wrong = on_its_way.clone();
        merge(&mut wrong, more);
        let text = world.fails(CREATE, wrong, Arguments, &[]).await;
        assert!(!text.contains("Types that would take"), "{text}");
    }
}

#[tokio::test]
async fn step_5_files() {
    let world = World::start().await;
    let sound = json!({"payment_method_id": 3});
    let file = |name: &str, content: &str| json!({"name": name, "content_base64": content, "content_type": "application/pdf"});
    for (row, files, says) in [
        (
            "no base64",
            vec![file("a.pdf", "no base64!")],
            vec!["`files[0].content_base64` is not standard base64"],
        ),
        (
            "a data URL",
            vec![file("a.pdf", "data:application/pdf;base64,AAAA")],
            vec!["`files[0].content_base64` is not"],
        ),
        (
            "without padding",
            vec![file("a.pdf", "AAA")],
            vec!["`files[0].content_base64` is not"],
        ),
        (
            "a blank name",
            vec![file(" ", PNG)],
            vec!["`files[0].name` must not be blank"],
        ),
        (
            "an empty file",
            vec![file("a.pdf", "  ")],
            vec!["`files[0].content_base64` is an empty file"],
        ),
        (
            "two at once",
            vec![file("a.pdf", PNG), file(" ", "?")],
            vec!["2 rules", "`files[1].name`", "`files[1].content_base64`"],
        ),
    ] {
        let mut wrong = draft(9, sound.clone());
        wrong["files"] = files.into();
        let text = world.fails(CREATE, wrong, Arguments, &says).await;
        assert!(text.len() < 1_000, "{row}: {} bytes", text.len());
    }
    world.wrote_nothing();
}

#[tokio::test]
async fn step_6_lookup_then_step_7_post_then_step_8_uploads() {
    let world = World::start().await;
    let whole = draft(
        5,
        json!({"tracking_number": "TST0001112231", "amount": 1450, "assigned_to_id": 78,
        "files": [file("foto1.png"), file("foto2.png")]}),
    );
    let opened = world.works(CREATE, whole).await;
    assert_eq!(
        world.asked(),
        [
            "GET /catalog/ticket-types",
            "GET /shipments/details/TST0001112231",
            "POST /companies/tickets",
            "POST /companies/tickets/58231/files",
            "POST /companies/tickets/58231/files",
        ]
    );
    assert_eq!(
        world.body("tickets.create"),
        json!({"company_id": 4410, "type": 5, "comments": "Caja golpeada", "shipment_id": 900_131,
            "tracking_number": "TST0001112231", "amount": 1450, "assigned_to_id": 78, "data": "{\"amount\":1450}"})
    );
    let (ticket, files) = (&opened["ticket_id"], &opened["files"]);
    assert_eq!(
        (ticket, &opened["shipment_id"]),
        (&json!(58231), &json!(900_131))
    );
    assert_eq!(opened["tracking_number"], "TST0001112231");
    for (index, name) in ["foto1.png", "foto2.png"].into_iter().enumerate() {
        assert_eq!(
            (&files[index]["name"], &files[index]["ok"]),
            (&json!(name), &json!(true))
        );
        assert!(
            files[index]["url"]
                .as_str()
                .unwrap()
                .starts_with("https://files"),
            "{files}"
        );
    }
    let kept = world.sandbox.ticket(58231).unwrap();
    assert_eq!(
        (&kept["assigned_to_id"], &kept["ticket_variables"]),
        (&json!(78), &json!({"amount": 1450}))
    );
}

#[tokio::test]
async fn step_7_no_amount_check_at_creation() {
    let world = World::start().await;
    let above = draft(5, json!({"shipment_id": 900_131, "amount": 1_000_000}));
    let opened = world.works(CREATE, above).await;
    assert_eq!(opened["ticket_id"], 58231);
}

#[tokio::test]
async fn step_8_uploads_are_made_side_by_side() {
    let fault = Fault::on("tickets.upload", FaultKind::Delay { ms: 400 });
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let files: Vec<Value> = (1..=4).map(|n| file(&format!("foto{n}.png"))).collect();
    let four = draft(9, json!({"payment_method_id": 3, "files": files}));
    let opened = world.works(CREATE, four).await;
    let log = world.sandbox.log();
    let uploads = log
        .iter()
        .filter(|entry| entry.endpoint.as_deref() == Some("tickets.upload"));
    let arrived: Vec<u64> = uploads.map(|entry| entry.elapsed_ms).collect();
    assert_eq!(arrived.len(), 4);
    assert!(
        arrived[3] - arrived[0] < 400,
        "the last arrived before the first was answered: {arrived:?}"
    );
    let names: Vec<&Value> = opened["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(names, ["foto1.png", "foto2.png", "foto3.png", "foto4.png"]);
}

#[tokio::test]
async fn step_9_the_tool_itself_writes_no_record() {
    let world = World::start().await;
    world
        .works(CREATE, draft(9, json!({"payment_method_id": 3})))
        .await;
    assert_eq!(world.count("activity_log.create"), 0);
}

#[tokio::test]
async fn dry_run_reads_and_sends_nothing() {
    let world = World::start().await;
    let whole = draft(
        3,
        json!({"tracking_number": "TST0001112223", "dry_run": true, "files": [file("peso.png")]}),
    );
    let answer = world.works(CREATE, whole.clone()).await;
    assert_eq!(
        answer,
        json!({
            "dry_run": true,
            "would_send": {"method": "POST", "path": "companies/tickets", "body": {
                "company_id": 4410, "type": 3, "comments": "Caja golpeada", "shipment_id": 900_123,
                "tracking_number": "TST0001112223"}},
            "files": [{"name": "peso.png", "content_type": "image/png", "bytes": 8}],
        })
    );
    assert_eq!(
        world.asked(),
        [
            "GET /catalog/ticket-types",
            "GET /shipments/details/TST0001112223",
            "GET /companies/tickets?tracking_number=TST0001112223&ticket_type=overweight&start=0&length=100",
        ]
    );
    let twin = draft(
        3,
        json!({"tracking_number": "EJM0002220006", "dry_run": true}),
    );
    world
        .fails(CREATE, twin, Conflict, &["58217", "update_ticket"])
        .await;
    let mut wrong = whole;
    wrong["tracking_number"] = json!("TST0001112227");
    world.fails(CREATE, wrong, Arguments, &["Shipped"]).await;
    world.wrote_nothing();
}
