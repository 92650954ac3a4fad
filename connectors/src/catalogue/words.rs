//! The words for fields: a label where the name does not make a good one, and what to put there. A name that stands for several things is
//! told apart by what its values look like; a filter has words of its own.

use domain::input::{Described, Form, Presence};

/// The label of a field and the sentence below it.
pub(super) fn of(field: &Described) -> (String, &'static str) {
    let is_user = field.name == "user" && matches!(field.form, Form::Id(_));
    let label = if is_user { "Member".to_owned() } else { label_of(&field.name) };
    (label, help(field))
}

/// The same of a field that narrows a list down.
pub(super) fn of_filter(field: &Described) -> (String, &'static str) {
    let (label, help) = of(field);
    let narrowing = match field.name.as_str() {
        "name" | "title" => "A part of it is enough; capitals do not matter.",
        "email" => "The whole address.",
        "status" => "Open or completed ones. Left empty: both.",
        "completed" => "Yes for completed ones, no for open ones: another word for Status.",
        "members" => "Those with any of these members.",
        "lists" => "Those on any of these lists.",
        "labels" => "Those with any of these labels.",
        "start_at" | "due_at" => {
            "2026-03-12T14:00:00Z for that second, >=2026-03-12T14:00:00Z for that or later, <=2026-03-12T14:00:00Z for that or \
             earlier. An offset such as +02:00 may stand in place of the Z."
        }
        "state" => help,
        _ => "",
    };
    (label, narrowing)
}

/// What to put there; empty where the label says it.
fn help(field: &Described) -> &'static str {
    let is_required = field.presence == Presence::Required;
    match (field.name.as_str(), &field.form) {
        ("email", _) => "An email address, such as ada@example.com.",
        ("username", _) => "The name others mention them by.",
        ("language", _) => "A language tag, such as en or pt-BR.",
        ("timezone", _) => "A time zone, such as Europe/Berlin.",
        ("color" | "hex_color", _) => "A # and six hex digits, such as #ff8800.",
        ("password", _) => "What they sign in with. Left empty: they choose it themselves once they are invited.",
        ("notification", _) => {
            "Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added."
        }
        ("website", _) => "An address, such as https://example.com.",
        ("initials", _) => "What its picture shows; up to 8 characters.",
        ("visibility", _) => "Private: only people given access. Internal: the team. Shared: may include clients.",
        ("role", Form::OneOf(roles)) => match roles.first().and_then(|role| role.split_once('_')) {
            Some(("folder", _)) => "What people given access to the folder may do in it.",
            Some(("board", _)) => "What people given access to the board may do on it.",
            _ => "What they may do in the workspace. Only a key with the scope `keys` can name admins.",
        },
        ("company", Form::Id(_)) if !is_required => "The company they belong to.",
        ("parent", Form::Id("tsk")) => "The task of the same board that this one is a part of.",
        ("parent" | "folder", Form::Id(_)) if !is_required => "The folder it shall lie in. Left empty: the top level.",
        ("board", Form::Id(_)) if !is_required => "The board it shall be on. Left empty: the list says it.",
        ("list", Form::Id(_)) if !is_required => "The list it shall be on. Left empty: the one it is on.",
        ("from_board", _) => "The board the task is on now, to pick it from.",
        ("position", _) => "top, bottom, or which place from the top: 3 is the third. Left empty: the bottom.",
        ("assignee", _) => "Who is to do it.",
        ("members", _) => "Who else has to do with it: all of them, in place of those it has.",
        ("labels", _) => "What it is marked with: all of its labels, in place of those it has.",
        ("start_at", Form::Time) => {
            "When it is to be begun: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without \
             one it is the time in UTC."
        }
        ("due_at", Form::Time) => {
            "When it is to be done: 2026-03-12 or 2026-03-12T14:00:00Z, or with an offset, 2026-03-12T14:00:00+02:00. Without \
             one it is the time in UTC."
        }
        ("due_reminder", _) => "How many minutes before it is due it is to be called to mind; it needs a Due At.",
        ("remaining_minutes_estimate", _) => "How many more minutes it will take.",
        ("completed", _) => "Yes: it is done. No: it is open.",
        ("content", _) => "What the comment says.",
        ("format", _) => "How the content is written: text as it is, or HTML.",
        ("state", _) => "Active ones, archived ones, or all. Left empty: active.",
        ("callback_url", _) => "Where the result is posted once it is there.",
        _ => "",
    }
}

/// The label of a field.
pub(crate) fn label_of(name: &str) -> String {
    let label = match name {
        "phone" | "phone_number" => "Phone Number",
        "timezone" => "Time Zone",
        "hex_color" => "Color",
        "notification" => "Invitation",
        _ => return title(name),
    };
    label.to_owned()
}

/// `due_at` as people read it: "Due At".
fn title(name: &str) -> String {
    let words = name.split('_').map(|word| {
        if matches!(word, "id" | "url") {
            return word.to_uppercase();
        }
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}
