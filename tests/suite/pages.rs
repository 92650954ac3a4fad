//! Attacks on the pages: forms from elsewhere, other people's sessions, guessing, framing, script in names, members where only
//! owners and admins belong.

use crate::people::{EMAIL, PASSWORD, nobody_listens, open};
use harness::visitor::{joining, owner_ticket};
use harness::{Kitchen, Setup, Visitor, database, on_both_engines};
use reqwest::Method;
use std::time::{Duration, Instant};

/// The pages' own route table: what is not in it cannot be reached, so nothing can be forgotten here.
const ROUTES: &str = include_str!("../../gateway/src/web/mod.rs");

/// Every page and form under Settings but those of one's own account, with `{id}` in the place of an id.
fn managed() -> Vec<(Method, &'static str)> {
    let mut managed = Vec::new();
    for route in ROUTES.split(".route(").skip(1) {
        let Some((path, handlers)) = route.trim_start().trim_start_matches('"').split_once('"') else { continue };
        if !path.starts_with("/settings/") || path.starts_with("/settings/account") || handlers.contains("any(") {
            continue;
        }
        for (method, word) in [(Method::GET, "get("), (Method::POST, "post(")] {
            if handlers.contains(word) {
                managed.push((method, path));
            }
        }
    }
    assert!(managed.len() >= 19, "the route table is read: {managed:?}");
    managed
}

async fn visit(visitor: &Visitor, method: &Method, path: &str) -> harness::Reply {
    match *method {
        Method::GET => visitor.get(path).await,
        _ => visitor.post(path, &[("name", "Changed"), ("scopes[]", "read"), ("keep_old_for", "0")]).await,
    }
}

