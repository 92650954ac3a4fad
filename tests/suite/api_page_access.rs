//! The API page and its neighbours for everybody: with the keyboard alone, with a screen reader, in the dark, on a phone, and
//! with names that somebody wrote to do harm.

use crate::api_page::{DIALOG, EMAIL, NAMES, PASSWORD, close_dialog, create, join, key, open, remove_callers_key};
use harness::browser::{Key, WIDTHS};
use harness::visitor::owner_ticket;
use harness::{Browser, Engine, Kitchen, Setup, database};

/// Goes on with Tab until something has the focus.
async fn tab_to(browser: &Browser, id: &str) {
    for _ in 0..30 {
        if browser.focused().await == id {
            return;
        }
        browser.press(Key::Tab).await;
    }
    panic!("Tab does not lead to {id}");
}

async fn focused_text(browser: &Browser) -> String {
    let text = "return (document.activeElement.getAttribute('aria-label') || document.activeElement.innerText).trim()";
    browser.run(text, vec![]).await.as_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    tab_to(&browser, "key-new").await;
    browser.press(Key::Enter).await;
    browser.wait_for(DIALOG).await;
    browser.wait_for_focus("name").await;

    // Tab goes round inside; on its way it may pass the browser's own bar, when the page has no focus at all.
    let is_inside = "return document.activeElement === document.body || !!document.activeElement.closest('dialog')";
    let mut seen = Vec::new();
    for _ in 0..24 {
        browser.press(Key::Tab).await;
        assert_eq!(browser.run(is_inside, vec![]).await, true, "after {seen:?}: {}", browser.focused().await);
        seen.push(focused_text(&browser).await);
    }
    for stop in ["Close", "Cancel", "Create"] {
        assert!(seen.iter().filter(|text| *text == stop).count() >= 2, "{stop} in {seen:?}");
    }
    browser.press(Key::Escape).await;
    browser.wait_until_gone("dialog").await;
    browser.wait_for_focus("key-new").await;

    // Make a key, and come back to where it began.
    browser.press(Key::Enter).await;
    browser.wait_for_focus("name").await;
    for letter in ['Z', 'a', 'p'] {
        browser.press_character(letter).await;
    }
    browser.press(Key::Enter).await;
    browser.wait_for(&format!("{DIALOG} #token")).await;
    assert_eq!(focused_text(&browser).await, "Copy");
    // A token that is shown once is not lost by one key too many.
    for _ in 0..3 {
        browser.press(Key::Escape).await;
    }
    assert_eq!(browser.count(&format!("{DIALOG} #token")).await, 1);
    browser.press(Key::Tab).await;
    assert_eq!(focused_text(&browser).await, "Done");
    browser.press(Key::Enter).await;
    browser.wait_until_gone("dialog").await;
    browser.wait_for_focus("key-new").await;
    browser.wait_for_path("/settings/api").await;
    assert_eq!(browser.texts(NAMES).await, ["Test key", "Zap"]);

    // A key cannot be deleted by leaning on Enter: the confirmation begins at Cancel.
    let delete = format!("delete-{}", api.key().id);
    tab_to(&browser, &delete).await;
    browser.press(Key::Enter).await;
    browser.wait_for(DIALOG).await;
    assert_eq!(focused_text(&browser).await, "Cancel");
    browser.press(Key::Enter).await;
    browser.wait_until_gone("dialog").await;
    browser.wait_for_focus(&delete).await;
    api.get("/api/me").await.expect(200);
    browser.close().await;
    kitchen.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_elsewhere_meanwhile_is_said_in_place() {
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    let gone = key(&kitchen, &api, "Gone").await;
    browser.goto("/settings/api").await;
    remove_callers_key(&kitchen, &gone).await;
    browser.click(&format!("#edit-{}", gone.key().id)).await;
    browser.wait_for_text("h1", "This page doesn’t exist").await;

    // Pressed twice, a button does once what it says.
    browser.goto("/settings/api").await;
    browser.click("#key-new").await;
    browser.wait_for(&format!("{DIALOG} #name")).await;
    browser.fill("#name", "Once").await;
    browser.run("const form = document.querySelector('dialog form'); form.requestSubmit(); form.requestSubmit()", vec![]).await;
    browser.wait_for(&format!("{DIALOG} #token")).await;
    close_dialog(&browser).await;
    assert_eq!(browser.texts(NAMES).await, ["Test key", "Once"]);

    // A session that ended leads to sign-in, and from there back.
    database::execute(&kitchen.database_url, "DELETE FROM sessions").await;
    browser.click("#key-new").await;
    browser.wait_for("#password").await;
    browser.fill("#email", EMAIL).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("button[type=submit]").await;
    browser.wait_for_path("/settings/api/new").await;
    browser.wait_for(&format!("{DIALOG} #name")).await;
    browser.close().await;
    kitchen.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_with_markup_is_a_name() {
    const HARMFUL: [&str; 2] = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>"];
    let (kitchen, api, browser) = open(Engine::Sqlite).await;
    remove_callers_key(&kitchen, &api).await;
    let nothing_ran = async |where_: &str| {
        assert_eq!(browser.alert().await, None, "{where_}");
        assert_eq!(browser.count("body script, img:not([src^='/static/']), [onerror]").await, 0, "{where_}");
    };
    for name in HARMFUL {
        create(&browser, name).await;
        assert_eq!(browser.text(&format!("{DIALOG} h2")).await, format!("The key “{name}” is ready"));
        nothing_ran("token").await;
        close_dialog(&browser).await;
    }
    assert_eq!(browser.texts(NAMES).await, HARMFUL);
    nothing_ran("list").await;
    // Once in place, and once as a whole page.
    for (place, name) in HARMFUL.iter().enumerate() {
        let row = format!("tbody tr:nth-child({})", place + 1);
        assert_eq!(browser.attribute(&format!("{row} [id^=edit-]"), "aria-label").await, Some(format!("Edit {name}")));
        let id = browser.attribute(&format!("{row} [id^=edit-]"), "id").await.expect("an id").replace("edit-", "");
        for (path, title) in [
            ("", None),
            ("/delete", Some(format!("Delete the key “{name}”?"))),
            ("/roll", Some(format!("Roll the key “{name}”"))),
        ] {
            browser.goto("/settings/api").await;
            if path == "/delete" {
                browser.click(&format!("#delete-{id}")).await;
            } else {
                browser.click(&format!("#edit-{id}")).await;
                browser.wait_for(&format!("{DIALOG} #name")).await;
            }
            if path == "/roll" {
                browser.click(&format!("{DIALOG} a[href$='/roll']")).await;
            }
            for is_whole in [false, true] {
                if is_whole {
                    browser.goto(&format!("/settings/api/{id}{path}")).await;
                    browser.wait_for(DIALOG).await;
                }
                match &title {
                    Some(title) => browser.wait_for_text(&format!("{DIALOG} h2"), title).await,
                    None => assert_eq!(browser.value("#name").await, *name),
                }
                nothing_ran(&format!("{path}, whole page: {is_whole}")).await;
            }
        }
    }
    browser.close().await;
    kitchen.stop().await;
}

/// Looks at the page in every light and width; keeps a picture of each.
pub(crate) async fn look(browser: &Browser, name: &str, found: &mut Vec<String>) {
    for scheme in ["light", "dark"] {
        browser.set_colours(scheme).await;
        for width in WIDTHS {
            browser.set_width(width).await;
            browser.screenshot(&format!("{name}-{scheme}-{width}")).await;
            found.extend(browser.barriers().await.into_iter().map(|barrier| format!("{name}, {scheme}, {width}: {barrier}")));
            let beyond = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            if browser.run(beyond, vec![]).await != 0 {
                found.push(format!("{name}, {scheme}, {width}: the page scrolls sideways"));
            }
        }
    }
    browser.set_colours("light").await;
    browser.set_width(WIDTHS[0]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out() {
    let kitchen = Kitchen::start_with(Engine::Sqlite, Setup { has_worker: false, ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let browser = Browser::start(&kitchen.urls[0]).await;
    let mut found = Vec::new();
    browser.goto("/sign-in").await;
    look(&browser, "sign-in", &mut found).await;
    browser.fill("#email", "nobody@main.example").await;
    browser.fill("#password", "something else").await;
    browser.click("button[type=submit]").await;
    browser.wait_for("#failed").await;
    look(&browser, "sign-in-failed", &mut found).await;
    browser.goto(&format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await)).await;
    look(&browser, "invitation", &mut found).await;
    join(&browser).await;

    remove_callers_key(&kitchen, &api).await;
    browser.goto("/settings/api").await;
    browser.wait_for(".empty").await;
    look(&browser, "empty", &mut found).await;
    let mut shown = None;
    let endless = "W".repeat(255);
    for name in ["Zapier", &endless, "Émile’s spreadsheet, which fetches the clients of the whole northern region", "old"] {
        shown = Some(key(&kitchen, &api, name).await);
    }
    let id = shown.expect("a key").key().id.to_string();
    for (path, name) in [
        ("/settings/api".to_owned(), "list"),
        ("/settings/api?done=saved".to_owned(), "list-saved"),
        ("/settings/api/new".to_owned(), "new"),
        (format!("/settings/api/{id}"), "edit"),
        (format!("/settings/api/{id}/delete"), "delete"),
        (format!("/settings/api/{id}/roll"), "roll"),
        ("/settings/account".to_owned(), "account"),
        ("/settings/nothing".to_owned(), "not-found"),
    ] {
        browser.goto(&path).await;
        browser.wait_for("h1, dialog").await;
        look(&browser, name, &mut found).await;
    }
    browser.goto("/settings/api").await;
    browser.click("#key-new").await;
    browser.click(&format!("{DIALOG} details.more > summary")).await;
    browser.click(&format!("{DIALOG} details.more details.more > summary")).await;
    look(&browser, "new-all-options", &mut found).await;
    browser.goto("/settings/api").await;
    create(&browser, "Make").await;
    look(&browser, "token", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.run("document.querySelector('dialog').append(new Image())", vec![]).await;
    assert!(browser.barriers().await[0].starts_with("image-alt"), "axe looks into the dialog");
    browser.close().await;
    kitchen.stop().await;
}
