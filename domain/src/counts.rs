//! What is counted about attempts, and what is read off the counts: shares, and how long receivers take to answer.

use crate::clock::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// The longest times, in milliseconds, of the buckets in which answers are counted. One more takes what is slower.
pub const BOUNDS_MS: [u32; 12] = [5, 10, 25, 50, 100, 200, 350, 600, 1_000, 2_500, 5_000, 10_000];

/// How many buckets there are.
pub const BUCKETS: usize = BOUNDS_MS.len() + 1;

/// Where the bucket of the slow ones is taken to end: attempts are given up there unless the operator says otherwise.
const LONGEST_MS: u32 = 15_000;

/// Answers by the time they took. Enough to tell the half and the slowest to within a bucket, at the price of a few numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerTimes(pub [u64; BUCKETS]);

impl AnswerTimes {
    /// The bucket of an answer that took so long.
    pub fn bucket_of(duration_ms: u32) -> usize {
        BOUNDS_MS.partition_point(|bound| *bound < duration_ms)
    }

    /// All answers.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds the answers of another stretch of time.
    pub fn add(&mut self, other: &Self) {
        for (all, more) in self.0.iter_mut().zip(other.0) {
            *all += more;
        }
    }

    /// The time within which `percent` of the answers came, spread evenly within its bucket; `None` if there were none.
    pub fn percentile_ms(&self, percent: u32) -> Option<u32> {
        let count = self.count();
        // Which answer it is, counted from 1.
        let wanted = (count * u64::from(percent)).div_ceil(100).max(1);
        let mut before = 0;
        for (index, held) in self.0.iter().enumerate() {
            if before + held >= wanted {
                let from = index.checked_sub(1).and_then(|lower| BOUNDS_MS.get(lower)).copied().unwrap_or(0);
                let to = BOUNDS_MS.get(index).copied().unwrap_or(LONGEST_MS);
                let share = u64::from(to - from) * (wanted - before) / held;
                return Some(from + u32::try_from(share).unwrap_or(0));
            }
            before += held;
        }
        None
    }
}

/// What was counted in one stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that happened.
    pub events_count: u64,
    /// Attempts that ended.
    pub attempts_count: u64,
    /// How many of them failed.
    pub failed_attempts_count: u64,
    /// Those that were answered.
    pub answers: AnswerTimes,
}

impl Counts {
    /// Attempts that succeeded.
    pub fn delivered_count(&self) -> u64 {
        self.attempts_count.saturating_sub(self.failed_attempts_count)
    }

    /// Adds another stretch of time.
    pub fn add(&mut self, other: &Self) {
        self.events_count += other.events_count;
        self.attempts_count += other.attempts_count;
        self.failed_attempts_count += other.failed_attempts_count;
        self.answers.add(&other.answers);
    }

    /// All of these together.
    pub fn total<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut total = Self::default();
        all.into_iter().for_each(|one| total.add(one));
        total
    }
}

/// How far back the overview looks, and in what steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// The last hour, by minutes.
    Hour,
    /// The last day, by half hours.
    Day,
    /// The last week, by three hours.
    Week,
}

impl Span {
    /// Every span.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// As it stands in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// From the text of [`Span::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.as_str() == text)
    }

    /// How long one step is.
    pub const fn step(self) -> Duration {
        Duration::from_secs(match self {
            Self::Hour => 60,
            Self::Day => 30 * 60,
            Self::Week => 3 * 3600,
        })
    }

    /// How many steps there are.
    pub const fn steps(self) -> u32 {
        match self {
            Self::Hour => 60,
            Self::Day => 48,
            Self::Week => 56,
        }
    }

    /// When the first step begins, if the last is the one that `now` falls into.
    pub fn start(self, now: Timestamp) -> Timestamp {
        floor(now, self.step()).minus(self.step() * (self.steps() - 1))
    }
}

/// When the stretch of this length begins that a moment falls into.
pub fn floor(at: Timestamp, length: Duration) -> Timestamp {
    let length = i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1);
    Timestamp::from_millis(at.millis() - at.millis().rem_euclid(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(durations: impl IntoIterator<Item = u32>) -> AnswerTimes {
        let mut times = AnswerTimes::default();
        durations.into_iter().for_each(|duration| times.0[AnswerTimes::bucket_of(duration)] += 1);
        times
    }

    #[test]
    fn a_percentile_lies_in_the_bucket_of_its_answer() {
        assert_eq!(AnswerTimes::default().percentile_ms(50), None);
        assert_eq!(times([5]).percentile_ms(50), Some(5));
        assert_eq!(times([6, 6]).percentile_ms(50), Some(7));
        assert_eq!(times([60_000]).percentile_ms(95), Some(15_000));
        let mixed = times((0..94).map(|_| 80).chain((0..6).map(|_| 4_000)));
        assert!(mixed.percentile_ms(50).is_some_and(|half| (50..=100).contains(&half)));
        assert!(mixed.percentile_ms(95).is_some_and(|slow| (2_500..=5_000).contains(&slow)));
    }

    #[test]
    fn every_time_has_one_bucket() {
        assert_eq!([0, 5, 6, 10_000, 10_001].map(AnswerTimes::bucket_of), [0, 0, 1, 11, 12]);
    }

    #[test]
    fn a_span_ends_with_the_step_of_now() {
        let now = Timestamp::from_millis(1_772_442_840_123);
        for span in Span::ALL {
            let end = span.start(now).plus(span.step() * span.steps());
            assert!(end > now && end.since(now) <= span.step(), "{span:?}");
            assert_eq!(Span::parse(span.as_str()), Some(span));
        }
    }
}
