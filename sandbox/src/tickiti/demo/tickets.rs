//! A few hundred tickets, the same ones in every run.

use serde_json::json;

use super::people::{AGENTS, CUSTOMERS};
use super::random::Random;
use super::texts::{HOSTILE, PRODUCTS, TOPICS, Topic};
use super::thread::Thread;
use super::{RETURNS, featured};
use crate::tickiti::clock::{self, DAY};
use crate::tickiti::model::{State, Ticket};

/// Number of tickets.
const COUNT: i64 = 320;
/// Days that they are spread over.
const SPAN: i64 = 243;
/// Internal id of the ticket that examples speak of.
const FEATURED: i64 = 13;
/// Every so many tickets one is hostile.
const HOSTILE_EVERY: i64 = 61;

/// Adds the tickets, oldest first.
pub(super) fn seed(state: &mut State, now: i64) {
    let mut random = Random::new(20_260_615);
    let step = SPAN * DAY / COUNT;
    for index in 1..=COUNT {
        // Each in its own slice of time, so that ids follow the clock.
        let at = now - (COUNT - index + 1) * step + random.between(0, step - 1);
        if index == FEATURED {
            featured::seed(state, at, now);
        } else if index % HOSTILE_EVERY == 0 {
            hostile(state, &mut random, at);
        } else {
            Conversation::draw(&mut random, at, now).write(state, &mut random);
        }
    }
}

/// A ticket with a message that gives orders; nobody has answered it.
fn hostile(state: &mut State, random: &mut Random, at: i64) {
    let (message, customer) = (random.pick(&HOSTILE), random.pick(&CUSTOMERS));
    let (Some((subject, text)), Some((name, email, _))) = (message, customer) else {
        return;
    };
    let ticket_id = state.add_ticket(Ticket {
        subject: (*subject).to_owned(),
        status: "open".to_owned(),
        priority: 20,
        queue_id: 1,
        originator_email: (*email).to_owned(),
        originator_name: (*name).to_owned(),
        participants: vec![(*email).to_owned()],
        created_at: at,
        updated_at: at,
        ..Ticket::default()
    });
    Thread { state, ticket_id }.customer(email, &format!("<p>{text}</p>"), true, at);
}

/// One generated ticket before it is written.
#[derive(Debug)]
struct Conversation {
    topic: &'static Topic,
    customer: (&'static str, &'static str),
    agent: &'static str,
    order: u64,
    product: &'static str,
    at: i64,
    now: i64,
    status: &'static str,
}

impl Conversation {
    fn draw(random: &mut Random, at: i64, now: i64) -> Self {
        const FALLBACK: usize = 0;
        let (name, email, spanish) = *random.pick(&CUSTOMERS).unwrap_or(&CUSTOMERS[FALLBACK]);
        let topics: Vec<&'static Topic> = TOPICS
            .iter()
            .filter(|topic| topic.spanish == spanish)
            .collect();
        let topic = random.pick(&topics).copied().unwrap_or(&TOPICS[FALLBACK]);
        let (english, in_spanish) = *random.pick(&PRODUCTS).unwrap_or(&PRODUCTS[FALLBACK]);
        let old = now - at > 30 * DAY;
        let closed = random.percent(if old { 93 } else { 40 });
        let held = random.percent(20);
        Self {
            topic,
            customer: (name, email),
            agent: random.pick(&AGENTS).copied().unwrap_or_default(),
            order: 51_000 + random.below(9_000),
            product: if spanish { in_spanish } else { english },
            at,
            now,
            status: match (closed, held) {
                (true, _) => "closed",
                (false, true) => "on-hold",
                (false, false) => "open",
            },
        }
    }

    fn fill(&self, text: &str) -> String {
        let agent = self.agent.split('@').next().unwrap_or_default();
        text.replace("{name}", self.customer.0)
            .replace("{order}", &self.order.to_string())
            .replace("{product}", self.product)
            .replace("{agent}", agent)
    }

    fn ticket(&self, random: &mut Random) -> Ticket {
        let closed = self.status == "closed";
        let assigned = match random.below(10) {
            0 | 1 if !closed => None,
            2 => Some(format!("team:{}", 1 + random.below(3))),
            _ => Some(self.agent.to_owned()),
        };
        let priority = match random.below(20) {
            0 | 1 => 10,
            2..=4 => 30,
            5 => 40,
            _ => 20,
        };
        let hold = self.now + random.between(1, 20) * DAY;
        let resolution = 1 + random.below(3);
        Ticket {
            subject: self.fill(self.topic.subject),
            status: self.status.to_owned(),
            priority,
            queue_id: self.topic.queue,
            originator_email: self.customer.1.to_owned(),
            originator_name: self.customer.0.to_owned(),
            assigned_to: assigned,
            resolved: (closed && self.topic.queue == RETURNS).then_some(resolution),
            on_hold_until: (self.status == "on-hold").then(|| clock::date(hold)),
            participants: vec![self.customer.1.to_owned(), self.agent.to_owned()],
            hashtags: random
                .percent(35)
                .then(|| self.topic.hashtag.to_owned())
                .into_iter()
                .collect(),
            created_at: self.at,
            updated_at: self.at,
            ..Ticket::default()
        }
    }

    fn write(&self, state: &mut State, random: &mut Random) {
        let ticket = self.ticket(random);
        let ticket_id = state.add_ticket(ticket);
        let mut thread = Thread { state, ticket_id };
        let customer = self.customer.1;
        let opening = format!("<p>{}</p>", self.fill(self.topic.opening));
        let first = thread.customer(customer, &opening, random.percent(75), self.at);
        if random.percent(8) {
            let text = format!("Order {}\nItem: {}\n", self.order, self.product);
            thread.attach(first, "order.txt", text.as_bytes(), false);
        }
        // Nothing is written after the present.
        let later = |at: i64, wait: i64| (at + wait).min(self.now - 60);
        let mut at = self.at;
        if random.percent(30) {
            at = later(at, random.between(600, 7_200));
            thread.note(self.agent, &format!("<p>{}</p>", self.topic.note), at);
        }
        if self.status == "open" && random.percent(45) {
            return;
        }
        at = later(at, random.between(1_200, 30 * 3_600));
        let answer = format!("<p>{}</p>", self.fill(self.topic.answer));
        thread.staff(self.agent, &answer, at);
        if random.percent(50) {
            at = later(at, random.between(1_800, 40 * 3_600));
            let thanks = format!(
                "<div>{}</div><div class=\"mail_quote\"><blockquote>{answer}</blockquote></div>",
                self.topic.thanks
            );
            thread.customer(customer, &thanks, true, at);
        }
        if self.status != "open" {
            at = later(at, random.between(600, 20 * 3_600));
            thread.audit(
                self.agent,
                json!({"status": {"from": "open", "to": self.status}}),
                at,
            );
        }
    }
}
