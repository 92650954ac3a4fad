//! A custom field of a board: something its tasks can say of themselves beside what every task has. What that may be is in
//! [`crate::field_value`].

use crate::clock::Timestamp;
use crate::ids::{BoardId, CustomFieldId, OptionId};
use crate::input::{Fields, Invalid, Parsed, Patch, boolean, colour, id, line, one_of};
use crate::page::Filter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most that can be chosen from in one field.
const MOST_OPTIONS: usize = 100;

/// What a custom field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// One of its options.
    List,
    /// Some of its options.
    MultiList,
    /// A day.
    Date,
    /// True or false.
    Boolean,
    /// An address on the web.
    Url,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
}

impl FieldType {
    /// Every type.
    pub const ALL: [Self; 9] =
        [Self::Text, Self::Number, Self::List, Self::MultiList, Self::Date, Self::Boolean, Self::Url, Self::Email, Self::Phone];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::List => "list",
            Self::MultiList => "multi_list",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Url => "url",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }

    /// From the text of [`FieldType::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == text)
    }

    /// Whether something is chosen in it.
    pub const fn has_options(self) -> bool {
        matches!(self, Self::List | Self::MultiList)
    }
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldOption {
    /// Its id.
    pub id: OptionId,
    /// What people choose; no two in one field are alike.
    pub name: String,
    /// Its colour: `#ff8800`.
    pub color: Option<String>,
}

/// An option as it is stored.
#[derive(Deserialize)]
struct StoredOption {
    id: String,
    name: String,
    color: Option<String>,
}

/// Options from the text they are stored as.
pub fn stored_options(text: &str) -> serde_json::Result<Vec<FieldOption>> {
    let stored: Vec<StoredOption> = serde_json::from_str(text)?;
    let option = |StoredOption { id, name, color }| FieldOption { id: OptionId::from_stored(id), name, color };
    Ok(stored.into_iter().map(option).collect())
}

/// A custom field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomField {
    /// Its id.
    pub id: CustomFieldId,
    /// The board it is of.
    pub board: BoardId,
    /// Its name.
    pub name: String,
    /// What it holds; stays as it is.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// Its colour: `#ff8800`.
    pub color: Option<String>,
    /// Whether its icon is shown.
    pub show_icon: bool,
    /// Whether clients see it.
    pub visible_to_clients: bool,
    /// What can be chosen; empty for types of which nothing is.
    pub options: Vec<FieldOption>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
}

/// An option as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOption {
    /// The option that is meant; `None` for a new one.
    pub id: Option<OptionId>,
    /// See [`FieldOption::name`].
    pub name: String,
    /// See [`FieldOption::color`].
    pub color: Option<String>,
}

/// A custom field to be made.
#[derive(Clone, Debug)]
pub struct NewCustomField {
    /// See [`CustomField::name`].
    pub name: String,
    /// See [`CustomField::field_type`].
    pub field_type: FieldType,
    /// See [`CustomField::color`].
    pub color: Option<String>,
    /// See [`CustomField::show_icon`].
    pub show_icon: bool,
    /// See [`CustomField::visible_to_clients`].
    pub visible_to_clients: bool,
    /// See [`CustomField::options`].
    pub options: Vec<NewOption>,
}

/// What an update of a custom field changes.
#[derive(Clone, Debug, Default)]
pub struct CustomFieldPatch {
    /// See [`CustomField::name`].
    pub name: Option<String>,
    /// The type it is believed to have: another one is refused.
    pub field_type: Option<FieldType>,
    /// See [`CustomField::color`].
    pub color: Patch<String>,
    /// See [`CustomField::show_icon`].
    pub show_icon: Option<bool>,
    /// See [`CustomField::visible_to_clients`].
    pub visible_to_clients: Option<bool>,
    /// All that can be chosen from then on.
    pub options: Patch<Vec<NewOption>>,
}

const NO_OPTIONS: &str = "The options field is for the types list and multi_list.";

fn field_type() -> impl crate::input::Parser<FieldType> {
    one_of(FieldType::ALL.map(FieldType::as_str).to_vec(), FieldType::parse)
}

/// `{id, name, color}`, or the name alone.
fn option(value: &Value) -> Parsed<NewOption> {
    let object = if value.is_object() { value.clone() } else { json!({"name": value}) };
    let mut fields = Fields::of(&object);
    let id = fields.optional("id", id(OptionId::parse));
    let name = fields.required("name", line(255));
    let color = fields.optional("color", colour());
    fields.finish(|| Some(NewOption { id, name: name?, color })).map_err(|invalid| {
        format!("The :field field must be a name, or an object with name, color and id. {}", invalid.message())
    })
}

