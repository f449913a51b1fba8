//! The part of the session that Tickiti answers.

use serde_json::{Value, json};

use super::{
    DemoError, Server, chosen,
    screen::{Screen, plain, table},
};

const CUSTOMER: &str = "marcus@trailblazers-club.example";
const STAFF: &str = "eva@shop.example";

pub(super) async fn open(screen: &mut Screen, server: &Server) -> Result<String, DemoError> {
    screen.step("A customer writes: the carbon plate of his shoe has cracked");
    let (result, took) = server
        .call(screen, "tickiti_create_ticket", &json!({
            "originator_email_address": CUSTOMER,
            "queue_name": "Sales",
            "subject": "Carbon plate cracked after 60 km",
            "content": "<p>The plate of my left shoe cracked on the third run. Can I have a replacement?</p>",
        }))
        .await?;
    screen.answer(&chosen(&result, &["ticket_number", "queue"]), took);
    let number = result.get("ticket_number").map(plain);
    number.ok_or(DemoError::Missing("ticket_number"))
}

pub(super) async fn answer(
    screen: &mut Screen,
    server: &Server,
    number: &str,
) -> Result<(), DemoError> {
    screen.step("The assistant answers him");
    let (result, took) = server
        .call(screen, "tickiti_respond_to_ticket", &json!({
            "ticket_number": number,
            "from_email": STAFF,
            "content": "<p>Sorry about that, Marcus. A new pair leaves today; keep the old one for the courier.</p>",
        }))
        .await?;
    screen.answer(&chosen(&result, &["ticket_id", "response_id"]), took);
    Ok(())
}

pub(super) async fn find(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("The assistant looks for it, as anybody in the team would");
    let (result, took) = server
        .call(
            screen,
            "tickiti_query_tickets",
            &json!({
                "search_object": {"criteria": [{"mode": "raised", "tokens": [CUSTOMER]}]},
                "row_limit": 3,
            }),
        )
        .await?;
    let columns = ["number", "subject", "queue_name", "status"];
    let rows: Vec<Vec<String>> = result
        .get("tickets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|row| {
            columns
                .iter()
                .map(|name| row.get(*name).map(plain).unwrap_or_default())
                .collect()
        })
        .collect();
    screen.answer_lines(&table(&columns, &rows), took);
    Ok(())
}

pub(super) async fn report(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("How busy was May?");
    let (result, took) = server
        .call(
            screen,
            "tickiti_run_report",
            &json!({
                "report": "volumes",
                "date_from": "2026-05-01",
                "date_to": "2026-05-31",
                "group_by": "week",
            }),
        )
        .await?;
    let columns = ["created", "closed", "responses"];
    let line = |label: String, row: &Value| -> Vec<String> {
        let counts = columns
            .iter()
            .map(|name| row.get(*name).map(plain).unwrap_or_default());
        std::iter::once(label).chain(counts).collect()
    };
    let weeks = result
        .get("rows")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut rows: Vec<Vec<String>> = weeks
        .map(|week| line(week.get("period").map(plain).unwrap_or_default(), week))
        .collect();
    if let Some(totals) = result.get("totals") {
        rows.push(line("May".to_owned(), totals));
    }
    screen.answer_lines(
        &table(&["week", "created", "closed", "responses"], &rows),
        took,
    );
    Ok(())
}

pub(super) async fn mistakes(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("A call with mistakes is refused, all of them at once, before anything is sent");
    let arguments = json!({
        "originator_email_address": "marcus",
        "queue": "Sales",
        "subject": "Laces",
        "content": "<p>Too short.</p>",
        "priority": "Urgnt",
    });
    server
        .refused(screen, "tickiti_create_ticket", &arguments)
        .await
}

pub(super) async fn forbidden(screen: &mut Screen, server: &Server) -> Result<(), DemoError> {
    screen.step("A token that may only read tries to write");
    let arguments = json!({
        "originator_email_address": CUSTOMER,
        "subject": "One more pair",
        "content": "<p>The same again, please.</p>",
    });
    server
        .refused(screen, "tickiti_create_ticket", &arguments)
        .await
}
