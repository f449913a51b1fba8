//! Judging a change of a ticket: comments, files, types and the limit on claims.

use api_core::Endpoint as _;
use serde_json::Value;

use super::{
    catalog::{Catalog, unknown},
    check::form,
    model::{AmountLimit, TypeRules},
    violation::{Rule, Violation},
};
use crate::{
    api::tickets::{Ticket, Update},
    statuses::TicketStatus,
    types::{CompanyId, Variables, amount_of, is_blank},
};

/// The variable that holds the amount claimed.
const AMOUNT: &str = "amount";

/// A change of a ticket, before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// What is to be changed.
    pub update: &'a Update,
    /// Number of files that are to be added.
    pub files: usize,
    /// Company that the files belong to.
    pub company_id: Option<CompanyId>,
    /// The ticket as it is; [`Change::needs_ticket`] tells whether it must be read first.
    pub ticket: Option<&'a Ticket>,
}

impl<'a> Change<'a> {
    /// A change without files, of a ticket that was not read.
    #[must_use]
    pub const fn new(update: &'a Update) -> Self {
        Self {
            update,
            files: 0,
            company_id: None,
            ticket: None,
        }
    }

    /// True when the ticket must be read before the change can be judged: for the change to "claim in review" alone.
    #[must_use]
    pub fn needs_ticket(&self) -> bool {
        self.update.status_id == Some(TicketStatus::ClaimInReview)
    }

    /// Every rule that the change breaks; none when it may be sent.
    ///
    /// The catalogue is looked at for the change to "claim in review" and for a move to another type.
    #[must_use]
    pub fn check(&self, catalog: &Catalog) -> Vec<Violation> {
        let mut found = self.fields();
        let closed = self.ticket.and_then(|ticket| ticket.ticket_status_id);
        if let Some(status) = closed.filter(|status| status.is_closed()) {
            let mend = "open a new ticket, or hand over to a person";
            let allowed = "a ticket that is not closed";
            let violation = Violation::new(Rule::Closed, "ticket.ticket_status_id", allowed, mend);
            found.push(violation.found(status.label()));
        }
        self.new_type(catalog, &mut found);
        if self.needs_ticket() {
            self.limits(catalog, &mut found);
        }
        found
    }

    fn fields(&self) -> Vec<Violation> {
        let update = self.update;
        if update.is_empty() && self.files == 0 {
            let mend = "give one of status_id, comment, assigned_to_id, reason_decline, new_ticket_type_id and files";
            let rule = Rule::NothingToChange;
            return vec![
                Violation::new(rule, "ticket_id", "a change beside it", mend)
                    .found("all that is given"),
            ];
        }
        let mut found = Vec::new();
        let comment = update.comment.as_deref().unwrap_or_default();
        let status = update.status_id.filter(|_| is_blank(comment));
        let uncommented = status.filter(|status| status.requires_comment());
        if let Some(status) = uncommented {
            let allowed = format!("a comment with the change to {}", status.label());
            let mend = "say in `comment` why the status changes";
            found.push(Violation::new(Rule::Comment, "comment", allowed, mend));
        }
        if self.files > 0 && self.company_id.is_none() {
            let mend = "give the company that the ticket belongs to";
            let allowed = "the company's id, when files are added";
            found.push(Violation::new(
                Rule::CompanyForFiles,
                "company_id",
                allowed,
                mend,
            ));
        }
        if !update.is_empty() {
            let told = |field: &str| field == "comment" && uncommented.is_some();
            let problems = update.problems().into_iter();
            found.extend(problems.filter(|problem| !told(&problem.field)).map(form));
        }
        found
    }

    fn new_type(&self, catalog: &Catalog, found: &mut Vec<Violation>) {
        const FIELD: &str = "new_ticket_type_id";
        let Some(id) = self.update.new_ticket_type_id else {
            return;
        };
        match catalog.get(id) {
            None => found.push(unknown(FIELD, id)),
            Some(rules) => {
                let refusal = rules.available().err();
                found.extend(refusal.map(|excluded| rules.refusal(FIELD, excluded)));
            }
        }
    }

