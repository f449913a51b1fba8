//! One call of a tool: its arguments judged, what the server adds to every tool taken out, asked about, put on record, made.

use std::{collections::BTreeSet, time::SystemTime};

use api_core::{Effect, Reversal};
use serde_json::{Value, json};

use super::{IDEMPOTENCY_KEY, Registered};
use crate::{
    arguments::{self, Mistake, Unknown},
    confirm::{self, CONFIRM},
    context::Context,
    error::ToolError,
    files::Carried,
    ledger::{Act, Found, Intent, Ledger},
    output,
    rehearsal::{DRY_RUN, Rehearsal},
    tool::JsonObject,
};

impl Registered {
    pub(super) async fn call(
        &self,
        mut context: Context,
        mut arguments: JsonObject,
    ) -> Result<JsonObject, ToolError> {
        let is_write = self.spec().effect.is_write();
        // Taken whether the tool shows it or not: who asked for it must be able to give it.
        let token = is_write.then(|| arguments.remove(CONFIRM)).flatten();
        let mistakes = self.mistakes(&mut arguments);
        if !mistakes.is_empty() {
            return Err(ToolError::arguments(&self.name, &mistakes));
        }
        if let Some(shared) = &self.shared
            && let Some(Value::String(chosen)) = arguments.remove(shared.name)
        {
            context.shared.insert(shared.name, chosen);
        }
        let effect = self.effect(&arguments);
        if is_write && let Some(Value::String(key)) = arguments.remove(IDEMPOTENCY_KEY) {
            context.idempotency_key = Some(key);
        }
        let carries = self.tool.carries(&arguments);
        if !carries.is_empty() {
            let opened = Carried::open(&context.roots, &self.name, carries);
            context.carried = Box::pin(opened).await?;
        }
        let call = Call {
            registered: self,
            context: &context,
            effect,
            arguments: &arguments,
        };
        let mut answer = call.run(token.as_ref().and_then(Value::as_str)).await?;
        if let Some(shared) = &self.shared {
            let chosen = context.shared.get(shared.name).unwrap_or(&shared.default);
            answer.insert(shared.name.to_owned(), json!(chosen));
        }
        Ok(answer)
    }

    /// Mistakes of form and mistakes between arguments, told together.
    fn mistakes(&self, arguments: &mut JsonObject) -> Vec<Mistake> {
        let input = &self.definition().input;
        let mut mistakes = arguments::check(input, arguments, Unknown::Refuse);
        if mistakes.is_empty() {
            let mut mistakes = self.tool.mistakes(arguments);
            if self.spec().effect.is_write()
                && arguments.contains_key(IDEMPOTENCY_KEY)
                && !Ledger::keeps(self.effect(arguments))
            {
                mistakes.push(Mistake::new(
                    IDEMPOTENCY_KEY,
                    "names a write that would act twice when made twice, and this call would not; leave it out",
                ));
            }
            return mistakes;
        }
        // Beyond that nobody mends them, and to compare them with each other takes the square of their number.
        if mistakes.len() >= arguments::MOST {
            return mistakes;
        }
        // Rules between arguments are judged without the malformed ones, and say nothing about those.
        let wrong: BTreeSet<String> = mistakes.iter().map(|m| m.argument().to_owned()).collect();
        let mut sound = arguments.clone();
        sound.retain(|name, _| !wrong.contains(name));
        let more = self.tool.mistakes(&sound);
        mistakes.extend(more.into_iter().filter(|mistake| {
            !wrong
                .iter()
                .any(|name| mistake.argument() == name || mistake.problem.contains(name.as_str()))
        }));
        mistakes
    }
}

/// One call of a tool whose arguments are right.
struct Call<'a> {
    registered: &'a Registered,
    context: &'a Context,
    effect: Effect,
    arguments: &'a JsonObject,
}

impl<'a> Call<'a> {
    fn with(&self, arguments: &'a JsonObject) -> Self {
        Self { arguments, ..*self }
    }

