//! Profiles put together: for each key its tools, its back ends and its limits.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use mcp_tools::{Probe, store::Store};
use tokio_util::sync::CancellationToken;

use crate::{
    BuildError, Config, Offers, Server, build_served,
    config::{Http, Setup},
    http::{Access, Landing, Limits, Overview, Profile, hash},
    metrics::Metrics,
    probes,
    readiness::Readiness,
    server::DEFAULT_PROFILE,
    transport::HttpEndpoint,
};

/// All profiles of one configuration.
#[derive(Debug)]
pub struct Profiles {
    access: Access,
    servers: Vec<Server>,
    probes: Vec<(String, Probe)>,
    metrics: Metrics,
    offers: Offers,
    landing: Landing,
    store: Arc<dyn Store>,
}

impl Profiles {
    /// Puts them together. No tool is called. Streams end when `cut` is cancelled, and so do requests under way.
    ///
    /// # Errors
    ///
    /// As [`crate::build`].
    pub async fn build(
        setup: &Setup,
        http: &Http,
        limits: &Limits,
        metrics: &Metrics,
        cut: &CancellationToken,
    ) -> Result<Self, BuildError> {
        let mut all = Self {
            access: Access::new(),
            servers: Vec::new(),
            probes: Vec::new(),
            metrics: metrics.clone(),
            offers: Offers::default(),
            landing: Landing::default(),
            store: Arc::clone(&setup.store),
        };
        if let Some(config) = &setup.default {
            let profile = Arc::new(all.profile(DEFAULT_PROFILE, config, limits, cut).await?);
            all.access = match &http.key {
                Some(key) => all.access.with_key(hash(key.expose()), profile),
                None => all.access.with_everybody(profile),
            };
            all.landing = Landing::new(all.servers.first().cloned(), http.key.is_none());
        }
        for told in &setup.profiles {
            let mut limits = limits.clone();
            if let Some(most) = told.in_flight {
                limits.per_profile = usize::try_from(most).unwrap_or(limits.in_flight);
            }
            let mut profile = all.profile(&told.name, &told.config, &limits, cut).await?;
            if let Some(rate) = told.requests_per_minute {
                let rate = u32::try_from(rate).unwrap_or(u32::MAX);
                profile = profile.with_rate(rate, Arc::clone(&setup.store));
            }
            all.access = all.access.with_key(told.key, Arc::new(profile));
        }
        Ok(all)
    }

    async fn profile(
        &mut self,
        name: &str,
        config: &Config,
        limits: &Limits,
        cut: &CancellationToken,
    ) -> Result<Profile, BuildError> {
        let served = build_served(config, &mut self.offers).await?;
        let all = served.all.with_profile(name, self.metrics.clone());
        let endpoint = |server: Server| HttpEndpoint::new(server, cut.child_token());
        let mut endpoints = BTreeMap::from([("", endpoint(all.clone()))]);
        for (module, server) in served.alone {
            let server = server.with_profile(name, self.metrics.clone());
            endpoints.insert(module, endpoint(server));
        }
        self.servers.push(all);
        let probes = probes(config).into_iter();
        self.probes
            .extend(probes.map(|probe| (name.to_owned(), probe)));
        Ok(Profile::new(name, endpoints, limits))
    }

    /// Who may call, and what they are served: the servers whose journals are to be delivered at the end, and their back
    /// ends.
    #[must_use]
    pub fn into_parts(self) -> (Access, Overview) {
        let overview = Overview {
            servers: self.servers,
            readiness: Readiness::new(self.probes).with_store(self.store),
            landing: self.landing,
        };
        (self.access, overview)
    }
}

/// Delivers what the journals of several servers hold, all within one time.
pub async fn finish(servers: &[Server], limit: Duration) {
    join_all(servers.iter().map(|server| server.finish(limit))).await;
}
