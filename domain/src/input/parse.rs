//! How single values are read out of input, each with the form that describes it.

use super::{Form, Invalid, Parsed, Parser, as_form};
use crate::clock::Timestamp;
use crate::ids::{NotAnId, Prefixed};
use ipnet::IpNet;
use jiff::tz::TimeZoneDatabase;
use serde_json::Value;
use std::net::IpAddr;
use std::time::Duration;

/// Text of at most `max` characters, trimmed. Control characters other than tab and line breaks are refused.
pub fn text(max: usize) -> impl Parser<String> {
    as_form(Form::Text { max, is_line: false }, move |value: &Value| {
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
    })
}

/// One line of text: as [`text`], without tabs and line breaks.
pub fn line(max: usize) -> impl Parser<String> {
    let text = text(max);
    as_form(Form::Text { max, is_line: true }, move |value: &Value| {
        let text = text.parse(value)?;
        if text.chars().any(char::is_control) { Err("The :field field must be a single line.".into()) } else { Ok(text) }
    })
}

/// An e-mail address, as far as its form can be judged: one `@`, a dotted domain, no blanks, 254 characters (RFC 5321).
pub fn email() -> impl Parser<String> {
    as_form(Form::Email, read_email)
}

fn read_email(value: &Value) -> Parsed<String> {
    let text = line(254).parse(value)?;
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
pub fn integer(min: i64, max: i64) -> impl Parser<i64> {
    as_form(Form::Integer { min, max }, move |value: &Value| {
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
    })
}

/// A duration in whole seconds, at most this long.
pub fn seconds(max: Duration) -> impl Parser<Duration> {
    let read = integer(0, i64::try_from(max.as_secs()).unwrap_or(i64::MAX));
    as_form(read.form(), move |value: &Value| read.parse(value).map(|seconds| Duration::from_secs(seconds.unsigned_abs())))
}

/// True or false: a boolean, 1 or 0, or one of these as text; also yes, no, on and off, as people and forms write them.
pub fn boolean() -> impl Parser<bool> {
    as_form(Form::Boolean, read_boolean)
}

fn read_boolean(value: &Value) -> Parsed<bool> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Number(number) if number.as_i64() == Some(1) => Ok(true),
        Value::Number(number) if number.as_i64() == Some(0) => Ok(false),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("The :field field must be true or false.".into()),
        },
        _ => Err("The :field field must be true or false.".into()),
    }
}

/// A moment: ISO 8601, or Unix seconds as a number or as text. Without an offset it is in UTC, and a day alone is its beginning.
pub fn moment() -> impl Parser<Timestamp> {
    as_form(Form::Time, read_moment)
}

fn read_moment(value: &Value) -> Parsed<Timestamp> {
    const LATEST_SECONDS: i64 = 253_402_300_799; // The end of the year 9999.
    let seconds = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(seconds @ 0..=LATEST_SECONDS) = seconds {
        return Ok(Timestamp::from_millis(seconds * 1000));
    }
    let text = value.as_str().unwrap_or_default().trim();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b't' | b' '));
    let in_utc = |moment: jiff::civil::DateTime| jiff::tz::Offset::UTC.to_timestamp(moment).ok();
    let parsed = text.parse::<jiff::Timestamp>().ok();
    parsed
        .or_else(|| text.parse().ok().filter(|_| is_plain).and_then(in_utc))
        .map(|moment| Timestamp::from_millis(moment.as_millisecond()))
        .ok_or_else(|| "The :field field must be a time such as 2026-03-12T14:18:37+00:00, or Unix seconds.".into())
}

/// An address or a network: `203.0.113.7`, `2001:db8::/32`.
pub fn network() -> impl Parser<IpNet> {
    as_form(Form::Text { max: 64, is_line: true }, read_network)
}

fn read_network(value: &Value) -> Parsed<IpNet> {
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
pub fn web_address() -> impl Parser<String> {
    as_form(Form::Url, read_web_address)
}

fn read_web_address(value: &Value) -> Parsed<String> {
    let text = line(255).parse(value)?;
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
pub fn colour() -> impl Parser<String> {
    as_form(Form::Colour, read_colour)
}

fn read_colour(value: &Value) -> Parsed<String> {
    let text = line(64).parse(value)?;
    let is_colour = text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_colour { Ok(text) } else { Err("The :field field must be a colour such as #ff8800.".into()) }
}

/// A language tag, as far as its form can be judged (RFC 5646): `de`, `pt-BR`, `zh-Hant-TW`; also with `_`, as Java writes it.
pub fn language() -> impl Parser<String> {
    as_form(Form::Text { max: 35, is_line: true }, read_language)
}

fn read_language(value: &Value) -> Parsed<String> {
    let text = line(64).parse(value)?;
    let mut parts = text.split(['-', '_']);
    let is_language = |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_tag = text.len() <= 35
        && parts.next().is_some_and(is_language)
        && parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_tag { Ok(text) } else { Err("The :field field must be a language tag such as en or pt-BR.".into()) }
}

/// A time zone of the IANA database, given back as that spells it.
pub fn timezone() -> impl Parser<String> {
    as_form(Form::Text { max: 64, is_line: true }, read_timezone)
}

fn read_timezone(value: &Value) -> Parsed<String> {
    let text = line(64).parse(value)?;
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
pub fn id<T: Prefixed>(parse: impl Fn(&str) -> Result<T, NotAnId>) -> impl Parser<T> {
    as_form(Form::Id(T::PREFIX), move |value: &Value| {
        value.as_str().and_then(|text| parse(text.trim()).ok()).ok_or_else(|| "The selected :field is invalid.".into())
    })
}

/// One of a few known words.
pub fn one_of<T>(known: Vec<&'static str>, parse: impl Fn(&str) -> Option<T>) -> impl Parser<T> {
    as_form(Form::OneOf(known.clone()), move |value: &Value| {
        value.as_str().and_then(|text| parse(text.trim())).ok_or_else(|| none_of(&known))
    })
}

/// The message for an id in the input that leads nowhere, worded like that of [`id`].
pub fn unknown_id(field: &str) -> Invalid {
    Invalid::field(field, format!("The selected {field} is invalid."))
}
