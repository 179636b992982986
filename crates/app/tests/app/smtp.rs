//! A small mail server that takes mail, or does not, as it is told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a mail.
#[derive(Clone, Copy)]
pub enum Doing {
    /// Takes it.
    Take,
    /// Says that it may be sent later, when all of it was said.
    SayLater,
    /// Does not know the receiver.
    Refuse,
    /// Takes it, and cuts the connection off before it says so.
    CutOff,
}

#[derive(Default)]
struct Inner {
    mails: Mutex<Vec<String>>,
    doings: Mutex<VecDeque<Doing>>,
}

/// The server.
pub struct SmtpServer {
    inner: Arc<Inner>,
    pub address: SocketAddr,
}

impl SmtpServer {
    pub async fn start() -> Self {
        let inner = Arc::new(Inner::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&serving);
                tokio::spawn(async move { drop(serve(stream, &inner).await) });
            }
        });
        Self { inner, address }
    }

    /// What is done with the next mails; then they are taken.
    pub fn next(&self, doings: &[Doing]) {
        self.inner.doings.lock().unwrap().extend(doings);
    }

    /// Mails that came since this was last asked, with their headers.
    pub fn mails(&self) -> Vec<String> {
        std::mem::take(&mut *self.inner.mails.lock().unwrap())
    }
}

async fn serve(stream: TcpStream, inner: &Inner) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 test\r\n").await?;
    let mut doing = Doing::Take;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "EHLO" => "250-test\r\n250 8BITMIME\r\n",
            "MAIL" => {
                doing = inner.doings.lock().unwrap().pop_front().unwrap_or(Doing::Take);
                "250 ok\r\n"
            }
            "RCPT" if matches!(doing, Doing::Refuse) => "550 5.1.1 nobody of that name\r\n",
            "RCPT" | "RSET" => "250 ok\r\n",
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                    mail.push_str("\r\n");
                }
                if !matches!(doing, Doing::SayLater) {
                    inner.mails.lock().unwrap().push(mail);
                }
                match doing {
                    Doing::SayLater => "451 4.3.0 later\r\n",
                    Doing::CutOff => return Ok(()),
                    _ => "250 taken\r\n",
                }
            }
            "QUIT" => {
                writing.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "500 what\r\n",
        };
        writing.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
