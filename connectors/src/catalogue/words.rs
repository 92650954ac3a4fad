//! The words for fields: a label where the name does not make a good one, and what to put there.

/// The label of a field and the sentence below it.
pub(super) fn of(name: &str) -> (String, &'static str) {
    let (label, help) = match name {
        "email" => ("Email", "An email address, such as ada@example.com."),
        "name" => ("Name", ""),
        "username" => ("Username", "The name others mention them by. Left empty: the part of the email address before the @."),
        "phone" | "phone_number" => ("Phone Number", ""),
        "language" => ("Language", "A language tag, such as en or pt-BR."),
        "timezone" => ("Time Zone", "A time zone, such as Europe/Berlin."),
        "color" => ("Colour", "Six hex digits, such as #ff8800."),
        "password" => ("Password", "What they sign in with. Left empty: they choose it themselves once they are invited."),
        "notification" => (
            "Invitation",
            "Yes to invite them by email, or the words to invite them with. Left empty: they are not told that they were added.",
        ),
        "website" => ("Website", "An address, such as https://example.com."),
        "initials" => ("Initials", "What its picture shows; up to 8 characters."),
        "visibility" => ("Visibility", "Private: only people given access. Internal: the team. Shared: may include clients."),
        "role" => ("Role", "What people may do there, or what a member may do in the workspace."),
        "position" => ("Position", "top, bottom, or which place from the top: 3 is the third. Left empty: the bottom."),
        "parent" => ("Parent", "What it shall lie in. Left empty: the top level."),
        "state" => ("State", "Active ones, archived ones, or all. Left empty: active."),
        "callback_url" => ("Callback URL", "Where the result is posted once it is there."),
        "board" => ("Board", ""),
        "from_board" => ("From Board", "The board the task is on now, to pick it from."),
        _ => return (title(name), ""),
    };
    (label.to_owned(), help)
}

/// The label of a field.
pub(crate) fn label_of(name: &str) -> String {
    of(name).0
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
