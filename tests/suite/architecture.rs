//! The arrows between the crates, and the one home of each library. A change here is a change of the design.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// For each crate of ours, the crates of ours it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("store", &["domain"]),
    ("queue", &["domain"]),
    ("connectors", &["domain"]),
    ("gateway", &["connectors", "domain", "queue", "store"]),
    ("worker", &["connectors", "domain", "queue", "store"]),
    ("kitchen", &["connectors", "domain", "gateway", "queue", "store", "worker"]),
];

/// Libraries that are used in certain crates and nowhere else; a `*` stands for any ending.
const HOMES: &[(&str, &[&str])] = &[
    ("axum*", &["gateway"]),
    ("sqlx*", &["store"]),
    ("apalis*", &["queue", "worker"]),
    ("redis", &["queue"]),
    ("hyper", &["gateway", "worker"]),
    ("hyper-util", &["gateway", "worker"]),
    // Nothing but the worker's client calls out.
    ("hyper-rustls", &["worker"]),
    ("reqwest*", &["worker"]),
    ("clap", &["kitchen"]),
];

/// The direct dependencies of every crate of the workspace, for whatever target and purpose.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--no-deps", "--manifest-path", manifest])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| (name(package), package["dependencies"].as_array().expect("dependencies").iter().map(name).collect()))
        .collect()
}

#[test]
fn crates_use_only_what_lies_below_them() {
    let crates = dependencies();
    for (name, used) in &crates {
        if name == "tests" {
            continue;
        }
        let (_, allowed) =
            ARROWS.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is not in the design"));
        for used in used.iter().filter(|used| crates.contains_key(*used)) {
            assert!(allowed.contains(&used.as_str()), "{name} must not depend on {used}");
        }
    }
    assert_eq!(crates.len(), ARROWS.len() + 1, "the design names a crate that does not exist: {:?}", crates.keys());
}

#[test]
fn libraries_stay_at_home() {
    for (name, used) in dependencies().iter().filter(|(name, _)| *name != "tests") {
        for library in used {
            for (pattern, homes) in HOMES {
                let is_meant = pattern.strip_suffix('*').map_or(library == pattern, |start| library.starts_with(start));
                assert!(!is_meant || homes.contains(&name.as_str()), "{library} is used in {name}; its home is {homes:?}");
            }
        }
    }
}
