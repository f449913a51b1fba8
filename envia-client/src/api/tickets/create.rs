//! Opening a ticket.

use api_core::{Endpoint, Problem, Repeat, Reversal, Spec};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::{
    json::PlainMap,
    problems::Problems,
    types::{
        Amount, CarrierId, CompanyId, CreditId, ShipmentId, StaffId, TicketId, TypeId, Variables,
        amount_of, answer,
    },
    verdict,
};

/// Name of the variable that has a field of its own.
const AMOUNT: &str = "amount";

/// Opens a ticket. It is also the draft that the rules of a ticket type judge, see [`crate::rules`].
///
/// A second ticket for the same shipment and type is refused while the first is pending, declined, in follow-up or in
/// review.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Create {
    /// Company that the ticket belongs to. Example: 4410.
    pub company_id: CompanyId,
    /// Id of the ticket type, from `catalog.ticket_types`. Example: 5.
    #[serde(rename = "type")]
    pub type_id: TypeId,
    /// What happened, in words.
    pub comments: String,
    /// Shipment that the ticket is about. Example: 900123.
    pub shipment_id: Option<ShipmentId>,
    /// Tracking number of that shipment. Example: `TST0001112223`.
    pub tracking_number: Option<String>,
    /// Amount claimed, in MXN. Example: 1450.5.
    pub amount: Option<Amount>,
    /// Member of staff to assign it to; the back end chooses when absent.
    pub assigned_to_id: Option<StaffId>,
    /// Credit that the ticket is about, for types that need one.
    pub credit_id: Option<CreditId>,
    /// Carrier that the ticket is about, for types that need one.
    pub carrier_id: Option<CarrierId>,
    /// Package in a warehouse that the ticket is about, for types that need one.
    pub warehouse_package_id: Option<String>,
    /// Variables of the ticket type, by name. Example: `{"payment_method_id": 3}`.
    #[serde(default, rename = "data", deserialize_with = "variables")]
    pub variables: Map<String, Value>,
}

impl Create {
    /// The request with its required fields alone.
    pub fn new(
        company_id: impl Into<CompanyId>,
        type_id: impl Into<TypeId>,
        comments: impl Into<String>,
    ) -> Self {
        Self {
            company_id: company_id.into(),
            type_id: type_id.into(),
            comments: comments.into(),
            shipment_id: None,
            tracking_number: None,
            amount: None,
            assigned_to_id: None,
            credit_id: None,
            carrier_id: None,
            warehouse_package_id: None,
            variables: Map::new(),
        }
    }

    /// The amount claimed: the field, else the variable of that name.
    #[must_use]
    pub fn claimed(&self) -> Option<Amount> {
        let variable = || amount_of(self.variables.get(AMOUNT)?);
        self.amount.or_else(|| Amount::new(variable()?).ok())
    }

    /// The variables as they travel: all of them, and the amount among them.
    fn sent_variables(&self) -> Map<String, Value> {
        let mut variables = self.variables.clone();
        if let Some(amount) = self
            .claimed()
            .and_then(|amount| serde_json::to_value(amount).ok())
        {
            variables.insert(AMOUNT.to_owned(), amount);
        }
        variables
    }

    fn says_amount_once(&self) -> bool {
        match (self.amount, self.variables.get(AMOUNT)) {
            (Some(field), Some(variable)) => amount_of(variable) == Some(field.get()),
            _ => true,
        }
    }
}

/// The body. How variables travel is (inferred): as JSON text in `data`, the amount also beside it.
#[derive(Serialize)]
struct Body<'a> {
    company_id: CompanyId,
    #[serde(rename = "type")]
    type_id: TypeId,
    comments: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment_id: Option<ShipmentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to_id: Option<StaffId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit_id: Option<CreditId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier_id: Option<CarrierId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warehouse_package_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

impl Serialize for Create {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let variables = self.sent_variables();
        let data = (!variables.is_empty()).then(|| serde_json::to_string(&PlainMap(&variables)));
        Body {
            company_id: self.company_id,
            type_id: self.type_id,
            comments: &self.comments,
            shipment_id: self.shipment_id,
            tracking_number: self.tracking_number.as_deref(),
            amount: self.claimed(),
            assigned_to_id: self.assigned_to_id,
            credit_id: self.credit_id,
            carrier_id: self.carrier_id,
            warehouse_package_id: self.warehouse_package_id.as_deref(),
            data: data.transpose().map_err(serde::ser::Error::custom)?,
        }
        .serialize(serializer)
    }
}

/// Variables as an object, or as the text that they travel as.
fn variables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    let variables = Variables::deserialize(deserializer)?;
    if variables.unreadable {
        return Err(de::Error::custom(
            "expected an object of variables, or one as JSON text",
        ));
    }
    Ok(variables.values)
}

impl Endpoint for Create {
    type Response = Created;
    const SPEC: Spec = Spec::write(
        "tickets.create",
        "companies/tickets",
        Repeat::Never,
        Reversal::Compensable,
    );

    fn problems(&self) -> Vec<Problem> {
        Problems::default()
            .id("company_id", Some(self.company_id.get()))
            .id("type", Some(self.type_id.get()))
            .filled("comments", Some(&self.comments))
            .id("shipment_id", self.shipment_id.map(ShipmentId::get))
            .filled("tracking_number", self.tracking_number.as_deref())
            .id("assigned_to_id", self.assigned_to_id.map(StaffId::get))
            .id("credit_id", self.credit_id.map(CreditId::get))
            .id("carrier_id", self.carrier_id.map(CarrierId::get))
            .filled("warehouse_package_id", self.warehouse_package_id.as_deref())
            .require(
                self.says_amount_once(),
                "amount",
                "differs from the variable of that name: give it once",
            )
            .take()
    }
}

/// A ticket was opened. An answer without an id, or with a refusal beside it, cannot be read: the ticket may exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Created {
    /// Its id.
    pub ticket_id: TicketId,
}

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        if verdict::refuses(&answer) {
            return Err(de::Error::custom(verdict::BOTH));
        }
        let id = answer::id_in(answer, &["id", "ticket_id"]);
        let id = id.ok_or_else(|| de::Error::custom("the answer has no id of a ticket"))?;
        Ok(Self {
            ticket_id: TicketId::new(id.get()),
        })
    }
}
