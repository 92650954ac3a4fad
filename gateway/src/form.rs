//! Form fields with brackets, as PHP and Stripe's libraries write them, turned into the tree a JSON body would have been:
//! `a=1`, `a[b]=1` (an object), `a[]=1` (append), `a[0]=1` (a list, in the order of the numbers).
//!
//! Where a form could mean two things it is refused rather than merged: a name as value and as object (`a=1&a[b]=2`), as
//! `a[]` and as `a[0]`. A plain name that comes twice takes the last value, as everywhere on the web. Pairs, depth and name
//! length are bounded.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The most pairs a form or a query may have.
pub(crate) const MAX_PAIRS: usize = 1000;
const MAX_DEPTH: usize = 5;
const MAX_NAME_BYTES: usize = 256;
const MAX_INDEX: u32 = 999;

/// A form under construction; lists stay open until all pairs are read.
enum Node {
    Text(String),
    Object(BTreeMap<String, Node>),
    Appended(Vec<Node>),
    Indexed(BTreeMap<u32, Node>),
}

/// Reads a form or a query; the error is a sentence for the caller.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    if bytes.iter().filter(|byte| **byte == b'&').count() >= MAX_PAIRS {
        return Err(format!("A form must not have more than {MAX_PAIRS} fields."));
    }
    check_escapes(bytes)?;
    let mut root = BTreeMap::new();
    check_text(bytes)?;
    for (name, value) in form_urlencoded::parse(bytes) {
        let path = path(&name)?;
        let (first, rest) = path.split_first().ok_or("A field has no name.")?;
        put(root.entry((*first).to_owned()), rest, value.into_owned(), &name)?;
    }
    Ok(Value::Object(close_object(root)))
}

/// A broken percent escape would be passed on as text by the decoder; a client that sends one has a fault worth telling.
fn check_escapes(bytes: &[u8]) -> Result<(), String> {
    let is_broken = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'%')
        .any(|(at, _)| !bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)));
    if is_broken { Err("The form has a broken percent escape.".into()) } else { Ok(()) }
}

/// The decoder would put replacement characters where bytes are no text; what was sent as such a character is text.
fn check_text(bytes: &[u8]) -> Result<(), String> {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        let escaped =
            after.get(..2).filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        decoded.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    if str::from_utf8(&decoded).is_ok() { Ok(()) } else { Err("The form is not valid UTF-8.".into()) }
}

/// `a[b][]` becomes `["a", "b", ""]`.
fn path(name: &str) -> Result<Vec<&str>, String> {
    if name.len() > MAX_NAME_BYTES {
        return Err(format!("A field's name must not be longer than {MAX_NAME_BYTES} bytes."));
    }
    let Some(open) = name.find('[') else { return Ok(vec![name]) };
    let bad = || format!("The field name `{name}` has unbalanced brackets.");
    let (first, mut rest) = name.split_at(open);
    if first.is_empty() {
        return Err(bad());
    }
    let mut path = vec![first];
    while !rest.is_empty() {
        let (part, after) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(bad)?;
        if part.contains('[') {
            return Err(bad());
        }
        path.push(part);
        rest = after;
    }
    if path.len() > MAX_DEPTH { Err(format!("The field name `{name}` is nested too deeply.")) } else { Ok(path) }
}

type Entry<'a, K> = std::collections::btree_map::Entry<'a, K, Node>;

