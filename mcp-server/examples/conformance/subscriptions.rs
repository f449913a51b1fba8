//! Who listens for changes.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rmcp::service::{SubscriptionContext, SubscriptionSink};

#[derive(Default)]
pub(crate) struct Subscriptions {
    next: AtomicU64,
    sinks: Mutex<BTreeMap<u64, SubscriptionSink>>,
}

impl Subscriptions {
    fn sinks(&self) -> MutexGuard<'_, BTreeMap<u64, SubscriptionSink>> {
        self.sinks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a listener until it goes.
    pub(crate) async fn keep(&self, subscription: &SubscriptionContext) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.sinks().insert(number, subscription.sink().clone());
        let _gone = Leaving(self, number);
        subscription.cancelled().await;
    }

    fn all(&self) -> Vec<SubscriptionSink> {
        self.sinks().values().cloned().collect()
    }

    pub(crate) async fn tools_changed(&self) {
        for sink in self.all() {
            // A listener that wants other news, or has just gone, refuses.
            let _ = sink.notify_tool_list_changed().await;
        }
    }

    pub(crate) async fn prompts_changed(&self) {
        for sink in self.all() {
            let _ = sink.notify_prompt_list_changed().await;
        }
    }
}

/// A listener's end, also when its request is dropped.
struct Leaving<'a>(&'a Subscriptions, u64);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.sinks().remove(&self.1);
    }
}
