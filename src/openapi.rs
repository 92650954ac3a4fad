//! `kitchen openapi`: prints the description of the API, as it is kept in `openapi.json` and served at `/openapi.json`.

use connectors::Catalogue;
use std::io::Write as _;

/// Prints it.
pub fn run() {
    // A reader that has seen enough (`| head`) is no fault.
    let _ = writeln!(std::io::stdout(), "{:#}", gateway::openapi(&Catalogue::kitchen()));
}
