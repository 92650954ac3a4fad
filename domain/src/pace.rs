//! How fast deliveries to a webhook may begin: the generic cell rate algorithm. Refuses to wait, or to know which clock it goes by.
//!
//! The allowance is a tenth of a second's worth, so that in any second there are never more deliveries than the rate and a tenth of it.

use std::time::Duration;

/// What part of a second's worth may begin at once.
const BURSTS_A_SECOND: u32 = 10;

/// So many a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// At least one a second.
    pub fn a_second(count: u32) -> Self {
        Self(count.max(1))
    }

    /// How many a second.
    pub fn count(self) -> u32 {
        self.0
    }

    /// How many may begin at once, after a while in which none did.
    pub fn burst(self) -> u32 {
        self.0.div_ceil(BURSTS_A_SECOND)
    }

    fn time_for(self, count: u32) -> Duration {
        Duration::from_secs(1) / self.0 * count
    }

    /// How long to wait until it is worth asking again: until half of the burst is there, so that one who comes a little late loses
    /// nothing. `full_after` is how long it takes until all of it is.
    pub fn pause(self, full_after: Duration) -> Duration {
        full_after.saturating_sub(self.time_for(self.burst() / 2))
    }
}

/// How much of a rate is used up. Times are counted from any moment, as long as it is always the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    full_at: Duration,
}

impl Pace {
    /// Takes as many of those that are wanted as may begin now, and says how many.
    pub fn take(&mut self, rate: Rate, now: Duration, wanted: u32) -> u32 {
        let each = rate.time_for(1);
        let burst = each * rate.burst();
        // Later than that only if the rate was lower before.
        self.full_at = self.full_at.clamp(now, now + burst);
        let left = (now + burst).saturating_sub(self.full_at).as_nanos() / each.as_nanos();
        let taken = wanted.min(u32::try_from(left).unwrap_or(u32::MAX));
        self.full_at += each * taken;
        taken
    }

    /// Takes back what was taken and not begun.
    pub fn give_back(&mut self, rate: Rate, count: u32) {
        self.full_at = self.full_at.saturating_sub(rate.time_for(count));
    }

    /// How long it takes until everything may begin that may at once.
    pub fn full_after(&self, now: Duration) -> Duration {
        self.full_at.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn what_may_begin_and_when_to_ask_again() {
        let mut pace = Pace::default();
        let rate = Rate::a_second(40);
        for (at, wanted, taken, pause) in [
            (1000, 100, 4, 50),
            (1000, 1, 0, 50),
            (1025, 3, 1, 50),
            (1075, 5, 2, 50),
            // After a while there is no more than the burst.
            (9000, 3, 3, 25),
            (9000, 3, 1, 50),
        ] {
            assert_eq!(pace.take(rate, ms(at), wanted), taken, "{wanted} at {at}");
            assert_eq!(rate.pause(pace.full_after(ms(at))), ms(pause), "{wanted} at {at}");
        }
        pace.give_back(rate, 3);
        assert_eq!(pace.take(rate, ms(9000), 9), 3);
        // A rate that was raised holds at once.
        assert_eq!(pace.take(Rate::a_second(1000), ms(9050), 1000), 50);
    }

    #[test]
    fn in_no_second_there_are_more_than_the_rate_and_a_burst() {
        for count in [1, 3, 20, 30, 999, 1000] {
            let (rate, mut pace) = (Rate::a_second(count), Pace::default());
            let taken: Vec<u32> = (0..3000).map(|at| pace.take(rate, ms(at), 1000)).collect();
            let most = taken.windows(1000).map(|second| second.iter().sum::<u32>()).max();
            assert!(most.is_some_and(|most| most <= count + rate.burst()), "{most:?} at {count}");
            let all: u32 = taken.iter().sum();
            assert!(all >= count * 3 - count / 50, "{all} in three seconds at {count}");
        }
    }
}
