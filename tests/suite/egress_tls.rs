//! TLS to receivers: who is called is always checked, and who calls is said where it is asked and configured.

use crate::deliveries::delivery_in;
use harness::{Authority, Receiver, Site};
use serde_json::json;

/// What came of one event at a receiver without questions, at one that asks who calls, and at one of an authority nobody trusts: the
/// error of each, or none.
async fn errors(site: &Site, known: &Authority, stranger: &Authority) -> [String; 3] {
    let site = site.clone().set("SSL_CERT_FILE", known.path("ca.pem").to_str().unwrap());
    let gateway = site.start(&["serve"]).await;
    let api = gateway.api(&site.new_key(1_000_000).await);
    let mut receivers = Vec::new();
    for listener in [known.listen(false).await, known.listen(true).await, stranger.listen(false).await] {
        let receiver = Receiver::start_with_tls(listener);
        receivers.push((receiver.subscribe(&api, &[]).await, receiver));
    }
    api.post("/api/companies", &[("name", "Acme")]).await.expect(201);
    let mut errors = Vec::new();
    for (webhook, receiver) in &receivers {
        let delivery = harness::eventually("an attempt", std::time::Duration::from_secs(10), || async {
            let all = crate::deliveries::deliveries(&api, webhook).await;
            all.into_iter().find(|one| one["attempts_count"] == 1)
        })
        .await;
        let is_delivered = delivery_in(&api, webhook, delivery["state"].as_str().unwrap()).await["state"] == json!("delivered");
        assert_eq!(receiver.received().len(), usize::from(is_delivered), "{delivery}");
        errors.push(delivery["last_error"].as_str().unwrap_or_default().to_owned());
    }
    errors.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workers_certificate_is_shown_to_receivers_that_ask() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let [open, asking, unknown] = errors(&Site::embedded(), &known, &stranger).await;
    assert_eq!(open, "");
    assert!(asking.contains("ertificate"), "without a certificate it is refused: {asking}");
    assert!(unknown.starts_with("No connection: invalid peer certificate"), "{unknown}");
    let with = Site::embedded().set("KITCHEN_EGRESS_CERTIFICATE", known.path("identity.pem").to_str().unwrap());
    let [open, asking, unknown] = errors(&with, &known, &stranger).await;
    assert_eq!((open.as_str(), asking.as_str()), ("", ""));
    assert!(unknown.starts_with("No connection: invalid peer certificate"), "{unknown}");
    // A certificate of somebody else's is no better than none.
    let other = Site::embedded().set("KITCHEN_EGRESS_CERTIFICATE", stranger.path("identity.pem").to_str().unwrap());
    let [_, asking, _] = errors(&other, &known, &stranger).await;
    assert!(!asking.is_empty());
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_named_before_anything_is_sent() {
    let (known, stranger) = (Authority::new(), Authority::new());
    let swapped = known.path("swapped.pem");
    let parts = [known.path("client.pem"), stranger.path("client.key")].map(|path| std::fs::read(path).unwrap());
    std::fs::write(&swapped, parts.concat()).unwrap();
    for (file, said) in [
        (known.path("absent.pem"), "cannot be read"),
        (known.path("client.pem"), "no certificate with its key"),
        (known.path("client.key"), "no certificate with its key"),
        (known.path("openssl.cnf"), "no certificate with its key"),
        (swapped, "no certificate with its key"),
    ] {
        let site = Site::embedded().set("KITCHEN_EGRESS_CERTIFICATE", file.to_str().unwrap());
        for command in [&["doctor"][..], &["serve"]] {
            let ran = site.run(command).await;
            assert!(
                !ran.status.success() && ran.all().contains(said) && ran.all().contains(file.to_str().unwrap()),
                "{command:?}: {ran:?}"
            );
        }
    }
    let site = Site::embedded().set("KITCHEN_EGRESS_CERTIFICATE", known.path("identity.pem").to_str().unwrap());
    assert!(site.succeed(&["doctor", "--skip-port"]).await.contains("certificate and key can be used"));
}
