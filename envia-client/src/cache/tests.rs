use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::*;

#[derive(Debug, Default)]
struct Hand(AtomicU64);

impl Hand {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

fn cache() -> (Cache<Vec<u8>>, Arc<Hand>) {
    let hand = Arc::new(Hand::default());
    let clock = Arc::clone(&hand) as Arc<dyn Clock>;
    (Cache::new("numbers", Vec::is_empty, clock), hand)
}

fn down() -> Error {
    Error::invalid("numbers.list", "down")
}

/// Asks for the value where a refresh would bring `next`, and tells whether there was one.
async fn ask(
    cache: &Cache<Vec<u8>>,
    next: Result<Vec<u8>, Error>,
) -> (Result<Cached<Vec<u8>>, NeverLoaded>, bool) {
    let fetched = AtomicU32::new(0);
    let found = cache
        .get(|| {
            fetched.fetch_add(1, Ordering::SeqCst);
            async { next }
        })
        .await;
    (found, fetched.into_inner() > 0)
}

#[tokio::test]
async fn fetched_once_and_again_when_old() {
    let (cache, hand) = cache();
    let (found, fetched) = ask(&cache, Ok(vec![1])).await;
    assert_eq!((found.unwrap().value.as_slice(), fetched), (&[1][..], true));
    hand.pass(TTL - Duration::from_secs(1));
    let (found, fetched) = ask(&cache, Ok(vec![2])).await;
    let found = found.unwrap();
    assert_eq!(
        (found.value.as_slice(), fetched, found.is_stale()),
        (&[1][..], false, false)
    );
    assert_eq!(found.age, TTL - Duration::from_secs(1));
    hand.pass(Duration::from_secs(1));
    let (found, fetched) = ask(&cache, Ok(vec![2])).await;
    assert_eq!((found.unwrap().value.as_slice(), fetched), (&[2][..], true));
}

#[tokio::test]
async fn old_values_are_served_and_said_to_be_old() {
    let (cache, hand) = cache();
    ask(&cache, Ok(vec![1])).await.0.unwrap();
    for (next, text) in [(Err(down()), "down"), (Ok(Vec::new()), "empty list")] {
        hand.pass(TTL);
        let (found, fetched) = ask(&cache, next).await;
        let found = found.unwrap();
        assert_eq!((found.value.as_slice(), fetched), (&[1][..], true));
        assert!(found.age >= TTL);
        let why = found.stale.unwrap().to_string();
        assert!(why.contains(text), "{why}");
    }
    // Not asked again at once, and still said to be old.
    hand.pass(PAUSE - Duration::from_secs(1));
    let (found, fetched) = ask(&cache, Ok(vec![2])).await;
    assert_eq!((found.unwrap().is_stale(), fetched), (true, false));
    hand.pass(Duration::from_secs(1));
    let (found, fetched) = ask(&cache, Ok(vec![2])).await;
    let found = found.unwrap();
    assert_eq!(
        (found.value.as_slice(), fetched, found.is_stale()),
        (&[2][..], true, false)
    );
}

#[tokio::test]
async fn without_a_value_each_call_tries_and_tells_why() {
    let (cache, _hand) = cache();
    for (next, text) in [(Err(down()), "down"), (Ok(Vec::new()), "empty list")] {
        let (found, fetched) = ask(&cache, next).await;
        let error = found.unwrap_err().to_string();
        assert!(
            fetched && error.contains("the numbers could not be loaded"),
            "{error}"
        );
        assert!(error.contains(text), "{error}");
        assert!(cache.peek().is_none());
    }
    assert!(ask(&cache, Ok(vec![1])).await.0.is_ok());
    assert_eq!(cache.peek().unwrap().as_slice(), [1]);
}

/// Many callers at once; the first one's fetch ends after all have come.
async fn crowd(next: fn() -> Result<Vec<u8>, Error>) -> (u32, Vec<bool>) {
    let (cache, _hand) = cache();
    let (cache, fetches) = (Arc::new(cache), Arc::new(AtomicU32::new(0)));
    let callers = (0..20).map(|_| {
        let (cache, fetches) = (Arc::clone(&cache), Arc::clone(&fetches));
        tokio::spawn(async move {
            let fetch = || async {
                fetches.fetch_add(1, Ordering::SeqCst);
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                next()
            };
            cache.get(fetch).await.is_ok()
        })
    });
    let mut outcomes = Vec::new();
    for caller in callers.collect::<Vec<_>>() {
        outcomes.push(caller.await.unwrap());
    }
    (fetches.load(Ordering::SeqCst), outcomes)
}

#[tokio::test]
async fn one_refresh_for_all_who_wait() {
    assert_eq!(crowd(|| Ok(vec![1])).await, (1, vec![true; 20]));
    assert_eq!(crowd(|| Err(down())).await, (1, vec![false; 20]));
}

#[tokio::test]
async fn a_refresh_that_is_dropped_blocks_nobody() {
    let (cache, _hand) = cache();
    let stuck = cache.get(std::future::pending);
    assert!(
        tokio::time::timeout(Duration::from_millis(5), stuck)
            .await
            .is_err()
    );
    assert!(ask(&cache, Ok(vec![1])).await.0.is_ok());
}
