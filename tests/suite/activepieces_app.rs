//! The piece for Activepieces, as it is exported, on its framework against a live gateway: what it checks is in `tests/activepieces/`.

use connectors::export::App;
use harness::{Kitchen, node, on_both_engines};
use tokio::process::Command;

on_both_engines! {
    async fn the_piece_does_what_it_promises(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        node::verify(App::Activepieces, &kitchen.workspace("main").await).await;
        kitchen.stop().await;
    }
}

#[tokio::test]
async fn the_piece_compiles() {
    let app = node::place(App::Activepieces).await;
    let compiler = app.path().join("../node_modules/typescript/bin/tsc");
    node::succeed(Command::new("node").arg(compiler).arg("--noEmit").arg("--project").arg(app.path())).await;
}
