//! The server: an address and what to answer go in; a thread listens and answers until it is dropped. Everything that a
//! client could draw out has a limit.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::address::ServeAddress;
use super::bounded_stream::BoundedStream;
use super::connections::{Connections, Permit};
use crate::error::{Error, Result};

/// How long a client may take for the head of a request, and stay silent between two requests.
const HEAD: Duration = Duration::from_secs(10);

/// How long a client may take to read what was sent to it.
const WRITE: Duration = Duration::from_secs(15);

/// The bytes of a head at most, and of an answer that hyper keeps.
const BUFFER: usize = 64 << 10;

/// What the system keeps for a client that reads slowly: about two pictures, so that it sees no old ones.
const SEND_BUFFER: u32 = 128 << 10;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 64;

/// The answer to a connection too many.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// An address that is listened at and not served yet.
pub(super) struct Listener {
    runtime: Runtime,
    listener: TcpListener,
    local: SocketAddr,
}

impl Listener {
    /// Listen at `address`; `option` is what the user named it with.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is in use, or is no address of this machine.
    pub(super) fn bind(address: &ServeAddress, option: &str) -> Result<Self> {
        let wanted = address.resolve()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(2)
            .build()
            .map_err(Error::thread("server"))?;
        let entered = runtime.enter();
        let listener = listen(wanted).map_err(|e| refused(wanted, option, &e))?;
        let local = listener
            .local_addr()
            .map_err(|e| refused(wanted, option, &e))?;
        drop(entered);
        Ok(Self {
            runtime,
            listener,
            local,
        })
    }

    /// Where it listens: with the port that the system chose, if that was left to it.
    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    /// The runtime that will serve.
    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Answer with `router` from now on.
    ///
    /// # Errors
    /// [`Error::Thread`].
    pub(super) fn serve(self, router: Router) -> Result<Server> {
        let (stop, stopped) = oneshot::channel();
        let Self {
            runtime, listener, ..
        } = self;
        let thread = thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    tokio::select! {
                        _ = stopped => {}
                        () = accept_all(&listener, &router) => {}
                    }
                });
                // Connections are dropped where they are; a picture that is being decoded is not waited for.
                runtime.shutdown_background();
            })
            .map_err(Error::thread("server"))?;
        Ok(Server {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // On Windows this would let two programs serve the same port; elsewhere it lets the next session have it at once.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    // Connections have it from the listener. A system that refuses it has longer buffers, and nothing else.
    drop(socket.set_send_buffer_size(SEND_BUFFER));
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn refused(address: SocketAddr, option: &str, error: &std::io::Error) -> Error {
    let reason = match error.kind() {
        ErrorKind::AddrInUse => format!(
            "{address} is in use, perhaps by another impasto; choose another port, or 0 for any free one"
        ),
        ErrorKind::PermissionDenied => {
            format!("{address} needs the rights of an administrator; choose a port above 1023")
        }
        ErrorKind::AddrNotAvailable => {
            format!("{address} is no address of this machine; 0.0.0.0 means all that it has")
        }
        _ => format!("{address} cannot be served: {error}"),
    };
    Error::invalid(option, reason)
}

/// Serves until it is dropped.
pub(super) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error means that it has ended already.
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        drop(self.thread.take().map(JoinHandle::join));
    }
}

async fn accept_all(listener: &TcpListener, router: &Router) {
    let connections = Connections::default();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => match connections.admit(from.ip()) {
                Some(permit) => drop(tokio::spawn(answer(stream, router.clone(), permit))),
                // As much as fits at once: a client too many is not waited for.
                None => drop(stream.try_write(FULL)),
            },
            // The system has no more files to give; some will be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer(stream: TcpStream, router: Router, permit: Permit) {
    // Pictures are to leave at once. Where it cannot be had they come a little later.
    drop(stream.set_nodelay(true));
    converse(stream, router).await;
    drop(permit);
}

/// Answer what comes over `stream` until it is closed.
pub(super) async fn converse<S>(stream: S, router: Router)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(BoundedStream::new(stream, WRITE));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .serve_connection(stream, TowerToHyperService::new(router))
        .with_upgrades()
        .await;
    // A client that went away or sent nonsense is its own affair.
    drop(served);
}