    fn intent(&self) -> Intent {
        let Registered {
            module, tool, name, ..
        } = self.registered;
        let mut intent = Intent::new(
            (module, tool.name(), name),
            self.context.idempotency_key.clone(),
            (&self.context.shared, self.arguments),
            self.effect,
        );
        intent.secret_answer = tool.answers_secret(self.arguments);
        match self.context.carried.digest() {
            Some(files) => intent.carrying(&files),
            None => intent,
        }
    }

    /// Rehearsed, or confirmed and made, on record where that is kept.
    async fn run(&self, token: Option<&str>) -> Result<JsonObject, ToolError> {
        if self.is_rehearsal() {
            let mut arguments = self.arguments.clone();
            arguments.remove(DRY_RUN);
            return Box::pin(self.with(&arguments).rehearse()).await;
        }
        // Each is behind a pointer: every call moves its future several times, and most calls need none of them.
        if self.effect.is_write() {
            Box::pin(self.confirmed(token)).await?;
        }
        match &self.context.ledger {
            Some(ledger) if Ledger::keeps(self.effect) => {
                Box::pin(ledger.run(&self.intent(), self.context, self)).await
            }
            _ => self.make(self.context).await,
        }
    }

    /// Whether only what would be done is asked for, and the tool does not see to that itself.
    fn is_rehearsal(&self) -> bool {
        let asked = self.arguments.get(DRY_RUN) == Some(&json!(true));
        asked && self.effect.is_write() && !self.registered.definition().own_rehearsal
    }

    /// What the call would do, as an answer.
    async fn rehearse(&self) -> Result<JsonObject, ToolError> {
        if self.registered.definition().own_rehearsal {
            let mut arguments = self.arguments.clone();
            arguments.insert(DRY_RUN.to_owned(), json!(true));
            return self.with(&arguments).make(self.context).await;
        }
        let rehearsal = Rehearsal::default();
        let mut context = self.context.clone();
        context.rehearsal = Some(rehearsal.clone());
        let made = self.make(&context).await;
        rehearsal.answer().map_or(made, Ok)
    }

    /// Whether it can be taken back.
    fn reversal(&self) -> Option<Reversal> {
        match self.registered.endpoints(Some(self.arguments)).as_slice() {
            [one] => one.reversal,
            _ => self.registered.spec().reversal,
        }
    }

    /// Lets a call through that needs no confirmation, or has it.
    async fn confirmed(&self, token: Option<&str>) -> Result<(), ToolError> {
        let Some(confirmations) = &self.context.confirmations else {
            return Ok(());
        };
        let tool = &self.registered.tool;
        let bulk = tool.is_bulk(self.arguments);
        let Some(why) = confirmations.why(self.effect, self.reversal(), bulk) else {
            return Ok(());
        };
        let intent = self.intent();
        if let Some(token) = token
            && confirmations.redeem(token, &intent).await?
        {
            return Ok(());
        }
        let touches = tool.touches(self.context, self.arguments).await?;
        let preview = confirm::preview(self.rehearse().await?, touches);
        let asked = confirmations.ask(&intent, why, &preview).await;
        Err(match token {
            Some(_) => asked.with_advice(
                "The token that was given is not good for this call: it was used, is too old, or was for other arguments.",
            ),
            None => asked,
        })
    }

    async fn make(&self, context: &Context) -> Result<JsonObject, ToolError> {
        let tool = &self.registered.tool;
        let mut answer = tool.call(context, self.arguments.clone()).await?;
        output::fit(&self.registered.definition().output, &mut answer);
        Ok(answer)
    }
}
impl Act for Call<'_> {
    async fn act(&self, key: &str, again: bool) -> Result<JsonObject, ToolError> {
        let mut context = self.context.clone();
        context.again = again;
        context.idempotency_key = Some(key.to_owned());
        self.make(&context).await
    }

    async fn look(&self, begun: SystemTime) -> Result<Found, ToolError> {
        let tool = &self.registered.tool;
        let mut found = tool.reconcile(self.context, self.arguments, begun).await?;
        if let Found::Applied(answer) = &mut found {
            output::fit(&self.registered.definition().output, answer);
        }
        Ok(found)
    }
}