/// Two options with one name could not be told apart.
fn refuse_twins(fields: &mut Fields<'_>, options: &[NewOption]) {
    let is_twin = |at: usize| options[..at].iter().any(|other| other.name == options[at].name);
    if let Some(at) = (1..options.len()).find(|at| is_twin(*at)) {
        fields.refuse(&format!("options.{at}"), format!("The options field has {} twice.", options[at].name));
    }
}

impl NewCustomField {
    /// Reads the body of a create.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = fields.required("name", line(255));
        let of = fields.required("type", field_type());
        let color = fields.optional("color", colour());
        let show_icon = fields.optional("show_icon", boolean()).unwrap_or(false);
        let visible_to_clients = fields.optional("visible_to_clients", boolean()).unwrap_or(false);
        let options = fields.list("options", MOST_OPTIONS, option).unwrap_or_default();
        refuse_twins(&mut fields, &options);
        match of {
            Some(of) if !of.has_options() && !options.is_empty() => fields.refuse("options", NO_OPTIONS),
            Some(of) if of.has_options() && options.is_empty() && !fields.is_refused("options") => {
                fields.refuse("options", "The options field is required for this type: what can be chosen.");
            }
            _ => {}
        }
        fields.finish(|| Some(Self { name: name?, field_type: of?, color, show_icon, visible_to_clients, options }))
    }
}

impl CustomFieldPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            name: fields.change("name", line(255)),
            field_type: fields.change("type", field_type()),
            color: fields.patch("color", colour()),
            show_icon: fields.change("show_icon", boolean()),
            visible_to_clients: fields.change("visible_to_clients", boolean()),
            options: fields.patch_list("options", MOST_OPTIONS, option),
        };
        if let Patch::Set(options) = &patch.options {
            refuse_twins(&mut fields, options);
        }
        fields.finish(|| Some(patch))
    }

    /// The field after the update.
    pub fn apply(self, field: CustomField, now: Timestamp) -> Result<CustomField, Invalid> {
        if self.field_type.is_some_and(|of| of != field.field_type) {
            return Err(Invalid::field("type", "The type of a custom field stays as it is. Make another field instead."));
        }
        let options = match self.options {
            Patch::Keep => field.options,
            wanted => with_ids(wanted.apply(None).unwrap_or_default(), &field.options, now)?,
        };
        if field.field_type.has_options() == options.is_empty() {
            let message =
                if options.is_empty() { "The options field must not be empty: what can be chosen." } else { NO_OPTIONS };
            return Err(Invalid::field("options", message));
        }
        Ok(CustomField {
            name: self.name.unwrap_or(field.name),
            color: self.color.apply(field.color),
            show_icon: self.show_icon.unwrap_or(field.show_icon),
            visible_to_clients: self.visible_to_clients.unwrap_or(field.visible_to_clients),
            options,
            updated_at: now,
            ..field
        })
    }
}

/// Options with their ids: one without is the one of the same name, if there was one, or new.
pub fn with_ids(options: Vec<NewOption>, before: &[FieldOption], now: Timestamp) -> Result<Vec<FieldOption>, Invalid> {
    let mut made: Vec<FieldOption> = Vec::with_capacity(options.len());
    for (at, NewOption { id, name, color }) in options.into_iter().enumerate() {
        let known = before.iter().find(|option| id.as_ref().map_or(option.name == name, |id| option.id == *id));
        let is_taken = known.is_some_and(|known| made.iter().any(|option| option.id == known.id));
        if (id.is_some() && known.is_none()) || (id.is_some() && is_taken) {
            return Err(Invalid::field(
                &format!("options.{at}"),
                format!("The selected options.{at} is no option of this field."),
            ));
        }
        let id = known.filter(|_| !is_taken).map_or_else(|| OptionId::new(now), |known| known.id.clone());
        made.push(FieldOption { id, name, color });
    }
    Ok(made)
}

/// Which custom fields of a board are shown.
#[derive(Clone, Debug, Default)]
pub struct CustomFieldFilter {
    /// Part of the name, without regard to case.
    pub name: Option<String>,
}

impl Filter for CustomFieldFilter {
    const NAMES: &'static [&'static str] = &["name"];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self { name: fields.optional("name", line(255)) }
    }
}
