//! A network that fails when it is told to: forwards connections to a server, cuts them or holds them up.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What is done with what clients send.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Forward,
    Stall,
    Down,
    CutBefore(Vec<u8>),
    CutBehind(Vec<u8>),
    CutAfterBytes(usize),
}

/// What is to be done with some bytes.
enum Verdict {
    Forward,
    /// So many bytes still go through, then all connections are cut.
    Cut(usize),
}

/// A proxy on a port of 127.0.0.1. It forwards everything until told otherwise.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    rule: Mutex<Rule>,
    changed: Condvar,
    open: Mutex<Vec<Pair>>,
}

/// Both ends of a connection.
#[derive(Debug)]
struct Pair {
    client: TcpStream,
    server: TcpStream,
}

impl Proxy {
    /// Starts a proxy to a port of 127.0.0.1.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no port can be opened");
        let own = listener.local_addr().expect("a port has an address").port();
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (rule, changed, open) = (Mutex::new(Rule::Forward), Condvar::new(), Mutex::default());
        let shared = Arc::new(Shared { target, rule, changed, open });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || listener.incoming().flatten().for_each(|client| accepting.accept(client)));
        Self { port: own, shared }
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The same address, but through the proxy.
    pub fn through(&self, url: &str) -> String {
        url.replace(&format!(":{}/", self.shared.target.port()), &format!(":{}/", self.port))
    }

    /// Cuts all connections now. New ones are forwarded.
    pub fn cut(&self) {
        self.shared.set(Rule::Forward);
        self.shared.cut();
    }

    /// Cuts all connections when a client sends this, and does not deliver it. New connections are forwarded.
    pub fn cut_before(&self, text: &str) {
        self.shared.set(Rule::CutBefore(text.as_bytes().to_vec()));
    }

    /// Cuts all connections when a client sends this; the server gets it, but its answer is lost. New
    /// connections are forwarded.
    pub fn cut_behind(&self, text: &str) {
        self.shared.set(Rule::CutBehind(text.as_bytes().to_vec()));
    }

    /// Cuts all connections after clients have sent so many more bytes. New connections are forwarded.
    pub fn cut_after_bytes(&self, bytes: usize) {
        self.shared.set(Rule::CutAfterBytes(bytes));
    }

    /// Cuts all connections, and new ones at once, until [`Proxy::forward`].
    pub fn down(&self) {
        self.shared.set(Rule::Down);
        self.shared.cut();
    }

    /// Holds up all that clients send until [`Proxy::forward`]; connections stay open.
    pub fn stall(&self) {
        self.shared.set(Rule::Stall);
    }

    /// Forwards everything again.
    pub fn forward(&self) {
        self.shared.set(Rule::Forward);
    }

    /// Whether a cut that was ordered is still to come.
    pub fn is_waiting_to_cut(&self) -> bool {
        matches!(*lock(&self.shared.rule), Rule::CutBefore(_) | Rule::CutBehind(_) | Rule::CutAfterBytes(_))
    }
}

impl Shared {
    fn set(&self, rule: Rule) {
        *lock(&self.rule) = rule;
        self.changed.notify_all();
    }

    /// The client's end is closed; the server is told that nothing more comes, and what it says is swallowed.
    /// To close its end at once might make it lose what it has not read yet.
    fn cut(&self) {
        for Pair { client, server } in lock(&self.open).drain(..) {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Write);
        }
    }

    fn accept(self: &Arc<Self>, client: TcpStream) {
        if *lock(&self.rule) == Rule::Down {
            return;
        }
        let Ok(server) = TcpStream::connect(self.target) else { return };
        let copies = (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone());
        let (Ok(reading), Ok(writing), Ok(client_end), Ok(server_end)) = copies else { return };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        lock(&self.open).push(Pair { client: client_end, server: server_end });
        let shared = Arc::clone(self);
        thread::spawn(move || shared.carry_up(reading, writing));
        thread::spawn(move || carry_down(server, client));
    }

    fn carry_up(&self, mut client: TcpStream, mut server: TcpStream) {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = client.read(&mut buffer) {
            let bytes = buffer.get(..length).unwrap_or_default();
            match self.judge(bytes) {
                Verdict::Forward if server.write_all(bytes).is_ok() => {}
                Verdict::Forward => break,
                Verdict::Cut(length) => {
                    let _ = server.write_all(bytes.get(..length).unwrap_or(bytes));
                    self.cut();
                    break;
                }
            }
        }
        let _ = server.shutdown(Shutdown::Write);
    }

    fn judge(&self, bytes: &[u8]) -> Verdict {
        let mut rule = lock(&self.rule);
        while *rule == Rule::Stall {
            rule = self.changed.wait(rule).unwrap_or_else(PoisonError::into_inner);
        }
        let cut = match &mut *rule {
            Rule::Forward | Rule::Stall => None,
            Rule::Down => Some(0),
            Rule::CutBefore(text) => contains(bytes, text).then_some(0),
            Rule::CutBehind(text) => contains(bytes, text).then_some(bytes.len()),
            Rule::CutAfterBytes(left) if *left < bytes.len() => Some(*left),
            Rule::CutAfterBytes(left) => {
                *left = left.saturating_sub(bytes.len());
                None
            }
        };
        if cut.is_some() && *rule != Rule::Down {
            *rule = Rule::Forward;
        }
        cut.map_or(Verdict::Forward, Verdict::Cut)
    }
}

/// Reads to the end, whether or not the client still listens.
fn carry_down(mut server: TcpStream, mut client: TcpStream) {
    let mut buffer = vec![0; 65_536];
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        let _ = client.write_all(buffer.get(..length).unwrap_or_default());
    }
    let _ = client.shutdown(Shutdown::Both);
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    !text.is_empty() && bytes.windows(text.len()).any(|window| window == text)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
