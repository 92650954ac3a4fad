//! People, Mail and Account in a real browser: an invitation from the owner's click to the invited person's sign-in, and every one of
//! these pages for everybody, in every light and width.

use crate::api_page::{DIALOG, EMAIL, NAMES, PASSWORD, join};
use crate::api_page_access::look;
use crate::people::between;
use harness::visitor::{joining, owner_ticket};
use harness::{Api, Browser, Engine, Kitchen, Setup, Smtp, Visitor, on_both_engines};
use std::time::Duration;

const OPEN: &str = "form button[type=submit]";

async fn open(engine: Engine, smtp: &Smtp) -> (Kitchen, Api, Browser) {
    let mail = worker::MailServer { url: domain::secret::Secret::new(smtp.url.clone()), from: "kitchen@agency.example".into() };
    let kitchen = Kitchen::start_with(engine, Setup { mail: Some(mail), ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let browser = Browser::start(&kitchen.urls[0]).await;
    browser.goto(&format!("/invitations/{}", owner_ticket(&kitchen, &api.key().workspace_id).await)).await;
    join(&browser).await;
    (kitchen, api, browser)
}

/// Invites somebody on the page, and gives the path of the link that arrives as the mail of this number.
async fn invite(owner: &Browser, smtp: &Smtp, name: &str, role: &str, mails: usize) -> String {
    owner.goto("/settings/people").await;
    owner.click("#person-new").await;
    owner.wait_for(&format!("{DIALOG} #name")).await;
    owner.fill(&format!("{DIALOG} #name"), name).await;
    owner.fill(&format!("{DIALOG} #email"), &format!("{name}@main.example")).await;
    owner.run("document.querySelector('dialog #role').value = arguments[0]", vec![role.into()]).await;
    owner.click(&format!("{DIALOG} button[type=submit]")).await;
    owner.wait_for_text(".flash", "The invitation is on its way.").await;
    owner.wait_for_text("tbody tr:last-child", "Invited").await;
    let mail = smtp.wait_for(mails).await.remove(mails - 1);
    assert_eq!(mail.recipient, format!("{name}@main.example"));
    format!("/invitations/{}", between(&mail.text, "/invitations/", "\n").trim())
}

/// Follows a link that works: the password, twice, and in.
async fn follow(browser: &Browser, link: &str, name: &str) {
    browser.goto(link).await;
    browser.wait_for_text("h1", "Welcome to Agency main").await;
    assert_eq!(browser.value("#email").await, format!("{name}@main.example"));
    assert!(browser.attribute("#email", "readonly").await.is_some(), "an invitation is to an address");
    assert_eq!(browser.value("#name").await, name);
    browser.fill("#password", PASSWORD).await;
    browser.fill("#password_confirmation", "a slip of the finger").await;
    browser.click(OPEN).await;
    browser.wait_for_text("#password_confirmation-error", "The two passwords are not the same.").await;
    browser.fill("#password", PASSWORD).await;
    browser.fill("#password_confirmation", PASSWORD).await;
    browser.click(OPEN).await;
}

async fn refused(browser: &Browser, link: &str, title: &str, text: &str) {
    browser.goto(link).await;
    browser.wait_for_text("h1", title).await;
    browser.wait_for_text(".lead", text).await;
    assert_eq!(browser.count("input").await, 0);
}

on_both_engines! {
    // The one test that needs two browsers at once: more of them could each hold one and wait for another.
    async fn an_invitation_is_followed_in_another_browser_and_works_once(engine: Engine) {
        let smtp = Smtp::start().await;
        let (kitchen, _, owner) = open(engine, &smtp).await;
        let guest = Browser::start(&kitchen.urls[0]).await;

        // A member sees their account and is told in words that the rest is not theirs.
        let link = invite(&owner, &smtp, "mia", "member", 1).await;
        follow(&guest, &link, "mia").await;
        guest.wait_for_path("/settings/account").await;
        assert_eq!(guest.count(".sidebar .nav a").await, 0, "no links to what is not theirs");
        for path in ["/settings/api", "/settings/people", "/settings/people/clients", "/settings/mail"] {
            guest.goto(path).await;
            guest.wait_for_text("h2", "Only owners and admins can manage this").await;
        }
        guest.click(".sidebar .person-out").await;
        guest.wait_for_path("/sign-in").await;
        refused(&guest, &link, "This link was used before", "If it was you who used it, sign in.").await;
        guest.click(".gate-card .btn").await;
        guest.wait_for_path("/sign-in").await;
        guest.fill("#email", "mia@main.example").await;
        guest.fill("#password", PASSWORD).await;
        guest.click(OPEN).await;
        guest.wait_for_path("/settings/account").await;
        guest.click(".sidebar .person-out").await;
        guest.wait_for_path("/sign-in").await;

        // An admin sees what owners see.
        let link = invite(&owner, &smtp, "adam", "admin", 2).await;
        follow(&guest, &link, "adam").await;
        guest.wait_for_path("/settings/api").await;
        guest.goto("/settings/people").await;
        assert_eq!(guest.texts(NAMES).await, ["Olive Owner", "mia", "adam (you)"]);
        guest.click(".sidebar .person-out").await;
        guest.wait_for_path("/sign-in").await;

        // Withdrawn by the owner, who changes their mind once about changing their mind.
        let link = invite(&owner, &smtp, "rita", "member", 3).await;
        for is_meant in [false, true] {
            owner.click("tbody tr:last-child summary").await;
            owner.click("tbody tr:last-child .menu-list .danger").await;
            owner.wait_for_text(&format!("{DIALOG} h2"), "Revoke the invitation of rita?").await;
            if is_meant {
                owner.click(&format!("{DIALOG} button[type=submit]")).await;
                owner.wait_for_text(".flash", "removed").await;
            } else {
                owner.click(&format!("{DIALOG} .dialog-foot [data-close]")).await;
                owner.wait_until_gone("dialog").await;
                guest.goto(&link).await;
                guest.wait_for_text("h1", "Welcome to Agency main").await;
            }
        }
        assert!(!owner.texts(NAMES).await.contains(&"rita".to_owned()));
        refused(&guest, &link, "This link is not valid", "It was withdrawn or replaced by a newer one").await;

        // Left lying for seven days.
        let link = invite(&owner, &smtp, "late", "member", 4).await;
        kitchen.clock.advance(Duration::from_hours(7 * 24) - Duration::from_mins(1));
        guest.goto(&link).await;
        guest.wait_for_text("h1", "Welcome to Agency main").await;
        kitchen.clock.advance(Duration::from_mins(1));
        refused(&guest, &link, "This link has expired", "An invitation is valid for seven days.").await;
        guest.close().await;
        owner.close().await;
        kitchen.stop().await;
    }
}

/// What is there to be seen.
struct Furnished {
    /// A member whose invitation has expired.
    late: String,
    /// A client in the same state.
    client: String,
    /// Links: one that was used, and one of a client that is open.
    of_tom: String,
    of_mei: String,
}

/// People and clients in every state, with short names and long ones, and the owner signed in elsewhere too.
async fn furnish(kitchen: &Kitchen, api: &Api, smtp: &Smtp) -> Furnished {
    smtp.refuse_next(["550 5.1.1 The mailbox of this recipient does not exist here"]);
    let late = api
        .post(
            "/api/members",
            &[
                ("name", "Maximiliane von Hohenstein-Oberkassel"),
                ("email", "maximiliane.von.hohenstein-oberkassel@a-rather-long-domain.example"),
            ],
        )
        .await
        .expect(201)
        .id();
    let acme = api.post("/api/companies", &[("name", "Atelier Roux & Filles, Tapisserie et Décoration")]).await.expect(201).id();
    let client = api
        .post(
            "/api/clients",
            &[("name", "Camille Roux"), ("email", "camille@atelier-roux.example"), ("company", &acme), ("notification", "1")],
        )
        .await
        .expect(201)
        .id();
    kitchen.clock.advance(Duration::from_hours(8 * 24));
    for (name, role) in [("Lena Fischer", "admin"), ("Tom", "member")] {
        api.post(
            "/api/members",
            &[("name", name), ("email", &format!("{}@main.example", name[..3].to_lowercase())), ("role", role)],
        )
        .await
        .expect(201);
    }
    api.post(
        "/api/clients",
        &[("name", "Mei Tanaka"), ("email", "mei@tanaka.example"), ("notification", "We look forward to it")],
    )
    .await
    .expect(201);
    api.post("/api/clients", &[("name", "Daniel Osei"), ("email", "daniel@harborline.example"), ("password", PASSWORD)])
        .await
        .expect(201);
    api.post("/api/clients", &[("name", "Oscar Lind"), ("email", "oscar@lindbygg.example")]).await.expect(201);
    let link = |mail: &harness::smtp::ReceivedMail| format!("/invitations/{}", between(&mail.text, "/invitations/", "\n").trim());
    let mails = smtp.wait_for(4).await;
    let to = |start: &str| link(mails.iter().find(|mail| mail.recipient.starts_with(start)).expect("a mail"));
    let (of_tom, of_mei) = (to("tom@"), to("mei@"));
    let tom = Visitor::new(&kitchen.urls[0]);
    tom.post(&of_tom, &joining("Tom", "tom@main.example", PASSWORD)).await.expect(303);
    for agent in [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36",
    ] {
        kitchen.clock.advance(Duration::from_hours(3));
        let phone = Visitor::new(&kitchen.urls[0]);
        phone.post_with("/sign-in", &[("email", EMAIL), ("password", PASSWORD)], &[("user-agent", agent)]).await.expect(303);
    }
    Furnished { late, client, of_tom, of_mei }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out_of_people_mail_and_account() {
    let smtp = Smtp::start().await;
    let (kitchen, api, browser) = open(Engine::Sqlite, &smtp).await;
    let mut found = Vec::new();
    browser.goto("/settings/mail").await;
    look(&browser, "mail-empty", &mut found).await;
    browser.goto("/settings/people/clients").await;
    look(&browser, "clients-empty", &mut found).await;
    let Furnished { late, client, of_tom, of_mei } = furnish(&kitchen, &api, &smtp).await;
    browser.goto("/settings/mail").await;
    let mail = browser.attribute("tbody tr:last-child a", "id").await.expect("a mail");
    for (path, name) in [
        ("/settings/people".to_owned(), "people"),
        ("/settings/people?done=invited".to_owned(), "people-invited"),
        ("/settings/people/invite".to_owned(), "people-invite"),
        (format!("/settings/people/{late}/role"), "people-role"),
        (format!("/settings/people/{late}/remove"), "people-revoke"),
        ("/settings/people/clients".to_owned(), "clients"),
        ("/settings/people/clients?search=nobody".to_owned(), "clients-no-match"),
        ("/settings/people/clients/invite".to_owned(), "clients-invite"),
        (format!("/settings/people/clients/{client}/revoke"), "clients-revoke"),
        ("/settings/mail".to_owned(), "mail"),
        (format!("/settings/mail/{mail}"), "mail-one"),
        ("/settings/account".to_owned(), "account-sessions"),
        ("/invitations/nonsense".to_owned(), "invitation-refused"),
        (of_tom, "invitation-used"),
        (of_mei, "invitation-client"),
    ] {
        browser.goto(&path).await;
        browser.wait_for("h1, dialog").await;
        look(&browser, name, &mut found).await;
    }
    browser.fill("#password", PASSWORD).await;
    browser.fill("#password_confirmation", PASSWORD).await;
    browser.click(OPEN).await;
    browser.wait_for_text("h1", "Your password is set").await;
    look(&browser, "invitation-client-joined", &mut found).await;

    // A menu that is open, a form that comes back, and what a wrong address and a wrong password say.
    browser.goto("/settings/people/clients").await;
    browser.click(&format!("#menu-{client}")).await;
    look(&browser, "clients-menu", &mut found).await;
    browser.goto("/settings/people/invite").await;
    browser.fill("#name", "Olive").await;
    browser.fill("#email", EMAIL).await;
    browser.click(&format!("{DIALOG} button[type=submit]")).await;
    browser.wait_for("#email-error").await;
    look(&browser, "people-invite-taken", &mut found).await;
    browser.goto("/settings/account").await;
    browser.fill("#email", "another@main.example").await;
    browser.click("form[action='/settings/account'] button").await;
    browser.wait_for("#confirm-error").await;
    look(&browser, "account-refused", &mut found).await;

    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_keeps_people_out_of_sign_in_and_what_refuses_them() {
    let smtp = Smtp::start().await;
    let (kitchen, api, browser) = open(Engine::Sqlite, &smtp).await;
    let mut found = Vec::new();
    let tom = [("name", "Tom"), ("email", "tom@main.example")];
    api.post("/api/members", &tom).await.expect(201);
    let mail = smtp.wait_for(1).await.remove(0);
    let link = format!("/invitations/{}", between(&mail.text, "/invitations/", "\n").trim());
    Visitor::new(&kitchen.urls[0]).post(&link, &joining("Tom", "tom@main.example", PASSWORD)).await.expect(303);
    browser.click(".sidebar .person-out").await;
    browser.wait_for_path("/sign-in").await;
    look(&browser, "sign-in-with-codes", &mut found).await;
    browser.fill("#email", EMAIL).await;
    browser.click("[formaction]").await;
    browser.wait_for("#code").await;
    look(&browser, "sign-in-code", &mut found).await;
    browser.fill("#code", "12").await;
    browser.click(OPEN).await;
    browser.wait_for("#failed").await;
    look(&browser, "sign-in-code-failed", &mut found).await;
    browser.goto("/sign-in").await;
    browser.fill("#email", "tom@main.example").await;
    browser.fill("#password", PASSWORD).await;
    browser.click(OPEN).await;
    browser.wait_for_path("/settings/account").await;
    browser.goto("/settings/people").await;
    browser.wait_for_text("h2", "Only owners and admins").await;
    look(&browser, "refused", &mut found).await;
    browser.click(".sidebar .person-out").await;
    browser.wait_for_path("/sign-in").await;
    for _ in 0..7 {
        Visitor::new(&kitchen.urls[0]).sign_in("tom@main.example", "wrong").await;
    }
    browser.goto("/sign-in").await;
    browser.fill("#email", "tom@main.example").await;
    browser.fill("#password", PASSWORD).await;
    browser.click(OPEN).await;
    browser.wait_for_text("h1", "Too many attempts").await;
    look(&browser, "too-many-attempts", &mut found).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await;
    kitchen.stop().await;
}
