//! The demo's receiver: takes every POST, answers 204, and hands over what came. It knows nothing of the gateway.

use crate::http::Message;
use anyhow::Result;
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver as Inbox, Sender};

/// How many requests wait to be looked at; more are still answered, and forgotten.
const KEPT: usize = 100;

/// Starts a receiver on a free port. It lives until the process ends.
pub async fn start() -> Result<(SocketAddr, Inbox<Message>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (kept, inbox) = mpsc::channel(KEPT);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, kept.clone()));
        }
    });
    Ok((address, inbox))
}

async fn answer(mut stream: TcpStream, kept: Sender<Message>) -> Result<()> {
    let request = Message::read(&mut stream, false).await?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await?;
    let _ = kept.try_send(request);
    Ok(())
}
