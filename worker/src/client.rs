//! The one client for every outbound request. Each address is judged before it is connected to, whether it was written in
//! the URL or came from a name server (`judge`); redirects are not followed; proxies of the environment are not used; one deadline
//! covers everything from the name to the last byte; answers are read up to a cap and never decompressed.
//!
//! Requests are made by reqwest. Through the operator's proxy they are made by hyper, which is below it: reqwest would tell the proxy
//! names, and these may lead elsewhere there than they were judged to here.

use crate::judge::Judge;
use crate::tunnel::{self, Tunnels};
use crate::{Settings, WorkerError};
use bytes::Bytes;
use domain::delivery::Header;
use domain::egress::EgressPolicy;
use domain::headers::MASK;
use domain::secret::Secret;
use domain::signature::Signatures;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Response};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

const OUR_NAME: &str = concat!("Kitchen-Gateway/", env!("CARGO_PKG_VERSION"));
/// Bytes of an answer that are read; a receiver that sends more is cut off.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Bytes of an answer that are kept.
const MAX_KEPT_BYTES: usize = 16 * 1024;
/// Bytes of an answer's headers that are kept.
const MAX_KEPT_HEADER_BYTES: usize = 8 * 1024;
/// How long it may take until there is a connection, name, proxy and TLS included.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than common servers keep idle connections, so that one is seldom closed under a new request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A request to be made.
pub(crate) struct Request<'a> {
    pub(crate) url: &'a str,
    pub(crate) body: Bytes,
    pub(crate) event_id: &'a str,
    pub(crate) delivery_id: &'a str,
    /// Unix seconds; the same that was signed.
    pub(crate) timestamp: i64,
    pub(crate) signatures: Signatures,
    /// The webhook's own.
    pub(crate) headers: &'a [(String, Secret)],
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) duration: Duration,
    pub(crate) status: Option<u16>,
    /// `Retry-After`, if the receiver sent one.
    pub(crate) retry_after: Option<String>,
    /// What was sent; `None` if nothing was.
    pub(crate) request_headers: Option<Vec<Header>>,
    /// What came back, as far as it is kept.
    pub(crate) response_headers: Option<Vec<Header>>,
    /// The beginning of the body, as text.
    pub(crate) body: Option<String>,
    /// Why there is no complete answer, in words for the webhook's owner.
    pub(crate) error: Option<String>,
}

impl Answer {
    /// For what was not even tried.
    pub(crate) fn unsent(reason: &str) -> Self {
        Self { error: Some(reason.to_owned()), ..Self::default() }
    }
}

/// Who makes the requests.
#[derive(Clone)]
enum Http {
    Direct(reqwest::Client),
    Proxied(legacy::Client<Tunnels, Full<Bytes>>),
}

#[derive(Clone)]
pub(crate) struct Client {
    http: Http,
    policy: Arc<EgressPolicy>,
    timeout: Duration,
}

impl Client {
    pub(crate) fn new(settings: &Settings) -> Result<Self, WorkerError> {
        let judge = Judge::of(settings);
        let http = match &settings.proxy {
            None => Http::Direct(
                reqwest::Client::builder()
                    .redirect(reqwest::redirect::Policy::none())
                    .no_proxy()
                    .dns_resolver(Arc::new(judge))
                    .tls_backend_preconfigured(tls(settings)?)
                    .connect_timeout(CONNECT_TIMEOUT)
                    .pool_idle_timeout(IDLE_TIMEOUT)
                    .build()?,
            ),
            Some(proxy) => Http::Proxied(
                legacy::Client::builder(TokioExecutor::new())
                    .pool_idle_timeout(IDLE_TIMEOUT)
                    .pool_timer(TokioTimer::new())
                    .build(tunnel::tunnels(judge, proxy.read()?, tls(settings)?)),
            ),
        };
        Ok(Self { http, policy: Arc::new(settings.egress.clone()), timeout: settings.attempt_timeout })
    }

    /// Posts a body. Never fails: what went wrong is part of the answer.
    pub(crate) async fn post(&self, request: Request<'_>) -> Answer {
        let started = Instant::now();
        let mut answer = Answer::default();
        // A connector is never asked about literal addresses, and the policy may have changed since the URL was saved.
        match self.policy.judge_url(request.url) {
            Err(reason) => answer.error = Some(format!("Not sent. {reason}")),
            Ok(url) => {
                if tokio::time::timeout(self.timeout, self.exchange(url, request, &mut answer)).await.is_err() {
                    answer.error = Some(format!("No complete answer within {} s.", self.timeout.as_secs_f64()));
                }
            }
        }
        answer.duration = started.elapsed();
        answer
    }

