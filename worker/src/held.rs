//! What a worker holds: leases, webhook by webhook, under way or waiting in memory for a place. Refuses to claim and to send.

use bytes::Bytes;
use domain::clock::Timestamp;
use domain::ids::{WebhookId, WorkspaceId};
use std::collections::{HashMap, HashSet, VecDeque};
use store::claims::{ClaimName, Claimed};

/// What this worker holds leases on.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) by_webhook: HashMap<WebhookId, Lane>,
    /// Lanes in which something that is due was left behind, because they hold what they may.
    pub(crate) behind: HashSet<WebhookId>,
    /// Whether something was left behind for want of room, or nobody knows.
    pub(crate) is_crowded: bool,
    /// Where the next look goes on; `None` for the first lane.
    pub(crate) looked_at: Option<WebhookId>,
    /// Looks so far, so that each gives the first turn to another.
    pub(crate) looks: usize,
    pub(crate) is_closing: bool,
}

/// One webhook's requests under way, and those waiting for a place.
pub(crate) struct Lane {
    pub(crate) workspace: WorkspaceId,
    pub(crate) in_flight: usize,
    pub(crate) most_in_flight: usize,
    pub(crate) waiting: VecDeque<Shipment>,
    /// When no more than this is held, it is worth looking for more: half of what it held when something was last added.
    pub(crate) low_water: usize,
}

/// A claimed delivery with its body.
pub(crate) struct Shipment {
    pub(crate) claimed: Claimed,
    pub(crate) body: Bytes,
}

impl Held {
    /// Takes out what waits for a place at a webhook.
    pub(crate) fn give_up_waiting(&mut self, webhook: &WebhookId) -> Vec<ClaimName> {
        self.give_up_outdated(webhook, None)
    }

    /// Takes out what waits for a place at a webhook and was claimed when that was not as it was at this moment, its last change; all of it
    /// if there is none, because nothing can be sent there.
    pub(crate) fn give_up_outdated(&mut self, webhook: &WebhookId, updated_at: Option<Timestamp>) -> Vec<ClaimName> {
        let Some(lane) = self.by_webhook.get_mut(webhook) else { return Vec::new() };
        let (kept, outdated) = std::mem::take(&mut lane.waiting)
            .into_iter()
            .partition::<VecDeque<_>, _>(|shipment| Some(shipment.claimed.target.webhook.updated_at) == updated_at);
        lane.waiting = kept;
        outdated.into_iter().map(|shipment| ClaimName { id: shipment.claimed.id, fence: shipment.claimed.fence }).collect()
    }

    /// Webhooks for which something waits.
    pub(crate) fn waited_for(&self) -> Vec<WebhookId> {
        self.by_webhook.iter().filter(|(_, lane)| !lane.waiting.is_empty()).map(|(webhook, _)| webhook.clone()).collect()
    }

    /// Remembers lanes in which something that is due was left.
    pub(crate) fn leave(&mut self, lanes: impl IntoIterator<Item = WebhookId>) {
        for webhook in lanes {
            // One that holds nothing hears of room by others alone.
            self.is_crowded |= !self.by_webhook.contains_key(&webhook);
            self.behind.insert(webhook);
        }
    }
}

impl Lane {
    pub(crate) fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, in_flight: 0, most_in_flight: 1, waiting: VecDeque::new(), low_water: 0 }
    }

    pub(crate) fn held(&self) -> usize {
        self.in_flight + self.waiting.len()
    }
}
