//! Names of abilities, roles and plan features, and what a token may do.
//!
//! A call passes when the token holds one of the endpoint's abilities, its owner has the role (and the sysadmin flag),
//! and the install's plan has the features. [`Permissions`] says beforehand, or after a 403, which of these is missing.

use std::collections::BTreeSet;

use api_core::{Ability, Plan, Role, Spec};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

macro_rules! abilities {
    ($($read:ident, $write:ident = $read_name:literal, $write_name:literal;)+) => {$(
        #[doc = concat!("For reads of the family: `", $read_name, "` or `", $write_name, "`.")]
        pub const $read: &[Ability] = &[Ability::new($read_name), Ability::new($write_name)];
        #[doc = concat!("For writes of the family: `", $write_name, "`.")]
        pub const $write: &[Ability] = &[Ability::new($write_name)];
    )+};
}

abilities! {
    TICKETS_READ, TICKETS_WRITE = "tickets:read", "tickets:write";
    SETTINGS_READ, SETTINGS_WRITE = "settings:read", "settings:write";
    MAIL_READ, MAIL_WRITE = "mail:read", "mail:write";
    TEMPLATES_READ, TEMPLATES_WRITE = "templates:read", "templates:write";
    WORKFLOW_READ, WORKFLOW_WRITE = "workflow:read", "workflow:write";
    SUPERVISOR_READ, SUPERVISOR_WRITE = "supervisor:read", "supervisor:write";
    ADMINISTRATION_READ, ADMINISTRATION_WRITE = "administration:read", "administration:write";
    SKILLS_READ, SKILLS_WRITE = "skills:read", "skills:write";
}

/// For the reports, which have no writes: `reports:read`.
pub const REPORTS_READ: &[Ability] = &[Ability::new("reports:read")];

/// For confirming an intervention: `create-ticket`, of the older API, or `tickets:write`.
pub const INTERVENTIONS_ACCEPT: &[Ability] =
    &[Ability::new("create-ticket"), Ability::new("tickets:write")];

/// The ability that stands for all others (inferred).
const WILDCARD: &str = "*";

/// Members of staff.
pub const STAFF: Role = Role::new("staff");
/// Administrators; they are staff too.
pub const ADMIN: Role = Role::new("admin");
/// Users of the supervisor family; stands beside the other roles.
pub const SUPERUSER: Role = Role::new("superuser");

/// The assistant: its settings and skills.
pub const HAS_AI_ASSISTANT: Plan = Plan::new("has_ai_assistant");
/// Reports.
pub const HAS_REPORTS: Plan = Plan::new("has_reports");
/// Escalations and business hours.
pub const HAS_ESCALATIONS: Plan = Plan::new("has_escalations");
/// Interventions.
pub const HAS_INTERVENTIONS: Plan = Plan::new("has_interventions");
/// Resolution categories.
pub const HAS_RESOLUTION_TRACKING: Plan = Plan::new("has_resolution_tracking");

/// What a token may do, as `token.show` answers it.
///
/// The answer's form is not documented, so several are taken (inferred): names as a list, as a list of objects with a
/// `name`, or as an object of flags; at the top or under `owner`, `token` or `plan`. What the answer does not tell is
/// `None`, and counts as granted: the back end decides. [`Permissions::is_known`] tells such an answer apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permissions {
    /// Abilities of the token.
    pub abilities: Option<BTreeSet<String>>,
    /// Roles of the token's owner.
    pub roles: Option<BTreeSet<String>>,
    /// Whether the owner is a system administrator.
    pub is_sysadmin: Option<bool>,
    /// Features of the install's plan.
    pub plan: Option<BTreeSet<String>>,
}

/// One thing that stands between a token and an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Missing {
    /// The token holds none of these abilities.
    #[error("the token needs the ability {}", any_of(.0))]
    Ability(&'static [Ability]),
    /// The token's owner lacks this role.
    #[error("the token's owner needs the role `{0}`")]
    Role(Role),
    /// The token's owner is no system administrator.
    #[error("the token's owner must be a system administrator")]
    Sysadmin,
    /// The install's plan lacks this feature.
    #[error("the install's plan needs the feature `{0}`")]
    Plan(Plan),
}

fn any_of(abilities: &[Ability]) -> String {
    let names: Vec<String> = abilities.iter().map(|name| format!("`{name}`")).collect();
    names.join(" or ")
}

