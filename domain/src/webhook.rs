//! A webhook: a subscription that says where to send which events.

use crate::circuit::Circuit;
use crate::clock::Timestamp;
use crate::egress::EgressPolicy;
use crate::event::{EventType, is_meant, patterns};
use crate::flow::{Flow, FlowPatch};
use crate::headers::{self, Headers, MASK};
use crate::ids::{BoardId, FolderId, WebhookId};
use crate::input::{Fields, Form, Invalid, Parser, Patch, as_form, boolean, id, line, none_of, one_of, seconds};
use crate::location::Location;
use crate::retries::{MAX_DELAYS, USUAL_DELAYS, delay};
use crate::secret::Secret;
use serde::Serialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Who made a webhook, and so which body it receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Made through Kitchen's own API: receives Kitchen's envelope.
    Kitchen,
    /// Made by a Zap.
    Zapier,
    /// Made by a workflow of Pabbly Connect.
    Pabbly,
    /// Made by a scenario of Make.
    Make,
    /// Made by a workflow of n8n.
    N8n,
    /// Made by code that uses the connectors' endpoints itself.
    Custom,
    /// Made for one operation, to tell its end: receives the operation itself. Hidden, and subscribed to nothing.
    Callback,
}

impl Platform {
    /// Whoever can be asked for: all but callbacks.
    pub const ALL: [Self; 6] = [Self::Kitchen, Self::Zapier, Self::Pabbly, Self::Make, Self::N8n, Self::Custom];

    /// As written in the API and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kitchen => "kitchen",
            Self::Zapier => "zapier",
            Self::Pabbly => "pabbly",
            Self::Make => "make",
            Self::N8n => "n8n",
            Self::Custom => "custom",
            Self::Callback => "callback",
        }
    }

    /// From the text of [`Platform::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.as_str() == text)
    }
}

/// A webhook, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// Which events it receives, by name or by pattern; empty for all.
    pub events_types: Vec<String>,
    /// Only what concerns one of these folders, or something anywhere below it, or one of the boards.
    pub folders: Vec<FolderId>,
    /// Only what concerns one of these boards, or one of the folders. Both empty: whatever an event concerns.
    pub boards: Vec<BoardId>,
    /// Whether it receives any at present.
    pub enabled: bool,
    /// Why the gateway disabled it, in words; `None` when it did not.
    pub disabled_reason: Option<String>,
    /// How much of a worker it may take.
    #[serde(flatten)]
    pub flow: Flow,
    /// How its receiver has been doing lately.
    pub circuit: Circuit,
    /// Pauses between attempts, in seconds; empty for a single attempt, `None` for the usual schedule.
    pub retry_delays: Option<Vec<u32>>,
    /// Names of the headers it sends beside our own. The values are secret; what is shown of each is a mask.
    #[serde(rename = "headers", serialize_with = "masked")]
    pub header_names: Vec<String>,
    /// Who made it.
    pub platform: Platform,
    /// Attempts made at deliveries to it.
    pub attempts_count: u64,
    /// How many of these failed.
    pub failed_attempts_count: u64,
    /// Why the last attempt that failed did, in words; it stays when later ones succeed.
    pub last_failure: Option<String>,
    /// When that was.
    pub last_failed_at: Option<Timestamp>,
    /// Until when requests are signed with the secret before the last rotation too.
    pub previous_secret_expires_at: Option<Timestamp>,
    /// Who made it, in words; `None` if that was never put on record.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed, counters aside.
    pub updated_at: Timestamp,
}

fn masked<S: serde::Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(names.iter().map(|name| (name, MASK)))
}

impl Webhook {
    /// Whether events of this type are for it. A test is for the one webhook it was written with and for no other.
    pub fn matches(&self, event_type: &str) -> bool {
        if event_type == EventType::WEBHOOK_TEST.as_str() {
            return false;
        }
        self.receives_all() || self.events_types.iter().any(|wanted| is_meant(wanted, event_type))
    }

    /// Whether it receives events of every type.
    pub fn receives_all(&self) -> bool {
        self.events_types.is_empty() || self.events_types.iter().any(|wanted| wanted == "*")
    }

    /// Whether it listens in a part of the tree only.
    pub fn is_located(&self) -> bool {
        !self.folders.is_empty() || !self.boards.is_empty()
    }

    /// Whether it listens where an event happened. The location holds everything above that place; where it is not known, only who
    /// listens everywhere does.
    pub fn listens_at(&self, location: Option<&Location>) -> bool {
        let folders = self.folders.iter().map(FolderId::as_str);
        let boards = self.boards.iter().map(BoardId::as_str);
        !self.is_located() || location.is_some_and(|location| location.is_in(folders, boards))
    }

