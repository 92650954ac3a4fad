//! Calls to the gateway over real HTTP, and what they answer.

use domain::api_key::ApiKey;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::collections::BTreeSet;

/// A caller with an API key, at one gateway.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: String,
    key: Option<ApiKey>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub json: Value,
}

impl Reply {
    /// A header's text; empty if it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `id` of the object in the body.
    pub fn id(&self) -> String {
        self.json["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.text)).to_owned()
    }

    /// The rows of a list, or the elements of a bare array.
    pub fn rows(&self) -> Vec<Value> {
        let rows = if self.json.is_array() { &self.json } else { &self.json["data"] };
        rows.as_array().unwrap_or_else(|| panic!("no rows in {}", self.text)).clone()
    }

    /// Fails unless this is a 422 that finds fault with exactly these fields.
    #[expect(clippy::return_self_not_must_use, reason = "often only the fields matter")]
    pub fn expect_invalid(self, fields: &[&str]) -> Self {
        assert_eq!(self.status, 422, "{}", self.text);
        let named: BTreeSet<&str> =
            self.json["errors"].as_object().expect("a 422 has errors").keys().map(String::as_str).collect();
        assert_eq!(named, fields.iter().copied().collect(), "{}", self.text);
        assert_eq!(
            (&self.json["code"], self.json["request_id"].as_str()),
            (&Value::from("invalid"), Some(self.header("request-id")))
        );
        assert!(self.json["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", self.text);
        self
    }

    /// Fails unless the status is as expected; shows the body if it is not.
    #[expect(clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "often only the status matters")]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Api {
    /// A caller with this token.
    pub fn new(base: &str, token: &str) -> Self {
        // Fails when another test of this process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        Self { http, base: base.to_owned(), token: token.to_owned(), key: None }
    }

    /// The same caller, with what is known of its key.
    #[must_use]
    pub fn of(mut self, key: ApiKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The same caller at another gateway.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The key; only for callers made with one.
    pub fn key(&self) -> &ApiKey {
        self.key.as_ref().expect("this caller was made with a key")
    }

    /// The token itself.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where it calls.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request with the key, to be added to.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// A request without a key.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    /// POST with a form body.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send_form(Method::POST, path, form).await
    }

    /// PUT with a form body.
    pub async fn put(&self, path: &str, form: &[(&str, &str)]) -> Reply {
        self.send_form(Method::PUT, path, form).await
    }

    /// POST with a JSON body.
    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put_json(&self, path: &str, body: &Value) -> Reply {
        send(self.request(Method::PUT, path).json(body)).await
    }

    async fn send_form(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        send(self.request(method, path).header("content-type", "application/x-www-form-urlencoded").body(body)).await
    }
}

/// Sends a request and reads the whole answer.
pub async fn send(request: RequestBuilder) -> Reply {
    try_send(request).await.expect("the gateway answers")
}

/// Sends a request that may fail on the way.
pub async fn try_send(request: RequestBuilder) -> reqwest::Result<Reply> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let json = serde_json::from_str(&text).unwrap_or_default();
    Ok(Reply { status, headers, text, json })
}
