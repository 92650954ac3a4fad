//! Reading fields out of input. A form and a JSON body become the same tree of values, and one reader takes fields
//! from it, so that a rule holds for both and every error names its field.
//!
//! Leniency, asked for by the platforms: numbers and booleans may come as text, and an empty text is an absent value
//! (on an update: it clears the field). Unknown fields are ignored and never bound.

use crate::clock::Timestamp;
use ipnet::IpNet;
use jiff::tz::TimeZoneDatabase;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// Input that cannot be accepted: for each field, what is wrong and what would be right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invalid {
    /// Messages by field, fields in alphabetical order. Nested fields are written with dots: `events_types.0`.
    pub errors: BTreeMap<String, Vec<String>>,
}

impl Invalid {
    /// One field, one message.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(name, message);
        invalid
    }

    /// Adds a message.
    pub fn add(&mut self, name: &str, message: impl Into<String>) {
        self.errors.entry(name.to_owned()).or_default().push(message.into());
    }

    /// Both results, or what is wrong with either.
    pub fn both<A, B>(one: Result<A, Self>, other: Result<B, Self>) -> Result<(A, B), Self> {
        match (one, other) {
            (Ok(one), Ok(other)) => Ok((one, other)),
            (Err(mut one), Err(other)) => {
                one.errors.extend(other.errors);
                Err(one)
            }
            (Err(invalid), _) | (_, Err(invalid)) => Err(invalid),
        }
    }

    /// All messages in one sentence: the first, and how many more there are.
    pub fn message(&self) -> String {
        let mut messages = self.errors.values().flatten();
        let first = messages.next().map_or("The given data was invalid.", String::as_str);
        match messages.count() {
            0 => first.to_owned(),
            1 => format!("{first} (and 1 more error)"),
            more => format!("{first} (and {more} more errors)"),
        }
    }
}

/// What an update says of a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not mentioned: the value stays.
    #[default]
    Keep,
    /// Emptied.
    Clear,
    /// Replaced.
    Set(T),
}

impl<T> Patch<T> {
    /// The value after the update.
    pub fn apply(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// A parser of one value; the error is a message in which `:field` stands for the field's name.
pub type Parsed<T> = Result<T, String>;

/// Reads fields and collects what is wrong with them.
pub struct Fields<'a> {
    map: Option<&'a Map<String, Value>>,
    invalid: Invalid,
}

impl<'a> Fields<'a> {
    /// Reads from an object; anything else has no fields.
    pub fn of(value: &'a Value) -> Self {
        Self { map: value.as_object(), invalid: Invalid::default() }
    }

    /// Whether the field was sent at all, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.map.is_some_and(|map| map.contains_key(name))
    }

    /// The value of a field; `None` when absent, null or empty text.
    pub fn raw(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// Adds an error that concerns more than the form of one value.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.invalid.add(name, message);
    }

    /// Whether something is wrong with a field or one of its elements so far.
    pub fn is_refused(&self, name: &str) -> bool {
        self.invalid.errors.keys().any(|field| field.split('.').next() == Some(name))
    }