impl Permissions {
    /// Everything that stands between the token and an endpoint; empty when nothing is known to.
    ///
    /// The queue permissions of the owner are not part of it: they depend on the ticket.
    #[must_use]
    pub fn missing(&self, spec: &Spec) -> Vec<Missing> {
        let access = &spec.access;
        let mut missing = Vec::new();
        if !access.abilities.is_empty() && !self.has_ability(access.abilities) {
            missing.push(Missing::Ability(access.abilities));
        }
        if let Some(role) = access.role
            && !self.has_role(role)
        {
            missing.push(Missing::Role(role));
        }
        if access.sysadmin && self.is_sysadmin == Some(false) {
            missing.push(Missing::Sysadmin);
        }
        let lacking = access.plans.iter().filter(|plan| !self.has_plan(**plan));
        missing.extend(lacking.copied().map(Missing::Plan));
        missing
    }

    /// False when the answer did not tell the token's abilities, or not in a form that is known.
    ///
    /// Then [`Permissions::missing`] finds none, which says nothing. A token that may do everything is known to: it holds
    /// the ability `*`.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.abilities.is_some()
    }

    fn has_ability(&self, any_of: &[Ability]) -> bool {
        self.abilities.as_ref().is_none_or(|held| {
            held.contains(WILDCARD) || any_of.iter().any(|name| held.contains(name.as_str()))
        })
    }

    fn has_role(&self, role: Role) -> bool {
        let Some(roles) = &self.roles else {
            return true;
        };
        let has = |role: Role| roles.contains(role.as_str());
        let sysadmin = self.is_sysadmin == Some(true) || roles.contains("sysadmin");
        // A system administrator is an administrator, who is staff. Whether a superuser is one too is not known.
        has(role) || (role != SUPERUSER && sysadmin) || (role == STAFF && has(ADMIN))
    }

    fn has_plan(&self, plan: Plan) -> bool {
        self.plan
            .as_ref()
            .is_none_or(|features| features.contains(plan.as_str()))
    }

    fn from_value(answer: &Value) -> Self {
        let owner = first(answer, &["owner", "user"]);
        let roles = first(owner, &["roles", "role"])
            .names()
            .or_else(|| first(answer, &["roles", "owner_roles", "role"]).names());
        let flags = ["is_sysadmin", "sysadmin"];
        let is_sysadmin = [first(owner, &flags), first(answer, &flags)]
            .into_iter()
            .find_map(truth)
            .or_else(|| roles.as_ref()?.contains("sysadmin").then_some(true));
        let abilities = first(answer, &["abilities"])
            .names()
            .or_else(|| first(first(answer, &["token"]), &["abilities"]).names());
        let plan = first(answer, &["plan", "plan_features", "plans", "features"]);
        let plan = match first(plan, &["features"]) {
            Value::Null => plan.names(),
            features => features.names(),
        };
        Self {
            abilities,
            roles,
            is_sysadmin,
            plan,
        }
    }
}

impl<'de> Deserialize<'de> for Permissions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|answer| Self::from_value(&answer))
    }
}

