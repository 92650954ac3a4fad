//! Apps that platforms run on their side, tried out with the platform's own libraries for node.

use crate::Api;
use connectors::Catalogue;
use connectors::export::{App, export};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
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
    let output = tokio::time::timeout(PATIENCE, run(command)).await;
    let output = output
        .unwrap_or_else(|_| panic!("{what} does not end"))
        .unwrap_or_else(|error| panic!("{what} cannot be run ({error}); `script/setup` installs what is missing"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Runs a program to its end. When nobody waits for that any more, it is killed with all that it started: node's test runner has a
/// process for each file, and npm for each script.
async fn run(command: &mut Command) -> std::io::Result<Output> {
    let child = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let _group = Group(child.id());
    child.wait_with_output().await
}

/// The processes of a group, which end with this.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            let mut kill = std::process::Command::new("kill");
            // Most often all of them have ended.
            drop(kill.args(["-KILL", "--", &format!("-{leader}")]).stderr(Stdio::null()).status());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_program_started_ends_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pid");
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 600 & echo $! > \"$1.new\"; mv \"$1.new\" \"$1\"; wait", "sh"]).arg(&file);
        let started = async {
            while !file.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            ended = run(&mut shell) => panic!("it waits for what it started: {ended:?}"),
            () = started => {}
        }
        let pid = std::fs::read_to_string(&file).expect("a number");
        let program = Path::new("/proc").join(pid.trim()).join("exe");
        crate::eventually("what was started is gone", Duration::from_secs(10), || async {
            std::fs::read_link(&program).is_err().then_some(())
        })
        .await;
    }
}
