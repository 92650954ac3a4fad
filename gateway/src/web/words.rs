//! Times and names as people read them. Times are in UTC, and say so in their machine form.

use domain::clock::Timestamp;
use std::time::Duration;

/// A moment in the forms a page shows it in.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// For the `datetime` attribute.
    pub(crate) machine: String,
    /// `2 Mar 2026`.
    pub(crate) day: String,
    /// `2 March 2026, 09:14 UTC`.
    pub(crate) minute: String,
    /// `2 Mar 2026, 09:14:05`, in UTC where it says so beside it.
    pub(crate) second: String,
    /// `3 minutes ago`.
    pub(crate) ago: String,
}

impl Moment {
    /// A moment, seen from now.
    pub(crate) fn of(at: Timestamp, now: Timestamp) -> Self {
        Self {
            machine: at.to_string(),
            day: at.written("%-d %b %Y"),
            minute: at.written("%-d %B %Y, %H:%M UTC"),
            second: at.written("%-d %b %Y, %H:%M:%S"),
            ago: ago(at, now),
        }
    }
}

/// `1 minute`, `3 minutes`.
pub(crate) fn counted(count: u64, unit: &str) -> String {
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// `in 3 minutes`.
pub(crate) fn ahead(at: Timestamp, now: Timestamp) -> String {
    let some = |count, unit| format!("in {}", counted(count, unit));
    match at.since(now).as_secs() {
        0..5 => "due now".into(),
        seconds @ 5..60 => some(seconds, "second"),
        seconds @ 60..3600 => some(seconds.div_ceil(60), "minute"),
        seconds @ 3600..86_400 => some(seconds.div_ceil(3600), "hour"),
        seconds => some(seconds.div_ceil(86_400), "day"),
    }
}

/// `7,246`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    let some = |count, unit| format!("{} ago", counted(count, unit));
    match now.since(at).as_secs() {
        0..60 => "just now".into(),
        seconds @ 60..3600 => some(seconds / 60, "minute"),
        seconds @ 3600..86_400 => some(seconds / 3600, "hour"),
        seconds @ 86_400..2_592_000 => some(seconds / 86_400, "day"),
        _ => at.written("on %-d %b %Y"),
    }
}

/// `12 seconds`, `3 minutes`, `2 hours`: rounded up, because nobody minds what is done earlier.
pub(crate) fn lasting(duration: Duration) -> String {
    match duration.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1) {
        seconds @ 0..120 => counted(seconds, "second"),
        seconds @ 120..7200 => counted(seconds.div_ceil(60), "minute"),
        seconds => counted(seconds.div_ceil(3600), "hour"),
    }
}

/// The first letters of the first and the last word.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// `client.created, client.updated and list.deleted`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// `Created` for `created`.
pub(crate) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `Companies` for `company`, `Task comments` for `task_comment`.
pub(crate) fn plural(noun: &str) -> String {
    let noun = noun.replace('_', " ");
    match noun.strip_suffix('y') {
        Some(stem) => capitalized(stem) + "ies",
        None => capitalized(&noun) + "s",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now = Timestamp::from_millis(1_772_442_840_000);
        let before = |seconds| Moment::of(now.minus(Duration::from_secs(seconds)), now);
        assert_eq!(before(0).minute, "2 March 2026, 09:14 UTC");
        assert_eq!(before(0).day, "2 Mar 2026");
        for (seconds, ago) in
            [(5, "just now"), (60, "1 minute ago"), (7_300, "2 hours ago"), (90_000, "1 day ago"), (9_000_000, "on 18 Nov 2025")]
        {
            assert_eq!(before(seconds).ago, ago);
        }
    }

    #[test]
    fn lists_and_plurals_read_as_people_write_them() {
        let words = ["a", "b", "c"].map(String::from);
        assert_eq!([0, 1, 2, 3].map(|count| listed(&words[..count])), ["", "a", "a and b", "a, b and c"]);
        assert_eq!((plural("company"), plural("task_comment")), ("Companies".into(), "Task comments".into()));
    }

    #[test]
    fn what_lies_ahead_and_large_numbers_are_told_as_people_tell_them() {
        let now = Timestamp::from_millis(1_772_442_840_000);
        for (seconds, words) in
            [(0, "due now"), (10, "in 10 seconds"), (100, "in 2 minutes"), (3600, "in 1 hour"), (90_000, "in 2 days")]
        {
            assert_eq!(ahead(now.plus(Duration::from_secs(seconds)), now), words);
        }
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn durations_are_told_roughly() {
        let told = [0, 1, 119, 120, 121, 7200, 7201].map(|seconds| lasting(Duration::from_secs(seconds)));
        assert_eq!(told, ["1 second", "1 second", "119 seconds", "2 minutes", "3 minutes", "2 hours", "3 hours"]);
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        assert_eq!(initials("Ada Maria Moreau"), "AM");
        assert_eq!(initials("émile"), "É");
        assert_eq!(initials(" "), "");
    }
}