    /// The pauses between attempts that hold for it.
    pub fn delays(&self) -> &[u32] {
        self.retry_delays.as_deref().unwrap_or(USUAL_DELAYS)
    }

    /// What [`EventType::WEBHOOK_TEST`] carries: the webhook that is tried out, and words for whoever finds it in a log.
    pub fn test_data(&self) -> Value {
        json!({
            "id": self.id,
            "url": self.url,
            "message": "This event was sent to try the webhook out. Nothing has happened; it can be ignored.",
        })
    }
}

/// What [`EventType::WEBHOOK_DISABLED`] carries.
#[derive(Clone, Debug, Serialize)]
pub struct Disabled {
    /// See [`Webhook::id`].
    pub id: WebhookId,
    /// See [`Webhook::url`].
    pub url: String,
    /// False; for whoever reads a webhook and this alike.
    pub enabled: bool,
    /// See [`Webhook::disabled_reason`].
    pub disabled_reason: String,
    /// See [`Webhook::created_at`].
    pub created_at: Timestamp,
    /// When it was disabled.
    pub updated_at: Timestamp,
}

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// See [`Webhook::url`]; judged, and in its canonical form.
    pub url: String,
    /// See [`Webhook::events_types`].
    pub events_types: Vec<String>,
    /// See [`Webhook::folders`].
    pub folders: Vec<FolderId>,
    /// See [`Webhook::boards`].
    pub boards: Vec<BoardId>,
    /// See [`Webhook::enabled`].
    pub enabled: bool,
    /// See [`Webhook::flow`].
    pub flow: Flow,
    /// See [`Webhook::retry_delays`].
    pub retry_delays: Option<Vec<u32>>,
    /// See [`Webhook::header_names`].
    pub headers: Headers,
    /// See [`Webhook::platform`].
    pub platform: Platform,
    /// The signing secret.
    pub secret: Secret,
}

/// What an update of a webhook changes. The secret cannot be set.
#[derive(Clone, Debug, Default)]
pub struct WebhookPatch {
    /// See [`Webhook::url`].
    pub url: Option<String>,
    /// See [`Webhook::events_types`].
    pub events_types: Option<Vec<String>>,
    /// See [`Webhook::folders`].
    pub folders: Patch<Vec<FolderId>>,
    /// See [`Webhook::boards`].
    pub boards: Patch<Vec<BoardId>>,
    /// See [`Webhook::enabled`].
    pub enabled: Option<bool>,
    /// See [`Webhook::flow`].
    pub flow: FlowPatch,
    /// See [`Webhook::retry_delays`].
    pub retry_delays: Patch<Vec<u32>>,
    /// See [`Webhook::header_names`].
    pub headers: Patch<Headers>,
}

/// The most event types one webhook can name.
const MAX_EVENT_TYPES: usize = 200;
/// The most folders it can name, and the most boards.
pub const MAX_LOCATIONS: usize = 50;

fn pattern() -> impl Parser<String> {
    as_form(Form::Text { max: 64, is_line: true }, |value: &Value| {
        let (text, known) = (value.as_str().unwrap_or_default().trim(), patterns());
        known.iter().find(|pattern| *pattern == text).cloned().ok_or_else(|| none_of(&known))
    })
}

/// Reads `events_types`, or `events` as some clients call it; both with different values is an error.
pub(crate) fn read_event_types(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let named = fields.list("events_types", MAX_EVENT_TYPES, pattern());
    let alias = fields.list("events", MAX_EVENT_TYPES, pattern());
    if let (Some(named), Some(alias)) = (&named, &alias)
        && named != alias
    {
        fields.refuse("events", "The events field says something else than events_types; send one of them.");
    }
    let is_emptied = fields.has("events_types") || fields.has("events");
    let mut types = named.or(alias).or_else(|| is_emptied.then(Vec::new))?;
    types.sort();
    types.dedup();
    Some(types)
}

pub(crate) fn read_url(policy: &EgressPolicy) -> impl Parser<String> {
    as_form(Form::Url, |value: &Value| {
        policy.judge_url(value.as_str().ok_or("The :field field must be a string.")?).map(String::from)
    })
}

