//! Which tasks of a board a list shows.

use crate::clock::Timestamp;
use crate::field_value::NewValue;
use crate::ids::{LabelId, ListId, UserId};
use crate::input::{Fields, Parsed, Parser as _, boolean, id, line, moment, one_of};
use crate::page::Filter;
use crate::task::start_field;
use serde_json::Value;

/// The most ids of one kind in a filter.
const MOST: usize = 50;

/// Which tasks a list shows.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Part of the title, without regard to case.
    pub title: Option<String>,
    /// Done ones, or open ones.
    pub is_completed: Option<bool>,
    /// Whether they repeat; none does.
    pub is_repeating: Option<bool>,
    /// Those with one of these members; with any when empty.
    pub members: Vec<UserId>,
    /// Those on one of these lists.
    pub lists: Vec<ListId>,
    /// Those with one of these labels.
    pub labels: Vec<LabelId>,
    /// When they are to be begun.
    pub start_at: Span,
    /// When they are to be done.
    pub due_at: Span,
    /// Those that say this in these custom fields.
    pub custom_fields: Vec<NewValue>,
}

/// A span of time; open at an end that is not said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Option<Timestamp>,
    /// The first moment behind it.
    pub before: Option<Timestamp>,
}

impl Span {
    /// `>=1773325117`, `<=2026-03-12T14:18:37+00:00`, or a time alone. Times are compared by the second, as they are printed.
    fn parse(value: &Value) -> Parsed<Self> {
        let text = value.as_str().unwrap_or_default().trim();
        let (is_least, is_most) = (text.starts_with(">="), text.starts_with("<="));
        let at = if is_least || is_most { &Value::from(&text[2..]) } else { value };
        let said = moment().parse(at).map_err(|_| {
            "The :field field must be a time such as 2026-03-12T14:18:37+00:00 or Unix seconds, alone or behind >= or <=."
                .to_owned()
        })?;
        let second = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        Ok(Self { from: (!is_most).then(|| second(said.seconds())), before: (!is_least).then(|| second(said.seconds() + 1)) })
    }

    /// What is in both.
    fn and(self, other: Self) -> Self {
        let earlier = |one: Option<Timestamp>, two: Option<Timestamp>| one.into_iter().chain(two).min();
        Self { from: self.from.max(other.from), before: earlier(self.before, other.before) }
    }

    /// Reads one bound, or both as a list of two.
    fn read(fields: &mut Fields<'_>, name: &str) -> Self {
        if fields.raw(name).is_some_and(Value::is_array) {
            let bounds = fields.list(name, 2, Self::parse);
            return bounds.unwrap_or_default().into_iter().fold(Self::default(), Self::and);
        }
        fields.optional(name, Self::parse).unwrap_or_default()
    }
}

impl Filter for TaskFilter {
    const NAMES: &'static [&'static str] = &["title"];

    fn read(fields: &mut Fields<'_>) -> Self {
        let status = fields.optional(
            "status",
            one_of(vec!["open", "completed"], |text| match text {
                "open" => Some(false),
                "completed" => Some(true),
                _ => None,
            }),
        );
        let completed = fields.optional("completed", boolean());
        if status.is_some() && completed.is_some() && status != completed {
            fields.refuse("completed", "The completed field says something else than status; send one of them.");
        }
        let start = start_field(fields);
        Self {
            title: fields.optional("title", line(255)),
            is_completed: status.or(completed),
            is_repeating: fields.unoffered("repeating", boolean()),
            members: fields.list("members", MOST, id(UserId::parse)).unwrap_or_default(),
            lists: fields.list("lists", MOST, id(ListId::parse)).unwrap_or_default(),
            labels: fields.list("labels", MOST, id(LabelId::parse)).unwrap_or_default(),
            start_at: Span::read(fields, start),
            due_at: Span::read(fields, "due_at"),
            custom_fields: fields.optional("custom_fields", NewValue::read_all()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bounds_are_whole_seconds_and_can_be_combined() {
        let at = |seconds: i64| Some(Timestamp::from_millis(seconds * 1000));
        let read = |value: Value| {
            let query = json!({"due_at": value});
            let mut fields = Fields::of(&query);
            let span = Span::read(&mut fields, "due_at");
            fields.finish(|| Some(span)).map_err(|invalid| invalid.errors.into_keys().collect::<Vec<_>>())
        };
        assert_eq!(read(json!(7)), Ok(Span { from: at(7), before: at(8) }));
        assert_eq!(read(json!(">=7")), Ok(Span { from: at(7), before: None }));
        assert_eq!(read(json!("<= 1970-01-01T00:00:07.900Z")), Ok(Span { from: None, before: at(8) }));
        assert_eq!(read(json!([">=7", "<=9"])), Ok(Span { from: at(7), before: at(10) }));
        assert_eq!(read(json!(["<=9", "<=8"])), Ok(Span { from: None, before: at(9) }));
        for (bad, field) in
            [(json!(">7"), "due_at"), (json!(">="), "due_at"), (json!(["x"]), "due_at.0"), (json!([1, 2, 3]), "due_at")]
        {
            assert_eq!(read(bad), Err(vec![field.to_owned()]));
        }
    }
}
