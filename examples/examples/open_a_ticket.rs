//! Opens a ticket, answers it, and shows that a lost answer does not make a second ticket.

use sandbox::tickiti::{Fault, FaultKind, Tickiti as Sandbox};
use tickiti_client::{Client, api::tickets, types::Email};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let install = Sandbox::builder().start().await?;
    // The install performs the first request and then drops the connection before it answers.
    install.add_fault(Fault::on("tickets.create", FaultKind::DropAfterEffect).times(1));

    let client = Client::builder(install.base_url(), "sandbox-agent").build()?;
    let customer: Email = "marcus@trailblazers-club.example".parse()?;
    let mut ticket = tickets::Create::new(
        customer.clone(),
        "Cracked carbon plate",
        "<p>It cracked on the first run.</p>",
    );
    ticket.queue_name = Some("Sales".to_owned());
    let opened = client.send(&ticket).await?;
    println!(
        "opened {} in {}",
        opened.ticket_number,
        opened.queue.as_deref().unwrap_or("a queue")
    );
    println!(
        "requests that arrived: {}, tickets opened: {}",
        install.log().len(),
        install.executions("tickets.create"),
    );

    let reply = tickets::Respond::reply(opened.ticket_number, customer, "<p>Any news?</p>");
    let posted = client.send(&reply).await?;
    if let Some(response) = posted.response_id {
        println!("answered with response {response}");
    }
    Ok(())
}
