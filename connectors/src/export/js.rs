//! `JavaScript` as people write it: object literals that stand on one line where they fit, and are broken where they do not.

use serde_json::Value;
use std::fmt::Write as _;

/// How wide a line may be.
const WIDTH: usize = 100;

/// What stands at the right of a colon.
#[derive(Clone, Debug)]
pub(super) enum Js {
    /// Text, a number, a truth value, null.
    Value(Value),
    /// Code, as it is.
    Code(String),
    /// `name(…)`.
    Call(String, Vec<Js>),
    /// `{…}`.
    Object(Vec<Entry>),
    /// `[…]`.
    List(Vec<Js>),
}

/// What stands in an object.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// `name: value`.
    Pair(String, Js),
    /// `...code`.
    Spread(String),
}

impl From<Value> for Js {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self::Object(fields.into_iter().map(|(name, value)| pair(name, value)).collect()),
            Value::Array(values) => Self::List(values.into_iter().map(Self::from).collect()),
            value => Self::Value(value),
        }
    }
}

impl From<&str> for Js {
    fn from(text: &str) -> Self {
        Self::Value(Value::from(text))
    }
}

/// `name: value`.
pub(super) fn pair(name: impl Into<String>, value: impl Into<Js>) -> Entry {
    Entry::Pair(name.into(), value.into())
}

impl Js {
    /// The code, as it stands behind `column` characters on a line that is indented by `indent`; `after` follows it on its last line.
    pub(super) fn print(&self, indent: usize, column: usize, after: usize) -> String {
        let flat = self.flat();
        let fits = column + flat.chars().count() + after <= WIDTH && !flat.contains('\n');
        let (open, close) = match self {
            Self::Call(name, arguments) if !fits => return printed_call(name, arguments, indent, column, after),
            Self::Object(entries) if !entries.is_empty() && !fits => ('{', '}'),
            Self::List(values) if !values.is_empty() && !fits => ('[', ']'),
            _ => return flat,
        };
        let inner = indent + 2;
        let lines: Vec<String> = match self {
            Self::Object(entries) => entries.iter().map(|entry| entry.print(inner)).collect(),
            Self::List(values) => values.iter().map(|value| value.print(inner, inner, 1)).collect(),
            Self::Value(_) | Self::Code(_) | Self::Call(..) => Vec::new(),
        };
        let mut broken = format!("{open}\n");
        for line in lines {
            let _ = writeln!(broken, "{}{line},", " ".repeat(inner));
        }
        broken + &" ".repeat(indent) + &close.to_string()
    }

    fn flat(&self) -> String {
        match self {
            Self::Value(Value::String(text)) => quoted(text),
            Self::Value(value) => value.to_string(),
            Self::Code(code) => code.clone(),
            Self::Call(name, arguments) => format!("{name}({})", arguments.iter().map(Self::flat).collect::<Vec<_>>().join(", ")),
            Self::Object(entries) if entries.is_empty() => "{}".into(),
            Self::Object(entries) => format!("{{ {} }}", entries.iter().map(Entry::flat).collect::<Vec<_>>().join(", ")),
            Self::List(values) => format!("[{}]", values.iter().map(Self::flat).collect::<Vec<_>>().join(", ")),
        }
    }
}

/// A call that is too long for a line: its last argument is broken, as that is the object or the list.
fn printed_call(name: &str, arguments: &[Js], indent: usize, column: usize, after: usize) -> String {
    let Some((last, before)) = arguments.split_last() else { return format!("{name}()") };
    let before: String = before.iter().map(|argument| argument.flat() + ", ").collect();
    let start = format!("{name}({before}");
    let last = last.print(indent, column + start.chars().count(), after + 1);
    format!("{start}{last})")
}

impl Entry {
    fn print(&self, indent: usize) -> String {
        match self {
            Self::Pair(name, value) => {
                let name = name_of(name);
                let column = indent + name.chars().count() + 2;
                let printed = value.print(indent, column, 1);
                // Text is not broken; on a line of its own there is more room for it.
                let is_long_text = matches!(value, Js::Value(_)) && column + printed.chars().count() + 1 > WIDTH;
                let gap = if is_long_text { format!("\n{}", " ".repeat(indent + 2)) } else { " ".into() };
                format!("{name}:{gap}{printed}")
            }
            Self::Spread(code) => format!("...{code}"),
        }
    }

    fn flat(&self) -> String {
        match self {
            Self::Pair(name, value) => format!("{}: {}", name_of(name), value.flat()),
            Self::Spread(code) => format!("...{code}"),
        }
    }
}

/// A name in an object, quoted where it is no identifier.
fn name_of(name: &str) -> String {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let is_plain =
        name.bytes().next().is_some_and(is_letter) && name.bytes().all(|byte| is_letter(byte) || byte.is_ascii_digit());
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// Text in single quotes, or in double ones where that saves escaping.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            letter if letter == quote => quoted.extend(['\\', letter]),
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_fits_stands_on_one_line() {
        let short = Js::from(json!({"key": "name", "list": true, "of": [1, null], "x-y": {}}));
        assert_eq!(short.print(0, 0, 0), "{ key: 'name', list: true, of: [1, null], 'x-y': {} }");
        let long = "word ".repeat(17);
        let broken = Js::Object(vec![Entry::Spread("action('x')".into()), pair("a", json!({"b": long.trim(), "c": [1]}))]);
        let wide = Js::Object(vec![pair("a", format!("{long}{long}").as_str())]);
        assert_eq!(wide.print(0, 0, 0), format!("{{\n  a:\n    '{long}{long}',\n}}"));
        let expected = format!("{{\n  ...action('x'),\n  a: {{\n    b: '{}',\n    c: [1],\n  }},\n}}", long.trim());
        assert_eq!(broken.print(0, 0, 0), expected);
        let call = Js::Call("one".into(), vec!["boards".into(), Js::Object(vec![pair("a", long.trim()), pair("b", json!(1))])]);
        assert_eq!(call.print(0, 0, 0), format!("one('boards', {{\n  a: '{}',\n  b: 1,\n}})", long.trim()));
        assert_eq!(Js::Call("one".into(), vec![Js::List(vec![])]).print(0, 0, 0), "one([])");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(quoted("plain"), "'plain'");
        assert_eq!(quoted("it's"), "\"it's\"");
        assert_eq!(quoted("it's \"so\"\n\\"), "'it\\'s \"so\"\\n\\\\'");
        assert_eq!(quoted("\u{2028}\u{1}"), "'\\u2028\\u0001'");
    }
}
