//! Headers of webhooks as they are stored: a JSON object, the names as they are, each value sealed for itself, so that names can be
//! shown and values kept without opening anything.

use crate::Result;
use domain::headers::Headers;
use domain::input::Invalid;
use domain::seal::{MasterKey, SealError};
use domain::secret::Secret;
use std::collections::BTreeMap;

/// Names, and sealed values.
pub(crate) type Sealed = BTreeMap<String, String>;

/// Seals what is wanted. A value that stays, or is the same again, is taken over as it was sealed.
pub(crate) fn seal(key: &MasterKey, wanted: Headers, mut stored: Sealed) -> Result<Sealed> {
    let mut sealed = Sealed::new();
    for (name, value) in wanted {
        let before = stored.remove(&name);
        let after = match (value, before) {
            (None, None) => {
                let field = format!("headers.{name}");
                let message = format!("The {field} field has no value yet that could stay; send one.");
                return Err(Invalid::field(&field, message).into());
            }
            (None, Some(before)) => before,
            (Some(value), Some(before)) if key.open(&before).is_ok_and(|opened| opened == value) => before,
            (Some(value), _) => key.seal(&value)?,
        };
        sealed.insert(name, after);
    }
    Ok(sealed)
}

/// Opens all values, for sending.
pub(crate) fn open(key: &MasterKey, sealed: &Sealed) -> std::result::Result<Vec<(String, Secret)>, SealError> {
    sealed.iter().map(|(name, value)| Ok((name.clone(), key.open(value)?))).collect()
}
