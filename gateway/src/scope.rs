//! What a request needs of the key it is made with, read off its route: the resource in the path, and whether it is looked at
//! or changed. A route that this table does not know needs more than any key has.

use crate::auth::Caller;
use axum::http::Method;
use connectors::catalogue;
use domain::scope::{Access, Family};

/// What a route asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// A key, whatever it may do; of operations the handler decides, by their kind.
    Key,
    /// A key that may do this.
    Of(Family, Access),
    /// Nobody thought of it: refused.
    Unknown,
}

/// Routes that change something although they are called with GET, as Kitchen's documents have it.
const CHANGING: [&str; 1] = ["/api/tasks/{id}/completed"];

/// What a request needs. `route` is the pattern of the route table, `path` what was asked for.
pub(crate) fn needed(method: &Method, route: &str, path: &str) -> Need {
    let is_read = (*method == Method::GET || *method == Method::HEAD) && !CHANGING.contains(&route);
    let access = if is_read { Access::Read } else { Access::Write };
    let parts: Vec<&str> = route.trim_start_matches('/').split('/').collect();
    let family = match parts.as_slice() {
        // What an action, a search or a look-up needs is asked where it calls the API.
        ["api", "me" | "event-types"]
        | ["api", "users", "me"]
        | ["api", "operations", ..]
        | ["connect", _, "me" | "triggers" | "actions" | "searches" | "lookups"]
        | ["connect", _, "actions" | "searches" | "lookups" | "operations", ..] => {
            return Need::Key;
        }
        ["api", resource, ..] | ["connect", _, resource @ "hooks", ..] => Family::of(resource),
        // `/connect/zapier/triggers/client.created`: whoever may read clients may read what happened to them.
        ["connect", _, "triggers", ..] => path.split('/').nth(4).and_then(|event| Family::of(event.split('.').next()?)),
        _ => None,
    };
    match family {
        Some(family) => Need::Of(family, access),
        // An event nobody knows is not found, whatever the key may do.
        None if parts.get(2) == Some(&"triggers") => Need::Key,
        None => Need::Unknown,
    }
}

impl Need {
    fn is_met_by(self, caller: &Caller) -> bool {
        match self {
            Self::Key => true,
            Self::Of(family, access) => caller.key.may(family, access),
            Self::Unknown => false,
        }
    }
}

/// Whether a key may make a request of the API, as far as its route tells.
pub(crate) fn may(caller: &Caller, method: catalogue::Method, route: &str) -> bool {
    let method = if method == catalogue::Method::Get { Method::GET } else { Method::POST };
    needed(&method, route, route).is_met_by(caller)
}

/// Whether a key may hear of an event.
pub(crate) fn may_hear(caller: &Caller, event: &str) -> bool {
    let path = format!("/connect/custom/triggers/{event}");
    needed(&Method::GET, "/connect/{platform}/triggers/{key}", &path).is_met_by(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_says_what_is_needed() {
        let needs = |method: Method, route: &str, path: &str| needed(&method, route, path);
        assert_eq!(needs(Method::GET, "/api/me", "/api/me"), Need::Key);
        assert_eq!(needs(Method::GET, "/api/event-types", "/api/event-types"), Need::Key);
        assert_eq!(needs(Method::GET, "/api/clients/{id}", "/api/clients/u_1"), Need::Of(Family::Clients, Access::Read));
        assert_eq!(needs(Method::PUT, "/api/lists/{id}", "/api/lists/1"), Need::Of(Family::Boards, Access::Write));
        assert_eq!(needs(Method::GET, "/api/tasks/{id}", "/api/tasks/1"), Need::Of(Family::Boards, Access::Read));
        assert_eq!(
            needs(Method::GET, "/api/tasks/{id}/completed", "/api/tasks/1/completed"),
            Need::Of(Family::Boards, Access::Write)
        );
        assert_eq!(needs(Method::POST, "/api/deliveries/{id}/retry", ""), Need::Of(Family::Webhooks, Access::Write));
        assert_eq!(needs(Method::POST, "/api/operations/{id}/cancel", ""), Need::Key);
        assert_eq!(needs(Method::GET, "/api/api-keys", ""), Need::Of(Family::Keys, Access::Read));
        let feed = needs(Method::GET, "/connect/{platform}/triggers/{key}", "/connect/zapier/triggers/board.created");
        assert_eq!(feed, Need::Of(Family::Boards, Access::Read));
        assert_eq!(needs(Method::POST, "/connect/{platform}/actions/{key}", ""), Need::Key);
        assert_eq!(needs(Method::GET, "/connect/{platform}/hooks/{key}", ""), Need::Of(Family::Webhooks, Access::Read));
        assert_eq!(needs(Method::GET, "/api/invoices", ""), Need::Unknown);
    }
}
