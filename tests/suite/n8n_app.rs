//! The package for n8n, as it is exported, on n8n's own library against a live gateway: what it checks is in `tests/n8n/`. In a whole n8n it
//! is tried out by `script/verify-n8n`.

use connectors::export::App;
use harness::{Kitchen, node, on_both_engines};

on_both_engines! {
    async fn the_nodes_do_what_they_promise(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        node::verify(App::N8n, &kitchen.workspace("main").await).await;
        kitchen.stop().await;
    }
}
