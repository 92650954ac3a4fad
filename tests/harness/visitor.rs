//! A person with a browser, as far as HTTP goes: keeps the session's cookie, sends forms from our own pages.

use crate::client::{Reply, try_send};
use crate::kitchen::Kitchen;
use domain::audit::Actor;
use domain::ids::WorkspaceId;
use reqwest::{Method, RequestBuilder};
use std::sync::{Arc, Mutex};

/// Someone in front of the pages. Clones are other windows of the same browser.
#[derive(Clone)]
pub struct Visitor {
    http: reqwest::Client,
    base: String,
    cookie: Arc<Mutex<Option<String>>>,
}

impl Visitor {
    /// Nobody yet.
    pub fn new(base: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { http, base: base.to_owned(), cookie: Arc::default() }
    }

    /// The owner of a workspace, who joins with the first link and this password.
    pub async fn owner(kitchen: &Kitchen, workspace: &WorkspaceId, email: &str, password: &str) -> Self {
        let visitor = Self::new(&kitchen.urls[0]);
        let path = format!("/invitations/{}", owner_ticket(kitchen, workspace).await);
        visitor.post(&path, &joining("Olive Owner", email, password)).await.expect(303);
        visitor
    }

    /// The session's cookie: `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// Holds another cookie from now on.
    pub fn hold(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    /// A request with the cookie, to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match self.cookie() {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    /// Sends a request and keeps the cookie it brings.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let reply = try_send(request).await.expect("the gateway answers");
        if let Some(line) = reply.headers.get("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.hold((!pair.ends_with('=')).then_some(pair));
        }
        reply
    }

    /// Looks at a page.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a form, as a browser does from a page of ours.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.post_with(path, form, &[]).await
    }

    /// The same with further headers.
    pub async fn post_with(&self, path: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.header("origin", &self.base).header("sec-fetch-site", "same-origin").body(body)).await
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Reply {
        self.post("/sign-in", &[("email", email), ("password", password)]).await
    }
}

/// The ticket of a fresh link for an owner who has not joined yet.
pub async fn owner_ticket(kitchen: &Kitchen, workspace: &WorkspaceId) -> String {
    let mut work = kitchen.store.begin(workspace, Actor::command_line());
    let (owner, _) = store::invitations::find_first_owner(&mut work).await.unwrap().expect("an owner");
    let ticket = store::invitations::create(&mut work, &owner).await.unwrap();
    work.commit().await.unwrap();
    ticket.reveal().to_owned()
}

/// The form behind an invitation's link.
pub fn joining<'a>(name: &'a str, email: &'a str, password: &'a str) -> [(&'static str, &'a str); 4] {
    [("name", name), ("email", email), ("password", password), ("password_confirmation", password)]
}