on_both_engines! {
    async fn a_form_from_another_origin_changes_nothing(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.key().id.to_string();
        for (origin, site) in [
            (Some("https://evil.example"), Some("cross-site")),
            (Some("https://evil.example"), None),
            (Some("null"), None),
            (None, Some("cross-site")),
            (None, Some("same-site")),
        ] {
            for (method, path) in managed().into_iter().filter(|(method, _)| *method == Method::POST) {
                let mut request = owner.request(method, &path.replace("{id}", &id)).header("content-type", "application/x-www-form-urlencoded");
                for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                    request = value.into_iter().fold(request, |request, value| request.header(name, value));
                }
                let reply = owner.send(request.body("name=Changed&keep_old_for=0")).await;
                assert_eq!(reply.status, 403, "{path} from {origin:?} {site:?}");
                assert!(reply.text.contains("This form came from elsewhere"), "{path}: {}", reply.text);
            }
        }
        api.get("/api/me").await.expect(200);
        assert_eq!(api.get("/api/api-keys").await.rows()[0]["name"], "Test key");
        kitchen.stop().await;
    }

    async fn every_page_refuses_to_be_framed_and_to_load_from_elsewhere(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.key().id.to_string();
        let mut pages = ["/sign-in", "/settings/account", "/settings/api/nothing", "/settings/nothing"].map(String::from).to_vec();
        pages.push(format!("/invitations/{}", "x".repeat(43)));
        let managed = managed().into_iter().filter(|(method, _)| *method == Method::GET);
        pages.extend(managed.map(|(_, path)| path.replace("{id}", &id)));
        for path in pages {
            let reply = owner.get(&path).await;
            assert!(reply.header("content-security-policy").starts_with("default-src 'self'"), "{path}: {:?}", reply.headers);
            assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert_eq!((reply.header("x-frame-options"), reply.header("cache-control")), ("DENY", "no-store"), "{path}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
            let inline = ["<script>", " onclick=", " style=", "javascript:"];
            assert!(!inline.iter().any(|mark| reply.text.contains(mark)), "{path} has inline code");
        }
        kitchen.stop().await;
    }

    async fn nobody_gets_in_without_a_session_of_their_own(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.key().id.to_string();
        let stranger = Visitor::new(&kitchen.urls[0]);
        for cookie in [None, Some("kitchen_session=".to_owned() + &"A".repeat(43)), Some("kitchen_session=x".into())] {
            stranger.hold(cookie);
            for (method, path) in managed() {
                let reply = visit(&stranger, &method, &path.replace("{id}", &id)).await;
                assert_eq!((reply.status, reply.header("location").starts_with("/sign-in?next=")), (303, true), "{path}");
            }
        }
        // A key opens the API and not the pages.
        let with_key = stranger.request(Method::GET, "/settings/api").header("authorization", format!("Bearer {}", api.token()));
        assert_eq!(stranger.send(with_key).await.status, 303);
        // What a browser held before it signed in opens nothing afterwards.
        let planted = "kitchen_session=".to_owned() + &"B".repeat(43);
        stranger.hold(Some(planted.clone()));
        stranger.sign_in(EMAIL, PASSWORD).await.expect(303);
        assert_ne!(stranger.cookie(), Some(planted.clone()));
        stranger.get("/settings/api").await.expect(200);
        let thief = Visitor::new(&kitchen.urls[0]);
        thief.hold(Some(planted));
        thief.get("/settings/api").await.expect(303);
        // Signing out ends the session, not only the cookie.
        let held = stranger.cookie();
        stranger.post("/sign-out", &[]).await.expect(303);
        assert_eq!(stranger.cookie(), None);
        thief.hold(held);
        thief.get("/settings/api").await.expect(303);
        owner.get("/settings/api").await.expect(200);
        // Neither cookie nor password is in the database.
        let dump = database::dump(&kitchen.database_url).await;
        assert!(!dump.contains(owner.cookie().unwrap().split('=').next_back().unwrap()) && !dump.contains(PASSWORD));
        kitchen.stop().await;
    }

    async fn sessions_end_with_time_and_with_a_new_password(engine: Engine) {
        let (kitchen, _, owner) = open(engine).await;
        let other = Visitor::new(&kitchen.urls[0]);
        other.sign_in(EMAIL, PASSWORD).await.expect(303);
        let wrong = [("current", "wrong"), ("password", "another good one"), ("password_confirmation", "another good one")];
        assert!(owner.post("/settings/account/password", &wrong).await.expect(422).text.contains("not your current password"));
        let unlike = [("current", PASSWORD), ("password", "another good one"), ("password_confirmation", "another bad one")];
        owner.post("/settings/account/password", &unlike).await.expect(422);
        other.get("/settings/account").await.expect(200);
        let right = [("current", PASSWORD), ("password", "another good one"), ("password_confirmation", "another good one")];
        owner.post("/settings/account/password", &right).await.expect(303);
        owner.get("/settings/account").await.expect(200);
        other.get("/settings/account").await.expect(303);
        other.sign_in(EMAIL, PASSWORD).await.expect(422);
        other.sign_in(EMAIL, "another good one").await.expect(303);
        owner.post("/settings/account/sign-out-others", &[]).await.expect(303);
        other.get("/settings/account").await.expect(303);
        kitchen.clock.advance(Duration::from_hours(13 * 24));
        owner.get("/settings/account").await.expect(200);
        kitchen.clock.advance(Duration::from_hours(13 * 24));
        owner.get("/settings/account").await.expect(200);
        kitchen.clock.advance(Duration::from_hours(15 * 24));
        owner.get("/settings/account").await.expect(303);
        kitchen.stop().await;
    }

    async fn a_member_sees_and_does_nothing_that_owners_and_admins_manage(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let id = api.key().id.to_string();
        database::execute(&kitchen.database_url, "UPDATE users SET role = 'member' WHERE role = 'owner'").await;
        for (method, path) in managed() {
            let reply = visit(&owner, &method, &path.replace("{id}", &id)).await.expect(403);
            assert!(reply.text.contains("Only owners and admins"), "{path}");
            assert!(!reply.text.contains("Test key") && !reply.text.contains(&id), "{path}");
        }
        owner.get("/settings/account").await.expect(200);
        database::execute(&kitchen.database_url, "UPDATE users SET role = 'admin' WHERE role = 'member'").await;
        owner.get("/settings/api").await.expect(200);
        assert_eq!(api.get("/api/api-keys").await.expect(200).rows()[0]["name"], "Test key", "nothing was changed");
        kitchen.stop().await;
    }

    async fn what_belongs_to_another_workspace_is_like_what_never_was(engine: Engine) {
        let (kitchen, _, owner) = open(engine).await;
        let foreign = kitchen.workspace("other").await;
        let hook = foreign.post("/api/webhooks", &[("url", "http://127.0.0.1:9/foreign")]).await.expect(201).id();
        let member = foreign.post("/api/members", &[("name", "Far"), ("email", "far@other.example")]).await.expect(201).id();
        let client = foreign.post("/api/clients", &[("name", "Fay"), ("email", "fay@other.example")]).await.expect(201).id();
        let delivery = foreign.post(&format!("/api/webhooks/{hook}/test"), &[]).await.expect(202).id();
        let mail = {
            let mut view = kitchen.store.read(&foreign.key().workspace_id).await.unwrap();
            store::mails::list(&mut view, domain::page::PageRequest::default()).await.unwrap().rows.remove(0).id.to_string()
        };
        let replay = [("since", "2026-01-01T00:00:00Z")];
        let operation = foreign.post(&format!("/api/webhooks/{hook}/replay"), &replay).await.expect(202).id();
        let theirs = |path: &str| match path.trim_start_matches("/settings/") {
            rest if rest.starts_with("api/") => foreign.key().id.to_string(),
            rest if rest.starts_with("people/clients/") => client.clone(),
            rest if rest.starts_with("people/") => member.clone(),
            rest if rest.starts_with("mail/") => mail.clone(),
            rest if rest.starts_with("webhooks/") => hook.clone(),
            rest if rest.starts_with("deliveries/") => delivery.clone(),
            rest if rest.starts_with("operations/") => operation.clone(),
            rest => panic!("say here what `{rest}` of another workspace is"),
        };
        for (method, path) in managed().into_iter().filter(|(_, path)| path.contains("{id}")) {
            let id = theirs(path);
            let (prefix, _) = id.split_once('_').unwrap();
            let unknown = domain::ids::EventId::new(kitchen.clock.now()).to_string().replace("evt", prefix);
            let there = visit(&owner, &method, &path.replace("{id}", &id)).await;
            let nowhere = visit(&owner, &method, &path.replace("{id}", &unknown)).await;
            assert_eq!((there.status, there.text), (nowhere.status, nowhere.text.replace(&unknown, &id)), "{method} {path}");
        }
        foreign.get("/api/me").await.expect(200);
        foreign.get(&format!("/api/webhooks/{hook}")).await.expect(200);
        foreign.get(&format!("/api/members/{member}")).await.expect(200);
        assert_eq!(foreign.get(&format!("/api/operations/{operation}")).await.expect(200).json["state"], "queued");
        kitchen.stop().await;
    }

    async fn a_person_ends_their_own_sessions_and_nobody_elses(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
        let phone = Visitor::new(&kitchen.urls[0]);
        phone.post_with("/sign-in", &[("email", EMAIL), ("password", PASSWORD)], &[("user-agent", agent)]).await.expect(303);
        phone.get("/settings/api").await.expect(200);
        let link = api.post("/api/members", &[("name", "Tom"), ("email", "tom@main.example"), ("role", "admin")]).await.expect(201);
        let tom = Visitor::new(&kitchen.urls[0]);
        tom.post(&crate::people::latest_link(&owner).await, &joining("Tom", "tom@main.example", PASSWORD)).await.expect(303);

        let page = owner.get("/settings/account").await.expect(200).text;
        assert!(page.contains("Firefox on Linux") && page.contains("127.0.0.1"));
        assert_eq!((page.matches("This one").count(), page.matches("/sign-out\"").count()), (1, 3), "one is this one, one has a button, and twice the frame's own");
        let of_phone = crate::people::between(&page, "/settings/account/sessions/", "/sign-out").to_owned();
        let own = crate::people::between(&phone.get("/settings/account").await.text, "/settings/account/sessions/", "/sign-out").to_owned();
        assert!(!tom.get("/settings/account").await.expect(200).text.contains("Firefox"), "{}", link.text);
        // Others' sessions, and what is none, are alike to whoever asks.
        for id in [of_phone.as_str(), own.as_str(), "ses_ffffffffffffffffffffffff", "nonsense"] {
            tom.post(&format!("/settings/account/sessions/{id}/sign-out"), &[]).await.expect(404);
        }
        phone.get("/settings/api").await.expect(200);
        owner.post(&format!("/settings/account/sessions/{of_phone}/sign-out"), &[]).await.expect(303);
        phone.get("/settings/api").await.expect(303);
        owner.post(&format!("/settings/account/sessions/{of_phone}/sign-out"), &[]).await.expect(404);
        phone.sign_in(EMAIL, PASSWORD).await.expect(303);
        owner.post("/settings/account/sign-out-others", &[]).await.expect(303);
        phone.get("/settings/api").await.expect(303);
        tom.get("/settings/api").await.expect(200);
        owner.get("/settings/api").await.expect(200);
        kitchen.stop().await;
    }

    async fn a_new_address_asks_for_the_password(engine: Engine) {
        let (kitchen, api, owner) = open(engine).await;
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@client.example")]).await.expect(201);
        let save = async |name: &str, email: &str, password: &str| {
            owner.post("/settings/account", &[("name", name), ("email", email), ("confirm", password), ("role", "admin")]).await
        };
        save("Olivia Owner", EMAIL, "").await.expect(303);
        assert!(owner.get("/settings/account?done=saved").await.text.contains("Olivia Owner"));
        for (name, email, password, error) in [
            ("Mallory", "new@main.example", "", "Type your current password"),
            ("Mallory", "new@main.example", "wrong", "not your current password"),
            ("", "new@main.example", PASSWORD, "This is required"),
            ("Mallory", "nonsense", PASSWORD, "valid email address"),
            ("Mallory", "ADA@client.example", PASSWORD, "already been taken"),
        ] {
            let again = save(name, email, password).await.expect(422).text;
            assert!(again.contains(error) && again.contains("aria-invalid=\"true\""), "{error}");
            assert!(!again.contains(PASSWORD) && !again.contains("\"wrong\""), "passwords are not sent back");
        }
        let members = api.get("/api/members").await.rows();
        assert_eq!((&members[0]["name"], &members[0]["email"], &members[0]["role"]), (&"Olivia Owner".into(), &EMAIL.into(), &"owner".into()));
        save("Olivia Owner", "new@main.example", PASSWORD).await.expect(303);
        owner.get("/settings/api").await.expect(200);
        let visitor = Visitor::new(&kitchen.urls[0]);
        visitor.sign_in(EMAIL, PASSWORD).await.expect(422);
        visitor.sign_in("new@main.example", PASSWORD).await.expect(303);
        // Whoever found the browser open cannot guess for long, on either form.
        let mut statuses = Vec::new();
        for _ in 0..8 {
            statuses.push(save("Olivia Owner", "mallory@main.example", "a guess").await.status);
        }
        assert_eq!(statuses.last(), Some(&429));
        owner.post("/settings/account/password", &[("current", PASSWORD)]).await.expect(429);
        kitchen.stop().await;
    }

    async fn guessing_is_slowed_and_tells_nothing(engine: Engine) {
        let (kitchen, _, _) = open(engine).await;
        let guesser = Visitor::new(&kitchen.urls[0]);
        // To the byte, apart from the address that was typed.
        let wrong = guesser.sign_in(EMAIL, "wrong").await.expect(422);
        let nobody = guesser.sign_in("nobody@main.example", "wrong").await.expect(422);
        assert_eq!(wrong.text.replace(EMAIL, "…"), nobody.text.replace("nobody@main.example", "…"));
        // It takes as long: hashing is most of it.
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..4 {
            for (kind, email) in [EMAIL.to_owned(), format!("nobody{round}@main.example")].into_iter().enumerate() {
                let begun = Instant::now();
                assert_eq!(guesser.sign_in(&email, "wrong").await.status, 422);
                times[kind].push(begun.elapsed());
            }
        }
        let [known, unknown] = times.map(|mut times| { times.sort(); times[1] });
        assert!(unknown * 3 > known && known * 3 > unknown, "{known:?} for an account, {unknown:?} for none");
        let mut status = 0;
        for _ in 0..4 {
            status = guesser.sign_in(EMAIL, "wrong").await.status;
        }
        assert_eq!(status, 429, "guesses at one account are counted");
        let slowed = guesser.sign_in(EMAIL, PASSWORD).await.expect(429);
        assert!((1..=60).contains(&slowed.header("retry-after").parse::<u32>().unwrap()));
        // The count is of the account, whoever asks; and of the address, whatever account.
        Visitor::new(&kitchen.urls[0]).sign_in(&EMAIL.to_uppercase(), PASSWORD).await.expect(429);
        let mut statuses = Vec::new();
        for guess in 0..30 {
            statuses.push(guesser.sign_in(&format!("someone{guess}@main.example"), "wrong").await.status);
        }
        assert_eq!(statuses.last(), Some(&429));
        kitchen.stop().await;
    }

    async fn codes_tell_nothing_by_answer_or_time(engine: Engine) {
        const ROUNDS: usize = 24;
        // Nobody listens there: what is asked for is written and stays.
        let mail = nobody_listens();
        let setup = Setup { has_worker: false, mail: Some(mail), trusted_proxies: "127.0.0.0/8".into(), ..Setup::default() };
        let kitchen = Kitchen::start_with(engine, setup).await;
        let api = kitchen.workspace("main").await;
        for number in 0..ROUNDS {
            let (name, email) = (format!("Kim {number}"), format!("kim{number:02}@main.example"));
            api.post("/api/members", &[("name", &name), ("email", &email)]).await.expect(201);
        }
        api.post("/api/clients", &[("name", "Ada"), ("email", "ada@client.example"), ("password", PASSWORD)]).await.expect(201);
        database::execute(&kitchen.database_url, "UPDATE users SET password_hash = 'x' WHERE user_group = 'manager'").await;
        database::execute(&kitchen.database_url, "DELETE FROM mails").await;
        let visitor = Visitor::new(&kitchen.urls[0]);
        // Each from an address of its own, so that none is turned away for the others' sake.
        let mut from = 0_u32;
        let mut ask = async |path: &str, email: &str| {
            from += 1;
            let address = format!("203.0.113.{from}");
            let begun = Instant::now();
            let reply = visitor.post_with(path, &[("email", email), ("code", "12")], &[("x-forwarded-for", &address)]).await;
            (reply.status, reply.text.replace(email, "…"), begun.elapsed())
        };
        for (path, status) in [("/sign-in/code/send", 200), ("/sign-in/code", 422)] {
            let mut times = [Vec::new(), Vec::new()];
            let mut answers = std::collections::BTreeSet::new();
            for round in 0..ROUNDS {
                for (kind, name) in ["kim", "nix"].into_iter().enumerate() {
                    let (answered, text, took) = ask(path, &format!("{name}{round:02}@main.example")).await;
                    assert_eq!(answered, status, "{path}");
                    answers.insert(text);
                    times[kind].push(took);
                }
            }
            let (_, of_a_client, _) = ask(path, "ada@client.example").await;
            answers.insert(of_a_client);
            assert_eq!(answers.len(), 1, "{path} answers everybody alike");
            // Of the quicker ones, which a busy machine has not slowed.
            let [known, unknown] = times.map(|mut times| { times.sort(); times[ROUNDS / 6] });
            assert!(unknown * 2 > known && known * 2 > unknown, "{path}: {known:?} for an account, {unknown:?} for none");
        }
        // The work was the same too: each has a code with one try counted, and only members have mail.
        let rows = async |what: &str| database::dump(&kitchen.database_url).await.lines().filter(|line| line.contains(what)).count();
        assert_eq!((rows("sign_in_codes: ").await, rows("mails: ").await), (2 * ROUNDS + 1, ROUNDS));
        // The code goes to the address on record: a letter that only folds to the same one may be another's mailbox.
        database::execute(&kitchen.database_url, "DELETE FROM mails").await;
        ask("/sign-in/code/send", "\u{212A}im00@main.example").await;
        let dump = database::dump(&kitchen.database_url).await;
        let mails: Vec<_> = dump.lines().filter(|line| line.starts_with("mails: ")).collect();
        assert!(mails.len() == 1 && mails[0].contains("kim00@main.example"), "{mails:?}");
        kitchen.stop().await;
    }

    async fn links_work_once_and_for_seven_days(engine: Engine) {
        let kitchen = Kitchen::start_with(engine, Setup { has_worker: false, ..Setup::default() }).await;
        let workspace = kitchen.workspace("main").await.key().workspace_id.clone();
        let visitor = Visitor::new(&kitchen.urls[0]);
        let path = async || format!("/invitations/{}", owner_ticket(&kitchen, &workspace).await);
        let (replaced, expired) = (path().await, path().await);
        assert!(visitor.get(&replaced).await.expect(410).text.contains("not valid"));
        visitor.get(&expired).await.expect(200);
        kitchen.clock.advance(Duration::from_hours(7 * 24));
        assert!(visitor.get(&expired).await.expect(410).text.contains("has expired"));
        visitor.post(&expired, &joining("Olive", EMAIL, PASSWORD)).await.expect(410);
        let good = path().await;
        let bad = visitor.post(&good, &[("name", ""), ("email", "nonsense"), ("password", "short"), ("password_confirmation", "x")]).await;
        assert!(bad.expect(422).text.matches("class=\"error\"").count() >= 3);
        visitor.post(&good, &joining("Olive", EMAIL, PASSWORD)).await.expect(303);
        visitor.get("/settings/api").await.expect(200);
        assert!(Visitor::new(&kitchen.urls[0]).get(&good).await.expect(410).text.contains("was used before"));
        visitor.get("/invitations/nonsense").await.expect(410);
        kitchen.stop().await;
    }

    async fn after_signing_in_one_goes_on_to_our_own_pages_only(engine: Engine) {
        let (kitchen, _, _) = open(engine).await;
        for (next, expected) in [
            ("/settings/account", "/settings/account"),
            ("https://evil.example/", "/settings"),
            ("/\\evil.example", "/settings"),
            ("/settingsevil", "/settings"),
            ("/settings\nx", "/settings"),
            ("/settings?a=b", "/settings?a=b"),
        ] {
            let visitor = Visitor::new(&kitchen.urls[0]);
            let form = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
            assert_eq!(visitor.post("/sign-in", &form).await.expect(303).header("location"), expected);
        }
        kitchen.stop().await;
    }

    async fn names_are_shown_as_text(engine: Engine) {
        let (kitchen, _, owner) = open(engine).await;
        for name in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)"] {
            let made = owner.post("/settings/api/new", &[("name", name), ("scopes[]", "read")]).await.expect(200);
            let list = owner.get("/settings/api").await.expect(200);
            for page in [made.text, list.text] {
                assert!(!page.contains(name) && page.contains("alert(1)"), "{name} is not escaped");
            }
        }
        kitchen.stop().await;
    }
}
