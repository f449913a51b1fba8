//! Path parameters, checked and percent-encoded.

use std::borrow::Cow;

/// A path parameter that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("path parameter `{name}` {problem}")]
pub struct PathError {
    /// Name of the parameter.
    pub name: String,
    /// What is wrong with its value.
    pub problem: &'static str,
}

/// Puts values into the `{name}` places of a template, each percent-encoded as one path segment.
///
/// # Errors
///
/// When a value is missing or empty, or is `.` or `..`, which URL normalisation would turn into another route.
pub fn fill(
    template: &'static str,
    values: &[(&str, &str)],
) -> Result<Cow<'static, str>, PathError> {
    if !template.contains('{') {
        return Ok(Cow::Borrowed(template));
    }
    let mut path = String::with_capacity(template.len() + 16);
    for (index, segment) in template.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            None => path.push_str(segment),
            Some(name) => {
                let value = values.iter().find(|(known, _)| *known == name);
                push_segment(&mut path, name, value.map_or("", |(_, value)| *value))?;
            }
        }
    }
    Ok(Cow::Owned(path))
}

/// Names of the `{name}` places of a template, in order.
pub fn parameters(template: &'static str) -> impl Iterator<Item = &'static str> {
    template
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn push_segment(path: &mut String, name: &str, value: &str) -> Result<(), PathError> {
    let problem = match value {
        "" => Some("is missing or empty"),
        "." | ".." => Some("must not be `.` or `..`"),
        _ => None,
    };
    if let Some(problem) = problem {
        return Err(PathError {
            name: name.to_owned(),
            problem,
        });
    }
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "users/{user}/queues/{queue}";

    #[test]
    fn fills_and_encodes() {
        let path = fill(TEMPLATE, &[("user", "12"), ("queue", "a/b ü")]);
        assert_eq!(path.unwrap(), "users/12/queues/a%2Fb%20%C3%BC");
        assert_eq!(parameters(TEMPLATE).collect::<Vec<_>>(), ["user", "queue"]);
    }

    #[test]
    fn refuses_what_would_change_the_route() {
        for bad in ["", ".", ".."] {
            let refused = fill(TEMPLATE, &[("user", "1"), ("queue", bad)]);
            assert_eq!(refused.unwrap_err().name, "queue", "{bad}");
        }
        assert!(fill(TEMPLATE, &[("user", "1")]).is_err());
    }
}
