//! The commands of an operator: what they print, what they refuse and in which words, what they never give away.

use harness::process::{Ran, free_port};
use harness::{ForwardProxy, PrivateRedis, Site, Tally, eventually, services};
use reqwest::Method;
use std::time::Duration;
use tokio::net::TcpListener;

/// The words a command fails with.
async fn refusal(site: &Site, arguments: &[&str]) -> String {
    let ran = site.run(arguments).await;
    assert!(!ran.status.success(), "`kitchen {arguments:?}` should fail: {ran:?}");
    assert!(!ran.all().contains("panicked"), "{ran:?}");
    ran.stderr
}

fn is_token(text: &str) -> bool {
    domain::api_key::Token::parse(text).is_some()
}

#[tokio::test]
async fn the_demo_shows_every_step_and_ends() {
    let site = Site::embedded();
    let printed = site.succeed(&["demo", "--exit"]).await;
    assert_eq!(printed.matches('✓').count(), 9, "{printed}");
    assert!(!printed.contains('✗'), "{printed}");
    for step in ["it knows the API key", "the delivery arrives", "both signatures are right", "the polling feed", "on record"] {
        assert!(printed.contains(step), "`{step}` in {printed}");
    }
    assert!(!site.path("data").exists(), "the demo leaves nothing behind");
}

#[tokio::test]
async fn the_example_of_settings_is_up_to_date() {
    let generated = Site::embedded().succeed(&["env-example"]).await;
    let committed = include_str!("../../.env.example");
    assert!(generated == committed, "run `cargo run -- env-example > .env.example`; it should be:\n{generated}");
}

