//! Values against a JSON Schema, for what other systems read of us and cannot be run here.

use boon::{Compiler, Schemas};
use serde_json::Value;

/// Where a value does not fit a schema, or the definition of this name in it: a line for each place, none if it fits.
pub(crate) fn refusals(schema: &Value, definition: Option<&str>, value: &Value) -> Vec<String> {
    const PLACE: &str = "https://kitchen.example.com/schema.json";
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource(PLACE, schema.clone()).expect("a schema");
    let place = definition.map_or_else(|| PLACE.to_owned(), |name| format!("{PLACE}#/$defs/{name}"));
    let index = compiler.compile(&place, &mut schemas).unwrap_or_else(|error| panic!("{place}: {error:#}"));
    match schemas.validate(value, index) {
        Ok(()) => Vec::new(),
        Err(error) => format!("{error:#}").lines().map(|line| line.trim().to_owned()).collect(),
    }
}
