//! Questions within a call, in both eras of the protocol: as a result that the client answers by calling again, with a
//! sealed state to bring back, or as requests to the client while its call waits.

use std::{collections::BTreeMap, time::Duration};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        InputRequest, InputRequests, InputRequiredResult, InputResponses, RequestStateCodec,
        RequestStateError, SealOptions, ServerRequest,
    },
    service::RequestContext,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::fixtures::read;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Questions by key, round by round; each in the protocol's form of a request.
pub(crate) type Rounds = Vec<BTreeMap<String, Value>>;

/// What a call brings along when it comes back.
pub(crate) struct Retry {
    answers: InputResponses,
    state: Option<String>,
}

impl From<(Option<InputResponses>, Option<String>)> for Retry {
    fn from((answers, state): (Option<InputResponses>, Option<String>)) -> Self {
        Self {
            answers: answers.unwrap_or_default(),
            state,
        }
    }
}

/// How far a call has come.
pub(crate) enum Asked {
    /// It waits for answers.
    Open(InputRequiredResult),
    /// All is answered.
    Answered(Value),
    /// Nobody can be asked.
    Impossible(&'static str),
}

/// What a call leaves with its client between two rounds.
#[derive(Serialize, Deserialize)]
struct State {
    /// The round that was asked.
    round: usize,
    /// Answers of the rounds before it.
    answers: Map<String, Value>,
}

/// Asks, and knows its own states again.
pub(crate) struct Asking {
    states: RequestStateCodec,
}

impl Asking {
    pub(crate) fn new(secret: [u8; 32]) -> Result<Self, RequestStateError> {
        let states = RequestStateCodec::try_new(secret)?;
        Ok(Self { states })
    }

    /// Asks with the call's result.
    pub(crate) fn by_result(
        &self,
        name: &str,
        rounds: &Rounds,
        retry: Retry,
        context: &RequestContext<RoleServer>,
    ) -> Result<Asked, ErrorData> {
        let mut state = match retry.state {
            Some(sealed) => self.opened(name, &sealed)?,
            None => State {
                round: 0,
                answers: Map::new(),
            },
        };
        let mut given = retry.answers;
        while let Some(round) = rounds.get(state.round) {
            let asked = can_be_asked(round, context)?;
            let answered: Vec<(String, Value)> = asked
                .iter()
                .filter_map(|(key, question)| {
                    given
                        .remove(*key)
                        .filter(|answer| answers(question, answer))
                        .map(|answer| ((*key).clone(), answer))
                })
                .collect();
            if answered.len() < asked.len() {
                return self.open(name, &asked, &state);
            }
            state.answers.extend(answered);
            state.round += 1;
        }
        Ok(Asked::Answered(state.answers.into()))
    }

    fn open(
        &self,
        name: &str,
        asked: &BTreeMap<&String, &Value>,
        state: &State,
    ) -> Result<Asked, ErrorData> {
        let requests: InputRequests = asked
            .iter()
            .map(|(key, question)| {
                let request: InputRequest = read((*question).clone())?;
                Ok(((*key).clone(), request))
            })
            .collect::<Result<_, ErrorData>>()?;
        let seal = SealOptions::new()
            .associated_data(name.as_bytes())
            .ttl(PATIENCE);
        let sealed = self
            .states
            .seal_json_with(state, &seal)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(Asked::Open(InputRequiredResult::new(
            Some(requests),
            Some(sealed),
        )))
    }

    /// The state that came back, if it is one that was given for the same tool or prompt.
    fn opened(&self, name: &str, sealed: &str) -> Result<State, ErrorData> {
        self.states
            .open_json_with(sealed, name.as_bytes())
            .map_err(|error| ErrorData::invalid_params(format!("requestState: {error}"), None))
    }

    /// Asks while the call waits.
    pub(crate) async fn by_requests(
        &self,
        rounds: &Rounds,
        context: &RequestContext<RoleServer>,
    ) -> Result<Asked, ErrorData> {
        let mut answers = Map::new();
        for round in rounds {
            for (key, question) in round {
                if !declares(context, capability(question)) {
                    let text = "this client, or this connection, cannot be asked within a call";
                    return Ok(Asked::Impossible(text));
                }
                let request: ServerRequest = read(question.clone())?;
                let asked = tokio::time::timeout(PATIENCE, context.peer.send_request(request));
                let Ok(Ok(answer)) = asked.await else {
                    return Ok(Asked::Impossible("the client did not answer"));
                };
                let answer = serde_json::to_value(answer).unwrap_or_default();
                answers.insert(key.clone(), answer);
            }
        }
        Ok(Asked::Answered(answers.into()))
    }
}

/// The questions of a round that the client can answer.
///
/// # Errors
///
/// When there is none.
fn can_be_asked<'a>(
    round: &'a BTreeMap<String, Value>,
    context: &RequestContext<RoleServer>,
) -> Result<BTreeMap<&'a String, &'a Value>, ErrorData> {
    let asked: BTreeMap<_, _> = round
        .iter()
        .filter(|(_, question)| declares(context, capability(question)))
        .collect();
    if !asked.is_empty() {
        return Ok(asked);
    }
    let missing: Map<String, Value> = round
        .values()
        .map(|question| (capability(question).to_owned(), json!({})))
        .collect();
    Err(ErrorData::missing_required_client_capability(read(
        missing.into(),
    )?))
}

fn method(question: &Value) -> &str {
    question
        .get("method")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// What a client must declare to be asked.
fn capability(question: &Value) -> &str {
    let method = method(question);
    method.split_once('/').map_or(method, |(before, _)| before)
}

fn declares(context: &RequestContext<RoleServer>, capability: &str) -> bool {
    let declared = serde_json::to_value(context.client_capabilities()).unwrap_or_default();
    declared.get(capability).is_some()
}

/// Whether an answer has the form that its question wants.
fn answers(question: &Value, answer: &Value) -> bool {
    match method(question) {
        "elicitation/create" => answer.get("action").is_some_and(Value::is_string),
        "sampling/createMessage" => answer.get("content").is_some(),
        _ => answer.get("roots").is_some_and(Value::is_array),
    }
}