#[tokio::test]
async fn a_bare_call_serves() {
    let site = Site::embedded();
    let mut program = site.start(&[]).await;
    program.wait_for_log("Next, in another terminal").await;
    let log = program.log();
    assert!(log.contains(&program.url) && log.contains("keys create --name first"), "{log}");
    // The next step works as printed, beside the running process.
    let token = site.new_key(100).await;
    program.api(&token).get("/api/me").await.expect(200);
    program.api(&token).post("/api/clients", &[("name", "Ada"), ("email", "ada@example.com")]).await.expect(201);
    assert_eq!(program.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_log_level_that_is_none_is_refused_instead_of_silencing_the_log() {
    let site = Site::embedded();
    for level in ["loud", "info,loud"] {
        assert!(refusal(&site, &["--log", level, "keys", "list"]).await.contains("`loud` is no level"));
    }
    for level in ["warn", "info,worker=debug", "off"] {
        site.succeed(&["--log", level, "keys", "list"]).await;
    }
}

#[tokio::test]
async fn keys_are_made_listed_and_deleted() {
    let site = Site::embedded();
    let made = site.run(&["keys", "create", "--name", "Zapier", "--rate-limit", "77"]).await;
    assert!(made.status.success(), "{made:?}");
    let token = made.stdout.strip_suffix('\n').expect("a line");
    assert!(is_token(token), "standard output is the token and nothing else: {made:?}");
    assert!(!made.stderr.contains(token), "the token is on standard output alone: {made:?}");
    let listed = site.succeed(&["keys", "list"]).await;
    assert!(listed.contains("Zapier") && listed.contains("77") && listed.contains("main"), "{listed}");
    assert!(!listed.contains(token) && !listed.split_whitespace().any(is_token), "a list shows no token: {listed}");
    let id = listed.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("a row").to_owned();
    assert!(site.succeed(&["keys", "delete", &id]).await.contains(&id));
    assert!(!site.succeed(&["keys", "list"]).await.contains(&id));
    for missing in [id.as_str(), "key_nonsense", ""] {
        assert!(refusal(&site, &["keys", "delete", missing]).await.contains("There is no key"), "{missing}");
    }
    assert!(refusal(&site, &["keys", "create", "--name", " "]).await.contains("name"));
    for limit in ["0", "-1", "1000001", "many"] {
        let refused = refusal(&site, &["keys", "create", "--name", "x", &format!("--rate-limit={limit}")]).await;
        assert!(refused.contains("rate-limit"), "{refused}");
    }
}

#[tokio::test]
async fn keys_are_changed_and_rolled() {
    let site = Site::embedded();
    let old = site.succeed(&["keys", "create", "--name", "Zapier", "--allow-ip", "203.0.113.9"]).await;
    let listed = site.succeed(&["keys", "list"]).await;
    let id = listed.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("a row").to_owned();
    assert!(refusal(&site, &["keys", "update", &id]).await.contains("--name"));
    assert!(refusal(&site, &["keys", "update", &id, "--allow-ip", "somewhere"]).await.contains("address"));
    assert!(refusal(&site, &["keys", "update", "key_nonsense", "--name", "x"]).await.contains("There is no key"));
    assert!(
        site.succeed(&["keys", "update", &id, "--name", "Make", "--rate-limit", "99", "--allow-ip", "any"])
            .await
            .contains("Make")
    );
    let listed = site.succeed(&["keys", "list"]).await;
    assert!(listed.contains("Make") && listed.contains("99") && !listed.contains("Zapier"), "{listed}");
    let rolled = site.run(&["keys", "roll", &id, "--keep-old-for-hours", "2"]).await;
    let token = rolled.stdout.strip_suffix('\n').expect("a line");
    assert!(rolled.status.success() && is_token(token) && token != old.trim(), "{rolled:?}");
    assert!(rolled.stderr.contains("works until") && !rolled.stderr.contains(token), "{rolled:?}");
    assert!(site.run(&["keys", "roll", &id]).await.stderr.contains("has stopped working"));
    assert!(refusal(&site, &["keys", "roll", &id, "--keep-old-for-hours", "169"]).await.contains("168"));
}

#[tokio::test]
async fn workspaces_are_made_and_listed() {
    let site = Site::embedded();
    site.new_key(100).await;
    assert!(site.succeed(&["workspaces", "create", "--name", "Second agency", "--slug", "second"]).await.contains("second"));
    let listed = site.succeed(&["workspaces", "list"]).await;
    assert!(listed.contains("main") && listed.contains("Second agency"), "{listed}");
    let taken = refusal(&site, &["workspaces", "create", "--name", "Again", "--slug", "second"]).await;
    assert!(taken.contains("slug") && taken.contains("taken"), "{taken}");
    assert!(refusal(&site, &["workspaces", "create", "--name", "Bad", "--slug", "Bad slug"]).await.contains("slug"));
    let several = refusal(&site, &["keys", "create", "--name", "x"]).await;
    assert!(several.contains("--workspace") && several.contains("second"), "{several}");
    let unknown = refusal(&site, &["keys", "create", "--name", "x", "--workspace", "third"]).await;
    assert!(unknown.contains("third") && unknown.contains("second"), "{unknown}");
    site.succeed(&["keys", "create", "--name", "x", "--workspace", "second"]).await;
}

#[tokio::test]
async fn help_shows_the_settings_a_command_reads() {
    let site = Site::embedded();
    let shown = async |arguments: &[&str], settings: [&str; 5]| {
        let help = site.succeed(&[arguments, &["--help"]].concat()).await;
        settings.map(|name| help.contains(&format!("[env: {name}")))
    };
    let settings = ["DATABASE_URL", "KITCHEN_LISTEN", "KITCHEN_EGRESS_PROXY", "KITCHEN_TRUSTED_PROXIES", "KITCHEN_LOG"];
    for (command, expected) in [
        (&[][..], [true, true, true, true, true]),
        (&["serve"], [true, true, true, true, true]),
        (&["gateway"], [true, true, false, true, true]),
        (&["worker"], [true, false, true, false, true]),
        (&["migrate"], [true, false, false, false, true]),
        (&["keys", "create"], [true, false, false, false, true]),
        (&["workspaces", "owner-link"], [true, true, false, false, true]),
        (&["ready"], [false, true, false, false, true]),
        (&["demo"], [false, false, false, false, true]),
        (&["connectors", "export"], [false, false, false, false, true]),
    ] {
        assert_eq!(shown(command, settings).await, expected, "{command:?}");
    }
    // What is not shown may still be set: one environment is for all commands.
    let site = site.clone().set("KITCHEN_EGRESS_PROXY", "http://127.0.0.1:3128");
    assert!(site.succeed(&["keys", "create", "--help"]).await.contains("All settings: `kitchen --help`"));
    site.new_key(10).await;
}

#[tokio::test]
async fn split_processes_name_the_setting_they_miss() {
    let empty = services::new_empty_postgres().await;
    for part in ["gateway", "worker"] {
        let refused = refusal(&Site::embedded().set("REDIS_URL", "redis://127.0.0.1:1/"), &[part]).await;
        assert!(refused.contains("DATABASE_URL") && refused.contains("SQLite"), "{refused}");
        let refused = refusal(&Site::embedded().set("DATABASE_URL", &empty), &[part]).await;
        assert!(refused.contains("REDIS_URL"), "{refused}");
        let refused = refusal(&Site::on_servers(&empty, &services::new_redis()), &[part]).await;
        assert!(refused.contains("pending migration") && refused.contains("kitchen migrate"), "{refused}");
        assert!(refused.contains("DATABASE_URL"), "{refused}");
    }
    let site = Site::on_servers(&empty, &services::new_redis());
    for _ in 0..2 {
        assert!(site.succeed(&["migrate"]).await.contains("up to date"));
    }
    let mut gateway = site.start(&["gateway"]).await;
    assert_eq!(gateway.terminate().await.code(), Some(0));
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = refusal(&Site::embedded().set("KITCHEN_LISTEN", &address), &["serve"]).await;
    assert!(refused.contains(&address) && refused.contains("in use") && refused.contains("KITCHEN_LISTEN"), "{refused}");
}

/// The line of the doctor's report about this.
fn line<'a>(report: &'a Ran, mark: &str, subject: &str) -> &'a str {
    let found = report.stdout.lines().find(|line| line.starts_with(mark) && line.contains(subject));
    found.unwrap_or_else(|| panic!("no `{mark} {subject}` in {report:?}"))
}

