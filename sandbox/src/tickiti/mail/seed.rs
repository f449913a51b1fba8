//! Demo rows of the mail family.

use serde_json::{Value, json};

use super::{EXCLUDED, SUBJECTS, mailboxes, record};
use crate::tickiti::clock::DAY;
use crate::tickiti::model::State;
use crate::tickiti::rows::demo_now;

/// Adds mailboxes (2 is the outgoing one), exclusions and sent mail.
pub(in crate::tickiti) fn seed(state: &mut State) {
    EXCLUDED.seed(
        state,
        json!([{"email": "mailer-daemon@mail.example"}, {"email": "news@spam.example"}]),
    );
    SUBJECTS.seed(
        state,
        json!([{"subject": "Out of office"}, {"subject": "Respuesta automática"}]),
    );
    mailboxes::LIST.seed(
        state,
        json!([
            mailbox("Support inbox", "support@shop.example", "imap", true),
            mailbox("Support outgoing", "reply@shop.example", "none", false),
        ]),
    );
    seed_sent_mail(state);
}

fn mailbox(name: &str, address: &str, kind: &str, is_incoming: bool) -> Value {
    let outgoing = if is_incoming { "none" } else { "smtp" };
    json!({
        "name": name,
        "address": address,
        "mailbox_type": kind,
        "pop_enable": is_incoming,
        "pop_encryption": if is_incoming { "ssl" } else { "none" },
        "pop_validate_cert": true,
        "max_consecutive_errors": 5,
        "secondary_report_threshold": 20,
        "outgoing_mailbox_type": outgoing,
        "smtp_enable": !is_incoming,
        "smtp_security": if is_incoming { "none" } else { "tls" },
        "gmail_connected": false,
    })
}

/// One mail on each of the last days.
fn seed_sent_mail(state: &mut State) {
    let mails = [
        ("dana@customer.example", "Your order has left us"),
        ("luis@cliente.example", "Su pedido ha salido"),
        ("kim@customer.example", "Refund of 40 EUR"),
        ("ana@cliente.example", "Su factura"),
    ];
    let now = demo_now(state);
    for (days, (to, subject)) in (0..4).rev().zip(mails) {
        let mail = json!({
            "to_address": to,
            "subject": subject,
            "content": format!("<p>{subject}.</p>"),
            "mailbox": "Support outgoing",
        });
        record(state, mail, now - days * DAY - 3_600);
    }
}
