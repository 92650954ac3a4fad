//! A mail server that takes what it is given, or refuses it as told; speaks as much of SMTP (RFC 5321) as a client needs.

use crate::eventually;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// The address of the envelope.
    pub recipient: String,
    /// Headers and text, soft line breaks undone.
    pub text: String,
}

/// A running mail server; it ends with the test.
pub struct Smtp {
    /// `smtp://127.0.0.1:…`.
    pub url: String,
    received: Arc<Mutex<Vec<ReceivedMail>>>,
    /// Answers to the next recipients, used up one by one; after that all are taken.
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Smtp {
    /// On a free port, taking everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("smtp://{}", listener.local_addr().expect("an address"));
        let (received, refusals) = (Arc::default(), Arc::default());
        let (kept, told) = (Arc::clone(&received), Arc::clone(&refusals));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that goes away in the middle ends its own conversation only.
                tokio::spawn(converse(stream, Arc::clone(&kept), Arc::clone(&told)));
            }
        });
        Self { url, received, refusals, task }
    }

    /// Answers the next recipients so: `451 Try later`, `550 No such user`.
    pub fn refuse_next(&self, answers: impl IntoIterator<Item = &'static str>) {
        self.refusals.lock().unwrap().extend(answers);
    }

    /// Refusals that are still to come.
    pub fn refusals_left(&self) -> usize {
        self.refusals.lock().unwrap().len()
    }

    /// Waits until so many mails came, and gives them all.
    pub async fn wait_for(&self, count: usize) -> Vec<ReceivedMail> {
        eventually(&format!("{count} mails"), Duration::from_secs(20), || async {
            let received = self.received.lock().unwrap().clone();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn converse(
    stream: TcpStream,
    received: Arc<Mutex<Vec<ReceivedMail>>>,
    refusals: Arc<Mutex<VecDeque<&'static str>>>,
) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 mail.test ESMTP\r\n").await?;
    let mut recipient = String::new();
    while let Some(line) = lines.next_line().await? {
        let command = line.to_ascii_uppercase();
        let answer = if command.starts_with("EHLO") || command.starts_with("HELO") {
            "250 mail.test".to_owned()
        } else if command.starts_with("RCPT TO:") {
            line[8..].trim_matches(['<', '>']).clone_into(&mut recipient);
            refusals.lock().unwrap().pop_front().unwrap_or("250 OK").to_owned()
        } else if command == "DATA" {
            write.write_all(b"354 Go on\r\n").await?;
            let mut text = String::new();
            while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
                text.push('\n');
            }
            let text = text.replace("=\n", "").replace("=3D", "=");
            received.lock().unwrap().push(ReceivedMail { recipient: recipient.clone(), text });
            "250 Taken".to_owned()
        } else if command == "QUIT" {
            write.write_all(b"221 Bye\r\n").await?;
            return Ok(());
        } else {
            "250 OK".to_owned()
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