fn first<'a>(value: &'a Value, keys: &[&str]) -> &'a Value {
    let found = keys.iter().find_map(|key| value.get(key));
    found.unwrap_or(&Value::Null)
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().map(|number| number != 0),
        Value::String(text) => match text.as_str() {
            "1" | "true" => Some(true),
            "0" | "" | "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

trait Names {
    fn names(&self) -> Option<BTreeSet<String>>;
}

impl Names for Value {
    fn names(&self) -> Option<BTreeSet<String>> {
        match self {
            Self::String(name) => Some(BTreeSet::from([name.clone()])),
            Self::Array(items) => {
                let name = |item: &Self| match item {
                    Self::Object(item) => item.get("name")?.as_str().map(str::to_owned),
                    item => item.as_str().map(str::to_owned),
                };
                items.iter().map(name).collect()
            }
            Self::Object(flags) => {
                // A value that is no flag: then it is not known what the keys are.
                let held = |(name, flag): (&String, &Self)| {
                    truth(flag).map(|held| held.then(|| name.clone()))
                };
                let held: Option<Vec<_>> = flags.iter().map(held).collect();
                held.map(|held| held.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use api_core::{Repeat, Reversal};
    use serde_json::json;

    use super::*;

    fn permissions(answer: Value) -> Permissions {
        serde_json::from_value(answer).unwrap()
    }

    const REPORT: Spec = Spec::read("reports.volumes", "reports/volumes")
        .abilities(REPORTS_READ)
        .role(ADMIN)
        .plans(&[HAS_REPORTS]);
    const SKILL: Spec = Spec::write(
        "axial.skills.delete",
        "x",
        Repeat::Natural,
        Reversal::Irreversible,
    )
    .abilities(SKILLS_WRITE)
    .sysadmin();

    #[test]
    fn names_all_that_is_missing() {
        let none = permissions(json!({
            "abilities": ["tickets:read"],
            "owner": {"roles": ["staff"], "is_sysadmin": false},
            "plan": [],
        }));
        assert_eq!(
            none.missing(&REPORT),
            [
                Missing::Ability(REPORTS_READ),
                Missing::Role(ADMIN),
                Missing::Plan(HAS_REPORTS)
            ]
        );
        let texts: Vec<_> = none
            .missing(&SKILL)
            .iter()
            .map(Missing::to_string)
            .collect();
        assert_eq!(
            texts,
            [
                "the token needs the ability `skills:write`",
                "the token's owner must be a system administrator"
            ]
        );
    }

    #[test]
    fn write_implies_read_and_the_star_everything() {
        const READ: Spec = Spec::read("tickets.show", "tickets/show").abilities(TICKETS_READ);
        for held in ["tickets:read", "tickets:write", "*"] {
            assert_eq!(permissions(json!({"abilities": [held]})).missing(&READ), []);
        }
        let other = permissions(json!({"abilities": ["mail:read"]}));
        assert_eq!(other.missing(&READ), [Missing::Ability(TICKETS_READ)]);
    }

    #[test]
    fn roles_nest() {
        let role = |roles: Value, sysadmin: bool, role: Role| {
            permissions(json!({"owner": {"roles": roles, "is_sysadmin": sysadmin}}))
                .missing(&Spec::read("a.b", "a").role(role))
                .is_empty()
        };
        assert!(role(json!(["admin"]), false, STAFF));
        assert!(!role(json!(["staff"]), false, ADMIN));
        assert!(role(json!([]), true, ADMIN));
        assert!(role(json!(["superuser"]), false, SUPERUSER));
        assert!(!role(json!(["admin"]), true, SUPERUSER));
        assert!(!role(json!(["superuser"]), false, ADMIN));
    }

    #[test]
    fn several_forms_mean_the_same() {
        let expected = permissions(json!({
            "abilities": ["reports:read"],
            "owner": {"roles": ["admin"], "is_sysadmin": true},
            "plan": ["has_reports"],
        }));
        for answer in [
            json!({"token": {"abilities": ["reports:read"]}, "roles": [{"name": "admin"}], "sysadmin": 1, "plan": {"has_reports": true, "has_escalations": false}}),
            json!({"abilities": {"reports:read": true, "mail:read": false}, "user": {"role": "admin", "sysadmin": "1"}, "plan": {"name": "pro", "features": ["has_reports"]}}),
            json!({"abilities": ["reports:read"], "owner_roles": ["admin"], "is_sysadmin": true, "plan_features": ["has_reports"]}),
        ] {
            assert_eq!(permissions(answer), expected);
        }
    }

    #[test]
    fn what_is_not_told_counts_as_granted() {
        for untold in [
            json!({}),
            json!({"scopes": "all"}),
            json!(null),
            json!([]),
            json!("x"),
            json!({"abilities": {"tickets": ["read"]}}),
            json!({"abilities": 7}),
            json!({"abilities": [7]}),
        ] {
            let permissions = permissions(untold.clone());
            assert!(!permissions.is_known(), "{untold}");
            assert_eq!(permissions.missing(&REPORT), [], "{untold}");
        }
        let nothing = permissions(json!({"abilities": []}));
        assert!(nothing.is_known() && !nothing.missing(&REPORT).is_empty());
        let all = permissions(json!({"abilities": ["*"]}));
        assert!(all.is_known() && all.missing(&REPORT).is_empty());
    }

    #[test]
    fn flags_are_abilities() {
        const CLOSE: Spec = Spec::write(
            "tickets.close",
            "x",
            Repeat::Natural,
            Reversal::Irreversible,
        )
        .abilities(TICKETS_WRITE);
        let may = |flag: bool| permissions(json!({"abilities": {"tickets:write": flag}}));
        assert_eq!(may(true).missing(&CLOSE), []);
        assert_eq!(
            may(false).missing(&CLOSE),
            [Missing::Ability(TICKETS_WRITE)]
        );
    }
}
