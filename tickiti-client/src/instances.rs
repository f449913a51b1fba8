//! Several installs side by side.

use crate::Client;

/// How far a name may be from a known one to be taken for a slip of the pen.
const NEAR: f64 = 0.5;

/// Clients of several installs by name, one of them the default.
#[derive(Debug, Clone)]
pub struct Instances {
    clients: Vec<Client>,
    default: usize,
}

/// Clients that do not make a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstancesError {
    /// There is none.
    #[error("no instance is given")]
    Empty,
    /// Two have the same name.
    #[error("two instances have the name `{0}`")]
    Duplicate(String),
}

/// A name that no instance has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no instance `{name}`{}", hint(.nearest.as_deref(), .known))]
#[non_exhaustive]
pub struct UnknownInstance {
    /// The name that was asked for.
    pub name: String,
    /// The known name that is closest to it, when one is close.
    pub nearest: Option<String>,
    /// All known names.
    pub known: Vec<String>,
}

fn hint(nearest: Option<&str>, known: &[String]) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => format!("; known are {}", known.join(", ")),
    }
}

impl Instances {
    /// A set of clients; the first is the default.
    ///
    /// # Errors
    ///
    /// When there is none, or two have the same name.
    pub fn new(clients: Vec<Client>) -> Result<Self, InstancesError> {
        if clients.is_empty() {
            return Err(InstancesError::Empty);
        }
        for (index, client) in clients.iter().enumerate() {
            if clients
                .iter()
                .take(index)
                .any(|other| other.name() == client.name())
            {
                return Err(InstancesError::Duplicate(client.name().to_owned()));
            }
        }
        Ok(Self {
            clients,
            default: 0,
        })
    }

    /// The same with another default.
    ///
    /// # Errors
    ///
    /// When there is no instance of that name.
    pub fn with_default(mut self, name: &str) -> Result<Self, UnknownInstance> {
        let position = self.names().position(|known| known == name);
        self.default = position.ok_or_else(|| self.unknown(name))?;
        Ok(self)
    }

    /// The client of a name, or the default without one.
    ///
    /// # Errors
    ///
    /// When there is no instance of that name; the error names the nearest.
    pub fn get(&self, name: Option<&str>) -> Result<&Client, UnknownInstance> {
        let found = match name {
            None => self.clients.get(self.default),
            Some(name) => self.clients.iter().find(|client| client.name() == name),
        };
        found.ok_or_else(|| self.unknown(name.unwrap_or_default()))
    }

    /// Name of the default.
    #[must_use]
    pub fn default_name(&self) -> &str {
        self.clients.get(self.default).map_or("", Client::name)
    }

    /// All names, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.clients.iter().map(Client::name)
    }

    /// All clients, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter()
    }

    /// How many there are; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
    pub const fn len(&self) -> usize {
        self.clients.len()
    }

    fn unknown(&self, name: &str) -> UnknownInstance {
        let lower = name.to_lowercase();
        let near =
            |known: &str| strsim::normalized_damerau_levenshtein(&lower, &known.to_lowercase());
        let nearest = self
            .names()
            .map(|known| (near(known), known))
            .filter(|(nearness, _)| *nearness >= NEAR)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known.to_owned());
        UnknownInstance {
            name: name.to_owned(),
            nearest,
            known: self.names().map(str::to_owned).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> Client {
        Client::builder("https://support.example.com", "7|exampletoken")
            .instance(name)
            .build()
            .unwrap()
    }

    #[test]
    fn finds_by_name_and_knows_a_default() {
        let instances = Instances::new(vec![client("shop"), client("staging")]).unwrap();
        assert_eq!(instances.get(None).unwrap().name(), "shop");
        assert_eq!(instances.get(Some("staging")).unwrap().name(), "staging");
        let instances = instances.with_default("staging").unwrap();
        assert_eq!(instances.get(None).unwrap().name(), "staging");
        assert_eq!(instances.default_name(), "staging");
        assert_eq!(instances.names().collect::<Vec<_>>(), ["shop", "staging"]);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let instances = Instances::new(vec![client("shop"), client("staging")]).unwrap();
        let error = instances.get(Some("Stagin")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no instance `Stagin`; did you mean `staging`?"
        );
        let error = instances.get(Some("xyz")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no instance `xyz`; known are shop, staging"
        );
        assert!(instances.with_default("xyz").is_err());
    }

    #[test]
    fn refuses_none_and_twins() {
        assert_eq!(
            Instances::new(Vec::new()).unwrap_err(),
            InstancesError::Empty
        );
        let twins = Instances::new(vec![client("a"), client("a")]).unwrap_err();
        assert_eq!(twins, InstancesError::Duplicate("a".into()));
    }
}
