//! The part of the session that Envia's back office answers.

use std::time::Instant;

use serde_json::{Value, json};

use super::{
    DemoError, Server, chosen,
    screen::{Fields, Screen, plain, table},
};

const COMPANY: u64 = 4410;
/// A shipment that was delivered, and one that was only created.
const DELIVERED: &str = "TST0001112231";
const CREATED: &str = "TST0001112225";
/// Types of the demo data.
const DAMAGED: u64 = 5;
const WRONG_DELIVERY: u64 = 6;
const BLOCKED: u64 = 10;
/// A ticket of the demo data that claims more than its type allows.
const ABOVE_LIMIT: u64 = 58_215;
/// An image of one point.
const PHOTO: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
/// Rows of the list of types that are shown.
const SHOWN: usize = 4;

pub(super) async fn types(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step(
        "A shop that ships with Envia: the vase arrived broken. Which kind of ticket is that?",
    );
    let (result, took) = server
        .call(screen, "envia_get_ticket_types", &json!({}))
        .await?;
    let columns = ["id", "name", "use_case"];
    let types = rows(result.get("types"), &columns);
    let (shown, rest) = types.split_at(SHOWN.min(types.len()));
    let mut lines = table(&columns, shown);
    lines.push(format!("and {} more", rest.len()));
    screen.answer_lines(&lines, took);
    Ok(())
}

pub(super) async fn requirements(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("What does a ticket of that type need?");
    let (result, took) = server
        .call(
            screen,
            "envia_get_ticket_types",
            &json!({"type_id": DAMAGED}),
        )
        .await?;
    let mut fields = chosen(&result, &["requires", "amount_limit_mxn"]);
    fields.push(joined(
        "shipment is",
        result.get("eligible_shipment_statuses"),
        "name",
    ));
    fields.push(joined(
        "may be given",
        result.get("optional_variables"),
        "name",
    ));
    fields.push(joined("files", result.get("required_files"), "name"));
    let notes = result.get("agent_notes").and_then(Value::as_array);
    let notes: Vec<String> = notes.into_iter().flatten().map(plain).collect();
    fields.push(("notes to obey".to_owned(), notes.join(" ")));
    screen.answer(&fields, took);
    Ok(())
}

pub(super) async fn look(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("Is there a ticket for this shipment already?");
    let (result, took) = server
        .call(
            screen,
            "envia_list_tickets",
            &json!({"tracking_number": DELIVERED}),
        )
        .await?;
    screen.answer(&chosen(&result, &["total"]), took);
    Ok(())
}

pub(super) async fn open(screen: &mut Screen, server: &Server) -> Result<String, DemoError> {
    screen.step("There is none: it is opened, with two photos");
    let photo =
        |name: &str| json!({"name": name, "content_base64": PHOTO, "content_type": "image/png"});
    let (result, took) = server
        .call(
            screen,
            "envia_create_ticket",
            &json!({
                "company_id": COMPANY,
                "type": DAMAGED,
                "comments": "The box is dented, the vase inside is broken",
                "tracking_number": DELIVERED,
                "amount": 900,
                "files": [photo("box.png"), photo("vase.png")],
            }),
        )
        .await?;
    let mut fields = chosen(&result, &["ticket_id", "shipment_id"]);
    fields.push(joined("files", result.get("files"), "url"));
    screen.answer(&fields, took);
    let id = result.get("ticket_id").map(plain);
    id.ok_or(DemoError::Missing("ticket_id"))
}

pub(super) async fn refusals(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen
        .step("What the rules forbid is refused, with all reasons at once, and nothing is opened");
    for arguments in [
        json!({"company_id": COMPANY, "type": BLOCKED, "comments": "A package is missing"}),
        json!({
            "company_id": COMPANY,
            "type": WRONG_DELIVERY,
            "comments": "It went to another house",
            "tracking_number": CREATED,
            "variables": {"package_features": "a brown box"},
        }),
    ] {
        server
            .refused(screen, "envia_create_ticket", &arguments)
            .await?;
    }
    Ok(())
}

pub(super) async fn claim(screen: &mut Screen, server: &Server, id: &str) -> Result<(), DemoError> {
    screen
        .step("The ticket moves on to a claim; another claims more than an assistant may pass on");
    let change =
        |id: &str| json!({"ticket_id": id, "status_id": 10, "comment": "Photos show the damage"});
    let (result, took) = server
        .call(screen, "envia_update_ticket", &change(id))
        .await?;
    screen.answer(&chosen(&result, &["status", "comment_added"]), took);
    let above = ABOVE_LIMIT.to_string();
    server
        .refused(screen, "envia_update_ticket", &change(&above))
        .await
}

pub(super) async fn statuses(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    const URI: &str = "tickets://statuses";
    screen.step("Resources hold what does not change");
    screen.call(&format!("resources/read {URI}"));
    let started = Instant::now();
    let statuses = server.client.read(URI).await?;
    let took = started.elapsed();
    let needs = |row: &&Value| row.get("requires_comment") == Some(&Value::Bool(true));
    let all: Vec<&Value> = statuses.as_array().into_iter().flatten().collect();
    let labels = |rows: Vec<&Value>| -> String {
        let labels = rows
            .into_iter()
            .filter_map(|row| row.get("label").map(plain));
        labels.collect::<Vec<_>>().join(", ")
    };
    let with = all.iter().copied().filter(needs).collect();
    let without = all.iter().copied().filter(|row| !needs(row)).collect();
    let fields: Fields = vec![
        ("with a comment".to_owned(), labels(with)),
        ("without".to_owned(), labels(without)),
    ];
    screen.answer(&fields, took);
    Ok(())
}

/// What the server's calls left in the back office.
pub(super) fn activity(screen: &mut Screen, log: &[Value]) {
    screen.step("Each call has left one record in the activity log of the back office");
    let columns = ["tool_name", "status", "execution_time_ms"];
    let rows: Vec<Vec<String>> = log.iter().map(|row| cells(row, &columns)).collect();
    screen.lines("log", &table(&["tool", "outcome", "ms"], &rows));
}

fn rows(list: Option<&Value>, columns: &[&str]) -> Vec<Vec<String>> {
    let rows = list.and_then(Value::as_array).into_iter().flatten();
    rows.map(|row| cells(row, columns)).collect()
}

fn cells(row: &Value, columns: &[&str]) -> Vec<String> {
    let cell = |name: &&str| row.get(*name).map(plain).unwrap_or_default();
    columns.iter().map(cell).collect()
}

/// One member of every row, as a field.
fn joined(label: &str, list: Option<&Value>, member: &str) -> (String, String) {
    let members: Vec<String> = rows(list, &[member]).into_iter().flatten().collect();
    (label.to_owned(), members.join(", "))
}
