//! A forward proxy as companies run them: knows CONNECT and nothing else, lets in who is known, and keeps what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done with the next one who asks to be led somewhere.
#[derive(Clone, Debug)]
pub enum Way {
    /// Led there, if somebody listens.
    Through,
    /// Answered with exactly these bytes, and no more.
    Say(&'static str),
    /// Not answered.
    Hang,
}

#[derive(Clone)]
struct Shared {
    heads: Arc<Mutex<Vec<String>>>,
    way: Arc<Mutex<Way>>,
    authorization: Option<String>,
}

/// A running proxy; it ends with the test.
pub struct ForwardProxy {
    /// `http://127.0.0.1:…`, without the password.
    pub url: String,
    shared: Shared,
    task: tokio::task::JoinHandle<()>,
}

impl ForwardProxy {
    /// For everybody.
    pub async fn start() -> Self {
        Self::start_for(None).await
    }

    /// For those who send exactly this as `Proxy-Authorization`.
    pub async fn start_for(authorization: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let way = Arc::new(Mutex::new(Way::Through));
        let shared = Shared { heads: Arc::default(), way, authorization: authorization.map(str::to_owned) };
        let told = shared.clone();
        let task = tokio::spawn(async move {
            // Aborted together with this task.
            let mut under_way = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                under_way.spawn(converse(stream, told.clone()));
            }
        });
        Self { url, shared, task }
    }

    /// From now on.
    pub fn answer(&self, way: Way) {
        *self.shared.way.lock().unwrap() = way;
    }

    /// The heads of all requests so far, in the order they came.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap().clone()
    }

    /// Where it was asked to lead to so far: `127.0.0.1:80`.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split(' ').nth(1).unwrap_or_default().to_owned();
        self.heads().iter().map(target).collect()
    }

    /// Takes no more connections, and ends those it has.
    pub async fn end(&self) {
        self.task.abort();
        let address = self.url.trim_start_matches("http://").to_owned();
        crate::eventually("the end of the proxy", Duration::from_secs(5), || async {
            TcpStream::connect(&address).await.is_err().then_some(())
        })
        .await;
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(mut caller: TcpStream, shared: Shared) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(1..) = caller.read_buf(&mut head).await else { return };
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    shared.heads.lock().unwrap().push(head.clone());
    let way = shared.way.lock().unwrap().clone();
    let sent = head.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: "));
    let target = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next());
    let answer = match (way, target) {
        (Way::Hang, _) => return std::future::pending().await,
        (Way::Say(text), _) => text,
        (Way::Through, _) if shared.authorization.as_deref().is_some_and(|known| Some(known) != sent) => {
            "HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"
        }
        (Way::Through, Some(target)) => {
            if let Ok(mut other) = TcpStream::connect(target).await {
                // In pieces, as it may well arrive.
                for piece in ["HTTP/1.1 2", "00 Connection established\r\nVia: proxy\r", "\n\r\n"] {
                    let _ = caller.write_all(piece.as_bytes()).await;
                    tokio::task::yield_now().await;
                }
                let _ = tokio::io::copy_bidirectional(&mut caller, &mut other).await;
                return;
            }
            "HTTP/1.1 502 Nobody there\r\nContent-Length: 0\r\n\r\n"
        }
        _ => "HTTP/1.1 405 Only CONNECT\r\nContent-Length: 0\r\n\r\n",
    };
    let _ = caller.write_all(answer.as_bytes()).await;
    let _ = caller.shutdown().await;
}
