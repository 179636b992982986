//! So many connections and no more: each costs memory and a file, and anyone can open them.

use std::future::{Ready, ready};
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::Service;

/// Lets connections in while there is room; the next one is closed at once.
#[derive(Clone, Debug)]
pub struct Bounded {
    room: Arc<Semaphore>,
}

impl Bounded {
    /// Room for so many connections at a time.
    pub fn new(connections_max: usize) -> Self {
        Self { room: Arc::new(Semaphore::new(connections_max)) }
    }
}

/// A connection's service, which has its place as long as the connection lives.
#[derive(Clone, Debug)]
pub struct Placed<S> {
    service: S,
    _place: Arc<OwnedSemaphorePermit>,
}

impl<S> Accept<TcpStream, S> for Bounded {
    type Stream = TcpStream;
    type Service = Placed<S>;
    type Future = Ready<io::Result<(TcpStream, Placed<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(place(&self.room).and_then(|place| {
            // Small answers are not to wait for more.
            stream.set_nodelay(true)?;
            Ok((stream, Placed { service, _place: Arc::new(place) }))
        }))
    }
}

fn place(room: &Arc<Semaphore>) -> io::Result<OwnedSemaphorePermit> {
    Arc::clone(room).try_acquire_owned().map_err(|_| {
        metrics::counter!("choba_http_connections_refused_total").increment(1);
        io::Error::other("there are as many connections as are let in")
    })
}

impl<S: Service<R>, R> Service<R> for Placed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.service.call(request)
    }
}
