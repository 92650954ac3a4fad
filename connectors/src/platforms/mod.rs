//! The platforms: what each wants an event, a resource, a hit, a choice, a field to look like. One trait, whose defaults are what a platform
//! without code of its own can use (Zapier's contract); a platform says where it differs. A platform that is added is one file
//! and one line in `ALL`.

mod custom;
mod make;
mod n8n;
mod pabbly;
mod zapier;

use crate::catalogue::{Choice, Field};
use crate::flat;
use domain::event::Event;
use domain::input::Form;
use domain::webhook::Platform;
use serde_json::{Map, Value, json};

pub(crate) use custom::Custom;
pub(crate) use make::Make;
pub(crate) use n8n::N8n;
pub(crate) use pabbly::Pabbly;
pub(crate) use zapier::Zapier;

/// What one platform expects.
pub trait Connector: Send + Sync {
    /// Which it is.
    fn platform(&self) -> Platform;

    /// What people call it.
    fn title(&self) -> &'static str;

    /// What it is, in a sentence to people who may not know it.
    fn summary(&self) -> &'static str;

    /// An event: what a hook delivers, and what stands in a feed.
    fn item(&self, event: &Event) -> Value {
        flat::item(event)
    }

    /// A feed: items newest first. `next` is the cursor behind the newest of them.
    fn feed(&self, items: Vec<Value>, next: &Next<'_>) -> Value {
        let _ = next;
        Value::Array(items)
    }

    /// What an action or a search gives: the resource with where it is read.
    fn resource(&self, canonical: &Value, url: Option<&str>) -> Value {
        let mut resource = flat::fields(canonical);
        if let (Some(fields), Some(url)) = (resource.as_object_mut(), url) {
            fields.insert("url".into(), Value::from(url));
        }
        resource
    }

    /// What a search found, best match first; nothing found is an empty list.
    fn hits(&self, hits: Vec<Value>) -> Value {
        Value::Array(hits)
    }

    /// What a person picks from. `next_page` is there if there are more.
    fn choices(&self, choices: &[Choice], next_page: Option<u32>) -> Value {
        let _ = next_page;
        choices.iter().map(|choice| json!({"id": choice.id, "name": choice.name})).collect()
    }

    /// The fields of an action, a search or a trigger, as definitions.
    fn fields(&self, fields: &[Field]) -> Value {
        fields.iter().map(|field| self.field(field)).collect()
    }

    /// One field's definition.
    fn field(&self, field: &Field) -> Value {
        plain_field(field)
    }

    /// Whether the answer to a subscription holds the secret it is signed with.
    fn tells_secret(&self) -> bool {
        false
    }
}

/// Where a feed goes on.
#[derive(Clone, Copy, Debug)]
pub struct Next<'c> {
    /// To be sent as `since`; a sample has none.
    pub cursor: Option<&'c str>,
    /// Whether there is more behind it at once.
    pub has_more: bool,
}

/// Every platform, in the order they are shown in.
pub const ALL: [&dyn Connector; 5] = [&Zapier, &Pabbly, &Make, &N8n, &Custom];

/// The connector of a platform; `None` for what is no platform: Kitchen's own webhooks and callbacks.
pub fn connector(platform: Platform) -> Option<&'static dyn Connector> {
    ALL.into_iter().find(|connector| connector.platform() == platform)
}

/// The connector of this name in a path.
pub fn named(name: &str) -> Option<&'static dyn Connector> {
    ALL.into_iter().find(|connector| connector.platform().as_str() == name)
}

/// A field as plain words, which the generated apps translate: `{key, label, help, type, required, list, choices, lookup}`.
fn plain_field(field: &Field) -> Value {
    let form = match &field.form {
        Form::List(of) => of,
        form => form,
    };
    let mut plain = Map::new();
    plain.insert("key".into(), json!(field.key));
    plain.insert("label".into(), json!(field.label));
    plain.insert("type".into(), json!(type_of(form)));
    plain.insert("required".into(), json!(field.is_required));
    plain.insert("list".into(), json!(field.is_list()));
    plain.insert("help".into(), json!(field.help));
    if !field.choices.is_empty() {
        plain.insert("choices".into(), json!(field.choices));
    }
    if let Some(lookup) = field.lookup {
        plain.insert("lookup".into(), json!(lookup));
    }
    Value::Object(plain)
}

/// The type of a field, in the few words that platforms share.
pub fn type_of(form: &Form) -> &'static str {
    match form {
        Form::Text { is_line: false, .. } => "text",
        Form::Integer { .. } => "integer",
        Form::Number => "number",
        Form::Boolean => "boolean",
        Form::Time => "datetime",
        Form::Password => "password",
        Form::Object => "object",
        Form::List(of) => type_of(of),
        Form::Any | Form::Text { .. } | Form::Email | Form::Url | Form::Colour | Form::OneOf(_) | Form::Id(_) => "string",
    }
}
