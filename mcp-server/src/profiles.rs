//! Profiles put together: for each key its tools, its back ends and its limits.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::{
    BuildError, Config, Server, build_served,
    config::{Http, Setup},
    http::{Access, Limits, Profile, hash},
    transport::HttpEndpoint,
};

/// Name of the profile of the one key, or of nobody's.
const DEFAULT: &str = "default";

/// All profiles of one configuration.
#[derive(Debug)]
pub struct Profiles {
    access: Access,
    servers: Vec<Server>,
}

impl Profiles {
    /// Puts them together. No tool is called.
    ///
    /// # Errors
    ///
    /// As [`crate::build`].
    pub async fn build(
        setup: &Setup,
        http: &Http,
        limits: &Limits,
        stop: &CancellationToken,
    ) -> Result<Self, BuildError> {
        let mut all = Self {
            access: Access::new(),
            servers: Vec::new(),
        };
        if let Some(config) = &setup.default {
            let profile = Arc::new(all.profile(DEFAULT, config, limits, stop).await?);
            all.access = match &http.key {
                Some(key) => all.access.with_key(hash(key.expose()), profile),
                None => all.access.with_everybody(profile),
            };
        }
        for told in &setup.profiles {
            let mut limits = limits.clone();
            if let Some(most) = told.in_flight {
                limits.per_profile = usize::try_from(most).unwrap_or(limits.in_flight);
            }
            let mut profile = all.profile(&told.name, &told.config, &limits, stop).await?;
            if let Some(rate) = told.requests_per_minute {
                profile = profile.with_rate(u32::try_from(rate).unwrap_or(u32::MAX));
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
        stop: &CancellationToken,
    ) -> Result<Profile, BuildError> {
        let served = build_served(config).await?;
        let endpoint = |server: &Server| HttpEndpoint::new(server.clone(), stop.child_token());
        let mut endpoints = BTreeMap::from([("", endpoint(&served.all))]);
        let alone = served.alone.iter();
        endpoints.extend(alone.map(|(module, server)| (*module, endpoint(server))));
        self.servers.push(served.all);
        Ok(Profile::new(name, endpoints, limits))
    }

    /// Who may call, and the servers whose journals are to be delivered at the end.
    #[must_use]
    pub fn into_parts(self) -> (Access, Vec<Server>) {
        (self.access, self.servers)
    }
}

/// Delivers what the journals of several servers hold, all within one time.
pub async fn finish(servers: &[Server], limit: Duration) {
    join_all(servers.iter().map(|server| server.finish(limit))).await;
}