async fn sick(site: &Site) -> Ran {
    let report = site.run(&["doctor"]).await;
    assert!(!report.status.success(), "{report:?}");
    assert!(report.stderr.contains("1 problem found."), "{report:?}");
    report
}

#[tokio::test]
async fn routines_are_listed_with_what_came_of_them() {
    let site = Site::embedded();
    assert!(refusal(&site, &["routines"]).await.contains("There is no database at"));
    assert!(!site.path("data").exists(), "a look makes nothing");
    site.new_key(100).await;
    assert!(site.succeed(&["routines"]).await.contains("No routine was planned yet"));
    let program = site.start(&["serve"]).await;
    let listed = eventually("the routines planned", Duration::from_secs(10), || async {
        let listed = site.succeed(&["routines"]).await;
        (listed.contains("clear-old") && listed.contains("clear-expired")).then_some(listed)
    })
    .await;
    assert!(listed.contains("clear-expired") && listed.contains("0 17 * * * *") && listed.contains("never"), "{listed}");
    drop(program);
}

#[tokio::test]
async fn the_doctor_finds_nothing_when_all_is_fine() {
    let free = format!("127.0.0.1:{}", free_port());
    let embedded = Site::embedded().set("KITCHEN_LISTEN", &free);
    let report = embedded.run(&["doctor"]).await;
    assert!(report.status.success() && !report.stdout.contains("problem"), "{report:?}");
    assert!(!embedded.path("data").exists(), "it changes nothing");
    embedded.new_key(100).await;
    assert!(embedded.run(&["doctor"]).await.status.success());
    let servers = Site::on_servers(&services::new_postgres().await, &services::new_redis()).set("KITCHEN_LISTEN", &free);
    let report = servers.run(&["doctor"]).await;
    assert!(report.status.success() && !report.stdout.contains("problem"), "{report:?}");
}

#[tokio::test]
async fn the_doctor_names_a_postgres_that_cannot_be_reached() {
    let url = format!("postgres://kitchen:hidden-canary@127.0.0.1:{}/kitchen", free_port());
    let report = sick(&Site::embedded().set("DATABASE_URL", &url).set("KITCHEN_LISTEN", "127.0.0.1:0")).await;
    let found = line(&report, "problem", "database");
    assert!(found.contains("DATABASE_URL") && found.contains("cannot be reached"), "{found}");
    assert!(!report.all().contains("hidden-canary"), "{report:?}");
}

#[tokio::test]
async fn the_doctor_names_a_redis_that_cannot_be_reached() {
    let url = format!("redis://:hidden-canary@127.0.0.1:{}/", free_port());
    let report = sick(&Site::embedded().set("REDIS_URL", &url).set("KITCHEN_LISTEN", "127.0.0.1:0")).await;
    let found = line(&report, "problem", "Redis");
    assert!(found.contains("REDIS_URL") && found.contains("cannot be reached"), "{found}");
    assert!(!report.all().contains("hidden-canary"), "{report:?}");
}

