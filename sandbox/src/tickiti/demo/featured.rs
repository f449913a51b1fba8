//! The ticket that examples and tests speak of: number 709383, internal id 13, in Sales.

use serde_json::json;

use super::thread::Thread;
use crate::tickiti::clock::DAY;
use crate::tickiti::model::{State, Ticket};

const CUSTOMER: &str = "marcus@trailblazers-club.example";
const EVA: &str = "eva@shop.example";
const SAM: &str = "sam@shop.example";
const HOUR: i64 = 3_600;

const SWATCH: &[u8] = include_bytes!("../../../data/files/swatch.png");
const QUOTE: &[u8] = include_bytes!("../../../data/files/quote.pdf");
const SIZES: &[u8] = include_bytes!("../../../data/files/sizes.txt");

/// Adds the ticket: an order of a running club, from the first question to the week before delivery.
pub(super) fn seed(state: &mut State, at: i64, now: i64) {
    let ticket_id = state.add_ticket(Ticket {
        subject: "Club order: 40 trail vests for the spring season".to_owned(),
        status: "open".to_owned(),
        priority: 30,
        queue_id: 2,
        originator_email: CUSTOMER.to_owned(),
        originator_name: "Marcus Hale".to_owned(),
        assigned_to: Some(EVA.to_owned()),
        participants: vec![CUSTOMER.to_owned(), EVA.to_owned(), SAM.to_owned()],
        hashtags: ["vip".to_owned()].into(),
        created_at: at,
        updated_at: at,
        ..Ticket::default()
    });
    let mut thread = Thread { state, ticket_id };
    begin(&mut thread, at);
    go_on(&mut thread, now);
}

fn begin(thread: &mut Thread<'_>, at: i64) {
    thread.customer(
        CUSTOMER,
        "<p>Hello, the Trailblazers run their spring season with new vests: 40 pieces, our green, the club's name on the back. \
         What would that cost, and can you deliver by the end of June? The list of sizes follows.</p><p>Marcus Hale</p>",
        true,
        at,
    );
    let offer = "<p>Hello Marcus,</p><p>thank you for asking. The quote is attached: 40 trail vests with a one-colour print \
                 on the back for 1,480.00 EUR. We need the sizes and your yes three months ahead.</p><p>Eva Lind</p>";
    let quote = thread.staff(EVA, offer, at + 5 * HOUR);
    thread.attach(quote, "quote-Q-2025-118.pdf", QUOTE, false);
    let note = thread.note(
        EVA,
        "<p>Printer confirms one colour up to 60 pieces. Margin is fine down to 1,400.</p>",
        at + 6 * HOUR,
    );
    if let Some(note) = thread.state.responses.get_mut(&note) {
        note.is_pinned = true;
    }
    let sizes = thread.customer(
        CUSTOMER,
        &format!(
            "<div><p>Hello Eva, the board said yes. Sizes are attached, and the green is the one in the picture: \
             <img src=\"cid:swatch\" alt=\"club green\"></p></div>\
             <div class=\"mail_quote\"><p>On an earlier day, Eva Lind wrote:</p><blockquote>{offer}\
             <div class=\"mail_quote\"><p>On the day before, Marcus Hale wrote:</p><blockquote><p>Hello, the Trailblazers run their \
             spring season with new vests: 40 pieces, our green, the club's name on the back.</p></blockquote></div></blockquote></div>"
        ),
        true,
        at + 9 * DAY,
    );
    thread.attach(sizes, "sizes.txt", SIZES, false);
    thread.attach(sizes, "swatch.png", SWATCH, true);
}

fn go_on(thread: &mut Thread<'_>, now: i64) {
    thread.staff(
        SAM,
        "<p>Hello Marcus, the vests are printed and packed. Delivery is planned for the last week of June. \
         Shall they go to the club house or to you?</p><p>Sam Ortega</p>",
        now - 6 * DAY,
    );
    thread.audit(
        SAM,
        json!({"priority": {"from": "20", "to": "30"}}),
        now - 6 * DAY + 60,
    );
    thread.customer(
        CUSTOMER,
        "<p>To the club house, please, on a Tuesday or Thursday after 17:00. Two of the M became L, can that still be changed?</p>",
        true,
        now - 2 * DAY,
    );
    thread.note(
        SAM,
        "<p>Two spare L are in the warehouse. Exchange before the parcel leaves.</p>",
        now - 2 * DAY + 3 * HOUR,
    );
}
