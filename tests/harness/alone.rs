//! A test in a process of its own: for what other tests of the same process would disturb, such as the order of ids or the time the
//! processor spends.

use std::process::Command;

const CHILD: &str = "KITCHEN_TEST_ALONE";

/// Runs this in a process of its own. `name` is the test's, as the test program prints it.
pub async fn alone<F: Future<Output = ()>>(name: &str, run: impl FnOnce() -> F) {
    if std::env::var(CHILD).is_ok_and(|alone| alone == name) {
        return run().await;
    }
    let (program, name) = (std::env::current_exe().expect("the path of this program"), name.to_owned());
    let child = move || Command::new(program).args(["--exact", &name, "--nocapture"]).env(CHILD, &name).output();
    let output = tokio::task::spawn_blocking(child).await.expect("it is waited for").expect("the program starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    eprintln!("{told}");
    assert!(output.status.success() && told.contains("1 passed"), "the process of its own failed");
}
