//! Mail, caught by a real server: an invitation arrives with a link that works; a server that refuses or is away is tried again,
//! and what it said is shown.

use harness::visitor::joining;
use harness::{Api, Kitchen, Setup, Smtp, Visitor, eventually, on_both_engines};
use std::time::Duration;

const EMAIL: &str = "olive@main.example";
const PASSWORD: &str = "correct horse battery";

async fn open(engine: harness::Engine, url: &str) -> (Kitchen, Api, Visitor) {
    let mail =
        worker::MailServer { url: domain::secret::Secret::new(url.to_owned()), from: "Kitchen <kitchen@agency.example>".into() };
    let kitchen = Kitchen::start_with(engine, Setup { mail: Some(mail), ..Setup::default() }).await;
    let api = kitchen.workspace("main").await;
    let owner = Visitor::owner(&kitchen, &api.key().workspace_id, EMAIL, PASSWORD).await;
    (kitchen, api, owner)
}

/// Waits until the list of mails shows this.
async fn shown(owner: &Visitor, text: &str) {
    eventually(text, Duration::from_secs(20), || async { owner.get("/settings/mail").await.text.contains(text).then_some(()) })
        .await;
}

on_both_engines! {
    async fn an_invitation_arrives_and_its_link_works(engine: Engine) {
        let smtp = Smtp::start().await;
        let (kitchen, _, owner) = open(engine, &smtp.url).await;
        owner.post("/settings/people/invite", &[("name", "Lena Fischer"), ("email", "lena@main.example")]).await.expect(303);
        let mail = smtp.wait_for(1).await.remove(0);
        assert_eq!(mail.recipient, "lena@main.example");
        for line in ["From: Kitchen <kitchen@agency.example>", "Subject: Invitation to Agency main", "Hello Lena Fischer,", "Olive Owner has invited you"] {
            assert!(mail.text.contains(line), "`{line}` in {}", mail.text);
        }
        let (_, link) = mail.text.split_once("/invitations/").unwrap();
        let link = format!("/invitations/{}", link.lines().next().unwrap().trim());
        let lena = Visitor::new(&kitchen.urls[0]);
        lena.post(&link, &joining("Lena Fischer", "lena@main.example", PASSWORD)).await.expect(303);
        lena.get("/settings/account").await.expect(200);
        shown(&owner, ">Sent<").await;
        kitchen.stop().await;
    }

    async fn a_clients_invitation_arrives_and_its_link_sets_a_password(engine: Engine) {
        let smtp = Smtp::start().await;
        let (kitchen, api, owner) = open(engine, &smtp.url).await;
        let ada = [("name", "Ada Lovelace"), ("email", "ada@client.example"), ("notification", "true")];
        api.post("/api/clients", &ada).await.expect(201);
        let mail = smtp.wait_for(1).await.remove(0);
        assert_eq!(mail.recipient, "ada@client.example");
        for line in ["Subject: Invitation to Agency main", "Hello Ada Lovelace,", "Agency main has invited you to its client portal."] {
            assert!(mail.text.contains(line), "`{line}` in {}", mail.text);
        }
        let (_, link) = mail.text.split_once("/invitations/").unwrap();
        let link = format!("/invitations/{}", link.lines().next().unwrap().trim());
        let visitor = Visitor::new(&kitchen.urls[0]);
        let form = [("password", PASSWORD), ("password_confirmation", PASSWORD)];
        assert!(visitor.post(&link, &form).await.expect(200).text.contains("Your password is set"));
        assert!(owner.get("/settings/people/clients").await.expect(200).text.contains("Joined"));
        // No code lets a client in either: none is sent, and asking looks the same as for anybody.
        visitor.post("/sign-in/code/send", &[("email", "ada@client.example")]).await.expect(200);
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        assert_eq!(smtp.wait_for(2).await[1].recipient, "tom@main.example");
        kitchen.stop().await;
    }

    async fn a_server_that_refuses_is_tried_again_unless_for_good(engine: Engine) {
        let smtp = Smtp::start().await;
        let (kitchen, api, owner) = open(engine, &smtp.url).await;
        smtp.refuse_next(["451 4.3.0 Try later"]);
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        shown(&owner, "Try later").await;
        assert!(owner.get("/settings/mail").await.text.contains(">Waiting<"));
        kitchen.clock.advance(Duration::from_secs(11));
        assert_eq!(smtp.wait_for(1).await.len(), 1);
        shown(&owner, ">Sent<").await;
        // A recipient that does not exist is not asked for again.
        smtp.refuse_next(["550 5.1.1 No such user", "550 5.1.1 No such user"]);
        api.post("/api/members", &[("name", "Nobody"), ("email", "nobody@main.example")]).await.expect(201);
        shown(&owner, ">Failed<").await;
        kitchen.clock.advance(Duration::from_hours(1));
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(smtp.refusals_left(), 1, "asked once");
        kitchen.stop().await;
    }

    async fn a_server_that_is_away_costs_nothing_but_time(engine: Engine) {
        // Nothing listens here yet.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        let (kitchen, api, owner) = open(engine, &url).await;
        api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example")]).await.expect(201);
        shown(&owner, "cannot be reached").await;
        for seconds in [11, 61, 301, 1801, 7201, 43_201] {
            kitchen.clock.advance(Duration::from_secs(seconds));
            tokio::time::sleep(Duration::from_millis(1200)).await;
        }
        shown(&owner, ">Failed<").await;
        kitchen.stop().await;
    }

    async fn a_code_from_the_mail_signs_in_once_and_for_ten_minutes(engine: Engine) {
        let smtp = Smtp::start().await;
        let (kitchen, _, owner) = open(engine, &smtp.url).await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        let send = async |email: &str| visitor.post("/sign-in/code/send", &[("email", email)]).await.expect(200);
        let type_in = async |email: &str, code: &str| visitor.post("/sign-in/code", &[("email", email), ("code", code)]).await;
        assert!(visitor.get("/sign-in").await.text.contains("Send me a code instead"));
        // Whether an address belongs to anyone is not told.
        let (nobody, somebody) = (send("nobody@main.example").await, send(EMAIL).await);
        assert_eq!(nobody.text.replace("nobody@main.example", EMAIL), somebody.text);
        let code = |text: &str| text.split_once("Agency main is ").unwrap().1[..6].to_owned();
        let sent = smtp.wait_for(1).await.remove(0);
        assert_eq!(sent.recipient, EMAIL, "nobody gets nothing");
        type_in("nobody@main.example", &code(&sent.text)).await.expect(422);
        type_in(EMAIL, &code(&sent.text)).await.expect(303);
        visitor.get("/settings/api").await.expect(200);
        type_in(EMAIL, &code(&sent.text)).await.expect(422);
        // What lets its reader in as somebody else is not shown under Mail.
        let list = owner.get("/settings/mail").await.text;
        let id = list.split_once("href=\"/settings/mail/").unwrap().1.split_once('"').unwrap().0.to_owned();
        let shown = owner.get(&format!("/settings/mail/{id}")).await.expect(200).text;
        assert!(!shown.contains(&code(&sent.text)) && shown.contains("The text is not shown"));
        send(EMAIL).await;
        let late = code(&smtp.wait_for(2).await[1].text);
        kitchen.clock.advance(Duration::from_mins(10));
        type_in(EMAIL, &late).await.expect(422);
        kitchen.stop().await;
    }
}
