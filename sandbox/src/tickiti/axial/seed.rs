//! Demo skills.

use serde_json::{Value, json};

use super::{LIST, RESERVED};
use crate::tickiti::model::State;

/// Adds the reserved skill and some of the shop's own.
pub(in crate::tickiti) fn seed(state: &mut State) {
    let core_actions = json!([
        local(
            "search_knowledge",
            "Searches approved answers",
            "knowledge.search",
            0
        ),
        local("ticket_summary", "Sums the ticket up", "ticket.summary", 1),
        local(
            "ticket_history",
            "Lists the customer's tickets",
            "ticket.history",
            2
        ),
    ]);
    let refund_actions = json!([{
        "name": "lookup_order",
        "description": "Reads an order of the shop",
        "parameters": {
            "type": "object",
            "properties": {"order_no": {"type": "string"}},
            "required": ["order_no"],
        },
        "handler_type": "remote",
        "handler_ref": "orders.lookup",
        "permission": "staff",
        "requires_confirmation": false,
        "enabled": true,
        "ordinal": 0,
        "timeout_ms": 8_000,
        "prefetch": false,
    }]);
    LIST.seed(
        state,
        json!([
            {
                "key": RESERVED, "title": "Core", "description": "Always loaded",
                "instructions": "# Core\n\nAnswer in the customer's language. Never promise a date.",
                "triggers": "", "composition": "guided", "citation_set": [], "enabled": true,
                "ordinal": 0, "parent_key": null, "reserved": true, "actions": core_actions,
            },
            {
                "key": "billing.refund_request", "title": "Refund requests",
                "description": "The customer wants money back",
                "instructions": "# Refunds\n\n1. Look the order up.\n2. Cite the refund policy.",
                "triggers": "refund, money back, reembolso", "composition": "vetted",
                "citation_set": ["refunds.policy"], "enabled": true, "ordinal": 1,
                "parent_key": RESERVED, "reserved": false, "actions": refund_actions,
            },
            {
                "key": "shipping.where_is_it", "title": "Seguimiento de envíos",
                "description": "The customer asks where a parcel is",
                "instructions": "# Tracking\n\nGive the tracking link, in Spanish when asked in Spanish.",
                "triggers": "tracking, dónde está", "composition": "vetted",
                "citation_set": ["shipping.tracking", "envios.seguimiento"], "enabled": true,
                "ordinal": 2, "parent_key": RESERVED, "reserved": false, "actions": [],
            },
        ]),
    );
}

/// An action that a handler of the product serves.
fn local(name: &str, description: &str, handler: &str, ordinal: u64) -> Value {
    json!({
        "name": name,
        "description": description,
        "parameters": {"type": "object", "properties": {}},
        "handler_type": "local",
        "handler_ref": handler,
        "permission": "staff",
        "requires_confirmation": false,
        "enabled": true,
        "ordinal": ordinal,
        "prefetch": ordinal == 0,
    })
}
