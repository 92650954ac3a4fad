//! The API page as an owner meets it: in a real browser, from the empty list to the last deleted key.

use domain::api_key::ApiKey;
use domain::audit::Actor;
use harness::visitor::owner_ticket;
use harness::{Api, Browser, Engine, Kitchen, Setup, database, on_both_engines};
use serde_json::json;
use std::time::Duration;

pub(crate) const EMAIL: &str = "olive@main.example";
pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const DIALOG: &str = "dialog:modal";
pub(crate) const NAMES: &str = "tbody th[scope=row]";
const ONLY_ONCE: &str = "This is the only time the token is shown. It can’t be viewed again.";

/// An installation whose owner has just joined and sees the API page. The key of the caller is there until it is deleted.
pub(crate) async fn open(engine: Engine) -> (Kitchen, Api, Browser) {
    let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let browser = Browser::start(&kitchen.urls[0]).await;
    browser.goto(&format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await)).await;
    join(&browser).await;
    (kitchen, api, browser)
}

pub(crate) async fn join(browser: &Browser) {
    for (field, text) in
        [("#name", "Olive Owner"), ("#email", EMAIL), ("#password", PASSWORD), ("#password_confirmation", PASSWORD)]
    {
        browser.fill(field, text).await;
    }
    browser.click("form button[type=submit]").await;
    browser.wait_for_path("/settings/api").await;
}

/// Takes the caller's own key away, behind the page's back.
pub(crate) async fn remove_callers_key(kitchen: &Kitchen, api: &Api) {
    let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
    assert!(store::api_keys::delete(&mut work, &api.key().id).await.unwrap());
    work.commit().await.unwrap();
}

/// A further key, and a caller with it.
pub(crate) async fn key(kitchen: &Kitchen, api: &Api, name: &str) -> Api {
    let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
    let new = domain::api_key::NewApiKey::read(&json!({ "name": name }), kitchen.clock.now()).unwrap();
    let (key, token) = store::api_keys::create(&mut work, new);
    work.commit().await.unwrap();
    Api::new(&kitchen.urls[0], token.reveal()).of(key)
}

async fn all_keys(kitchen: &Kitchen, api: &Api) -> Vec<ApiKey> {
    let mut view = kitchen.store.read(&api.key().workspace_id).await.unwrap();
    store::api_keys::list(&mut view, domain::page::PageRequest::default()).await.unwrap().rows
}

pub(crate) async fn close_dialog(browser: &Browser) {
    browser.click(&format!("{DIALOG} .dialog-foot [data-close]")).await;
    browser.wait_until_gone("dialog").await;
}

/// Opens the dialog, makes a key, and leaves its token on the screen.
pub(crate) async fn create(browser: &Browser, name: &str) -> String {
    browser.click("#key-new").await;
    browser.wait_for(&format!("{DIALOG} #name")).await;
    browser.fill(&format!("{DIALOG} #name"), name).await;
    browser.click(&format!("{DIALOG} button[type=submit]")).await;
    browser.wait_for(&format!("{DIALOG} #token")).await;
    browser.value("#token").await
}

/// Sorts by a column, and says which order its header now claims, by its icon as by what is read out.
async fn sort(browser: &Browser, column: &str, expected_query: &str) -> &'static str {
    browser.click(&format!("#sort-{column}")).await;
    browser.wait_for_path(&format!("/settings/api{expected_query}")).await;
    browser.wait_for(&format!("th[aria-sort] #sort-{column}")).await;
    claimed_order(browser, column).await
}

async fn claimed_order(browser: &Browser, column: &str) -> &'static str {
    assert_eq!(browser.count("th[aria-sort]").await, 1, "one column at a time");
    assert_eq!(browser.count("thead svg").await, 1, "one arrow");
    let said = browser.attribute(&format!("th:has(#sort-{column})"), "aria-sort").await;
    let arrow = browser.attribute(&format!("#sort-{column} use"), "href").await.expect("an arrow");
    match said.as_deref() {
        Some("ascending") if arrow.ends_with("#arrow-up") => "ascending",
        Some("descending") if arrow.ends_with("#arrow-down") => "descending",
        _ => panic!("{column} is read out as {said:?} and shows {arrow}"),
    }
}

