//! Names become addresses here: every address a name has is judged, and none is given out that may not be connected to.

use crate::Settings;
use crate::names::Names;
use domain::egress::EgressPolicy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tower::BoxError;

/// Resolves names, and lets through none that leads where nothing may be sent.
#[derive(Clone)]
pub(crate) struct Judge {
    policy: Arc<EgressPolicy>,
    names: Names,
}

impl Judge {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { policy: Arc::new(settings.egress.clone()), names: settings.names.clone() }
    }

    /// The addresses of a name, or of an address as it is written in a URL.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, BoxError> {
        let found = match host.parse() {
            Ok(literal) => vec![literal],
            Err(_) => self.names.addresses(host).await?,
        };
        Ok(self.policy.judge_answer(host, &found)?)
    }
}

impl Resolve for Judge {
    fn resolve(&self, name: Name) -> Resolving {
        let judge = self.clone();
        Box::pin(async move {
            let judged = judge.addresses(name.as_str()).await?;
            // The port is filled in by the connector.
            let addresses: Addrs = Box::new(judged.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
