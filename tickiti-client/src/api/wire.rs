//! One check for the unit tests of the families.

use api_core::Endpoint;
use serde_json::Value;

/// Asserts that a request keeps the rules, where it goes and what it carries.
pub(crate) fn check_wire<E: Endpoint>(request: &E, path: &str, body: &Value) {
    assert_eq!(request.problems(), [], "{path}");
    assert_eq!(request.path().unwrap(), path);
    assert_eq!(&serde_json::to_value(request).unwrap(), body, "{path}");
}

/// Asserts which fields of a request break a rule.
pub(crate) fn check_refused<E: Endpoint>(request: &E, fields: &[&str]) {
    let problems = request.problems();
    let found: Vec<&str> = problems
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert_eq!(found, fields, "{problems:?}");
    // What is wrong follows the name of the field: "`content` is missing: …".
    let verbs = ["is", "has", "must", "cannot", "does", "only", "exclude"];
    for problem in &problems {
        let verb = problem.problem.split(' ').next().unwrap_or_default();
        assert!(verbs.contains(&verb), "{problem}");
    }
}