    /// A field that may be absent.
    pub fn optional<T>(&mut self, name: &str, parse: impl Fn(&Value) -> Parsed<T>) -> Option<T> {
        let value = self.raw(name)?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                self.invalid.add(name, message.replace(":field", name));
                None
            }
        }
    }

    /// A field that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl Fn(&Value) -> Parsed<T>) -> Option<T> {
        if self.raw(name).is_none() {
            self.invalid.add(name, format!("The {name} field is required."));
            return None;
        }
        self.optional(name, parse)
    }

    /// On an update: a field that may be left out but not emptied.
    pub fn change<T>(&mut self, name: &str, parse: impl Fn(&Value) -> Parsed<T>) -> Option<T> {
        if self.has(name) { self.required(name, parse) } else { None }
    }

    /// On an update: a field that may be left out, or emptied with null or an empty text.
    pub fn patch<T>(&mut self, name: &str, parse: impl Fn(&Value) -> Parsed<T>) -> Patch<T> {
        if !self.has(name) {
            return Patch::Keep;
        }
        if self.raw(name).is_none() {
            return Patch::Clear;
        }
        self.optional(name, parse).map_or(Patch::Keep, Patch::Set)
    }

    /// A list of values, each read by `parse`. Errors name the element: `events_types.2`. An empty text is no element, so that a form
    /// can send an empty list: `events_types[]=`.
    pub fn list<T>(&mut self, name: &str, max: usize, parse: impl Fn(&Value) -> Parsed<T>) -> Option<Vec<T>> {
        let value = self.raw(name)?;
        let Value::Array(values) = value else {
            self.invalid.add(name, format!("The {name} field must be an array."));
            return None;
        };
        if values.len() > max {
            self.invalid.add(name, format!("The {name} field must not have more than {max} items."));
            return None;
        }
        let mut parsed = Vec::with_capacity(values.len());
        let is_absent = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !is_absent(value)) {
            let element = format!("{name}.{index}");
            match parse(value) {
                Ok(value) => parsed.push(value),
                Err(message) => self.invalid.add(&element, message.replace(":field", &element)),
            }
        }
        Some(parsed)
    }

    /// On an update: a list that may be left out, or emptied with null or an empty text. `[]` is a list, of nothing.
    pub fn patch_list<T>(&mut self, name: &str, max: usize, parse: impl Fn(&Value) -> Parsed<T>) -> Patch<Vec<T>> {
        match self.list(name, max, parse) {
            Some(list) => Patch::Set(list),
            None if self.has(name) => Patch::Clear,
            None => Patch::Keep,
        }
    }

    /// The errors so far, or what `build` makes of the fields. `build` may use `?` on fields that were required.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Invalid> {
        if self.invalid.errors.is_empty() { build().ok_or(self.invalid) } else { Err(self.invalid) }
    }
}

/// Text of at most `max` characters, trimmed. Control characters other than tab and line breaks are refused.
pub fn text(max: usize) -> impl Fn(&Value) -> Parsed<String> {
    move |value| {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err("The :field field must be a string.".into()),
        };
        if text.chars().count() > max {
            return Err(format!("The :field field must not be greater than {max} characters."));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
            return Err("The :field field must not contain control characters.".into());
        }
        Ok(text)
    }
}

/// One line of text: as [`text`], without tabs and line breaks.
pub fn line(max: usize) -> impl Fn(&Value) -> Parsed<String> {
    let text = text(max);
    move |value| {
        let text = text(value)?;
        if text.chars().any(char::is_control) { Err("The :field field must be a single line.".into()) } else { Ok(text) }
    }
}

/// An e-mail address, as far as its form can be judged: one `@`, a dotted domain, no blanks, 254 characters (RFC 5321).
pub fn email(value: &Value) -> Parsed<String> {
    let text = line(254)(value)?;
    let is_email = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && local.len() <= 64
            && !local.contains('@')
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
            && !text.chars().any(|c| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\\'))
    });
    if is_email { Ok(text) } else { Err("The :field field must be a valid email address.".into()) }
}

/// A whole number in a range, as a number or as text.
pub fn integer(min: i64, max: i64) -> impl Fn(&Value) -> Parsed<i64> {
    move |value| {
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            None => Err("The :field field must be an integer.".into()),
            Some(number) if number < min => Err(format!("The :field field must be at least {min}.")),
            Some(number) if number > max => Err(format!("The :field field must not be greater than {max}.")),
            Some(number) => Ok(number),
        }
    }
}

/// A duration in whole seconds, at most this long.
pub fn seconds(max: Duration) -> impl Fn(&Value) -> Parsed<Duration> {
    let read = integer(0, i64::try_from(max.as_secs()).unwrap_or(i64::MAX));
    move |value| read(value).map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
}

/// True or false: a boolean, 1 or 0, or one of these as text.
pub fn boolean(value: &Value) -> Parsed<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Number(number) if number.as_i64() == Some(1) => Ok(true),
        Value::Number(number) if number.as_i64() == Some(0) => Ok(false),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("The :field field must be true or false.".into()),
        },
        _ => Err("The :field field must be true or false.".into()),
    }
}

