//! How an error is told to a person: each cause once, in one line.

use domain::input::Invalid;

/// What is wrong with what was typed, with each field called by its flag: `--allow-ip` is what sets `allowed_ips`.
pub fn of_invalid(invalid: &Invalid, flags: &[(&str, &str)]) -> String {
    let told = invalid.errors.iter().flat_map(|(name, messages)| {
        let field = name.split('.').next().unwrap_or(name);
        let flag = flags.iter().find(|(known, _)| *known == field).map_or(field, |(_, flag)| flag);
        let called = [format!("The {name} field"), format!("The selected {name}")];
        messages.iter().map(move |message| called.iter().fold(message.clone(), |told, called| told.replace(called, flag)))
    });
    told.collect::<Vec<_>>().join(" ")
}

/// The error and its causes, leaving out causes whose text the one before already repeats.
pub fn of(error: &anyhow::Error) -> String {
    let mut told: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string();
        if !told.last().is_some_and(|before| before.contains(&text)) {
            told.push(text);
        }
    }
    told.join(": ")
}