    fn limits(&self, catalog: &Catalog, found: &mut Vec<Violation>) {
        let Some(ticket) = self.ticket else {
            let mend = "read the ticket, then check again";
            let allowed = "a ticket whose type and amount are known";
            found.push(Violation::new(Rule::TicketUnknown, "ticket", allowed, mend));
            return;
        };
        let claim = Claim::of(ticket);
        let now = ticket.ticket_type_id.and_then(|id| catalog.get(id));
        let Some(now) = now else {
            let id = ticket.ticket_type_id.map(|id| format!("{id} (unknown)"));
            let allowed = "a type whose limit is known";
            let violation = Violation::new(
                Rule::AmountLimit,
                "ticket.ticket_type_id",
                allowed,
                HAND_OVER,
            );
            found.push(Violation {
                found: id,
                ..violation
            });
            return;
        };
        let next = self
            .update
            .new_ticket_type_id
            .and_then(|id| catalog.get(id));
        let next = next.filter(|next| next.id != now.id);
        found.extend(limit(now, &claim));
        found.extend(next.and_then(|next| limit(next, &claim)));
    }
}

const HAND_OVER: &str = "hand over to a person, who must decide";

/// The amount that a ticket claims, and the field that says it.
struct Claim {
    field: &'static str,
    /// Null when there is none.
    amount: Value,
    /// True when the place where it would stand cannot be read.
    unreadable: bool,
}

impl Claim {
    /// Looks among `ticket_variables`, then in `data`, then at the record itself. Only the first is documented; the others
    /// are (inferred), so that a claim is not overlooked where a back end keeps it elsewhere.
    fn of(ticket: &Ticket) -> Self {
        let data = ticket.extra.get("data").cloned().unwrap_or_default();
        let data = Variables::from_value(data);
        for (field, variables) in [
            ("ticket.ticket_variables.amount", &ticket.ticket_variables),
            ("ticket.data.amount", &data),
        ] {
            let amount = variables.values.get(AMOUNT);
            let amount = amount.filter(|amount| !amount.is_null());
            if variables.unreadable || amount.is_some() {
                return Self {
                    field,
                    amount: amount.cloned().unwrap_or_default(),
                    unreadable: variables.unreadable,
                };
            }
        }
        Self {
            field: "ticket.amount",
            amount: ticket.extra.get(AMOUNT).cloned().unwrap_or_default(),
            unreadable: false,
        }
    }
}

/// Holds an amount against a type's limit. The edge cases are (inferred): the limit itself passes, no amount passes,
/// what is no number or is below zero does not.
fn limit(rules: &TypeRules, claim: &Claim) -> Option<Violation> {
    let breaks = |found: String, allowed: String| {
        Some(Violation::new(Rule::AmountLimit, claim.field, allowed, HAND_OVER).found(found))
    };
    let name = &rules.name;
    let max = match rules.amount_limit() {
        AmountLimit::None => return None,
        AmountLimit::Mxn(max) => max,
        AmountLimit::Unreadable(why) => {
            let allowed =
                format!("an amount below the limit of `{name}`, which cannot be read: {why}");
            return breaks("not to be judged".to_owned(), allowed);
        }
    };
    let allowed = format!("at most {max} MXN for `{name}`");
    if claim.unreadable {
        return breaks("among variables that cannot be read".to_owned(), allowed);
    }
    let value = &claim.amount;
    match amount_of(value) {
        None if value.is_null() => None,
        Some(amount) if amount < 0.0 => breaks(format!("below zero: {amount} MXN"), allowed),
        Some(amount) if amount <= max => None,
        Some(amount) => breaks(format!("{amount} MXN"), allowed),
        None => {
            let text: String = match value {
                Value::String(text) => text.chars().take(40).collect(),
                _ => "of another form".to_owned(),
            };
            breaks(format!("no number: `{text}`"), allowed)
        }
    }
}
