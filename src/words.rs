//! How an error is told to a person: each cause once, in one line.

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
