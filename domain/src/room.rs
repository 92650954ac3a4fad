//! How a worker's places are shared out among webhooks and their workspaces. A place is a delivery it holds.
//!
//! Whoever asks for one more place gets it only while it holds less than is still free. So there is always something left for
//! whoever comes next: a webhook that takes all it can get is left with half of the places, two of them with a third each, and when
//! ten hang at once a newcomer still finds a tenth free. A workspace may hold three times what is free, which is three quarters of
//! everything while it is alone.

use crate::ids::{WebhookId, WorkspaceId};
use std::collections::{HashMap, VecDeque};

/// How much of what is free a workspace may hold, over all its webhooks.
const FOR_WORKSPACE: usize = 3;

/// What is left of a worker's places, and who holds the others.
#[derive(Clone, Debug)]
pub struct Room {
    free: usize,
    of_webhooks: HashMap<WebhookId, usize>,
    of_workspaces: HashMap<WorkspaceId, usize>,
}

/// A webhook for which something is due.
#[derive(Clone, Copy, Debug)]
pub struct Wanting<'l> {
    /// Its workspace.
    pub workspace: &'l WorkspaceId,
    /// The webhook.
    pub webhook: &'l WebhookId,
    /// What it may hold at most, those it holds already included.
    pub most: usize,
}

impl Room {
    /// So many places, all of them free.
    pub fn of(places: usize) -> Self {
        Self { free: places, of_webhooks: HashMap::new(), of_workspaces: HashMap::new() }
    }

    /// Counts places that are held already.
    pub fn hold(&mut self, workspace: &WorkspaceId, webhook: &WebhookId, count: usize) {
        self.free = self.free.saturating_sub(count);
        add(&mut self.of_webhooks, webhook, count);
        add(&mut self.of_workspaces, workspace, count);
    }

    /// Places nobody holds.
    pub fn free(&self) -> usize {
        self.free
    }

    /// Takes a place, if there is one for this webhook.
    pub fn take(&mut self, wanting: Wanting<'_>) -> bool {
        let of_webhook = self.of_webhooks.get(wanting.webhook).copied().unwrap_or(0);
        let of_workspace = self.of_workspaces.get(wanting.workspace).copied().unwrap_or(0);
        let is_granted = of_webhook < wanting.most.min(self.free) && of_workspace < self.free * FOR_WORKSPACE;
        if is_granted {
            self.hold(wanting.workspace, wanting.webhook, 1);
        }
        is_granted
    }

    /// Shares out at most `most` places, and says how many each gets, in their order. Workspaces take turns, and in each its webhooks
    /// do; `first` says whose turn it is.
    pub fn share(&mut self, wanting: &[Wanting<'_>], most: usize, first: usize) -> Vec<usize> {
        let mut shares = vec![0; wanting.len()];
        let mut by_workspace: HashMap<&WorkspaceId, VecDeque<usize>> = HashMap::new();
        let mut turns: VecDeque<&WorkspaceId> = VecDeque::new();
        for index in 0..wanting.len() {
            let index = (index + first) % wanting.len();
            let workspace = wanting[index].workspace;
            let lanes = by_workspace.entry(workspace).or_insert_with(|| {
                turns.push_back(workspace);
                VecDeque::new()
            });
            lanes.push_back(index);
        }
        let mut granted = 0;
        while granted < most
            && let Some(workspace) = turns.pop_front()
        {
            let Some(lanes) = by_workspace.get_mut(workspace) else { continue };
            let Some(index) = lanes.pop_front() else { continue };
            if self.take(wanting[index]) {
                granted += 1;
                shares[index] += 1;
                lanes.push_back(index);
            }
            if !lanes.is_empty() {
                turns.push_back(workspace);
            }
        }
        shares
    }
}

fn add<K: Clone + Eq + std::hash::Hash>(counts: &mut HashMap<K, usize>, key: &K, count: usize) {
    match counts.get_mut(key) {
        Some(sum) => *sum += count,
        None => drop(counts.insert(key.clone(), count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhook(number: usize) -> WebhookId {
        WebhookId::from_stored(format!("wh_{number}"))
    }

    fn workspace(number: usize) -> WorkspaceId {
        WorkspaceId::from_stored(format!("ws_{number}"))
    }

    /// Shares `places` among webhooks, given as their workspace and what they may hold.
    fn shared(places: usize, lanes: &[(usize, usize)]) -> Vec<usize> {
        let ids: Vec<_> = lanes.iter().enumerate().map(|(index, (of, most))| (workspace(*of), webhook(index), *most)).collect();
        let wanting: Vec<_> = ids.iter().map(|(workspace, webhook, most)| Wanting { workspace, webhook, most: *most }).collect();
        Room::of(places).share(&wanting, usize::MAX, 0)
    }

    #[test]
    fn something_is_left_whoever_takes_all_it_can_get() {
        for (places, lanes, expected) in [
            (512, vec![(0, 128)], vec![128]),
            (512, vec![(0, 1000)], vec![256]),
            (300, vec![(0, 1000), (0, 1000)], vec![100, 100]),
            // Webhooks of one workspace leave a quarter to the others.
            (100, vec![(0, 1000); 10], [vec![8; 5], vec![7; 5]].concat()),
            // Five of one workspace and one of another.
            (120, [vec![(0, 1000); 5], vec![(1, 1000)]].concat(), vec![12, 12, 12, 12, 12, 40]),
            (512, vec![], vec![]),
            (1, vec![(0, 1)], vec![1]),
            (0, vec![(0, 1)], vec![0]),
        ] {
            assert_eq!(shared(places, &lanes), expected, "{places} places, {lanes:?}");
        }
    }

    #[test]
    fn many_webhooks_of_one_workspace_do_not_crowd_out_the_only_one_of_another() {
        let lanes: Vec<_> = (0..1000).map(|_| (0, 128)).chain([(1, 128)]).collect();
        let shares = shared(512, &lanes);
        assert!(shares[1000] >= 50, "{}", shares[1000]);
    }

    #[test]
    fn what_is_held_counts_and_turns_begin_where_they_are_told_to() {
        let (of, ids) = (workspace(0), [webhook(0), webhook(1), webhook(2)]);
        let mut room = Room::of(100);
        room.hold(&of, &ids[0], 40);
        let wanting = ids.each_ref().map(|webhook| Wanting { workspace: &of, webhook, most: 100 });
        assert_eq!(room.clone().share(&wanting, 4, 1), [1, 2, 1]);
        assert_eq!(room.clone().share(&wanting, 1, 2), [0, 0, 1]);
        assert_eq!(room.free(), 60);
    }
}
