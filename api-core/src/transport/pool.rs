//! HTTP clients of their own kind, and executors that share them.

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use super::{Failure, Target, chain};
use crate::settings::Settings;

/// An idle connection older than this is closed rather than used: the longer it rests, the likelier it is that
/// something on the way forgot it, and a write that fails on it may have arrived.
const IDLE: Duration = Duration::from_secs(30);

/// Connections that several executors share, see [`Settings::with_pool`]. Cheap to clone; clones are the same pool, and
/// equal to each other alone.
///
/// What belongs to a caller travels with each request, and nothing of it stays in a pool: there are no cookies, and no
/// credentials but those of a request. Executors whose settings for connecting differ share nothing in it.
#[derive(Clone, Default)]
pub struct Pool(Arc<Mutex<BTreeMap<Shape, Arc<Connections>>>>);

impl Pool {
    pub(crate) fn connections(&self, target: Target, settings: &Settings) -> Arc<Connections> {
        let shape = Shape::of(target, settings);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(shape.clone());
        Arc::clone(known.or_insert_with(|| Arc::new(Connections::new(shape))))
    }
}

impl PartialEq for Pool {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Pool {}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// Everything that a connection is made by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    connect_timeout: Duration,
    proxies: bool,
    /// Whether TLS is wanted, on the way or at its end.
    tls: bool,
    extra_ca: Option<PathBuf>,
}

impl Shape {
    fn of(target: Target, settings: &Settings) -> Self {
        let proxies = settings.proxies && !target.loopback;
        // A proxy may want TLS although the back end does not.
        let tls = target.tls || proxies;
        Self {
            connect_timeout: settings.connect_timeout,
            proxies,
            tls,
            extra_ca: settings.extra_ca.clone(),
        }
    }
}

/// The connections of one shape.
#[derive(Debug)]
pub(crate) struct Connections {
    shape: Shape,
    client: OnceLock<reqwest::Client>,
    building: Mutex<()>,
}

impl Connections {
    const fn new(shape: Shape) -> Self {
        Self {
            shape,
            client: OnceLock::new(),
            building: Mutex::new(()),
        }
    }

    /// Those of one executor.
    pub(crate) fn own(target: Target, settings: &Settings) -> Self {
        Self::new(Shape::of(target, settings))
    }

    /// The client, built on the first call: loading the system's certificates costs time that a start should not pay.
    pub(crate) fn client(&self) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let _one_builds = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self
            .build()
            .map_err(|text| Failure::Setup(text.into_owned()))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, std::borrow::Cow<'static, str>> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.shape.connect_timeout)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        if !self.shape.proxies {
            builder = builder.no_proxy();
        }
        #[cfg(feature = "rustls")]
        {
            let extra = self.shape.extra_ca.as_deref();
            builder = builder.tls_backend_preconfigured(crate::tls::config(self.shape.tls, extra)?);
        }
        builder.build().map_err(|error| chain(&error).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_for_connecting_alone_tell_connections_apart() {
        let pool = Pool::default();
        let far = Target {
            tls: true,
            loopback: false,
        };
        let here = Target {
            tls: false,
            loopback: true,
        };
        let same = |target: Target, settings: Settings| {
            let first = pool.connections(far, &Settings::default());
            Arc::ptr_eq(&first, &pool.connections(target, &settings))
        };
        let settings = Settings::default;
        assert!(same(far, settings()));
        assert!(same(far, settings().with_deadline(Duration::from_secs(1))));
        assert!(same(far, settings().with_user_agent("another")));
        assert!(!same(here, settings()));
        assert!(!same(far, settings().with_proxies(false)));
        assert!(!same(far, settings().with_extra_ca("ca.pem")));
        let hasty = settings().with_connect_timeout(Duration::from_secs(1));
        assert!(!same(far, hasty));
    }
}