/// Rolls a key from its edit window: with 24 hours, which is chosen at first, or another end of the old token.
async fn roll(browser: &Browser, rolled: &Api, choice: Option<&str>, says: &str) -> String {
    browser.goto("/settings/api").await;
    browser.click(&format!("#edit-{}", rolled.key().id)).await;
    browser.click(&format!("{DIALOG} a[href$='/roll']")).await;
    browser.wait_for_text(&format!("{DIALOG} h2"), &format!("Roll the key “{}”", rolled.key().name)).await;
    assert!(browser.text("label.choice:has(:checked)").await.starts_with("24 hours"));
    if let Some(words) = choice {
        let choices = browser.texts("label.choice").await;
        let place = choices.iter().position(|text| text.starts_with(words)).expect("this choice") + 1;
        browser.click(&format!("label.choice:nth-child({place})")).await;
    }
    browser.click(&format!("{DIALOG} button[type=submit]")).await;
    browser.wait_for(&format!("{DIALOG} #token")).await;
    browser.wait_for_text(DIALOG, says).await;
    browser.wait_for_text(DIALOG, ONLY_ONCE).await;
    browser.value("#token").await
}

fn reversed(names: &[&str]) -> Vec<String> {
    names.iter().rev().map(|name| (*name).to_owned()).collect()
}

