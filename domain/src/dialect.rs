//! How resources look as JSON. Inside the product, and towards automation platforms, times carry milliseconds
//! (`2024-03-12T14:18:37.123Z`); Kitchen's own API prints seconds (`2024-03-12T14:18:37+00:00`).

use serde::Serialize;
use serde_json::Value;

/// A resource as JSON with millisecond times: what is stored in events and given to platforms.
pub fn canonical(resource: &impl Serialize) -> Value {
    // Our own types serialise to maps with text keys; there is no input on which this fails.
    serde_json::to_value(resource).unwrap_or(Value::Null)
}

/// The same JSON as Kitchen prints it: in every field named `…_at` or `…_until`, and in both ends of a period, at any depth, the time in
/// whole seconds.
pub fn kitchen(mut value: Value) -> Value {
    rewrite(&mut value);
    value
}

fn rewrite(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(time) if is_of_time(key) && is_canonical(time) => {
                        time.truncate(19);
                        time.push_str("+00:00");
                    }
                    nested => rewrite(nested),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rewrite),
        _ => {}
    }
}

fn is_of_time(key: &str) -> bool {
    key.ends_with("_at") || key.ends_with("_until") || matches!(key, "since" | "until")
}

fn is_canonical(text: &str) -> bool {
    text.len() == 24
        && text
            .bytes()
            .zip(*b"0000-00-00T00:00:00.000Z")
            .all(|(have, form)| if form == b'0' { have.is_ascii_digit() } else { have == form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use serde_json::json;

    #[test]
    fn kitchen_prints_seconds_and_platforms_milliseconds() {
        let at = canonical(
            &json!({"created_at": Timestamp::from_millis(1_710_253_117_123), "name_at": "noon", "note": "2024-03-12T14:18:37.123Z"}),
        );
        assert_eq!(at["created_at"], "2024-03-12T14:18:37.123Z");
        let printed = kitchen(json!({"data": [at]}));
        assert_eq!(printed["data"][0]["created_at"], "2024-03-12T14:18:37+00:00");
        assert_eq!(printed["data"][0]["name_at"], "noon");
        assert_eq!(printed["data"][0]["note"], "2024-03-12T14:18:37.123Z");
    }
}
