//! Apps that platforms run on their side, tried out with the platform's own libraries for node.

use crate::Api;
use connectors::Catalogue;
use connectors::export::{App, export};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Command;

/// How long a program may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(2);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Exports an app to where node finds the packages that `tests/NAME/package.json` names: below them.
pub async fn place(app: App) -> TempDir {
    let packages = succeed(Command::new(root().join("script/node-packages")).arg(app.as_str())).await;
    let folder = tempfile::tempdir_in(packages.trim()).expect("a folder for the app");
    for file in export(&Catalogue::kitchen(), app) {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of the app");
        std::fs::write(path, file.contents).expect("a file of the app");
    }
    folder
}

/// Exports an app and runs `tests/NAME/verify.test.js` on it. The program is told where the app is (`KITCHEN_APP`), and the gateway's
/// address and key (`KITCHEN_URL`, `KITCHEN_KEY`).
pub async fn verify(app: App, api: &Api) {
    let folder = place(app).await;
    let mut node = Command::new("node");
    node.arg("--test").arg(root().join("tests").join(app.as_str()).join("verify.test.js"));
    node.env("KITCHEN_APP", folder.path()).env("KITCHEN_URL", api.base()).env("KITCHEN_KEY", api.token());
    succeed(&mut node).await;
}

/// Runs a program that must succeed, and gives what it printed.
pub async fn succeed(command: &mut Command) -> String {
    let what = command.as_std().get_program().display().to_string();
    let output = tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let output = output
        .unwrap_or_else(|_| panic!("{what} does not end"))
        .unwrap_or_else(|error| panic!("{what} cannot be run ({error}); `script/setup` installs what is missing"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
