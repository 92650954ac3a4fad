//! Servers that behave badly: each accepts connections and does one wrong thing with them, for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What is done with a connection, once it has sent something.
#[derive(Clone, Debug)]
pub enum Conduct {
    /// Nothing is ever answered.
    Hang,
    /// The head of the answer comes a byte at a time.
    TrickleHead,
    /// The head comes at once, the body a byte at a time.
    TrickleBody,
    /// The body comes as fast as it is read, and never ends.
    EndlessBody,
    /// The connection is closed without an answer.
    CloseBeforeAnswer,
    /// The connection is closed in the middle of the body.
    CloseInBody,
    /// Exactly these bytes, then the end.
    Say(Vec<u8>),
    /// These bytes, and then nothing more, while the connection stays open.
    SayAndHang(Vec<u8>),
}

/// A running server; it ends with the test.
pub struct Hostile {
    /// `http://127.0.0.1:…`.
    pub url: String,
    connections: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Hostile {
    /// On a free port.
    pub async fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (connections, written) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, sum) = (Arc::clone(&connections), Arc::clone(&written));
        let task = tokio::spawn(async move {
            // Aborted together with this task.
            let mut under_way = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                under_way.spawn(misbehave(stream, conduct.clone(), Arc::clone(&sum)));
            }
        });
        Self { url, connections, written, task }
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Bytes of answers that went out so far.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100000000\r\n\r\n";
const BETWEEN_BYTES: Duration = Duration::from_millis(50);

async fn misbehave(mut stream: TcpStream, conduct: Conduct, written: Arc<AtomicUsize>) {
    let mut request = vec![0; 64 * 1024];
    let _ = stream.read(&mut request).await;
    // A write fails when the other side has hung up, which is the end of the misconduct.
    let _: std::io::Result<()> = async {
        match conduct {
            Conduct::Hang => std::future::pending::<()>().await,
            Conduct::TrickleHead => {
                for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'y')) {
                    stream.write_all(&[*byte]).await?;
                    tokio::time::sleep(BETWEEN_BYTES).await;
                }
            }
            Conduct::TrickleBody => {
                stream.write_all(HEAD).await?;
                loop {
                    stream.write_all(b"z").await?;
                    tokio::time::sleep(BETWEEN_BYTES).await;
                }
            }
            Conduct::EndlessBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
                let chunk = format!("10000\r\n{}\r\n", "e".repeat(0x10000));
                loop {
                    stream.write_all(chunk.as_bytes()).await?;
                    written.fetch_add(chunk.len(), Ordering::SeqCst);
                }
            }
            Conduct::CloseBeforeAnswer => {}
            Conduct::CloseInBody => {
                stream.write_all(HEAD).await?;
                stream.write_all(b"half a").await?;
            }
            Conduct::Say(bytes) => stream.write_all(&bytes).await?,
            Conduct::SayAndHang(bytes) => {
                stream.write_all(&bytes).await?;
                std::future::pending::<()>().await;
            }
        }
        stream.shutdown().await
    }
    .await;
}
