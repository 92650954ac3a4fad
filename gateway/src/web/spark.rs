//! The last day of a webhook as a small chart, hour by hour, with the same in words for whoever cannot see it.

use domain::counts::Counts;
use store::counts::Health;

/// The chart's own units: what one hour takes of the width, and the height of the fullest.
const STEP: usize = 4;
const HEIGHT: u64 = 20;

/// A chart to be drawn.
pub(crate) struct Spark {
    pub(crate) bars: Vec<Bar>,
    /// `99.6 %`; `None` if nothing was attempted.
    pub(crate) share: Option<String>,
    /// `311 of 312 attempts succeeded`.
    pub(crate) words: String,
    /// How long answers usually took; `None` if there were none.
    pub(crate) typical: Option<String>,
}

/// A part of an hour's bar.
pub(crate) struct Bar {
    pub(crate) class: &'static str,
    pub(crate) x: usize,
    pub(crate) y: u64,
    pub(crate) height: u64,
}

impl Spark {
    /// Draws a webhook's day.
    pub(crate) fn of(health: &Health) -> Self {
        let total = Counts::total(health);
        let fullest = health.iter().map(|hour| hour.attempts_count).max().unwrap_or(0);
        let (delivered, attempts) = (total.delivered_count(), total.attempts_count);
        Self {
            bars: health.iter().enumerate().flat_map(|(index, hour)| bars(index * STEP, hour, fullest)).collect(),
            share: (attempts > 0).then(|| share(delivered, attempts)),
            words: match (delivered, attempts) {
                (_, 0) => "Nothing was sent".into(),
                (delivered, attempts) => {
                    format!("{delivered} of {attempts} attempt{} succeeded", if attempts == 1 { "" } else { "s" })
                }
            },
            typical: total.answers.percentile_ms(50).map(took),
        }
    }
}

/// Successes stand at the bottom and failures on top of them. Whatever happened at all is at least one unit high.
fn bars(x: usize, hour: &Counts, fullest: u64) -> Vec<Bar> {
    if hour.attempts_count == 0 {
        return vec![Bar { class: "chart-none", x, y: HEIGHT - 1, height: 1 }];
    }
    let scaled = |count: u64| if count == 0 { 0 } else { (count * HEIGHT / fullest.max(1)).max(1) };
    let bad = scaled(hour.failed_attempts_count);
    let ok = scaled(hour.delivered_count()).min(HEIGHT - bad);
    let parts = [("chart-bar-ok", HEIGHT - ok, ok), ("chart-bar-bad", HEIGHT - ok - bad, bad)];
    parts.into_iter().filter(|(_, _, height)| *height > 0).map(|(class, y, height)| Bar { class, x, y, height }).collect()
}

/// Rounded so that neither a single failure nor a single success disappears.
fn share(delivered: u64, attempts: u64) -> String {
    let tenths = (delivered * 1000 / attempts.max(1)).max(u64::from(delivered > 0));
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

fn took(ms: u32) -> String {
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{} s", ms / 1000, ms % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(attempts_count: u64, failed_attempts_count: u64) -> Counts {
        Counts { attempts_count, failed_attempts_count, ..Counts::default() }
    }

    #[test]
    fn shares_hide_neither_the_only_failure_nor_the_only_success() {
        for (delivered, attempts, text) in
            [(312, 312, "100 %"), (9999, 10_000, "99.9 %"), (1, 10_000, "0.1 %"), (0, 5, "0 %"), (1, 2, "50 %"), (2, 3, "66.6 %")]
        {
            assert_eq!(share(delivered, attempts), text);
        }
    }

    #[test]
    fn bars_fit_and_show_what_happened() {
        let drawn = |hour: &Counts| bars(8, hour, 1000).iter().map(|bar| (bar.class, bar.y, bar.height)).collect::<Vec<_>>();
        assert_eq!(drawn(&hour(0, 0)), [("chart-none", 19, 1)]);
        assert_eq!(drawn(&hour(1000, 0)), [("chart-bar-ok", 0, 20)]);
        assert_eq!(drawn(&hour(1000, 1)), [("chart-bar-ok", 1, 19), ("chart-bar-bad", 0, 1)]);
        assert_eq!(drawn(&hour(500, 500)), [("chart-bar-bad", 10, 10)]);
        assert_eq!(drawn(&hour(2, 1)), [("chart-bar-ok", 19, 1), ("chart-bar-bad", 18, 1)]);
    }

    #[test]
    fn a_day_is_told_in_words_too() {
        let mut health = Health::default();
        let quiet = Spark::of(&health);
        assert_eq!((quiet.bars.len(), quiet.share, quiet.words.as_str()), (24, None, "Nothing was sent"));
        health[3] = hour(4, 1);
        let spark = Spark::of(&health);
        assert_eq!((spark.share.as_deref(), spark.words.as_str()), (Some("75 %"), "3 of 4 attempts succeeded"));
    }
}
