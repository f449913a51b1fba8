//! Opens a ticket of Envia's back office when its rules allow it, and adds two files side by side.

use envia_client::{
    Catalogs, Client,
    api::{
        shipments,
        tickets::{Create, List, Upload},
    },
    rules::Known,
    types::{CompanyId, FileContent, FileType, ShipmentRef},
};
use futures_util::future;
use sandbox::envia::Envia as Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let office = Sandbox::builder().start().await?;
    let client = Client::builder(office.base_url(), "sandbox-bot").build()?;
    let catalogs = Catalogs::new(client.clone());
    let company = CompanyId::new(4410);
    let tracking = "TST0001112239";

    let existing = List {
        tracking_number: Some(tracking.to_owned()),
        ticket_type: Some("damaged".to_owned()),
        ..List::default()
    };
    let existing = client.send(&existing).await?;
    println!("tickets of that kind so far: {}", existing.rows.len());

    let guide = ShipmentRef::Tracking(tracking.to_owned());
    let shipment = client.send(&shipments::Show::new(guide)).await?;
    let (types, names) = (
        catalogs.ticket_types().await?,
        catalogs.shipment_statuses().await?,
    );
    let known = Known {
        shipment: Some(&shipment),
        status_names: Some(&names.value),
    };
    let mut draft = Create::new(company, 5, "Caja golpeada, contenido roto");
    draft.tracking_number = Some(tracking.to_owned());
    draft.shipment_id = shipment.id();
    draft.amount = Some("1450.50".parse()?);
    let verdict = types.value.check(&draft, &known);
    if !verdict.is_allowed() {
        for violation in &verdict.violations {
            println!("not allowed: {violation}");
        }
        return Ok(());
    }
    let opened = client.send(&draft).await?;
    println!("opened {}", opened.ticket_id);

    let photo = |name: &str, content: &'static [u8]| Upload {
        ticket_id: opened.ticket_id,
        company_id: company,
        name: name.to_owned(),
        content_base64: FileContent::new(content),
        content_type: FileType::Jpeg,
        description: None,
    };
    let files = [
        photo("outside.jpg", b"\xff\xd8\xff\xe0 outside"),
        photo("inside.jpg", b"\xff\xd8\xff\xe0 inside"),
    ];
    for (file, outcome) in files
        .iter()
        .zip(future::join_all(files.iter().map(|file| client.send(file))).await)
    {
        match outcome {
            Ok(stored) => println!(
                "{}: {}",
                file.name,
                stored.url.as_deref().unwrap_or("stored")
            ),
            // The ticket stays; only this file has to be sent again.
            Err(error) => println!("{}: {error}", file.name),
        }
    }
    Ok(())
}
