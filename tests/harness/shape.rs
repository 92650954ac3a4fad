//! What answers must look like, whatever they are about.

use crate::Reply;
use serde_json::Value;

/// Fails unless the object has exactly these members; shows those that are missing and those that are too many.
pub fn assert_keys(object: &Value, keys: &[&str]) {
    let mut wanted: Vec<&str> = keys.to_vec();
    wanted.sort_unstable();
    let mut have: Vec<&str> =
        object.as_object().unwrap_or_else(|| panic!("no object: {object}")).keys().map(String::as_str).collect();
    have.sort_unstable();
    assert_eq!(have, wanted, "{object}");
}

/// Fails unless this is an id: the prefix, `_`, 24 lower-case hex digits.
pub fn assert_id(id: &Value, prefix: &str) {
    let hex = id
        .as_str()
        .and_then(|id| id.strip_prefix(prefix)?.strip_prefix('_'))
        .unwrap_or_else(|| panic!("{id} is no {prefix}_ id"));
    assert!(hex.len() == 24 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)), "{id}");
}

/// Fails unless this is a time as Kitchen prints it: `2024-03-12T14:18:37+00:00`.
pub fn assert_time(time: &Value) {
    let text = time.as_str().unwrap_or_else(|| panic!("{time} is no time"));
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(form, "0000-00-00T00:00:00+00:00", "{text}");
}

/// The texts in one member of each row, in the order of the rows.
pub fn column(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_else(|| panic!("no {name} in {row}")).to_owned()).collect()
}

/// Fails unless this is an error in the shape of every error.
pub fn assert_error(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, &reply.json["code"]), (status, &Value::from(code)), "{}", reply.text);
    assert_keys(
        &reply.json,
        if status == 422 { &["message", "code", "request_id", "errors"] } else { &["message", "code", "request_id"] },
    );
    assert!(reply.json["message"].as_str().is_some_and(|message| message.ends_with(['.', ')'])), "{}", reply.text);
    assert_eq!(reply.json["request_id"], reply.header("request-id"));
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(reply.header("request-id").starts_with("req_") && reply.header("x-content-type-options") == "nosniff");
}
