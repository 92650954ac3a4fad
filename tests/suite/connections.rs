//! Connections that are held without being used, and stopping while they are.

use harness::{Kitchen, Setup, database, eventually, on_both_engines};
use harness::{Receiver, client::send};
use reqwest::Method;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

on_both_engines! {
    async fn half_a_request_is_not_waited_for(engine: Engine) {
        let setup = Setup { has_worker: false, head_timeout: Duration::from_millis(400), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let api = kitchen.workspace("main").await;
        let address = kitchen.urls[0].strip_prefix("http://").unwrap().to_owned();
        for sent in ["", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let mut connection = TcpStream::connect(&address).await.unwrap();
            connection.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let read = tokio::time::timeout(Duration::from_secs(5), connection.read_to_end(&mut answer)).await;
            assert!(read.is_ok(), "a connection that sent {sent:?} is held for ever");
        }
        api.get("/api/me").await.expect(200);
        // One that is half open does not hold up the end.
        let mut held = TcpStream::connect(&address).await.unwrap();
        held.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        let begun = Instant::now();
        kitchen.stop().await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }

    async fn a_secret_of_another_master_key_holds_up_its_own_webhook_alone(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let api = kitchen.workspace("main").await;
        let (lost, fine) = (Receiver::start().await, Receiver::start().await);
        let webhook = lost.subscribe(&api, &["client.created"]).await;
        fine.subscribe(&api, &["client.created"]).await;
        let id = webhook["id"].as_str().unwrap();
        let sealed = format!("UPDATE webhooks SET sealed_secret = 'v1:00000000:AAAAAAAAAAAAAAAA:AAAA' WHERE id = '{id}'");
        database::execute(&kitchen.database_url, &sealed).await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
        fine.wait_for(1).await;
        let deliveries = format!("/api/webhooks/{id}/deliveries");
        eventually("the reason on record", Duration::from_secs(10), || async {
            let delivery = api.get(&deliveries).await.rows().first().cloned()?;
            delivery["last_error"].as_str().is_some_and(|text| text.contains("master key")).then_some(())
        })
        .await;
        assert!(lost.received().is_empty());
        let shown = send(api.request(Method::GET, &format!("/api/webhooks/{id}"))).await.expect(409);
        assert!(shown.text.contains("master key"), "{}", shown.text);
        kitchen.stop().await;
    }
}
