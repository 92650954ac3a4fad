//! The app for Zapier, as it is exported, run by Zapier's own runtime against a live gateway: what it checks is in `tests/zapier/`.

use connectors::export::App;
use harness::{Kitchen, node, on_both_engines};

on_both_engines! {
    async fn the_app_does_what_it_promises(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        node::verify(App::Zapier, &kitchen.workspace("main").await).await;
        kitchen.stop().await;
    }
}
