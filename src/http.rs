//! As much HTTP/1.1 as the demo and the readiness check need: one request a connection, bodies with a known length.
//!
//! Refuses to become a client: deliveries go through the worker's, which judges addresses. This one calls our own.

use anyhow::{Context as _, Result, bail};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// The longest head or body that is read.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A request or an answer, as it lay on the wire.
#[derive(Debug, Default)]
pub struct Message {
    /// The first line: `POST /hook HTTP/1.1` or `HTTP/1.1 200 OK`.
    pub first_line: String,
    headers: Vec<(String, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
}

impl Message {
    /// Reads one message. Without a length the body of an answer ends with the connection, and a request has none.
    pub async fn read(stream: impl AsyncRead + Unpin, is_answer: bool) -> Result<Self> {
        let mut reader = BufReader::new(stream.take(MAX_BYTES));
        let first_line = line(&mut reader).await?;
        let mut message = Self { first_line, ..Self::default() };
        loop {
            let line = line(&mut reader).await?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').context("a header without a colon")?;
            message.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        if message.header("transfer-encoding").is_some() {
            bail!("a body without a length");
        }
        match message.header("content-length") {
            Some(length) => {
                let length: u64 = length.parse().context("a length that is no number")?;
                reader.take(length).read_to_end(&mut message.body).await?;
            }
            None if is_answer => drop(reader.read_to_end(&mut message.body).await?),
            None => {}
        }
        Ok(message)
    }

    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The status of an answer; 0 if there is none.
    pub fn status(&self) -> u16 {
        self.first_line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

async fn line(reader: &mut (impl AsyncBufRead + Unpin)) -> Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line).await? == 0 {
        bail!("the connection ended in the middle of a message");
    }
    Ok(line.trim_end().to_owned())
}

/// Sends a request with a form as its body (none for `None`), and reads the answer.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    form: Option<&[(&str, &str)]>,
) -> Result<Message> {
    use std::fmt::Write as _;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAccept: application/json\r\n");
    if let Some(token) = token {
        let _ = write!(head, "Authorization: Bearer {token}\r\n");
    }
    let body = form.map(|form| url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish());
    if let Some(body) = &body {
        let length = body.len();
        let _ = write!(head, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n");
    }
    let request = format!("{head}\r\n{}", body.unwrap_or_default());
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        Message::read(stream, true).await
    };
    match tokio::time::timeout(TIMEOUT, exchange).await {
        Ok(answer) => answer.with_context(|| format!("{method} {path}")),
        Err(_) => bail!("{method} {path}: no answer within {} s", TIMEOUT.as_secs()),
    }
}
