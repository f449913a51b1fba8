//! What the rules pass, a back end that holds tickets against the same rules takes; what they refuse, it refuses.
//!
//! The double's reading of the rules is its own, so this finds where the two differ.

use std::fmt::Debug;

use envia_client::{
    Client,
    api::{
        activity_log::Create as Log,
        catalog::TicketTypes,
        shipments::{Shipment, Show},
        tickets::{self, Create, Update},
    },
    rules::{Catalog, Change, Known},
    statuses::TicketStatus,
    types::{ActivityStatus, Amount, ShipmentRef},
};
use sandbox::envia::{Envia, Switches};
use serde_json::{Map, Value, json};

/// Numbers without pattern, the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize
    }

    /// One of the usual, or now and then one of the odd.
    fn odd<T: Clone + Debug>(&mut self, usual: &[T], odd: &[T]) -> T {
        let of = if self.roll().is_multiple_of(8) {
            odd
        } else {
            usual
        };
        self.one(of)
    }

    fn one<T: Clone + Debug>(&mut self, of: &[T]) -> T {
        of[self.roll() % of.len()].clone()
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn start() -> (Envia, Client) {
    let mut switches = Switches::default();
    switches.enforce_rules = true;
    let back_end = Envia::builder().switches(switches).without_tickets();
    let back_end = back_end.start().await.unwrap();
    let client = Client::builder(back_end.base_url(), "sandbox-bot").build();
    (back_end, client.unwrap())
}

fn rules(dice: &mut Dice) -> Value {
    let context = json!({
        "use_case": "any",
        "is_blocked": dice.odd(&[false], &[true]),
        "requires_guide": dice.one(&[false, false, true]),
        "requires_credit_id": dice.one(&[false, false, false, true]),
    });
    let overcharge = |operator: &str, value: &str| json!([{"type": "default", "field": "overcharge_applied", "operator": operator, "value": value}]);
    let with = |key: &str, value: Value| {
        let mut list = overcharge("==", "1");
        list[0][key] = value;
        list
    };
    let rules = json!({
        "reference": dice.odd(
            &["", "", "guide", "guide", "credit", "legal"].map(Value::from),
            &[json!(null), json!("Guide"), json!("\"CREDIT\""), json!(["guide"])],
        ),
        "inputs": dice.odd(
            &[
                json!([]),
                json!([]),
                json!([{"name": "bank", "required": true}, {"name": "days", "type": "number"}]),
                json!([{"name": "amount", "required": true}, {"name": "undefined", "required": true}]),
            ],
            &[json!([{"name": " bank ", "required": true}]), json!(["bank"])],
        ),
        "conditions": {
            "avaliable_status": dice.one(&[json!([]), json!([]), json!([3]), json!([3, 11, 13])]),
            "validations": dice.odd(
                &[
                    json!([]),
                    json!([]),
                    overcharge("==", "1"),
                    overcharge("!=", "1"),
                    with("field", json!("overcharge_cost")),
                    json!([{"type": "default", "field": "overcharge_cost", "operator": ">=", "value": "100"}]),
                    json!([{"field": "overcharge_applied", "operator": "==", "value": "1"}]),
                ],
                &[
                    overcharge("~", "1"),
                    overcharge("== ", "1"),
                    with("type", json!("remote")),
                    with("type", json!(null)),
                    with("field", json!(" overcharge_applied")),
                ],
            ),
        },
        "mcp_context": dice.odd(
            std::slice::from_ref(&context),
            &[context.to_string().into(), Value::Null, json!([]), json!("no context")],
        ),
    });
    match dice.one(&[0, 0, 1, 2]) {
        0 => rules,
        1 => rules.to_string().into(),
        _ => dice.one(&[rules, json!(null), json!("{reference")]),
    }
}

fn shipment(dice: &mut Dice, number: &str) -> Value {
    json!({
        "company_id": 4410, "tracking_number": number,
        "status_id": dice.one(&[1, 2, 3, 3, 11, 13]),
        "overcharge_applied": dice.one(&[json!(0), json!(1), json!("1"), json!(true), json!(null)]),
        "overcharge_cost": dice.one(&[json!(99.5), json!(100), json!("250.00"), json!(null)]),
    })
}

fn draft(dice: &mut Dice, type_id: u64, shipment_id: u64, number: &str) -> Create {
    let mut draft = Create::new(4410, type_id, "roto");
    draft.shipment_id = dice
        .one(&[None, Some(shipment_id), Some(shipment_id)])
        .map(Into::into);
    let none: Option<&str> = None;
    let numbers = [
        none,
        none,
        none,
        Some(number),
        Some(number),
        Some(number),
        Some("NO-SUCH"),
    ];
    draft.tracking_number = dice.one(&numbers).map(str::to_owned);
    draft.credit_id = dice.one(&[None, Some(8), Some(9)]).map(Into::into);
    draft.amount = dice
        .one(&[None, Some(180.5), Some(5.0)])
        .map(|n| Amount::new(n).unwrap());
    draft.variables = object(dice.one(&[
        json!({}),
        json!({"bank": "x"}),
        json!({"bank": ""}),
        json!({"bank": null}),
        json!({"bank": 0, "days": 3.0}),
    ]));
    draft
}

/// As a careful caller does: the shipment is looked up where the rules want it.
async fn look_up(client: &Client, catalog: &Catalog, draft: &Create) -> Option<Shipment> {
    let rules = catalog.get(draft.type_id)?;
    let number = draft.tracking_number.clone().map(ShipmentRef::Tracking);
    let shipment = draft.shipment_id.map(ShipmentRef::Id).or(number)?;
    if !rules.needs_shipment() {
        return None;
    }
    client.send(&Show::new(shipment)).await.ok()
}

#[tokio::test]
async fn drafts() {
    let (back_end, client) = start().await;
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut passed, mut refused) = (0, 0);
    for case in 0..1200_u64 {
        let (type_id, shipment_id, number) = (1000 + case, 500_000 + case, format!("PRT{case}"));
        let rules = rules(&mut dice);
        let active = dice.odd(
            &[json!(1)],
            &[
                true.into(),
                "1".into(),
                "true".into(),
                json!(null),
                0.into(),
                "no".into(),
                2.into(),
            ],
        );
        let row = json!({"name": "any", "description": "Any", "active": active, "rules": rules});
        back_end.put_ticket_type(type_id, object(row.clone()));
        back_end.put_shipment(shipment_id, object(shipment(&mut dice, &number)));
        let draft = draft(&mut dice, type_id, shipment_id, &number);

        let mut row = row;
        row["id"] = json!(type_id);
        let catalog = Catalog::new([serde_json::from_value(row).unwrap()]);
        let shipment = look_up(&client, &catalog, &draft).await;
        let known = Known {
            shipment: shipment.as_ref(),
            status_names: None,
        };
        let verdict = catalog.check(&draft, &known);
        let sent = client.send(&draft).await;
        assert_eq!(
            verdict.is_allowed(),
            sent.is_ok(),
            "case {case}: {rules}\n{draft:?}\n{shipment:?}\n{verdict:?}\n{sent:?}"
        );
        if sent.is_ok() {
            passed += 1;
        } else {
            refused += 1;
        }
    }
    assert!(
        passed > 40 && refused > 40,
        "{passed} passed, {refused} refused"
    );
}

