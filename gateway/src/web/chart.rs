//! Charts over time, drawn on the server into the page: bars or lines in a plane of 480 by 100, with a sentence and a table that say
//! the same.

use crate::web::words::grouped;

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 100.0;
/// What a bar takes of its step.
const BAR_SHARE: f64 = 0.7;

/// A chart to be drawn: bars, or lines.
pub(crate) struct Chart {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// The number beside the title of bars.
    pub(crate) total: String,
    /// For whoever cannot see it.
    pub(crate) words: String,
    /// The class of the bars.
    pub(crate) class: &'static str,
    pub(crate) bar_width: String,
    pub(crate) bars: Vec<Bar>,
    pub(crate) lines: Vec<Line>,
    /// Labels from top to bottom.
    pub(crate) y: [String; 3],
    /// Labels from left to right.
    pub(crate) x: Vec<String>,
    /// The heads of the table of numbers.
    pub(crate) heads: Vec<&'static str>,
    /// Its rows: a step of time, and the numbers.
    pub(crate) rows: Vec<(String, Vec<String>)>,
}

/// One step's bar.
pub(crate) struct Bar {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) height: String,
    pub(crate) words: String,
}

/// A line, interrupted where there is nothing to show.
pub(crate) struct Line {
    pub(crate) class: &'static str,
    pub(crate) words: String,
    pub(crate) runs: Vec<String>,
}

/// A step of time, as a chart names it.
pub(crate) struct Step {
    /// In the table.
    pub(crate) name: String,
    /// Below the chart.
    pub(crate) label: String,
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

/// Counts as far as they can be drawn: far beyond what is ever counted they lose their last digits.
#[expect(clippy::cast_precision_loss, reason = "a drawing has some hundred units")]
fn drawn(number: u64) -> f64 {
    number as f64
}

/// A round number that is even and not below the highest value, so that its half is whole.
fn top_for(highest: u64) -> u64 {
    let mut unit = 1;
    loop {
        if let Some(top) = [2, 4, 6, 8, 10].into_iter().map(|round| round * unit).find(|top| *top >= highest) {
            return top;
        }
        unit *= 10;
    }
}

/// Labels below a chart: every `every`-th step, and that the end is now.
fn labels(steps: &[Step], every: usize) -> Vec<String> {
    steps.iter().step_by(every).map(|step| step.label.clone()).chain(["Now".to_owned()]).collect()
}

/// A chart of one number a step. `noun` is what is counted, in singular and plural.
pub(crate) fn of_bars(
    (id, title, class): (&'static str, &'static str, &'static str),
    noun: (&str, &str),
    range: &str,
    (steps, every): (&[Step], usize),
    values: &[u64],
) -> Chart {
    let (highest, total) = (values.iter().copied().max().unwrap_or(0), values.iter().sum::<u64>());
    let top = top_for(highest);
    let width = WIDTH / drawn(values.len().max(1) as u64);
    let counted = |count: u64| format!("{} {}", grouped(count), if count == 1 { noun.0 } else { noun.1 });
    let bars = steps.iter().zip(values).enumerate().filter(|(_, (_, value))| **value > 0).map(|(place, (step, value))| {
        // Whatever happened at all can be seen.
        let height = (drawn(*value) / drawn(top) * HEIGHT).max(1.0);
        Bar {
            x: coordinate(width * (drawn(place as u64) + (1.0 - BAR_SHARE) / 2.0)),
            y: coordinate(HEIGHT - height),
            height: coordinate(height),
            words: format!("{}: {}", step.name, counted(*value)),
        }
    });
    let most = steps.iter().zip(values).find(|(_, value)| **value == highest && highest > 0);
    Chart {
        id,
        title,
        class,
        total: grouped(total),
        words: match most {
            None => format!("No {} in the last {range}.", noun.1),
            Some((step, value)) => {
                format!("{} in the last {range}, most at {} with {}.", counted(total), step.name, grouped(*value))
            }
        },
        bar_width: coordinate(width * BAR_SHARE),
        bars: bars.collect(),
        lines: Vec::new(),
        y: [grouped(top), grouped(top / 2), "0".into()],
        x: labels(steps, every),
        heads: vec!["Time", title],
        rows: steps.iter().zip(values).map(|(step, value)| (step.name.clone(), vec![grouped(*value)])).collect(),
    }
}

/// Times in milliseconds, one for each step, where there is one; drawn with this class.
pub(crate) struct Times {
    pub(crate) class: &'static str,
    pub(crate) head: &'static str,
    pub(crate) words: String,
    pub(crate) ms: Vec<Option<u32>>,
}

/// A chart of lines.
pub(crate) fn of_lines(
    (id, title): (&'static str, &'static str),
    words: String,
    (steps, every): (&[Step], usize),
    times: Vec<Times>,
) -> Chart {
    let highest = times.iter().flat_map(|line| line.ms.iter().flatten()).max().copied().unwrap_or(0);
    let top = top_for(highest.into());
    let rows = steps.iter().enumerate().map(|(place, step)| {
        let cell = |line: &Times| line.ms.get(place).copied().flatten().map_or_else(|| "–".to_owned(), |ms| grouped(ms.into()));
        (step.name.clone(), times.iter().map(cell).collect())
    });
    Chart {
        id,
        title,
        words,
        total: String::new(),
        class: "",
        bar_width: String::new(),
        bars: Vec::new(),
        y: [format!("{} ms", grouped(top)), grouped(top / 2), "0".into()],
        x: labels(steps, every),
        heads: ["Time"].into_iter().chain(times.iter().map(|line| line.head)).collect(),
        rows: rows.collect(),
        // After the table was written from them.
        lines: times.into_iter().map(|line| Line { class: line.class, runs: runs(&line.ms, top), words: line.words }).collect(),
    }
}

/// The unbroken parts of a line. A part of one step is a dash as wide as a bar.
fn runs(ms: &[Option<u32>], top: u64) -> Vec<String> {
    let width = WIDTH / drawn(ms.len().max(1) as u64);
    let point = |x: f64, ms: u32| format!("{},{}", coordinate(x), coordinate(HEIGHT - f64::from(ms) / drawn(top) * HEIGHT));
    let placed: Vec<(usize, Option<u32>)> = ms.iter().copied().enumerate().collect();
    placed
        .split(|(_, ms)| ms.is_none())
        .filter_map(|run| {
            let middle = |place: usize| width * (drawn(place as u64) + 0.5);
            match run {
                [] => None,
                [(place, Some(ms))] => {
                    let half = width * BAR_SHARE / 2.0;
                    Some(format!("{} {}", point(middle(*place) - half, *ms), point(middle(*place) + half, *ms)))
                }
                run => {
                    let points = run.iter().filter_map(|(place, ms)| ms.map(|ms| point(middle(*place), ms)));
                    Some(points.collect::<Vec<_>>().join(" "))
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_is_round_and_its_half_whole() {
        for (highest, top) in [(0, 2), (1, 2), (3, 4), (9, 10), (11, 20), (338, 400), (7_246, 8_000), (100_001, 200_000)] {
            assert_eq!(top_for(highest), top);
        }
    }

    #[test]
    fn a_line_breaks_where_there_is_nothing() {
        let runs = runs(&[Some(10), Some(0), None, Some(5)], 10);
        assert_eq!(runs, ["60.0,0.0 180.0,100.0", "378.0,50.0 462.0,50.0"]);
    }
}
