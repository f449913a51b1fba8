//! Installs that are older than the endpoints: telling them, and the way around.

use api_core::{Answer, CallOptions, Error, ErrorKind, Executor, Spec};

use crate::api::workflow;

/// Looks at the outcome of a call: an endpoint that the install does not have is told as such, or replaced by an older
/// one that answers the same.
pub(crate) async fn settle(
    executor: &Executor,
    spec: &'static Spec,
    outcome: Result<Answer, Error>,
    options: &CallOptions,
) -> Result<Answer, Error> {
    let error = match outcome {
        Err(error) if spec.since.is_some() && is_unknown_route(&error) => error,
        outcome => return outcome,
    };
    match spec.name {
        // Queue names, for owners that are administrators. It is the one endpoint with an equal among the older ones.
        "tickets.queues" => {
            executor
                .send_answer(&workflow::queues::Index::default(), options)
                .await
        }
        _ => Err(error.into_unavailable(spec.since)),
    }
}

/// Whether a 404 is about the route and not about the thing that the request names (inferred).
///
/// The API names its own failures by a code, and the framework says of a missing row which model it looked for. A
/// message without a code that is about the route, or a bare "Not Found", was not understood by anybody. An answer
/// without a message, such as a web page, may come from something on the way, and tells nothing.
fn is_unknown_route(error: &Error) -> bool {
    let ErrorKind::Status {
        status: 404,
        refusal,
        ..
    } = error.kind()
    else {
        return false;
    };
    let Some(message) = &refusal.message else {
        return false;
    };
    let message = message.to_ascii_lowercase();
    let about_the_route = message.contains("route") && message.contains("not be found");
    refusal.code.is_none() && (message.trim_end_matches('.') == "not found" || about_the_route)
}