fn put<K: Ord>(entry: Entry<'_, K>, path: &[&str], value: String, name: &str) -> Result<(), String> {
    let conflict = || format!("The field `{name}` contradicts an earlier field of the form.");
    let Some((part, rest)) = path.split_first() else {
        match entry {
            Entry::Vacant(vacant) => drop(vacant.insert(Node::Text(value))),
            Entry::Occupied(mut occupied) => match occupied.get_mut() {
                Node::Text(text) => *text = value,
                _ => return Err(conflict()),
            },
        }
        return Ok(());
    };
    let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let index = is_index.then(|| part.parse::<u32>().unwrap_or(u32::MAX));
    let node = entry.or_insert_with(|| match index {
        _ if part.is_empty() => Node::Appended(Vec::new()),
        Some(_) => Node::Indexed(BTreeMap::new()),
        None => Node::Object(BTreeMap::new()),
    });
    match (node, index) {
        (Node::Appended(items), _) if part.is_empty() => append(items, rest, value, name),
        (Node::Indexed(items), Some(index)) if index <= MAX_INDEX => put(items.entry(index), rest, value, name),
        (Node::Indexed(_), Some(_)) => Err(format!("The field `{name}` has an index above {MAX_INDEX}.")),
        (Node::Object(fields), None) if !part.is_empty() => put(fields.entry((*part).to_owned()), rest, value, name),
        _ => Err(conflict()),
    }
}

/// `a[]=1` adds an element; `a[][b]=1` adds to the last element until a name repeats, which begins the next.
fn append(items: &mut Vec<Node>, rest: &[&str], value: String, name: &str) -> Result<(), String> {
    let Some(key) = rest.first() else {
        items.push(Node::Text(value));
        return Ok(());
    };
    let begins_new = match items.last() {
        Some(Node::Object(fields)) => rest.len() == 1 && fields.contains_key(*key),
        _ => true,
    };
    if begins_new {
        items.push(Node::Object(BTreeMap::new()));
    }
    match items.last_mut() {
        Some(Node::Object(fields)) => put(fields.entry((*key).to_owned()), rest.get(1..).unwrap_or_default(), value, name),
        _ => Err(format!("The field `{name}` contradicts an earlier field of the form.")),
    }
}

fn close(node: Node) -> Value {
    match node {
        Node::Text(text) => Value::String(text),
        Node::Object(fields) => Value::Object(close_object(fields)),
        Node::Appended(items) => items.into_iter().map(close).collect(),
        Node::Indexed(items) => items.into_values().map(close).collect(),
    }
}

fn close_object(fields: BTreeMap<String, Node>) -> Map<String, Value> {
    fields.into_iter().map(|(name, node)| (name, close(node))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_forms_mean() -> Result<(), String> {
        for (form, tree) in [
            ("", json!({})),
            ("a=1&b=2", json!({"a": "1", "b": "2"})),
            ("a=1&a=2", json!({"a": "2"})),
            ("a[b]=1&a[c]=2", json!({"a": {"b": "1", "c": "2"}})),
            ("a%5Bb%5D=1", json!({"a": {"b": "1"}})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[1]=y&a[0]=x", json!({"a": ["x", "y"]})),
            ("a[0][b]=1&a[1][b]=2", json!({"a": [{"b": "1"}, {"b": "2"}]})),
            ("a[][b]=1&a[][c]=2&a[][b]=3", json!({"a": [{"b": "1", "c": "2"}, {"b": "3"}]})),
            ("a=x+y%2Bz", json!({"a": "x y+z"})),
            ("a", json!({"a": ""})),
            ("__proto__[x]=1", json!({"__proto__": {"x": "1"}})),
            ("name=%C3%89va", json!({"name": "Éva"})),
            ("name=%EF%BF%BD", json!({"name": "\u{FFFD}"})),
        ] {
            assert_eq!(parse(form.as_bytes())?, tree, "{form}");
        }
        Ok(())
    }

    #[test]
    fn what_is_refused() {
        let pairs = "a=1&".repeat(MAX_PAIRS + 1);
        for form in [
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[]=1&a[0]=2",
            "a[0]=1&a[b]=2",
            "a[b=1",
            "a]b=1&a[b]c=1",
            "[a]=1",
            "a[1000]=x",
            "a[4294967296]=x&a[0]=1",
            "a[b][c][d][e][f]=1",
            "a=%zz",
            "a=%4",
            "a=%ff",
            "a=%C3&b=%89",
            &pairs,
            &format!("{}=1", "a".repeat(300)),
        ] {
            let shown: String = form.chars().take(40).collect();
            assert!(parse(form.as_bytes()).is_err(), "{shown} was accepted");
        }
    }
}
