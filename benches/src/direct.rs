//! The HTTP call that a tool makes, made by this process: the floor that no server can do without.

use std::{cell::Cell, time::Instant};

use futures_util::future;
use tickiti_client::{Client, Prepared, api_core::CallOptions};
use tokio::runtime::{Builder, Runtime};

use crate::{Outcome, sandbox::TOKEN, stats::micros, tools::Case};

/// How far a direct call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// To the bytes of the answer's payload.
    Bytes,
    /// To the payload as a value, as the tools take it.
    Value,
}

/// The client of the tools, on one thread.
#[derive(Debug)]
pub(crate) struct Direct {
    client: Client,
    runtime: Runtime,
}

impl Direct {
    pub(crate) fn new(base: &str) -> Outcome<Self> {
        Ok(Self {
            client: Client::builder(base, TOKEN).build()?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// One call after the other: microseconds of each.
    pub(crate) fn sequence(&self, case: &Case, depth: Depth, calls: usize) -> Outcome<Vec<f64>> {
        let prepared = prepare(case)?;
        self.runtime.block_on(async {
            let mut took = Vec::with_capacity(calls);
            for _ in 0..calls {
                took.push(self.once(case, depth, &prepared).await?);
            }
            Ok(took)
        })
    }

    /// Many calls at once: microseconds of each.
    pub(crate) fn flood(&self, case: &Case, calls: usize, in_flight: usize) -> Outcome<Vec<f64>> {
        let prepared = prepare(case)?;
        let left = Cell::new(calls);
        let caller = || async {
            let mut took = Vec::new();
            while left.get() > 0 {
                left.set(left.get() - 1);
                took.push(self.once(case, Depth::Value, &prepared).await?);
            }
            Outcome::Ok(took)
        };
        let callers = (0..in_flight).map(|_| caller());
        let took = self.runtime.block_on(future::try_join_all(callers))?;
        Ok(took.into_iter().flatten().collect())
    }

    async fn once(&self, case: &Case, depth: Depth, prepared: &Prepared) -> Outcome<f64> {
        let began = Instant::now();
        let prepared = prepared.clone();
        let options = CallOptions::default();
        let call = self.client.call(case.operation.spec, prepared, &options);
        let answer = call.await?;
        if depth == Depth::Value {
            drop(answer.value()?);
        }
        Ok(micros(began.elapsed()))
    }
}

fn prepare(case: &Case) -> Outcome<Prepared> {
    let fields = case.arguments.as_object().cloned().unwrap_or_default();
    Ok(case.operation.prepare(fields)?)
}
