//! When a delivery is tried again: the pauses between attempts, what a receiver asks for, and when it is given up.
//!
//! Refuses to know what an attempt came to; that is [`crate::delivery`], which asks here for the next moment.

use crate::clock::Timestamp;
use crate::input::{Parser, as_form, integer};
use serde_json::Value;
use std::time::Duration;

/// Pauses between attempts, in seconds, unless a webhook has its own. Kitchen attempts at 0, 10 and 100 s; from there the pauses
/// grow until about three days have passed: 11 attempts in 70 hours.
pub const USUAL_DELAYS: &[u32] = &[10, 90, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400];

/// The most pauses a webhook can have, and so one attempt more.
pub const MAX_DELAYS: usize = 20;
/// The longest pause a webhook can have, in seconds: a day. The shortest is one second.
pub const MAX_DELAY: u32 = 86_400;

/// The longest a receiver can put off the next attempt; what asks for more gets this.
pub const MAX_ASKED: Duration = Duration::from_hours(24);

/// How old a delivery becomes before it is given up, unless the operator chose otherwise.
pub const USUAL_MAX_AGE: Duration = Duration::from_hours(5 * 24);

/// The share of a pause that chance may add, so that deliveries that failed together do not return together.
const JITTER: f64 = 0.1;

/// One pause.
pub fn delay() -> impl Parser<u32> {
    let seconds = integer(1, i64::from(MAX_DELAY));
    as_form(seconds.form(), move |value: &Value| seconds.parse(value).map(|seconds| u32::try_from(seconds).unwrap_or(MAX_DELAY)))
}

/// How long the receiver asks to be left alone: `Retry-After` of a 429 or a 503, in seconds or as a date. Other answers have no say,
/// and a text that is neither is none.
pub fn asked(status: u16, retry_after: &str, now: Timestamp) -> Option<Duration> {
    if !matches!(status, 429 | 503) {
        return None;
    }
    let text = retry_after.trim();
    let wanted = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit ask for longer than anybody gets.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        http_date(text)?.since(now)
    };
    Some(wanted.min(MAX_ASKED))
}

/// A date in one of the three forms that HTTP knows (RFC 9110, section 5.6.7).
fn http_date(text: &str) -> Option<Timestamp> {
    let of = |moment: jiff::Timestamp| Timestamp::from_millis(moment.as_millisecond());
    if let Ok(moment) = jiff::fmt::rfc2822::parse(text) {
        return Some(of(moment.timestamp()));
    }
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    let civil = obsolete.iter().find_map(|form| jiff::civil::DateTime::strptime(form, text).ok())?;
    Some(of(jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?))
}

/// What decides when a delivery that failed is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Retries<'a> {
    /// Pauses between attempts, in seconds.
    pub delays: &'a [u32],
    /// How long the receiver asked to be left alone.
    pub asked: Option<Duration>,
    /// When the delivery is given up, whatever is left of the pauses.
    pub ends_at: Timestamp,
    /// Drawn evenly from 0 to 1.
    pub jitter: f64,
}

impl Retries<'_> {
    /// When the next attempt is due after the given number of scheduled ones; `None` when that was the last.
    pub fn next(&self, planned_count: u32, now: Timestamp) -> Option<Timestamp> {
        let index = usize::try_from(planned_count).ok()?.checked_sub(1)?;
        let pause = Duration::from_secs(u64::from(*self.delays.get(index)?));
        let pause = pause.max(self.asked.unwrap_or_default().min(MAX_ASKED));
        let next = now.plus(pause + pause.mul_f64(self.jitter.clamp(0.0, 1.0) * JITTER));
        (next <= self.ends_at).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 6 November 1994, 08:49:37 UTC, the example of the RFC.
    const NOW: Timestamp = Timestamp::from_millis(784_111_777_000);

    fn pauses(retries: &Retries<'_>) -> Vec<u64> {
        (1..).map_while(|count| retries.next(count, NOW)).map(|next| next.since(NOW).as_secs()).collect()
    }

    const PLAIN: Retries<'static> =
        Retries { delays: USUAL_DELAYS, asked: None, ends_at: Timestamp::from_millis(i64::MAX), jitter: 0.0 };

    #[test]
    fn the_usual_schedule_is_kitchens_first_and_lasts_about_three_days() {
        let pauses = pauses(&PLAIN);
        assert_eq!(pauses[..2], [10, 90]);
        assert_eq!((pauses.len(), pauses.iter().sum::<u64>() / 3600), (10, 70));
    }

    #[test]
    fn chance_adds_up_to_a_tenth_and_takes_nothing_away() {
        assert_eq!(pauses(&Retries { jitter: 1.0, ..PLAIN })[..2], [11, 99]);
        let asked = Retries { jitter: 1.0, asked: Some(Duration::from_secs(100)), ..PLAIN };
        assert_eq!(pauses(&asked)[..3], [110, 110, 330]);
    }

    #[test]
    fn the_later_of_schedule_and_receiver_counts_and_no_list_means_no_retry() {
        assert_eq!(pauses(&Retries { delays: &[5, 200], asked: Some(Duration::from_mins(1)), ..PLAIN }), [60, 200]);
        assert_eq!(pauses(&Retries { delays: &[], asked: Some(Duration::from_mins(1)), ..PLAIN }), [0_u64; 0]);
        assert_eq!(pauses(&Retries { delays: &[5], asked: Some(Duration::MAX), ..PLAIN }), [86_400]);
    }

    #[test]
    fn a_delivery_that_would_be_too_old_is_not_tried_again() {
        let ends_at = NOW.plus(Duration::from_secs(90));
        assert_eq!(pauses(&Retries { ends_at, ..PLAIN }), [10, 90]);
        assert_eq!(pauses(&Retries { ends_at, asked: Some(Duration::from_secs(91)), ..PLAIN }), [0_u64; 0]);
    }

    #[test]
    fn what_receivers_ask_for() {
        let seconds = |status, text| asked(status, text, NOW).map(|wanted| wanted.as_secs());
        for (text, wanted) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Wed, 06 Nov 2097 08:00:00 GMT", Some(86_400)),
            ("", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 36 Nov 1994 08:50:37 GMT", None),
        ] {
            assert_eq!((seconds(429, text), seconds(503, text)), (wanted, wanted), "{text}");
        }
        for status in [200, 301, 400, 500, 502, 504] {
            assert_eq!(seconds(status, "120"), None, "{status}");
        }
    }
}
