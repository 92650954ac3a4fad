//! A second look at a webhook's target when it is saved: a name that leads only into a private network is refused at once, with
//! a clear error, instead of failing at every delivery. Safety does not rest on this look; the worker judges the address it
//! connects to.

use crate::error::ApiError;
use domain::egress::EgressPolicy;
use domain::input::Invalid;
use std::net::IpAddr;
use std::time::Duration;
use url::{Host, Url};

/// How long a name server may take; a name it does not know yet is accepted, because it may come to be known.
const PATIENCE: Duration = Duration::from_secs(2);

/// Refuses a URL, on the field that held it, if its name leads to an address that may not be called.
pub(crate) async fn judge(policy: &EgressPolicy, field: &str, url: &str) -> Result<(), ApiError> {
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    let (Some(Host::Domain(name)), Some(port)) = (url.host(), url.port_or_known_default()) else { return Ok(()) };
    let Ok(Ok(found)) = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, port))).await else { return Ok(()) };
    let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
    match policy.judge_answer(name, &addresses) {
        Err(reason) if !addresses.is_empty() => {
            Err(Invalid::field(field, format!("The {field} must be publicly reachable; {reason}.")).into())
        }
        _ => Ok(()),
    }
}
