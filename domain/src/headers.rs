//! Headers that a webhook sends beside our own: which names and values are let in. What is sent there is often a key, so a value is
//! a secret from the moment it is read, and reads show `…` in its place.

use crate::input::{Fields, Form, Patch, Presence};
use crate::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands where a value is not shown. Sent back, it says that the value stays.
pub const MASK: &str = "…";

/// The most headers a webhook can have.
pub const MAX_HEADERS: usize = 20;
/// The longest name, in characters.
pub const MAX_NAME: usize = 64;
/// The longest value, in characters; also of all names and values together, twice this.
pub const MAX_VALUE: usize = 4096;

/// Names that are ours, or that say how a message travels (RFC 9110, section 7.6.1) or where it comes from.
const RESERVED: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "expect",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "signature",
    "signature-input",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-real-ip",
];
/// The same for all names that begin like this.
const RESERVED_STARTS: &[&str] = &["content-", "kitchen-", "proxy-", "webhook-", "x-forwarded-"];

/// Names in lower case, as they are sent, each with its value; `None` where the stored value stays.
pub type Headers = BTreeMap<String, Option<Secret>>;

/// Reads `headers`, an object of names and values. Errors name the header: `headers.x-api-key`. They never repeat a value.
pub(crate) fn read(fields: &mut Fields<'_>) -> Patch<Headers> {
    const FIELD: &str = "headers";
    fields.offer(FIELD, Presence::Clearable, Form::Object);
    let object = match fields.raw(FIELD) {
        Some(Value::Object(object)) => object,
        // What a form or PHP sends for an object of nothing.
        Some(Value::Array(list)) if list.is_empty() => return Patch::Set(Headers::new()),
        Some(_) => {
            fields.refuse(FIELD, "The headers field must be an object of names and values.");
            return Patch::Keep;
        }
        None if fields.has(FIELD) => return Patch::Clear,
        None => return Patch::Keep,
    };
    if object.len() > MAX_HEADERS {
        fields.refuse(FIELD, format!("The headers field must not have more than {MAX_HEADERS} headers."));
        return Patch::Keep;
    }
    let (mut headers, mut size) = (Headers::new(), 0);
    for (name, value) in object {
        // Long names are refused, and not repeated at their length.
        let shown = format!("{FIELD}.{}", name.chars().take(MAX_NAME).collect::<String>());
        match read_name(name).and_then(|name| Ok((name, read_value(value)?))) {
            Ok((name, value)) => {
                size += name.len() + value.as_ref().map_or(0, |value| value.reveal().len());
                if headers.insert(name, value).is_some() {
                    fields.refuse(&shown, format!("The {shown} field is there twice: names are the same in capitals."));
                }
            }
            Err(message) => fields.refuse(&shown, message.replace(":field", &shown)),
        }
    }
    if size > 2 * MAX_VALUE {
        fields.refuse(FIELD, format!("The headers field must not have more than {} characters in all.", 2 * MAX_VALUE));
    }
    Patch::Set(headers)
}

fn read_name(name: &str) -> Result<String, String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err("The :field field is no header name. Use letters, digits and hyphens, such as X-Api-Key.".into());
    }
    if name.len() > MAX_NAME {
        return Err(format!("The name of a header must not be longer than {MAX_NAME} characters."));
    }
    let name = name.to_ascii_lowercase();
    if RESERVED.contains(&name.as_str()) || RESERVED_STARTS.iter().any(|start| name.starts_with(start)) {
        return Err("The :field field cannot be set: the gateway decides on this header itself. Use another name.".into());
    }
    Ok(name)
}

