//! Demo templates and FAQs.

use serde_json::json;

use super::{LIST, blank, insert};
use crate::tickiti::model::State;
use crate::tickiti::rows::object;

/// Type, identifier, subject, content.
const TEMPLATES: &[(&str, &str, &str, &str)] = &[
    (
        "email",
        "order_delay",
        "Order {{order_no}} is late",
        "<p>Hello,</p><p>your order {{order_no}} leaves us later than we said. We are sorry.</p>",
    ),
    (
        "email",
        "pedido_retrasado",
        "El pedido {{order_no}} se retrasa",
        "<p>Hola:</p><p>su pedido {{order_no}} saldrá más tarde de lo previsto. Lo sentimos.</p>",
    ),
    (
        "email",
        "refund_done",
        "Your refund of {{amount}}",
        "<p>We have paid back {{amount}} for ticket {{ticket_number}}.</p>",
    ),
    (
        "notification",
        "ticket_received",
        "[{{ticket_number}}] {{subject}}",
        "<p>We have received your message and answer within one working day.</p>",
    ),
    (
        "notification",
        "ticket_closed",
        "[{{ticket_number}}] Closed: {{subject}}",
        "<p>We have closed your ticket. Answer this mail to open it again.</p>",
    ),
    (
        "intervention",
        "refund_request.private",
        "Refund of {{amount}} {{currency}}",
        "<p>Please check the refund of {{amount}} {{currency}} and submit it.</p>",
    ),
    (
        "intervention",
        "refund_request.public",
        "Your refund request",
        "<p>We are looking at your refund request.</p>",
    ),
    (
        "intervention",
        "refund_request.final",
        "Your refund is on its way",
        "<p>We have paid back {{amount}} {{currency}}.</p>",
    ),
    (
        "faq",
        "",
        "When does my parcel arrive?",
        "<p>Two to four working days after the order, Saturdays not counted.</p>",
    ),
    (
        "faq",
        "",
        "How do I send something back?",
        "<p>Print the label from your account and hand the box in at any pick-up point.</p>",
    ),
    (
        "faq",
        "",
        "¿Cómo pido una factura?",
        "<p>Responda al correo del pedido con su NIF y se la enviamos.</p>",
    ),
];

/// Adds them.
pub(in crate::tickiti) fn seed(state: &mut State) {
    for (ordinal, (kind, identifier, subject, content)) in TEMPLATES.iter().enumerate() {
        let mut row = blank();
        row.extend(object(json!({
            "type": kind,
            "identifier": identifier,
            "subject": subject,
            "content": content,
            "ordinal": ordinal,
        })));
        let id = insert(state, LIST.table, row);
        if let (true, Ok(row)) = (identifier.is_empty(), LIST.row_mut(state, Some(id))) {
            row.insert("identifier".to_owned(), json!(format!("faq-{id}")));
        }
    }
}
