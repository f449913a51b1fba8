//! Fields with three states.

use serde::{Deserialize, Deserializer};

/// Decodes a field that is absent (`None`), null (`Some(None)`) or a value (`Some(Some(value))`).
///
/// Stands at the field together with `default`, which makes the absent state, and
/// `skip_serializing_if = "Option::is_none"`, which sends it.
pub(crate) fn deserialize<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::{from_value, json, to_value};

    #[derive(Debug, serde::Deserialize, Serialize)]
    struct Fields {
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            deserialize_with = "super::deserialize"
        )]
        allowed_ip: Option<Option<String>>,
    }

    #[test]
    fn three_states_survive() {
        for (fields, state) in [
            (json!({}), None),
            (json!({"allowed_ip": null}), Some(None)),
            (
                json!({"allowed_ip": "203.0.113.9"}),
                Some(Some("203.0.113.9".to_owned())),
            ),
        ] {
            let decoded: Fields = from_value(fields.clone()).unwrap();
            assert_eq!(decoded.allowed_ip, state);
            assert_eq!(to_value(&decoded).unwrap(), fields);
        }
        assert!(from_value::<Fields>(json!({"allowed_ip": 7})).is_err());
    }
}
