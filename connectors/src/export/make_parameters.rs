//! What a person fills in on Make: the parameters of a module. Ids are picked from lists that remote procedures fill; a list that depends on
//! what was picked before it lies inside the choice it depends on.

use super::make::camel;
use crate::catalogue::{Catalogue, Field, Lookup};
use crate::platforms::{Connector as _, Make};
use serde_json::{Value, json};

/// The parameters for these fields. `more` is the field on which further ones depend, with the remote procedure that gives them.
pub(super) fn parameters(catalogue: &Catalogue, fields: &[Field], more: Option<(&str, String)>) -> Vec<Value> {
    let all = All { catalogue, inputs: catalogue.inputs(fields), more };
    let mut parameters: Vec<Value> =
        all.inputs.iter().filter(|field| all.above(field).is_none()).map(|field| all.picked(field)).collect();
    if let Some((key, procedure)) = &all.more
        && all.inputs.iter().all(|field| field.key != *key)
    {
        parameters.push(json!(format!("rpc://{procedure}")));
    }
    parameters
}

/// How many of something, at most.
pub(super) fn limit(help: &str) -> Value {
    json!({"name": "limit", "label": "Limit", "type": "uinteger", "required": true, "default": 10, "help": help})
}

/// The remote procedure that lists what is picked: `pickClients`.
pub(super) fn picker(lookup: &Lookup) -> String {
    camel(&format!("pick {}", lookup.key))
}

struct All<'a> {
    catalogue: &'a Catalogue,
    inputs: Vec<Field>,
    more: Option<(&'a str, String)>,
}

impl All<'_> {
    fn lookup(&self, field: &Field) -> Option<&Lookup> {
        self.catalogue.lookup(field.lookup?)
    }

    /// The field that has to be picked before this one.
    fn above(&self, field: &Field) -> Option<&Field> {
        let narrowing = self.lookup(field)?.narrowed_by().last()?;
        self.inputs.iter().find(|known| known.key == narrowing.key && known.key != field.key)
    }

    fn below<'f>(&'f self, field: &'f Field) -> impl Iterator<Item = &'f Field> {
        self.inputs.iter().filter(move |known| self.above(known).is_some_and(|above| above.key == field.key))
    }

    /// A parameter whose value is picked, if there is a list of it.
    fn picked(&self, field: &Field) -> Value {
        let Some(lookup) = self.lookup(field) else { return Make.field(field) };
        let store = format!("rpc://{}", picker(lookup));
        let mut nested: Vec<Value> = self.below(field).map(|field| self.picked(field)).collect();
        if let Some((key, procedure)) = &self.more
            && *key == field.key
        {
            nested.push(json!(format!("rpc://{procedure}")));
        }
        let mut parameter = Make.field(field);
        parameter["type"] = json!("select");
        if field.is_list() {
            parameter["multiple"] = json!(true);
            if let Some(fields) = parameter.as_object_mut() {
                fields.remove("spec");
            }
        }
        parameter["options"] = if nested.is_empty() {
            json!(store)
        } else {
            let mut options = json!({"store": store, "nested": nested});
            if !field.is_required {
                // Who has the id from a step before enters it without picking what it lies in.
                let entered: Vec<Value> = self.below(field).map(|field| Make.field(field)).collect();
                options["placeholder"] = json!({"label": "None: enter ids below", "nested": entered});
            }
            options
        };
        let called = json!({"name": "search", "label": "Name", "type": "text"});
        parameter["rpc"] =
            json!({"label": format!("Search {}", lookup.noun.plural.replace('_', " ")), "url": store, "parameters": [called]});
        parameter
    }
}
