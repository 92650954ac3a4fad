//! The bounded memory between those who ring and the one who carries the rings on.
//!
//! Owns: coalescing. Ids appended while the consumer is busy leave together as one ring.
//! Refuses: waiting, and growing past [`CAPACITY`]. What does not fit is replaced by one "look for due work".

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::Ring;

/// Most ids held. At about 50 bytes each this is half a megabyte, and a few seconds of full load.
const CAPACITY: usize = 10_000;

/// Most consumers remembered before all are woken to register afresh; far above the workers of one process.
const MAX_WAKERS: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Accumulator {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    event_ids: VecDeque<String>,
    look_for_due: bool,
    closed: bool,
    missed: u64,
    wakers: Vec<Waker>,
}

impl Accumulator {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing inside the lock can leave the state half-changed, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds ids, or "look for due work" if there are none, and wakes the consumer.
    pub(crate) fn append(&self, event_ids: &[impl AsRef<str>]) {
        let mut state = self.state();
        let room = CAPACITY.saturating_sub(state.event_ids.len());
        let kept = event_ids.len().min(room);
        state.event_ids.extend(event_ids[..kept].iter().map(|id| id.as_ref().to_owned()));
        state.missed += (event_ids.len() - kept) as u64;
        state.look_for_due |= event_ids.is_empty() || kept < event_ids.len();
        state.wake_all();
    }

    /// The consumer could not pass `lost` ids on: forget all ids and remember to look for due work instead.
    pub(crate) fn give_up(&self, lost: usize) {
        let mut state = self.state();
        state.missed += (lost + state.event_ids.len()) as u64;
        state.event_ids.clear();
        state.look_for_due = true;
    }

    /// Nobody will append any more; the consumer may stop once it has taken the rest.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.wake_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Ids that were dropped since the start.
    pub(crate) fn missed(&self) -> u64 {
        self.state().missed
    }

    /// The next ring; `None` once closed and empty.
    pub(crate) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<Ring>> {
        let mut state = self.state();
        if state.look_for_due {
            state.look_for_due = false;
            return Poll::Ready(Some(Ring::default()));
        }
        if !state.event_ids.is_empty() {
            let count = state.event_ids.len().min(Ring::MAX_IDS);
            let event_ids = state.event_ids.drain(..count).collect();
            return Poll::Ready(Some(Ring { event_ids }));
        }
        if state.closed {
            return Poll::Ready(None);
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            if state.wakers.len() == MAX_WAKERS {
                state.wakers.drain(..).for_each(Waker::wake);
            }
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl State {
    /// Wakes every consumer, not just one: the one chosen might be saturated while another is idle.
    fn wake_all(&mut self) {
        self.wakers.drain(..).for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(accumulator: &Accumulator) -> Poll<Option<Ring>> {
        accumulator.poll_take(&Context::from_waker(Waker::noop()))
    }

    fn size(poll: Poll<Option<Ring>>) -> Option<usize> {
        match poll {
            Poll::Ready(Some(ring)) => Some(ring.event_ids.len()),
            _ => None,
        }
    }

    #[test]
    fn what_accumulates_leaves_together() {
        let accumulator = Accumulator::default();
        accumulator.append(&["a"]);
        accumulator.append(&["b", "c"]);
        assert_eq!(size(take(&accumulator)), Some(3));
        assert!(take(&accumulator).is_pending());
    }

    #[test]
    fn a_ring_has_a_largest_size() {
        let accumulator = Accumulator::default();
        accumulator.append(&vec!["a"; 1_100]);
        let sizes: Vec<_> = (0..4).map(|_| size(take(&accumulator))).collect();
        assert_eq!(sizes, [Some(500), Some(500), Some(100), None]);
    }

    #[test]
    fn too_much_becomes_one_look_for_due_work() {
        let accumulator = Accumulator::default();
        accumulator.append(&vec!["a"; CAPACITY]);
        accumulator.append(&["b", "c"]);
        assert_eq!(accumulator.missed(), 2);
        assert_eq!(take(&accumulator), Poll::Ready(Some(Ring::default())));
        assert_eq!(size(take(&accumulator)), Some(500));
    }

    #[test]
    fn giving_up_keeps_one_look_for_due_work() {
        let accumulator = Accumulator::default();
        accumulator.append(&["a", "b"]);
        accumulator.give_up(3);
        assert_eq!(accumulator.missed(), 5);
        assert_eq!(take(&accumulator), Poll::Ready(Some(Ring::default())));
        assert!(take(&accumulator).is_pending());
    }

    #[test]
    fn closing_hands_out_the_rest_first() {
        let accumulator = Accumulator::default();
        accumulator.append(&["a"]);
        accumulator.close();
        assert_eq!(size(take(&accumulator)), Some(1));
        assert_eq!(take(&accumulator), Poll::Ready(None));
    }
}
