//! Demo rows of the workflow family.

use serde_json::json;

use super::{escalations, interventions};
use crate::tickiti::model::State;
use crate::tickiti::rows::{object, queue_name, settings};

/// Adds escalations, business hours and interventions.
pub(in crate::tickiti) fn seed(state: &mut State) {
    escalations::LIST.seed(
        state,
        json!([
            {"minutes": 60, "action": "notify", "email": null},
            {"minutes": 480, "action": "email", "email": "lead@shop.example"},
        ]),
    );
    settings(state, escalations::BUSINESS_HOURS).extend(object(json!({
        "mode": "simple",
        "mon_enabled": true,
        "tue_enabled": true,
        "wed_enabled": true,
        "thu_enabled": true,
        "fri_enabled": true,
        "sat_enabled": false,
        "sun_enabled": false,
        "simple_start": 540,
        "simple_end": 1020,
    })));
    let queue = queue_name(state, 4);
    interventions::LIST.seed(
        state,
        json!([
            {
                "name": "refund_request", "title": "Refund request", "queue_name": queue,
                "notify_inbox_managers": true, "create_urgent": false,
                "remote_timeout_seconds": 10, "remote_enabled": true,
                "remote_name": "shop back office",
                "fields": [
                    {"type": "text", "name": "amount", "label": "Amount"},
                    {"type": "text", "name": "currency", "label": "Currency"},
                ],
            },
            {
                "name": "address_change", "title": "Cambio de dirección", "queue_name": queue,
                "notify_inbox_managers": false, "create_urgent": true,
                "remote_timeout_seconds": 10, "remote_enabled": false, "remote_name": null,
                "fields": [{"type": "text", "name": "address", "label": "Dirección"}],
            },
        ]),
    );
}
