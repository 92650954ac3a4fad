//! Which addresses a name has: the system knows, unless a test answers in its place.
//!
//! Refuses to judge: that is `domain::egress`, and whoever is about to connect asks it.

use std::net::IpAddr;
use std::sync::Arc;
use std::{fmt, io};

/// What stands for a name server.
pub type Answers = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

/// Whom to ask about names.
#[derive(Clone, Default)]
pub enum Names {
    /// The resolver of the system.
    #[default]
    System,
    /// A function.
    Told(Arc<Answers>),
}

impl Names {
    pub(crate) async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        match self {
            // The port is filled in by the connector.
            Self::System => Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()),
            Self::Told(answer) => Ok(answer(name)),
        }
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Told(_) => "Told",
        })
    }
}