/// A moment: ISO 8601 with an offset or `Z`, or Unix seconds, as a number or as text.
pub fn moment(value: &Value) -> Parsed<Timestamp> {
    const LATEST_SECONDS: i64 = 253_402_300_799; // The end of the year 9999.
    let seconds = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(seconds @ 0..=LATEST_SECONDS) = seconds {
        return Ok(Timestamp::from_millis(seconds * 1000));
    }
    let parsed = value.as_str().and_then(|text| text.trim().parse::<jiff::Timestamp>().ok());
    parsed
        .map(|moment| Timestamp::from_millis(moment.as_millisecond()))
        .ok_or_else(|| "The :field field must be a time such as 2026-03-12T14:18:37+00:00, or Unix seconds.".into())
}

/// An address or a network: `203.0.113.7`, `2001:db8::/32`.
pub fn network(value: &Value) -> Parsed<IpNet> {
    let text = value.as_str().unwrap_or_default().trim();
    let parsed =
        text.parse::<IpNet>().ok().map(|network| network.trunc()).or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    parsed
        .map(canonical_network)
        .ok_or_else(|| "The :field field must be an IP address or a network such as 203.0.113.0/24.".into())
}

/// A network of addresses of the fourth version that was written as one of the sixth, as the one it is.
fn canonical_network(network: IpNet) -> IpNet {
    let IpNet::V6(written) = network else { return network };
    let (Some(address), Some(length)) = (written.addr().to_ipv4_mapped(), written.prefix_len().checked_sub(96)) else {
        return network;
    };
    ipnet::Ipv4Net::new(address, length).map_or(network, IpNet::from)
}

/// An address on the web, with its scheme or as people write it: `acme.example`. Whoever shows it may link to it, so no other scheme
/// is let in.
pub fn web_address(value: &Value) -> Parsed<String> {
    let text = line(255)(value)?;
    let lower = text.to_ascii_lowercase();
    let is_web = if lower.starts_with("http://") || lower.starts_with("https://") {
        url::Url::parse(&text).is_ok_and(|url| url.has_host())
    } else {
        text.starts_with(char::is_alphanumeric)
            && url::Url::parse(&format!("https://{text}")).is_ok_and(|url| url.domain().is_some_and(|name| name.contains('.')))
    };
    if is_web { Ok(text) } else { Err("The :field field must be an address such as https://acme.example.".into()) }
}

/// A colour in six hex digits: `#ff8800`.
pub fn colour(value: &Value) -> Parsed<String> {
    let text = line(64)(value)?;
    let is_colour = text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_colour { Ok(text) } else { Err("The :field field must be a colour such as #ff8800.".into()) }
}

/// A language tag, as far as its form can be judged (RFC 5646): `de`, `pt-BR`, `zh-Hant-TW`; also with `_`, as Java writes it.
pub fn language(value: &Value) -> Parsed<String> {
    let text = line(64)(value)?;
    let mut parts = text.split(['-', '_']);
    let is_language = |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_tag = text.len() <= 35
        && parts.next().is_some_and(is_language)
        && parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_tag { Ok(text) } else { Err("The :field field must be a language tag such as en or pt-BR.".into()) }
}

/// A time zone of the IANA database, given back as that spells it.
pub fn timezone(value: &Value) -> Parsed<String> {
    let text = line(64)(value)?;
    // The database that is compiled in, so that no machine knows fewer zones than another.
    let zone = TimeZoneDatabase::bundled().get(&text).ok();
    zone.and_then(|zone| zone.iana_name().map(str::to_owned))
        .ok_or_else(|| "The :field field must be a time zone such as Europe/Berlin.".into())
}

/// What is said of a value that is none of the known ones.
pub fn none_of(known: &[impl std::borrow::Borrow<str>]) -> String {
    format!("The selected :field is invalid. Use one of: {}.", known.join(", "))
}

/// An id of one kind. What is no such id gets the same message as an id that leads nowhere.
pub fn id<T>(parse: impl Fn(&str) -> Result<T, crate::ids::NotAnId>) -> impl Fn(&Value) -> Parsed<T> {
    move |value| value.as_str().and_then(|text| parse(text.trim()).ok()).ok_or_else(|| "The selected :field is invalid.".into())
}

/// The message for an id in the input that leads nowhere, worded like that of [`id`].
pub fn unknown_id(field: &str) -> Invalid {
    Invalid::field(field, format!("The selected {field} is invalid."))
}
