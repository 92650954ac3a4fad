//! What a resource looks like, as JSON Schema, read off the code that writes it: a field whose type lets it be absent may be null, and no
//! other may. Of texts the format is told by the example.
//!
//! What an example leaves open is told as what it most often is: a field that has nothing in it is a moment if its name ends in `_at`,
//! and a text otherwise. An object within, whose keys its type does not fix, may have any.

use crate::schema::or_null;
use serde::ser::{self, Impossible, Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// The schema of everything that is written like this example.
pub fn of(example: &impl Serialize) -> Value {
    // serde writes a resource that has fields of another type among its own as a map; its keys are fixed all the same.
    example.serialize(Shape { are_keys_fixed: true }).unwrap_or_else(|Unshaped| json!({}))
}

/// A serializer that keeps what things are instead of what they say.
struct Shape {
    are_keys_fixed: bool,
}

const WITHIN: Shape = Shape { are_keys_fixed: false };

/// Asked for by serde; resources have no part that comes to it.
#[derive(Debug)]
struct Unshaped;

impl Display for Unshaped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("this has no shape")
    }
}

impl std::error::Error for Unshaped {}

impl ser::Error for Unshaped {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Shaped = Result<Value, Unshaped>;

fn of_text(text: &str) -> Value {
    let id = text.rsplit_once('_').filter(|(_, hex)| hex.len() == 24 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if let Some((prefix, _)) = id {
        return json!({"type": "string", "pattern": format!("^{prefix}_[0-9a-f]{{24}}$")});
    }
    let is_time = text.len() == 24 && text.as_bytes()[10] == b'T' && text.ends_with('Z');
    if is_time { moment() } else { json!({"type": "string"}) }
}

fn moment() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn nothing() -> Value {
    json!({"type": "null"})
}

macro_rules! plain {
    ($($method:ident($kind:ty) = $name:literal;)*) => {
        $(fn $method(self, _: $kind) -> Shaped {
            Ok(json!({"type": $name}))
        })*
    };
}

impl Serializer for Shape {
    type Ok = Value;
    type Error = Unshaped;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Impossible<Value, Unshaped>;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Impossible<Value, Unshaped>;

    plain! {
        serialize_bool(bool) = "boolean";
        serialize_i8(i8) = "integer";
        serialize_i16(i16) = "integer";
        serialize_i32(i32) = "integer";
        serialize_i64(i64) = "integer";
        serialize_u8(u8) = "integer";
        serialize_u16(u16) = "integer";
        serialize_u32(u32) = "integer";
        serialize_u64(u64) = "integer";
        serialize_f32(f32) = "number";
        serialize_f64(f64) = "number";
        serialize_char(char) = "string";
        serialize_bytes(&[u8]) = "array";
    }

    fn serialize_str(self, text: &str) -> Shaped {
        Ok(of_text(text))
    }

    fn serialize_none(self) -> Shaped {
        Ok(nothing())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Shaped {
        value.serialize(self).map(or_null)
    }

    fn serialize_unit(self) -> Shaped {
        Ok(nothing())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Shaped {
        Ok(nothing())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Shaped {
        Ok(json!({"type": "string"}))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Shaped {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Shaped {
        Err(Unshaped)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unshaped> {
        Ok(List::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<List, Unshaped> {
        Ok(List::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, Unshaped> {
        Ok(List::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unshaped> {
        Err(Unshaped)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object, Unshaped> {
        Ok(Object { are_keys_fixed: self.are_keys_fixed, ..Object::default() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object, Unshaped> {
        Ok(Object { are_keys_fixed: true, ..Object::default() })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unshaped> {
        Err(Unshaped)
    }
}

/// A list, whose elements are all alike.
#[derive(Default)]
struct List {
    element: Option<Value>,
}

impl List {
    fn add<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), Unshaped> {
        let shape = element.serialize(WITHIN)?;
        self.element.get_or_insert(shape);
        Ok(())
    }

    fn shape(self) -> Value {
        json!({"type": "array", "items": self.element.unwrap_or_else(|| json!({}))})
    }
}

/// An object.
#[derive(Default)]
struct Object {
    properties: Map<String, Value>,
    key: String,
    are_keys_fixed: bool,
}

impl Object {
    fn add<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unshaped> {
        let shape = value.serialize(WITHIN)?;
        let open = if key.ends_with("_at") { moment() } else { json!({"type": "string"}) };
        self.properties.insert(key.to_owned(), if shape == nothing() { or_null(open) } else { shape });
        Ok(())
    }

    fn shape(self) -> Value {
        if !self.are_keys_fixed {
            return json!({"type": "object"});
        }
        let required: Vec<&String> = self.properties.keys().collect();
        json!({"type": "object", "required": required, "properties": self.properties})
    }
}

// serde has a trait for each kind of list, alike but for the names.
macro_rules! lists {
    ($($kind:ident::$add:ident;)*) => {
        $(impl ser::$kind for List {
            type Ok = Value;
            type Error = Unshaped;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshaped> {
                self.add(value)
            }

            fn end(self) -> Shaped {
                Ok(self.shape())
            }
        })*
    };
}

lists! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
}

impl ser::SerializeMap for Object {
    type Ok = Value;
    type Error = Unshaped;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unshaped> {
        let key = serde_json::to_value(key).map_err(|_| Unshaped)?;
        key.as_str().unwrap_or_default().clone_into(&mut self.key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unshaped> {
        let key = std::mem::take(&mut self.key);
        self.add(&key, value)
    }

    fn end(self) -> Shaped {
        Ok(self.shape())
    }
}

impl ser::SerializeStruct for Object {
    type Ok = Value;
    type Error = Unshaped;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unshaped> {
        self.add(key, value)
    }

    fn end(self) -> Shaped {
        Ok(self.shape())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn types_tell_what_may_be_null() {
        let client = of(&samples::client());
        let field = |name: &str| client["properties"][name].clone();
        assert_eq!(field("id"), json!({"type": "string", "pattern": "^u_[0-9a-f]{24}$"}));
        assert_eq!(field("company"), json!({"type": ["string", "null"], "pattern": "^co_[0-9a-f]{24}$"}));
        assert_eq!(field("name"), json!({"type": "string"}));
        assert_eq!(field("color"), json!({"type": ["string", "null"]}), "nothing is known of it but that it may be null");
        assert_eq!(field("created_at"), json!({"type": "string", "format": "date-time"}));
        let keys: Vec<&str> = client["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(keys.starts_with(&["id"]) && keys.contains(&"color"), "every key is always there: {keys:?}");
        let operation = of(&samples::operation());
        assert_eq!(operation["properties"]["params"], json!({"type": "object"}), "what was asked for differs from kind to kind");
        assert_eq!(operation["properties"]["total_count"]["type"], json!(["integer", "null"]));
        assert_eq!(operation["properties"]["done_count"]["type"], "integer");
    }
}
