//! The overview: events, deliveries, failures and the time to answer over the last hour, day or week, read from counts.

use crate::app::Gateway;
use crate::body::Query;
use crate::web::Page;
use crate::web::chart::{Chart, Step, Times, of_bars, of_lines};
use crate::web::session::Manager;
use crate::web::shell::{Shell, render};
use crate::web::words::{capitalized, grouped};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::counts::{Counts, Span};
use serde_json::Value;
use store::counts;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    span: &'static str,
    spans: [(&'static str, String); 3],
    charts: [Chart; 4],
}

/// How a span names its steps, and every how many of them stands below a chart.
fn steps(span: Span, series: &[(Timestamp, Counts)]) -> (Vec<Step>, usize) {
    let (name, label, every) = match span {
        Span::Hour => ("%H:%M", "%H:%M", 10),
        Span::Day => ("%H:%M", "%H:%M", 8),
        // With now an odd number of labels, of which narrow screens show every other.
        Span::Week => ("%a %-d %b, %H:%M", "%a", 14),
    };
    (series.iter().map(|(at, _)| Step { name: at.written(name), label: at.written(label) }).collect(), every)
}

fn charts(span: Span, series: &[(Timestamp, Counts)]) -> [Chart; 4] {
    let (steps, every) = steps(span, series);
    let (range, steps) = (span.as_str(), (steps.as_slice(), every));
    let values = |of: fn(&Counts) -> u64| series.iter().map(|(_, counts)| of(counts)).collect::<Vec<_>>();
    let total = Counts::total(series.iter().map(|(_, counts)| counts));
    let times = |class, head, name: &str, percent| Times {
        class,
        head,
        words: match total.answers.percentile_ms(percent) {
            None => name.to_owned(),
            Some(ms) => format!("{name}, {} ms", grouped(ms.into())),
        },
        ms: series.iter().map(|(_, counts)| counts.answers.percentile_ms(percent)).collect(),
    };
    let words = match (total.answers.percentile_ms(50), total.answers.percentile_ms(95)) {
        (Some(half), Some(most)) => format!(
            "Time until receivers answered in the last {range}. Half answered within {} milliseconds, 95 percent within {}.",
            grouped(half.into()),
            grouped(most.into())
        ),
        _ => format!("No answers in the last {range}."),
    };
    [
        of_bars(("events", "Events", "chart-bar"), ("event", "events"), range, steps, &values(|counts| counts.events_count)),
        of_bars(
            ("deliveries", "Deliveries", "chart-bar"),
            ("delivery that arrived", "deliveries that arrived"),
            range,
            steps,
            &values(Counts::delivered_count),
        ),
        of_bars(
            ("failures", "Failures", "chart-bar-bad"),
            ("failed attempt", "failed attempts"),
            range,
            steps,
            &values(|counts| counts.failed_attempts_count),
        ),
        of_lines(
            ("latency", "Time to answer"),
            words,
            steps,
            vec![times("chart-line", "Half, ms", "Half", 50), times("chart-line chart-line-2", "95 %, ms", "95 %", 95)],
        ),
    ]
}

pub(crate) async fn show(State(gateway): State<Gateway>, manager: Manager, Query(query): Query) -> Page {
    let span = query.get("range").and_then(Value::as_str).and_then(Span::parse).unwrap_or(Span::Day);
    let now = gateway.store().clock().now();
    let mut view = gateway.store().read(&manager.0.signed_in.workspace_id).await?;
    let series = counts::series(&mut view, span, now).await?;
    let page = OverviewPage {
        shell: Shell::of(&manager.0, "overview"),
        span: span.as_str(),
        spans: Span::ALL.map(|span| (span.as_str(), capitalized(span.as_str()))),
        charts: charts(span, &series),
    };
    Ok(render(StatusCode::OK, &page))
}