#[tokio::test]
async fn the_doctor_names_a_directory_that_cannot_be_written() {
    let site = Site::embedded().set("KITCHEN_LISTEN", "127.0.0.1:0");
    // Not even root can make a directory inside a file.
    let file = site.path("file");
    std::fs::write(&file, "").unwrap();
    let inside = file.join("data").display().to_string();
    let site = site.set("KITCHEN_DATA_DIR", &inside);
    let report = sick(&site).await;
    let found = line(&report, "problem", "data directory");
    assert!(found.contains(&inside) && found.contains("KITCHEN_DATA_DIR"), "{found}");
    let refused = refusal(&site, &["serve"]).await;
    assert!(refused.contains(&inside) && refused.contains("KITCHEN_DATA_DIR"), "{refused}");
}

#[tokio::test]
async fn the_doctor_names_a_system_that_allows_too_few_connections() {
    let report = Site::embedded()
        .set("KITCHEN_LISTEN", "127.0.0.1:0")
        .set("KITCHEN_MAX_IN_FLIGHT", "1000000000000")
        .run(&["doctor"])
        .await;
    assert!(report.status.success(), "{report:?}");
    let found = line(&report, "warning", "open files");
    assert!(found.contains("KITCHEN_MAX_IN_FLIGHT") && found.contains("LimitNOFILE"), "{found}");
}

#[tokio::test]
async fn the_doctor_names_pending_migrations() {
    let site = Site::on_servers(&services::new_empty_postgres().await, &services::new_redis());
    let site = site.set("KITCHEN_LISTEN", "127.0.0.1:0");
    let report = sick(&site).await;
    let found = line(&report, "problem", "migrations");
    assert!(found.contains("pending") && found.contains("kitchen migrate"), "{found}");
    site.succeed(&["migrate"]).await;
    assert!(site.run(&["doctor"]).await.status.success());
}

#[tokio::test]
async fn another_master_key_than_the_one_that_was_written_with_is_noticed() {
    let site = Site::embedded().set("KITCHEN_LISTEN", "127.0.0.1:0");
    let key = site.new_key(100).await;
    let program = site.start(&["serve"]).await;
    let api = harness::Api::new(&program.url, key.trim());
    api.post("/api/webhooks", &[("url", "https://hooks.acme.example/in")]).await.expect(201);
    drop(program);
    let site = site.set("KITCHEN_MASTER_KEY", domain::seal::MasterKey::generate().reveal());
    let report = sick(&site).await;
    assert!(line(&report, "problem", "database").contains("KITCHEN_MASTER_KEY"), "{report:?}");
    let refused = refusal(&site, &["serve"]).await;
    assert!(refused.contains("KITCHEN_MASTER_KEY") && refused.contains("another master key"), "{refused}");
}

#[tokio::test]
async fn what_was_typed_is_called_as_it_was_typed() {
    let site = Site::embedded();
    for (flag, value, told) in
        [("--scope", "foo", "--scope is invalid. Use one of"), ("--allow-ip", "foo", "--allow-ip must be an IP")]
    {
        let refused = refusal(&site, &["keys", "create", "--name", "x", flag, value]).await;
        assert!(refused.contains(told) && !refused.contains("more error"), "{refused}");
    }
}

#[tokio::test]
async fn the_doctor_names_mail_settings_that_cannot_be_used() {
    let site = Site::embedded().set("KITCHEN_LISTEN", "127.0.0.1:0").set("KITCHEN_SMTP_URL", "mail.example:hidden-canary");
    let report = sick(&site).await;
    assert!(line(&report, "problem", "mail").contains("KITCHEN_SMTP_URL"), "{report:?}");
    assert!(!report.all().contains("hidden-canary"), "{report:?}");
}