#[tokio::test]
async fn changes() {
    let (back_end, client) = start().await;
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for (id, limit) in [
        (1000, json!(null)),
        (1001, json!(100)),
        (1002, json!("180.50")),
    ] {
        let rules = json!({"mcp_context": {"use_case": "any", "amount_limit_mxn": limit}});
        let row = json!({"name": format!("any_{id}"), "active": 1, "rules": rules});
        back_end.put_ticket_type(id, object(row));
    }
    let catalog = Catalog::new(client.send(&TicketTypes::default()).await.unwrap().rows);
    let (mut passed, mut refused) = (0, 0);
    for case in 0..200 {
        let mut draft = Create::new(4410, dice.one(&[1000, 1001, 1002]), "roto");
        let amounts = [
            json!({}),
            json!({"amount": 100}),
            json!({"amount": "180.5"}),
            json!({"amount": 181}),
            json!({"amount": "mucho"}),
            json!({"amount": -1}),
        ];
        draft.variables = object(dice.one(&amounts));
        let ticket_id = client.send(&draft).await.unwrap().ticket_id;
        let mut update = Update::new(ticket_id);
        update.status_id = Some(dice.one(&TicketStatus::ALL)).filter(|_| case % 2 == 0);
        update.status_id = update.status_id.or(Some(TicketStatus::ClaimInReview));
        update.comment = dice
            .one(&[None, Some("porque sí"), Some("visto"), Some("\u{200b} ")])
            .map(str::to_owned);
        update.new_ticket_type_id = dice
            .one(&[None, None, Some(1001), Some(10)])
            .map(Into::into);
        let ticket = client.send(&tickets::Show::new(ticket_id)).await.unwrap().0;
        let change = Change {
            ticket: Some(&ticket),
            ..Change::new(&update)
        };
        let found = change.check(&catalog);
        let sent = client.send(&update).await;
        assert_eq!(
            found.is_empty(),
            sent.is_ok(),
            "case {case}: {update:?}\n{ticket:?}\n{found:?}\n{sent:?}"
        );
        if sent.is_ok() {
            passed += 1;
        } else {
            refused += 1;
        }
    }
    assert!(
        passed > 20 && refused > 20,
        "{passed} passed, {refused} refused"
    );
}

/// The double prints what it has parsed by rules of its own before it verifies.
#[tokio::test]
async fn signatures_of_awkward_bodies() {
    let (back_end, client) = start().await;
    back_end.change_switches(|switches| switches.strict_signature = true);
    for params in [
        json!({"amount": 5.0, "rate": 180.5, "tiny": 1e-7, "small": 0.00001, "huge": 1e21, "big": u64::MAX}),
        json!({"b": {"z": 1, "a": 2}, "10": 1, "9": [1.0, {"2": 0, "1": -0.0}]}),
        json!({"text": "Peso cobrado de más / \u{1}\u{7f}\u{2028}\"\\\n\u{1F4E6}"}),
    ] {
        let mut log = Log::new("create_ticket", "ticketing", ActivityStatus::Denied);
        log.input_params = Some(object(params.clone()));
        let sent = client.send(&log).await;
        assert!(sent.is_ok(), "{params}: {sent:?}");
    }
    client.send(&TicketTypes::default()).await.unwrap();
}