    async fn exchange(&self, url: Url, request: Request<'_>, answer: &mut Answer) {
        let headers = headers(&request);
        answer.request_headers = Some(host(&url).into_iter().chain(kept_headers(&headers)).collect());
        let mut response = match self.send(&url, headers, request.body).await {
            Ok(response) => response,
            Err(reason) => {
                answer.error = Some(reason);
                return;
            }
        };
        answer.status = Some(response.status().as_u16());
        answer.retry_after = response.headers().get(RETRY_AFTER).and_then(|text| text.to_str().ok()).map(str::to_owned);
        answer.response_headers = Some(kept_headers(response.headers()));
        let mut kept = Vec::new();
        let mut read = 0;
        while let Some(frame) = response.frame().await {
            match frame.map(|frame| frame.into_data().unwrap_or_default()) {
                Ok(chunk) => {
                    read += chunk.len();
                    kept.extend_from_slice(&chunk[..chunk.len().min(MAX_KEPT_BYTES.saturating_sub(kept.len()))]);
                    if read >= MAX_ANSWER_BYTES {
                        break;
                    }
                }
                Err(error) => {
                    answer.error = Some(format!("The answer broke off: {}", cause(&error)));
                    break;
                }
            }
        }
        if !kept.is_empty() {
            // Postgres stores no NUL in text.
            answer.body = Some(String::from_utf8_lossy(&kept).replace('\0', "\u{FFFD}"));
        }
    }

    async fn send(&self, url: &Url, headers: HeaderMap, body: Bytes) -> Result<Response<reqwest::Body>, String> {
        match &self.http {
            Http::Direct(http) => {
                let sent = http.post(url.clone()).headers(headers).body(body).send().await;
                sent.map(Response::from).map_err(|error| words(&error, error.is_connect(), error.is_timeout()))
            }
            Http::Proxied(http) => {
                let request = hyper::Request::builder().method(Method::POST).uri(url.as_str()).body(Full::new(body));
                let mut request = request.map_err(|error| format!("Not sent. {error}."))?;
                *request.headers_mut() = headers;
                let sent = http.request(request).await;
                sent.map(|response| response.map(reqwest::Body::wrap)).map_err(|error| {
                    let late = causes(&error).filter_map(|cause| cause.downcast_ref::<io::Error>());
                    words(&error, error.is_connect(), late.into_iter().any(|cause| cause.kind() == io::ErrorKind::TimedOut))
                })
            }
        }
    }
}

/// Trusts the authorities the system trusts, and says who calls where that is asked and configured.
fn tls(settings: &Settings) -> Result<ClientConfig, WorkerError> {
    let trusting = ClientConfig::builder().with_platform_verifier()?;
    let mut config = match &settings.certificate {
        None => trusting.with_no_client_auth(),
        Some(certificate) => trusting.with_client_cert_resolver(Arc::new(certificate.identity()?)),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Everything that is sent, apart from what follows from URL and body.
fn headers(request: &Request<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers {
        // Both were judged when they were saved.
        if let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value.reveal())) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    // After those of the webhook: none of them takes the place of ours.
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(USER_AGENT, HeaderValue::from_static(OUR_NAME));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let timestamp = request.timestamp.to_string();
    for (name, value) in [
        ("signature", request.signatures.kitchen.as_str()),
        ("webhook-id", request.event_id),
        ("webhook-timestamp", &timestamp),
        ("webhook-signature", &request.signatures.standard),
        ("kitchen-delivery", request.delivery_id),
    ] {
        // All of these are hex, base64 and digits of our own making.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers
}

/// The header that the URL makes: its path may hold a secret of the owner's, and is not on record.
fn host(url: &Url) -> Option<Header> {
    let host = url.host_str()?;
    Some((HOST.to_string(), url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
}

/// Headers as text, as many as there is room for, without secret values. Those of an answer are a stranger's: any byte may be in
/// them.
fn kept_headers(headers: &HeaderMap) -> Vec<Header> {
    let mut room = MAX_KEPT_HEADER_BYTES;
    let mut kept = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let mut text = match value.to_str() {
            _ if value.is_sensitive() => MASK.to_owned(),
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(value.as_bytes()).chars().map(readable).collect(),
        };
        let Some(left) = room.checked_sub(name.as_str().len()) else { break };
        if text.len() > left {
            text.truncate(text.floor_char_boundary(left));
        }
        room = left - text.len();
        kept.push((name.as_str().to_owned(), text));
    }
    kept
}

fn readable(character: char) -> char {
    if character.is_control() && character != '\t' { '\u{FFFD}' } else { character }
}

/// An error in words for the webhook's owner, without the URL, which may hold a secret of theirs.
fn words(error: &(dyn Error + 'static), is_connect: bool, is_late: bool) -> String {
    if is_connect && is_late {
        format!("No connection within {} seconds.", CONNECT_TIMEOUT.as_secs())
    } else if is_connect {
        format!("No connection: {}", cause(error))
    } else {
        format!("The request failed: {}", cause(error))
    }
}

/// The innermost cause, which says most.
fn cause(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(|cause| cause.to_string().replace('\0', "\u{FFFD}")).unwrap_or_default()
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
