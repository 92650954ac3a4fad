//! How fast deliveries to a webhook may begin: the generic cell rate algorithm. Refuses to wait, or to know which clock it goes by.
//!
//! In no second more begin than the rate. A tenth of a second's worth may begin at once, and so the rest comes back a little slower than the
//! rate: whatever begins together is part of the second that follows.

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

    /// How long it takes until one more may begin: so long that a burst and what comes back within a second are no more than the rate.
    /// Whole microseconds, rounded up, for a clock that knows no shorter time.
    pub fn interval(self) -> Duration {
        Duration::from_micros(1_000_000_u64.div_ceil(u64::from(self.0 - self.burst() + 1)))
    }

    fn time_for(self, count: u32) -> Duration {
        self.interval() * count
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
        let each = rate.interval();
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
        // Five at once, and one every 25 ms.
        let rate = Rate::a_second(44);
        for (at, wanted, taken, pause) in [
            (1000, 100, 5, 75),
            (1000, 1, 0, 75),
            (1025, 3, 1, 75),
            (1075, 5, 2, 75),
            // After a while there is no more than the burst.
            (9000, 3, 3, 25),
            (9000, 3, 2, 75),
        ] {
            assert_eq!(pace.take(rate, ms(at), wanted), taken, "{wanted} at {at}");
            assert_eq!(rate.pause(pace.full_after(ms(at))), ms(pause), "{wanted} at {at}");
        }
        pace.give_back(rate, 3);
        assert_eq!(pace.take(rate, ms(9000), 9), 3);
        // A rate that was raised holds at once.
        assert_eq!(pace.take(Rate::a_second(1000), ms(9050), 1000), 32);
    }

    #[test]
    fn in_no_second_there_are_more_than_the_rate_and_in_the_long_run_a_tenth_less_at_most() {
        const STEPS_A_SECOND: usize = 10_000;
        for count in [1, 2, 3, 10, 11, 20, 28, 30, 999, 1000] {
            let (rate, mut pace) = (Rate::a_second(count), Pace::default());
            let mut all = vec![0];
            for step in 0..3 * STEPS_A_SECOND {
                let now = Duration::from_secs(1) / 10_000 * u32::try_from(step).unwrap_or(u32::MAX);
                all.push(all[step] + pace.take(rate, now, 1000));
            }
            let most = (STEPS_A_SECOND..all.len()).map(|end| all[end] - all[end - STEPS_A_SECOND]).max();
            assert_eq!(most, Some(count), "in one second at {count}");
            let all = all[3 * STEPS_A_SECOND];
            assert!(all >= count * 27 / 10, "{all} in three seconds at {count}");
        }
    }
}
