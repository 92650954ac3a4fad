//! `kitchen connectors export`: the apps in the repository are what would be written today, and nobody's files are written over.

use connectors::Catalogue;
use connectors::export::{App, MANIFEST, export};
use harness::Site;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below a folder, but for what `npm install` puts there.
fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "node_modules" {
                folders.push(path);
            } else if path.is_file() && name != "package-lock.json" {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn generated(app: App) -> BTreeMap<String, Vec<u8>> {
    export(&Catalogue::kitchen(), app).into_iter().map(|file| (file.path, file.contents)).collect()
}

#[test]
fn the_apps_in_the_repository_are_what_would_be_exported() {
    let apps = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../connectors/apps"));
    for app in App::ALL {
        let name = app.as_str();
        let (generated, committed) = (generated(*app), files_below(&apps.join(name)));
        let differs = |path: &&String| generated.get(*path) != committed.get(*path);
        let stale: Vec<&String> = generated.keys().chain(committed.keys()).filter(differs).collect();
        assert!(
            stale.is_empty(),
            "run `cargo run -- connectors export {name} --out connectors/apps/{name}`; it changes {stale:?}"
        );
    }
    let folders = fs::read_dir(apps).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for folder in folders {
        assert!(App::named(&folder).is_some(), "connectors/apps/{folder} is written by no export");
    }
}

#[tokio::test]
async fn an_export_replaces_its_own_files_and_no_others() {
    let site = Site::embedded();
    let out = site.path("app");
    let folder = out.to_str().unwrap();
    for app in App::ALL {
        let name = app.as_str();
        let arguments = ["connectors", "export", name, "--out", folder];
        let told = site.succeed(&arguments).await;
        assert!(told.contains(&format!("Wrote {} files", generated(*app).len())), "{told}");
        assert_eq!(files_below(&out), generated(*app), "{name}");

        // Changed by hand, left over from an earlier version, and somebody's own.
        let manifest = fs::read_to_string(out.join(MANIFEST)).unwrap();
        fs::write(out.join("README.md"), "changed").unwrap();
        fs::create_dir(out.join("gone")).unwrap();
        fs::write(out.join("gone/old.js"), "left over").unwrap();
        fs::write(out.join(MANIFEST), format!("{manifest}gone/old.js\n../outside\n")).unwrap();
        fs::write(out.join("mine.txt"), "my own").unwrap();
        fs::write(site.path("outside"), "not in the folder").unwrap();
        let told = site.succeed(&arguments).await;
        assert!(told.contains("removed 1"), "{told}");
        let mut expected = generated(*app);
        expected.insert("mine.txt".into(), b"my own".to_vec());
        assert_eq!(files_below(&out), expected, "{name}");
        assert!(!out.join("gone").exists() && site.path("outside").exists());

        // A folder that nobody exported into is left alone, unless it is said twice.
        fs::remove_file(out.join(MANIFEST)).unwrap();
        fs::write(out.join("README.md"), "changed").unwrap();
        let refused = site.run(&arguments).await;
        assert!(!refused.status.success() && refused.stderr.contains("--force"), "{refused:?}");
        assert_eq!(fs::read_to_string(out.join("README.md")).unwrap(), "changed");
        site.succeed(&["connectors", "export", name, "--out", folder, "--force"]).await;
        assert_eq!(files_below(&out), expected, "{name}");
        // Of another app it is not either.
        fs::write(out.join(MANIFEST), manifest.replacen(name, "another", 1)).unwrap();
        assert!(!site.run(&arguments).await.status.success());
        fs::remove_dir_all(&out).unwrap();
    }
    let unknown = site.run(&["connectors", "export", "abacus", "--out", folder]).await;
    assert!(!unknown.status.success() && unknown.stderr.contains("zapier"), "{unknown:?}");
    assert!(!out.exists());
}
