//! Room for connections: when there is none left, the one that has been idle longest makes place.

use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All places.
#[derive(Debug)]
pub(super) struct Room {
    free: Arc<Semaphore>,
    idle: Mutex<Idle>,
    /// Told whenever a connection becomes idle.
    became_idle: Notify,
}

/// Connections without a request under way, the one that has been so for longest first.
#[derive(Debug, Default)]
struct Idle {
    last: u64,
    waiting: BTreeMap<u64, Arc<Notify>>,
}

/// The place of one connection; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    leave: Arc<Notify>,
    /// Its number among the idle ones; none while a request is under way.
    number: Mutex<Option<u64>>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A request under way: as long as it is, its connection is not sent away.
#[derive(Debug)]
pub(super) struct Busy(Arc<Place>);

impl Room {
    pub(super) fn new(places: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            idle: Mutex::default(),
            became_idle: Notify::new(),
        })
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the connection away that has been idle longest; false when there is none.
    pub(super) fn send_one_away(&self) -> bool {
        let Some((_, leave)) = self.idle().waiting.pop_first() else {
            return false;
        };
        leave.notify_one();
        true
    }

    /// A place for a new connection; waits while requests are under way on all of them.
    pub(super) async fn place(self: &Arc<Self>) -> Arc<Place> {
        let permit = if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            Some(permit)
        } else {
            let mut free = pin!(Arc::clone(&self.free).acquire_owned());
            let mut one_leaves = self.send_one_away();
            loop {
                tokio::select! {
                    biased;
                    // The semaphore is never closed.
                    permit = &mut free => break permit.ok(),
                    () = self.became_idle.notified(), if !one_leaves => one_leaves = self.send_one_away(),
                }
            }
        };
        let place = Arc::new(Place {
            room: Arc::clone(self),
            leave: Arc::default(),
            number: Mutex::default(),
            _permit: permit,
        });
        place.rest();
        place
    }
}

impl Place {
    fn number(&self) -> MutexGuard<'_, Option<u64>> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rest(&self) {
        let mut idle = self.room.idle();
        idle.last = idle.last.wrapping_add(1);
        let number = idle.last;
        idle.waiting.insert(number, Arc::clone(&self.leave));
        *self.number() = Some(number);
        drop(idle);
        self.room.became_idle.notify_one();
    }

    fn rest_no_more(&self) {
        let mut idle = self.room.idle();
        if let Some(number) = self.number().take() {
            idle.waiting.remove(&number);
        }
    }

    /// Begins a request.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        self.rest_no_more();
        Busy(Arc::clone(self))
    }

    /// Whether a request is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.number().is_none()
    }

    /// Waits until another connection wants the place of this one.
    pub(super) async fn is_wanted(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.rest_no_more();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rest();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(100);

    #[tokio::test(start_paused = true)]
    async fn the_one_that_was_idle_longest_makes_place() {
        let room = Room::new(2);
        let (first, second) = (room.place().await, room.place().await);
        // The first has just been busy, so the second has rested longer.
        drop(first.busy());
        let third = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.place().await }
        });
        timeout(AT_ONCE, second.is_wanted()).await.unwrap();
        assert!(timeout(AT_ONCE, first.is_wanted()).await.is_err());
        assert!(!third.is_finished());
        drop(second);
        timeout(AT_ONCE, third).await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_is_waited_for() {
        let room = Room::new(1);
        let first = room.place().await;
        let busy = first.busy();
        let second = tokio::spawn({
            let room = Arc::clone(&room);
            async move { room.place().await }
        });
        assert!(timeout(AT_ONCE, first.is_wanted()).await.is_err());
        drop(busy);
        timeout(AT_ONCE, first.is_wanted()).await.unwrap();
        drop(first);
        timeout(AT_ONCE, second).await.unwrap().unwrap();
    }
}
