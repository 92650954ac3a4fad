//! Importing clients with the page: the file, the preview with what would be rejected, the import and its download; without script, in
//! a real browser, and for everybody.

use crate::api_page_access::look;
use crate::webhooks_page::open;
use harness::{Kitchen, Reply, Visitor, eventually, on_both_engines};
use reqwest::Method;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const HOME: &str = "/settings/people/clients/import";

/// Sends a file as a browser does with the form.
async fn choose(visitor: &Visitor, base: &str, name: &str, text: &str) -> Reply {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n{text}\r\n--x--\r\n"
    );
    let request = visitor.request(Method::POST, HOME).header("content-type", "multipart/form-data; boundary=x");
    visitor.send(request.header("origin", base).header("sec-fetch-site", "same-origin").body(body)).await
}

/// The page of an operation once it has ended, loaded by hand.
async fn when_ended(visitor: &Visitor, path: &str) -> String {
    eventually("it has ended", Duration::from_secs(20), || async {
        let text = visitor.get(path).await.expect(200).text;
        (!text.contains("hx-trigger=\"every 2s\"")).then_some(text)
    })
    .await
}

on_both_engines! {
    async fn without_script_a_file_is_previewed_and_imported_once(engine: Engine) {
        let kitchen = Kitchen::start(engine).await;
        let (api, other) = (kitchen.workspace("main").await, kitchen.workspace("other").await);
        let owner = Visitor::owner(&kitchen, &api.key().workspace_id, "olive@main.example", "correct horse battery").await;
        let stranger = Visitor::owner(&kitchen, &other.key().workspace_id, "olive@other.example", "correct horse battery").await;
        let base = &kitchen.urls[0];
        assert!(owner.get("/settings/people/clients").await.expect(200).text.contains(&format!("href=\"{HOME}\"")));
        assert!(owner.get(HOME).await.expect(200).text.contains("enctype=\"multipart/form-data\""));
        Visitor::new(base).get(HOME).await.expect(303);
        for (name, text, said) in [
            ("", "", "Choose a file"),
            ("phones.csv", "name,phone\r\nAda,1", "one of them email"),
            ("double.csv", "email,mail\r\n", "more than one column for email"),
        ] {
            let refused = choose(&owner, base, name, text).await.expect(422).text;
            assert!(refused.contains(said) && refused.contains("id=\"file-error\""), "{refused}");
        }
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 0);

        let text = "name,email\r\nAda,ada@example.com\r\nBo,nonsense\r\n<b>Cy</b>,cy@example.com\r\n";
        let preview = choose(&owner, base, "peo<b>ple.csv", text).await.expect(303).header("location").to_owned();
        let shown = when_ended(&owner, &preview).await;
        for part in ["Only tried out", "2 new, 0 updated, 0 unchanged, 1 rejected.", "<th scope=\"row\">3</th>", "3 of 3 read", "id=\"import-begin\"", "peo&#60;b&#62;ple.csv"] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(api.get("/api/clients").await.json["meta"]["total"], 0, "nothing is written");
        let report = owner.get(&format!("{preview}/failures")).await.expect(200);
        assert!(report.header("content-disposition").starts_with("attachment") && report.text.starts_with("line,field,reason\r\n3,email,"), "{}", report.text);
        let begin = format!("{HOME}/{}", preview.rsplit('/').next().unwrap());
        stranger.get(&format!("{preview}/failures")).await.expect(404);
        stranger.post(&begin, &[]).await.expect(404);
        let import = owner.post(&begin, &[]).await.expect(303).header("location").to_owned();
        assert_ne!(import, preview);
        let done = when_ended(&owner, &import).await;
        assert!(done.contains("2 new, 0 updated, 0 unchanged, 1 rejected.") && done.contains("failures-download") && !done.contains("import-begin"));
        let clients = api.get("/api/clients?sort=name").await.expect(200).rows();
        assert_eq!((&clients[0]["name"], &clients[1]["name"]), (&json!("<b>Cy</b>"), &json!("Ada")));
        // The file has been imported: there is nothing to begin a second time.
        assert!(!when_ended(&owner, &preview).await.contains("import-begin"));
        assert_eq!(owner.post(&begin, &[]).await.expect(303).header("location"), preview);
        assert_eq!(api.get("/api/operations").await.json["meta"]["total"], 2);
        let listed = owner.get("/settings/people/clients").await.expect(200).text;
        assert!(listed.contains("export?format=csv") && listed.contains("export?format=ndjson"));
        kitchen.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_browser_everybody_can_import_a_file() {
    let (kitchen, api, browser) = open(harness::Engine::Sqlite).await;
    let mut found = Vec::new();
    browser.goto("/settings/people/clients").await;
    browser.click("#client-import").await;
    browser.wait_for_path(HOME).await;
    look(&browser, "client-import", &mut found).await;
    let pick = "const files = new DataTransfer(); files.items.add(new File([arguments[0]], arguments[1], {type: 'text/csv'})); \
        document.querySelector('#file').files = files.files";
    browser.run(pick, vec![json!("name,phone\nAda,1\n"), json!("phones.csv")]).await;
    browser.click("#import-preview").await;
    browser.wait_for_text("#file-error", "one of them email").await;
    look(&browser, "client-import-refused", &mut found).await;
    let mut text = String::from("name,email\nAda,ada@example.com\n");
    for row in 0..25 {
        let _ = writeln!(text, "{},nonsense{row}", "W".repeat(80));
    }
    browser.run(pick, vec![json!(text), json!("people.csv")]).await;
    browser.click("#import-preview").await;
    // Nobody loads the page again.
    browser.wait_for_text("#state", "Finished").await;
    browser.wait_for_text("#operation", "1 new, 0 updated, 0 unchanged, 25 rejected.").await;
    assert_eq!((browser.count("#operation tbody tr").await, browser.count("#failures-download").await), (20, 1));
    browser.wait_for_text("#operation", "the download has 5 more").await;
    look(&browser, "client-import-preview", &mut found).await;
    let preview = browser.path().await;
    browser.click("#import-begin").await;
    browser.wait_for_text("#operation .lead, .lead", "Clients with new addresses are made").await;
    browser.wait_for_text("#state", "Finished").await;
    assert_ne!(browser.path().await, preview);
    browser.click("#operation-back").await;
    browser.wait_for_text("tbody", "ada@example.com").await;
    look(&browser, "client-exports", &mut found).await;
    assert_eq!(api.get("/api/clients").await.json["meta"]["total"], 1);
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}
