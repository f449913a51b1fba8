//! Demo rows of the settings.

use serde_json::{Value, json};

use super::{hashtags, perspectives, stock_responses, watchlists};
use crate::tickiti::model::State;
use crate::tickiti::rows::{first_admin, object, queue_name};
use crate::tickiti::templates::insert;

/// Adds hashtags, perspectives, stock responses and watchlists.
pub(in crate::tickiti) fn seed(state: &mut State) {
    seed_hashtags(state);
    seed_perspectives(state);
    seed_stock_responses(state);
    seed_watchlists(state);
}

/// Every tag that a ticket carries, and some that none does.
fn seed_hashtags(state: &mut State) {
    let on_tickets = state.tickets.values().flat_map(|ticket| &ticket.hashtags);
    let mut tags: Vec<String> = on_tickets
        .map(|tag| tag.trim_start_matches('#').to_lowercase())
        .collect();
    tags.extend(["refund", "damaged", "vip", "factura", "devolucion"].map(str::to_owned));
    tags.sort_unstable();
    tags.dedup();
    let rows = tags.iter().map(|tag| json!({"tag": tag})).collect();
    hashtags::LIST.seed(state, Value::Array(rows));
}

fn seed_perspectives(state: &mut State) {
    let admin = first_admin(state);
    let returns = queue_name(state, 4);
    let newest_first = json!([{"field": "updated_at", "ascending": false}]);
    let not_closed = json!({"field": "status", "operator": "is not", "value": "closed"});
    let rows = json!([
        {
            "name": "All", "description": "Every ticket in sight", "shared": true,
            "built_in": true, "owner_id": null, "conditions": [], "orders": newest_first,
        },
        {
            "name": "For my attention", "description": "Open tickets of mine, and of nobody",
            "shared": true, "built_in": true, "owner_id": null,
            "conditions": [{"field": "status", "operator": "is", "value": "open"}],
            "orders": [{"field": "priority", "ascending": false}],
        },
        {
            "name": "Urgent", "description": "High and urgent, not closed yet", "shared": true,
            "built_in": false, "owner_id": admin,
            "conditions": [
                not_closed, {"field": "priority", "operator": "is", "value": "40"},
            ],
            "orders": [{"field": "created_at", "ascending": true}],
        },
        {
            "name": returns, "description": "One queue, oldest first", "shared": true,
            "built_in": false, "owner_id": admin,
            "conditions": [
                not_closed, {"field": "queue", "operator": "is", "value": returns},
            ],
            "orders": [{"field": "created_at", "ascending": true}],
        },
        {
            "name": "Facturas", "description": "Asuntos que hablan de facturas", "shared": false,
            "built_in": false, "owner_id": admin,
            "conditions": [{"field": "subject", "operator": "contains", "value": "factura"}],
            "orders": newest_first,
        },
        {
            "name": "On hold", "description": "Waiting for a date", "shared": false,
            "built_in": false, "owner_id": admin,
            "conditions": [{"field": "status", "operator": "is", "value": "on-hold"}],
            "orders": newest_first,
        },
    ]);
    perspectives::LIST.seed(
        state,
        with(rows, &json!({"display_mode": "List", "show_in_crm": false})),
    );
}

fn seed_watchlists(state: &mut State) {
    let admin = first_admin(state);
    let open = state.tickets.values();
    let open = open.filter(|ticket| ticket.deleted_at.is_none() && ticket.status == "open");
    let ids: Vec<u64> = open.map(|ticket| ticket.id).take(12).collect();
    let (claims, rest) = ids.split_at(ids.len().min(5));
    let rows = json!([
        {
            "name": "Claims", "icon": "flag", "shared": true,
            "description": "Parcels that a carrier must answer for", "ticket_ids": claims,
        },
        {
            "name": "Grandes cuentas", "icon": "star", "shared": true,
            "description": "Clientes con contrato", "ticket_ids": rest,
        },
        {
            "name": "To read again", "icon": "clock", "shared": false,
            "description": "", "ticket_ids": [],
        },
    ]);
    let common = json!({"display_mode": "List", "owner_id": admin});
    watchlists::LIST.seed(state, with(rows, &common));
}

fn seed_stock_responses(state: &mut State) {
    let rows = [
        (
            "shipping.tracking",
            "Shipping",
            "Where is my parcel?",
            "tracking, where, parcel",
            "as_is",
            "<p>Your parcel is on its way. You can follow it with the number in our first mail.</p>",
        ),
        (
            "shipping.delay",
            "Shipping",
            "Your parcel is late",
            "delay, late",
            "compose",
            "<p>The carrier is late. We have asked them to speed up, and write again tomorrow.</p>",
        ),
        (
            "envios.seguimiento",
            "Envíos",
            "¿Dónde está mi paquete?",
            "seguimiento, paquete",
            "as_is",
            "<p>Su paquete está en camino. Puede seguirlo con el número de nuestro primer correo.</p>",
        ),
        (
            "envios.retraso",
            "Envíos",
            "Su paquete se retrasa",
            "retraso, tarde",
            "compose",
            "<p>El transportista lleva retraso. Le hemos reclamado y mañana le escribimos.</p>",
        ),
        (
            "refunds.policy",
            "Refunds",
            "How refunds work",
            "refund, money, policy",
            "as_is",
            "<p>We pay back within 14 days, the way you paid.</p>",
        ),
        (
            "refunds.done",
            "Refunds",
            "Your refund is done",
            "refund, done",
            "reference",
            "<p>We have paid the amount back. Your bank may need three days.</p>",
        ),
        (
            "devoluciones.pasos",
            "Devoluciones",
            "Cómo devolver un artículo",
            "devolución, etiqueta",
            "as_is",
            "<p>Imprima la etiqueta, cierre la caja y entréguela en cualquier punto de recogida.</p>",
        ),
        (
            "facturas.copia",
            "Facturas",
            "Copia de su factura",
            "factura, copia",
            "compose",
            "<p>Le adjuntamos una copia de la factura.</p>",
        ),
        (
            "internal.escalate",
            "Internal",
            "Handing over to the team lead",
            "escalate",
            "exclude",
            "<p>Please take over: the customer asked twice.</p>",
        ),
    ];
    for (place, (identifier, category, subject, keywords, relevance, content)) in
        rows.into_iter().enumerate()
    {
        let mut row = stock_responses::blank();
        row.extend(object(json!({
            "identifier": identifier,
            "category": category,
            "subject": subject,
            "keywords": keywords,
            "ai_relevance": relevance,
            "content": content,
            "use_count": 3 * place,
        })));
        insert(state, stock_responses::LIST.table, row);
    }
}

/// Rows with fields that all of them have.
fn with(rows: Value, common: &Value) -> Value {
    let Value::Array(mut rows) = rows else {
        return rows;
    };
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.extend(object(common.clone()));
    }
    Value::Array(rows)
}
