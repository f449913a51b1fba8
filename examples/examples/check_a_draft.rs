//! Judges tickets by the rules of their type, without any server: the rules come from a file, a database, or the back office.

use envia_client::{
    api::{catalog::TicketType, shipments::Shipment, tickets::Create},
    rules::{Catalog, Known, StatusNames},
};
use serde_json::json;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalog = Catalog::new([
        TicketType::new(
            5.into(),
            "damaged",
            json!({
                "reference": "guide",
                "inputs": [{"name": "declared_value", "type": "number", "required": true, "label": "declared value"}],
                "conditions": {"avaliable_status": [3, 15]},
                "mcp_context": {"use_case": "the package arrived damaged", "amount_limit_mxn": 5000},
            }),
        ),
        TicketType::new(
            8.into(),
            "delay",
            json!({
                "reference": "guide",
                "conditions": {"avaliable_status": [2, 9]},
                "mcp_context": {"use_case": "the package does not move"},
            }),
        ),
        TicketType::new(22.into(), "rating", json!(null)),
    ]);
    let names = StatusNames::from_iter([(2, "Shipped".to_owned()), (3, "Delivered".to_owned())]);
    let shipment: Shipment = serde_json::from_value(
        json!({"id": 900127, "tracking_number": "TST0001112227", "status_id": 2}),
    )?;
    let known = Known {
        shipment: Some(&shipment),
        status_names: Some(&names),
    };

    let mut draft = Create::new(4410, 5, "the box was open");
    draft.tracking_number = Some("TST0001112227".to_owned());
    for type_id in [5, 8, 22] {
        draft.type_id = type_id.into();
        let verdict = catalog.check(&draft, &known);
        if verdict.is_allowed() {
            println!("type {type_id}: may be opened");
            continue;
        }
        println!("type {type_id}: refused");
        for violation in &verdict.violations {
            println!("  - {violation}");
        }
        for other in &verdict.alternatives {
            println!("  {} ({}) would take it", other.id, other.name);
        }
    }

    if let Some(rules) = catalog.get(5.into()) {
        let schema = rules.input_schema();
        println!("a form for type 5 can be built from {schema}");
    }
    Ok(())
}