fn read_value(value: &Value) -> Result<Option<Secret>, String> {
    let text = match value {
        Value::String(text) => text.trim_matches([' ', '\t']).to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return Err("The :field field must be a string.".into()),
    };
    if text == MASK {
        return Ok(None);
    }
    if text.is_empty() {
        return Err("The :field field must not be empty. Leave the header out to remove it.".into());
    }
    if text.chars().count() > MAX_VALUE {
        return Err(format!("The :field field must not be greater than {MAX_VALUE} characters."));
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err("The :field field must be one line of plain ASCII text, without control characters.".into());
    }
    Ok(Some(Secret::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(body: &Value) -> Vec<String> {
        let mut fields = Fields::of(body);
        let _ = read(&mut fields);
        let invalid = fields.finish(|| Some(())).err().unwrap_or_default();
        assert!(!format!("{invalid:?}").contains("canary"), "an error repeats a value");
        invalid.errors.into_keys().collect()
    }

    #[test]
    fn what_is_kept() {
        let body = json!({"headers": {"X-Api-Key": " s3cret ", "authorization": "Bearer a b", "x-number": 7, "x-old": "…"}});
        let mut fields = Fields::of(&body);
        let Patch::Set(headers) = read(&mut fields) else { panic!("nothing is read") };
        let shown: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_ref().map(Secret::reveal))).collect();
        let expected =
            [("authorization", Some("Bearer a b")), ("x-api-key", Some("s3cret")), ("x-number", Some("7")), ("x-old", None)];
        assert_eq!(shown, expected);
        assert!(!format!("{headers:?}").contains("s3cret"));
    }

    #[test]
    fn names_that_carry_meaning_are_refused() {
        for name in [
            "Host",
            "CONTENT-LENGTH",
            "content-type",
            "Transfer-Encoding",
            "connection",
            "Keep-Alive",
            "TE",
            "trailer",
            "Upgrade",
            "Proxy-Authorization",
            "proxy-connection",
            "User-Agent",
            "webhook-id",
            "Webhook-Signature",
            "webhook-anything",
            "Signature",
            "Kitchen-Delivery",
            "Expect",
            "Via",
            "X-Forwarded-For",
            "forwarded",
            "accept-encoding",
        ] {
            assert_eq!(refused(&json!({"headers": {name: "canary"}})), [format!("headers.{name}")]);
        }
    }

    #[test]
    fn what_could_break_a_message_is_refused() {
        for name in ["", " ", "a b", "a:b", "a\r\nb", "a\0", "é", "a/b", "(a)"] {
            assert_eq!(refused(&json!({"headers": {name: "canary"}})), [format!("headers.{name}")]);
        }
        for value in ["canary\r\nx: y", "canary\ny", "canary\r", "canary\0", "canary\u{7f}", "canary\ta", "canary é", "", " "] {
            assert_eq!(refused(&json!({"headers": {"x-a": value}})), ["headers.x-a"], "{value:?}");
        }
        for value in [json!(null), json!(["canary"]), json!({"a": "canary"}), json!(true)] {
            assert_eq!(refused(&json!({"headers": {"x-a": value}})), ["headers.x-a"]);
        }
        for headers in [json!("canary"), json!(7), json!(["canary"])] {
            assert_eq!(refused(&json!({"headers": headers})), ["headers"]);
        }
    }

    #[test]
    fn count_and_size_are_bounded() {
        let many = |count: usize, length: usize| {
            let all = (0..count).map(|number| (format!("x-{number:02}"), json!("v".repeat(length))));
            json!({"headers": Value::Object(all.collect())})
        };
        assert_eq!(refused(&many(20, 1)), Vec::<String>::new());
        assert_eq!(refused(&many(21, 1)), ["headers"]);
        assert_eq!(refused(&many(1, 4096)), Vec::<String>::new());
        assert_eq!(refused(&many(1, 4097)), ["headers.x-00"]);
        assert_eq!(refused(&many(2, 4093)), ["headers"]);
        assert_eq!(refused(&json!({"headers": {"X-A": "1", "x-a": "2"}})), ["headers.x-a"]);
        let long = "n".repeat(5000);
        assert_eq!(refused(&json!({"headers": {long.as_str(): "1"}})), [format!("headers.{}", "n".repeat(64))]);
    }
}