#[tokio::test]
async fn the_doctor_names_a_port_in_use() {
    let site = Site::embedded();
    let program = site.start(&["serve"]).await;
    let address = program.url.strip_prefix("http://").unwrap();
    let site = site.set("KITCHEN_LISTEN", address);
    let report = sick(&site).await;
    let found = line(&report, "problem", "port");
    assert!(found.contains(address) && found.contains("in use") && found.contains("KITCHEN_LISTEN"), "{found}");
    assert!(site.run(&["doctor", "--skip-port"]).await.status.success(), "beside a gateway that runs");
    assert!(site.run(&["ready"]).await.status.success(), "the gateway on that address is ready");
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_refused_without_repeating_secrets() {
    let cases = [
        ("DATABASE_URL", "mysql://kitchen:hidden-canary@db/kitchen"),
        ("DATABASE_URL", "postgres://kitchen:hidden-canary@db:port/kitchen"),
        ("DATABASE_URL", "hidden-canary"),
        ("REDIS_URL", "http://:hidden-canary@cache/"),
        ("REDIS_URL", "redis://:hidden-canary@cache:port/"),
        ("KITCHEN_MASTER_KEY", "hidden-canary"),
        ("KITCHEN_LISTEN", "everywhere"),
        ("KITCHEN_ALLOW_TARGETS", "10.0.0.0/99"),
        ("KITCHEN_ATTEMPT_TIMEOUT_SECONDS", "0"),
        ("KITCHEN_LOG", "info,=="),
    ];
    for (name, value) in cases {
        let site = Site::embedded().set(name, value);
        for command in ["serve", "doctor"] {
            let ran = site.run(&[command]).await;
            assert!(!ran.status.success(), "{name}={value}: {ran:?}");
            assert!(ran.all().contains(name) || ran.all().contains(&flag(name)), "{name}={value} is named by {command}: {ran:?}");
            assert!(!ran.all().contains("hidden-canary"), "{name}: {ran:?}");
        }
    }
}

/// How clap names a setting.
fn flag(name: &str) -> String {
    format!("--{}", name.trim_start_matches("KITCHEN_").trim_end_matches("_SECONDS").to_lowercase().replace('_', "-"))
}

/// Everything that is nobody's business, put where it belongs and then looked for where it does not.
#[tokio::test]
async fn secrets_are_never_logged() {
    let master_key = domain::seal::MasterKey::generate().reveal().to_owned();
    let redis = PrivateRedis::start_with_password("redis-canary").await;
    let postgres = services::new_postgres().await.replace("://postgres@", "://postgres:postgres-canary@");
    let site = Site::on_servers(&postgres, &redis.url()).set("KITCHEN_MASTER_KEY", &master_key).set("KITCHEN_LOG", "trace");
    let proxy = ForwardProxy::start().await;
    let site = site.set("KITCHEN_EGRESS_PROXY", &proxy.url.replace("//", "//olive:proxy-canary@"));
    let tally = Tally::start(Duration::ZERO).await;
    let made = site.run(&["keys", "create", "--name", "x"]).await;
    let token = made.stdout.trim().to_owned();
    let mut programs = vec![site.start(&["gateway"]).await, site.start_worker().await];
    let api = programs[0].api(&token);
    let webhook = api.post("/api/webhooks", &[("url", &format!("{}/hook?key=query-canary", tally.url))]).await.expect(201);
    let webhook_secret = webhook.json["secret"].as_str().expect("shown once").to_owned();
    let company = api.post("/api/companies", &[("name", "Acme")]).await.expect(201).id();
    eventually("the delivery", Duration::from_secs(30), || async { tally.has(&company).then_some(()) }).await;
    assert!(proxy.heads()[0].contains("b2xpdmU6cHJveHktY2FuYXJ5"), "the password was used");
    // What goes wrong is logged most: wrong keys, bodies that cannot be read, a subscription that is refused.
    let wrong = domain::api_key::Token::generate().reveal().to_owned();
    programs[0].api(&wrong).get("/api/me").await.expect(401);
    programs[0].api(&format!("{token}x")).get("/api/me").await.expect(401);
    api.post("/api/webhooks", &[("url", "http://10.0.0.1/?key=query-canary")]).await.expect(422);
    harness::client::send(api.request(Method::POST, "/api/companies").header("content-type", "application/json").body("{"))
        .await
        .expect(400);
    let mut written = made.stderr + &site.run(&["keys", "list"]).await.all() + &site.run(&["doctor"]).await.all();
    for program in &mut programs {
        assert_eq!(program.terminate().await.code(), Some(0));
        written.push_str(&program.log());
    }
    assert!(written.contains("TRACE"), "the log is at its most talkative");
    let secrets = [
        ("token", token.as_str()),
        ("wrong token", wrong.as_str()),
        ("master key", master_key.as_str()),
        ("password of the database", "postgres-canary"),
        ("password of Redis", "redis-canary"),
        ("password of the proxy", "proxy-canary"),
        ("the same, as it is sent", "b2xpdmU6cHJveHktY2FuYXJ5"),
        ("secret of the webhook", webhook_secret.as_str()),
        ("query of the webhook's URL", "query-canary"),
    ];
    for (what, secret) in secrets {
        let line = written.lines().find(|line| line.contains(secret)).unwrap_or_default();
        assert!(line.is_empty(), "the {what} is in the log: {line}");
    }
}