impl NewWebhook {
    /// Reads the body of a create.
    pub fn read(body: &Value, policy: &EgressPolicy) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let url = fields.required("url", read_url(policy));
        let events_types = read_event_types(&mut fields).unwrap_or_default();
        let enabled = fields.optional("enabled", boolean()).unwrap_or(true);
        let flow = Flow::read(&mut fields);
        let folders = fields.list("folders", MAX_LOCATIONS, id(FolderId::parse)).unwrap_or_default();
        let boards = fields.list("boards", MAX_LOCATIONS, id(BoardId::parse)).unwrap_or_default();
        let retry_delays = fields.list("retry_delays", MAX_DELAYS, delay());
        let headers = headers::read(&mut fields).apply(None).unwrap_or_default();
        fields.finish(|| {
            let secret = crate::signature::generate_secret();
            Some(Self {
                url: url?,
                events_types,
                folders,
                boards,
                enabled,
                flow,
                retry_delays,
                headers,
                platform: Platform::Kitchen,
                secret,
            })
        })
    }

    /// What the end of an operation is delivered through.
    pub fn callback(url: String, secret: Secret) -> Self {
        // No event is called that: older gateways, to which this is a webhook like any other, send nothing to it.
        let events_types = vec![Platform::Callback.as_str().to_owned()];
        let (retry_delays, headers) = (None, Headers::new());
        Self {
            url,
            events_types,
            folders: Vec::new(),
            boards: Vec::new(),
            enabled: true,
            flow: Flow::default(),
            retry_delays,
            headers,
            platform: Platform::Callback,
            secret,
        }
    }

    /// Reads a platform's subscription: `target_url` (or `url`), one `event` out of those it knows, and the folder or board to hear of.
    pub fn read_subscription(body: &Value, platform: Platform, policy: &EgressPolicy, known: &[&str]) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let name = if fields.raw("target_url").is_none() && fields.raw("url").is_some() { "url" } else { "target_url" };
        let url = fields.required(name, read_url(policy));
        let event = fields.required("event", |value: &Value| {
            let name = value.as_str().unwrap_or_default().trim();
            if known.contains(&name) { Ok(name.to_owned()) } else { Err(none_of(known)) }
        });
        let folder = fields.optional("folder", id(FolderId::parse));
        let board = fields.optional("board", id(BoardId::parse));
        fields.finish(|| {
            let secret = crate::signature::generate_secret();
            Some(Self {
                url: url?,
                events_types: vec![event?],
                folders: folder.into_iter().collect(),
                boards: board.into_iter().collect(),
                enabled: true,
                flow: Flow::of(platform),
                retry_delays: None,
                headers: Headers::new(),
                platform,
                secret,
            })
        })
    }
}

impl WebhookPatch {
    /// Reads the body of an update.
    pub fn read(body: &Value, policy: &EgressPolicy) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let patch = Self {
            url: fields.change("url", read_url(policy)),
            events_types: read_event_types(&mut fields),
            folders: fields.patch_list("folders", MAX_LOCATIONS, id(FolderId::parse)),
            boards: fields.patch_list("boards", MAX_LOCATIONS, id(BoardId::parse)),
            enabled: fields.change("enabled", boolean()),
            flow: FlowPatch::read(&mut fields),
            retry_delays: fields.patch_list("retry_delays", MAX_DELAYS, delay()),
            headers: headers::read(&mut fields),
        };
        fields.finish(|| Some(patch))
    }
}

/// How long a rotated secret goes on signing when nobody says how long.
pub const USUAL_OVERLAP: Duration = Duration::from_hours(24);
/// The longest it may.
pub const MAX_OVERLAP: Duration = Duration::from_hours(7 * 24);

/// How a secret is rotated.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// How long the old secret goes on signing.
    pub overlap: Duration,
    /// Whether one that is left from an earlier rotation may be ended before its time.
    pub is_forced: bool,
}

impl Rotation {
    /// Reads the body of a rotation: `overlap` in seconds, and `force`.
    pub fn read(body: &Value) -> Result<Self, Invalid> {
        let mut fields = Fields::of(body);
        let overlap = fields.optional("overlap", seconds(MAX_OVERLAP)).unwrap_or(USUAL_OVERLAP);
        let is_forced = fields.optional("force", boolean()).unwrap_or(false);
        fields.finish(|| Some(Self { overlap, is_forced }))
    }
}

/// Which webhooks a list shows.
#[derive(Clone, Debug, Default)]
pub struct WebhookFilter {
    /// Only those made by this platform.
    pub platform: Option<Platform>,
    /// Only those with exactly this URL.
    pub url: Option<String>,
}

impl crate::page::Filter for WebhookFilter {
    fn read(fields: &mut Fields<'_>) -> Self {
        let platform = fields.optional("platform", one_of(Platform::ALL.map(Platform::as_str).to_vec(), Platform::parse));
        Self { platform, url: fields.optional("url", line(crate::egress::MAX_URL_LENGTH)) }
    }
}
