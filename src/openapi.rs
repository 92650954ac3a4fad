//! `kitchen openapi`: prints the description of the API, as it is kept in `openapi.json` and served at `/openapi.json`.

use connectors::Catalogue;

/// Prints it.
pub fn run() {
    println!("{:#}", gateway::openapi(&Catalogue::kitchen()));
}