on_both_engines! {
    async fn a_key_is_made_and_its_token_is_shown_once(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        remove_callers_key(&kitchen, &api).await;
        // The sidebar leads there, and with no key the page says what keys are for.
        browser.goto("/settings/account").await;
        assert_eq!(browser.text(".sidebar .nav-title").await.to_lowercase(), "settings");
        assert_eq!(browser.text(".sidebar .nav a[href='/settings/api']").await, "API");
        browser.click(".sidebar .nav a[href='/settings/api']").await;
        browser.wait_for_path("/settings/api").await;
        browser.wait_for_text(".empty", "There are no API keys yet").await;
        browser.wait_for_text(".empty", "Create a key for each system that should connect, and paste its token there.").await;
        assert_eq!(browser.text("#key-new").await, "Create API key");

        browser.click("#key-new").await;
        browser.wait_for_text(&format!("{DIALOG} h2"), "Create API key").await;
        assert_eq!(browser.text("label[for=name]").await, "Name");
        // A name of nothing but blanks passes the browser's own check; the dialog comes back and says so.
        browser.fill("#name", "   ").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for(&format!("{DIALOG} #name[aria-invalid=true]")).await;
        assert!(!browser.text("#name-error").await.is_empty());
        browser.fill("#name", "Zapier").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for(&format!("{DIALOG} #token")).await;

        let token = browser.value("#token").await;
        Api::new(&kitchen.urls[0], &token).get("/api/me").await.expect(200);
        assert!(browser.text(&format!("{DIALOG} .notice-warn")).await.starts_with(ONLY_ONCE));
        assert_eq!(browser.text("[data-copy]").await, "Copy");
        browser.click("[data-copy]").await;
        browser.wait_for_text(".copy-status", "Copied").await;
        assert_eq!(browser.clipboard().await, token);

        let made = all_keys(&kitchen, &api).await.remove(0);
        let secret = token.strip_prefix(&made.start).expect("a token begins with its start").trim_matches('_').to_owned();
        assert!(secret.len() >= 32, "{}", secret.len());
        assert!(browser.source().await.contains(&secret), "the search finds a token where there is one");
        close_dialog(&browser).await;
        browser.wait_for_path("/settings/api").await;
        assert_eq!(browser.texts(NAMES).await, ["Zapier"]);
        let kept = "return JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])";
        assert!(!browser.run(kept, vec![]).await.to_string().contains(&secret));
        assert!(!browser.source().await.contains(&secret));
        for path in ["/settings/api".to_owned(), format!("/settings/api/{}", made.id), "/settings/api/new".to_owned()] {
            browser.goto(&path).await;
            assert!(!browser.source().await.contains(&secret), "{path}");
        }
        let dump = database::dump(&kitchen.database_url).await;
        assert!(dump.contains(&made.start), "the dump is not empty");
        assert!(!dump.contains(&secret));

        // Neither loading the page again nor going back brings a token back, nor does it make another key.
        browser.goto("/settings/api").await;
        let token = create(&browser, "Make").await;
        browser.reload().await;
        browser.wait_for("h1").await;
        assert_eq!(browser.count("#token").await, 0);
        assert!(!browser.source().await.contains(&token));
        browser.goto("/settings/account").await;
        browser.run("history.back()", vec![]).await;
        browser.wait_for_text("h1", "API keys").await;
        assert!(!browser.source().await.contains(&token));
        assert_eq!(all_keys(&kitchen, &api).await.len(), 2);
        Api::new(&kitchen.urls[0], &token).get("/api/me").await.expect(200);
        browser.close().await;
        kitchen.stop().await;
    }

    async fn the_list_is_sorted_by_either_header_and_stays_so(engine: Engine) {
        const MADE: [&str; 6] = ["zulu", "Émile", "alpha", "Bravo", "eagle", "Fox"];
        const BY_NAME: [&str; 6] = ["alpha", "Bravo", "eagle", "Émile", "Fox", "zulu"];
        let (kitchen, api, browser) = open(engine).await;
        for name in MADE {
            kitchen.clock.advance(Duration::from_mins(1));
            key(&kitchen, &api, name).await;
        }
        remove_callers_key(&kitchen, &api).await;
        browser.goto("/settings/api").await;
        assert_eq!(browser.texts("thead a").await, ["Name", "Created"]);
        assert_eq!(browser.texts(NAMES).await, MADE);
        assert_eq!(claimed_order(&browser, "created").await, "ascending");

        assert_eq!(sort(&browser, "created", "?sort=-created_at").await, "descending");
        assert_eq!(browser.texts(NAMES).await, reversed(&MADE));
        browser.reload().await;
        assert_eq!((browser.texts(NAMES).await, claimed_order(&browser, "created").await), (reversed(&MADE), "descending"));
        assert_eq!(sort(&browser, "created", "").await, "ascending");
        assert_eq!(browser.texts(NAMES).await, MADE);

        assert_eq!(sort(&browser, "name", "?sort=name").await, "ascending");
        assert_eq!(browser.texts(NAMES).await, BY_NAME);
        browser.reload().await;
        assert_eq!(browser.texts(NAMES).await, BY_NAME);
        assert_eq!(claimed_order(&browser, "name").await, "ascending");
        assert_eq!(sort(&browser, "name", "?sort=-name").await, "descending");
        assert_eq!(browser.texts(NAMES).await, reversed(&BY_NAME));
        browser.reload().await;
        assert_eq!((browser.texts(NAMES).await, claimed_order(&browser, "name").await), (reversed(&BY_NAME), "descending"));
        assert_eq!(sort(&browser, "name", "?sort=name").await, "ascending");
        browser.close().await;
        kitchen.stop().await;
    }

    async fn a_key_is_renamed_and_still_works(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let renamed = key(&kitchen, &api, "Old name").await;
        browser.goto("/settings/api?sort=-name").await;
        browser.click(&format!("#edit-{}", renamed.key().id)).await;
        browser.wait_for_text(&format!("{DIALOG} h2"), "Edit API key").await;
        assert_eq!(browser.value("#name").await, "Old name");
        browser.fill("#name", "New name").await;
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The key is saved.").await;
        assert_eq!(browser.count("dialog").await, 0);
        assert_eq!(browser.texts(NAMES).await, ["Test key", "New name"]);
        assert_eq!(claimed_order(&browser, "name").await, "descending");
        renamed.get("/api/me").await.expect(200);
        browser.close().await;
        kitchen.stop().await;
    }

    async fn a_key_is_deleted_after_a_confirmation_and_stops_working(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let (first, second) = (key(&kitchen, &api, "First").await, key(&kitchen, &api, "Second").await);
        let third = key(&kitchen, &api, "Third").await;
        // From the list, and from the edit window; each time with a trash icon, and each time Cancel keeps the key.
        for (doomed, name, is_from_list) in [(&first, "First", true), (&second, "Second", false)] {
            let id = doomed.key().id.to_string();
            browser.goto("/settings/api").await;
            for is_meant in [false, true] {
                let trash = if is_from_list {
                    format!("#delete-{id}")
                } else {
                    browser.click(&format!("#edit-{id}")).await;
                    format!("{DIALOG} a[href='/settings/api/{id}/delete']")
                };
                browser.wait_for(&trash).await;
                assert_eq!(browser.attribute(&format!("{trash} use"), "href").await.as_deref(), Some("/static/icons.svg#trash"));
                browser.click(&trash).await;
                browser.wait_for_text(&format!("{DIALOG} h2"), &format!("Delete the key “{name}”?")).await;
                browser.wait_for_text(DIALOG, "Requests with this key fail from that moment.").await;
                doomed.get("/api/me").await.expect(200);
                if is_meant {
                    browser.click(&format!("{DIALOG} button[type=submit]")).await;
                    browser.wait_for_text(".flash", "The key is deleted.").await;
                } else {
                    close_dialog(&browser).await;
                    assert!(browser.texts(NAMES).await.contains(&name.to_owned()));
                }
            }
            assert!(!browser.texts(NAMES).await.contains(&name.to_owned()));
            doomed.get("/api/me").await.expect(401);
        }

        // Asked twice: a second window confirms what the first has done already.
        let confirmation = format!("/settings/api/{}/delete", third.key().id);
        browser.goto(&confirmation).await;
        let mut work = kitchen.store.begin(&api.key().workspace_id, Actor::command_line());
        store::api_keys::delete(&mut work, &third.key().id).await.unwrap();
        work.commit().await.unwrap();
        browser.click(&format!("{DIALOG} button[type=submit]")).await;
        browser.wait_for_text(".flash", "The key is deleted.").await;
        assert_eq!(browser.texts(NAMES).await, ["Test key"]);
        browser.goto(&confirmation).await;
        browser.wait_for_text("h1", "This page doesn’t exist").await;
        api.get("/api/me").await.expect(200);
        browser.close().await;
        kitchen.stop().await;
    }

    async fn a_rolled_key_has_a_new_token_and_the_old_one_ends_as_chosen(engine: Engine) {
        let (kitchen, api, browser) = open(engine).await;
        let old = key(&kitchen, &api, "Rolled").await;
        let asks = async |token: &str, status| drop(Api::new(&kitchen.urls[0], token).get("/api/me").await.expect(status));
        let second = roll(&browser, &old, None, "The old token works until").await;
        assert_ne!(second, old.token());
        asks(old.token(), 200).await;
        asks(&second, 200).await;
        kitchen.clock.advance(Duration::from_mins(24 * 60 - 1));
        asks(old.token(), 200).await;
        kitchen.clock.advance(Duration::from_mins(1));
        asks(old.token(), 401).await;
        asks(&second, 200).await;

        let third = roll(&browser, &old, Some("Stop it now"), "The old token has stopped working.").await;
        asks(&second, 401).await;
        asks(&third, 200).await;
        browser.close().await;
        kitchen.stop().await;
    }
}
