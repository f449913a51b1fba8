//! Tickiti as a back end of tools: which instance, and why a call failed.

use std::time::Duration;

use api_core::{Endpoint, Error, ErrorKind as ApiErrorKind, Operation, Spec};
use serde_json::Value;
use tickiti_client::{Client, Instances, Missing, api};

use super::{
    failure::{self, Circumstances},
    outside,
    tokens::Tokens,
};
use crate::{
    arguments::Mistake,
    context::Context,
    endpoint_tool::{Backend, mistakes},
    error::ToolError,
    gate::Gate,
    probe::Probe,
    tool::JsonObject,
};

/// Name of the argument that chooses among several instances.
pub(super) const INSTANCE: &str = "instance";

/// How long finding out why a call was refused may take.
const EXPLANATION: Duration = Duration::from_secs(5);

/// The Tickiti installs that the tools of a profile reach.
#[derive(Debug, Clone)]
pub struct Tickiti {
    instances: Instances,
    tokens: Tokens,
}

impl Tickiti {
    /// The back end over one or more installs.
    #[must_use]
    pub fn new(instances: Instances) -> Self {
        Self {
            tokens: Tokens::new(&instances),
            instances,
        }
    }

    /// The installs.
    pub(super) const fn instances(&self) -> &Instances {
        &self.instances
    }

    /// What is known of its tokens: a gate before its tools.
    #[must_use]
    pub fn gate(&self) -> impl Gate + use<> {
        self.tokens.clone()
    }

    /// Probes of these installs.
    #[must_use]
    pub fn probes(instances: &Instances) -> Vec<Probe> {
        let probe = |client: &Client| {
            let asked = client.clone();
            let ask = move |options| {
                let client = asked.clone();
                async move { client.send_with(&api::token::Show::new(), &options).await }
            };
            Probe::new("tickiti", Some(client.name()), client.base(), ask)
        };
        instances.iter().map(probe).collect()
    }

    /// The client of the instance that the call names, or of the default.
    ///
    /// # Errors
    ///
    /// When there is no instance of that name.
    pub fn client(&self, context: &Context) -> Result<&Client, ToolError> {
        let name = context.shared.get(INSTANCE).map(String::as_str);
        self.instances.get(name).map_err(|unknown| {
            ToolError::arguments("the call", &[Mistake::new(INSTANCE, unknown.to_string())])
        })
    }

    /// Sends fields to an endpoint, with the caller's idempotency key if there is one.
    ///
    /// # Errors
    ///
    /// What went wrong, in words for the model; a missing permission is named.
    pub(super) async fn send(
        &self,
        context: &Context,
        operation: &Operation,
        fields: JsonObject,
    ) -> Result<Value, ToolError> {
        let client = self.client(context)?;
        match self.exchange(context, client, operation, fields).await? {
            Ok(payload) => Ok(payload),
            Err(error) => Err(self.explain(context, client, operation.spec, &error).await),
        }
    }

    /// The same with every text from outside marked: for payloads that become answers.
    ///
    /// # Errors
    ///
    /// As [`Tickiti::send`].
    pub(super) async fn answer(
        &self,
        context: &Context,
        operation: &Operation,
        fields: JsonObject,
    ) -> Result<Value, ToolError> {
        let mut payload = self.send(context, operation, fields).await?;
        if let Some(rules) = outside::rules(operation.spec.name) {
            rules.mark(&mut payload);
        }
        Ok(payload)
    }

    /// The same as [`Tickiti::send`], with `None` when the install is too old for the endpoint, so that another way can be tried.
    ///
    /// # Errors
    ///
    /// As [`Tickiti::send`].
    pub(super) async fn attempt(
        &self,
        context: &Context,
        operation: &Operation,
        fields: JsonObject,
    ) -> Result<Option<Value>, ToolError> {
        let client = self.client(context)?;
        match self.exchange(context, client, operation, fields).await? {
            Ok(payload) => Ok(Some(payload)),
            Err(error) if matches!(error.kind(), ApiErrorKind::Unavailable { .. }) => Ok(None),
            Err(error) => Err(self.explain(context, client, operation.spec, &error).await),
        }
    }

    /// Sends a request that is more than fields, such as a file.
    ///
    /// # Errors
    ///
    /// As [`Tickiti::send`].
    pub(super) async fn exchange_typed<E>(
        &self,
        context: &Context,
        request: &E,
    ) -> Result<E::Response, ToolError>
    where
        E: Endpoint,
    {
        let client = self.client(context)?;
        let options = context.transfer_options();
        let sent = client.send_with(request, &options).await;
        match sent {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.explain(context, client, &E::SPEC, &error).await),
        }
    }

    async fn exchange(
        &self,
        context: &Context,
        client: &Client,
        operation: &Operation,
        fields: JsonObject,
    ) -> Result<Result<Value, Error>, ToolError> {
        let prepared = operation
            .prepare(fields)
            .map_err(|error| ToolError::arguments(operation.spec.name, &mistakes(error)))?;
        if let Some(rehearsal) = &context.rehearsal
            && operation.spec.effect.is_write()
        {
            let fields = Value::Object(prepared.fields);
            return Err(rehearsal.note(operation.spec.method, &prepared.path, fields));
        }
        let mut options = context.options();
        if operation.spec.effect.is_keyed() {
            options.idempotency_key.clone_from(&context.idempotency_key);
        }
        let outcome = client.call(operation.spec, prepared, &options).await;
        Ok(outcome.and_then(|answer| answer.value()))
    }

    pub(super) async fn explain(
        &self,
        context: &Context,
        client: &Client,
        spec: &'static Spec,
        error: &Error,
    ) -> ToolError {
        let missing = match error.status() {
            Some(403) => missing(context, client, spec).await,
            _ => None,
        };
        let several = self.instances.len() > 1;
        let named = context.shared.get(INSTANCE).map(String::as_str);
        let around = Circumstances {
            spec,
            instance: several.then(|| named.unwrap_or_else(|| self.instances.default_name())),
            missing,
            key: error.idempotency_key(),
            on_record: context.ledger.is_some(),
        };
        failure::explain(error, &around)
    }
}

/// What the token lacks for an endpoint; `None` when the install does not tell.
async fn missing(context: &Context, client: &Client, spec: &'static Spec) -> Option<Vec<Missing>> {
    let options = context.options().with_deadline(EXPLANATION);
    let permissions = client
        .send_with(&api::token::Show::new(), &options)
        .await
        .ok()?;
    // An answer in a form that is not known says nothing about what is missing.
    permissions.is_known().then(|| permissions.missing(spec))
}

impl Backend for Tickiti {
    async fn call(
        &self,
        context: &Context,
        operation: &Operation,
        fields: JsonObject,
    ) -> Result<Value, ToolError> {
        self.answer(context, operation, fields).await
    }
}
