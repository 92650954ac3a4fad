//! How many files a process may have open at once. Each connection is one of them, and many systems allow 1,024 unless asked for more.

use crate::settings::Settings;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process has open beside the connections to receivers: those of callers and to databases, files and libraries.
const BESIDE: u64 = 512;

/// Asks the system for as many as it allows without privileges.
pub fn raise() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // A system that says "any number" and means less leaves things as they are.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// How many there may be, in words; an error if they are fewer than a worker with these settings may come to need.
pub fn check(settings: &Settings) -> Result<String, String> {
    let needed = u64::try_from(settings.max_in_flight).unwrap_or(u64::MAX).saturating_add(BESIDE);
    match getrlimit(Resource::Nofile).maximum {
        Some(allowed) if allowed < needed => Err(format!(
            "The system allows {allowed} files and connections at once, and KITCHEN_MAX_IN_FLIGHT={} may come to need {needed}. Raise the \
             limit (LimitNOFILE= of systemd, ulimits of Docker Compose), or set KITCHEN_MAX_IN_FLIGHT lower.",
            settings.max_in_flight
        )),
        Some(allowed) => Ok(format!("{allowed} at once")),
        None => Ok("as many as needed".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_system_allows() {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let fewer = current.map(|current| current - 1);
        assert!(setrlimit(Resource::Nofile, Rlimit { current: fewer, maximum }).is_ok());
        raise();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
