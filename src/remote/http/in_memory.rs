//! The server without a socket: the bytes of a connection go in, what is answered comes out. For `tests/fuzz`.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::access::Access;
use super::address::ServeAddress;
use super::app::App;
use super::command::Command;
use super::token::Token;
use super::{routes, server};
use crate::error::{Error, Result};
use crate::remote::view::Viewers;
use crate::remote::{Control, Desk};

/// What is kept between the two ends of the connection.
const BUFFER: usize = 64 << 10;

/// Answer a client that sends `bytes` and then no more, and give what it is answered, up to `most` bytes. It is waited for
/// `longest` at most: streams have no end.
///
/// # Errors
/// [`Error::Thread`]; [`Error::Invalid`] for a `token` that can be none.
pub fn answer(
    desk: &Desk,
    viewers: &Viewers,
    token: Option<&str>,
    bytes: &[u8],
    most: usize,
    longest: Duration,
) -> Result<Vec<u8>> {
    let address = ServeAddress::default();
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 7420));
    let token = token.map(Token::parse).transpose()?;
    let access = Access::new(&address, local, token);
    let app = Arc::new(App::new(desk.clone(), viewers.clone(), access));
    let router = routes::router(app);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .map_err(Error::thread("server"))?;
    let mut answered = Vec::new();
    runtime.block_on(async {
        let (theirs, ours) = duplex(BUFFER);
        let served = tokio::spawn(server::converse(ours, router));
        let (mut from, mut to) = tokio::io::split(theirs);
        let send = async {
            // An error means that the server has hung up, as it may.
            drop(to.write_all(bytes).await);
            drop(to.shutdown().await);
        };
        let mut limited = (&mut from).take(most as u64);
        let receive = limited.read_to_end(&mut answered);
        drop(timeout(longest, async { tokio::join!(send, receive) }).await);
        served.abort();
    });
    runtime.shutdown_background();
    Ok(answered)
}

/// The control that `json` asks for, in a session with these `styles`.
///
/// # Errors
/// What is wrong with it, for the client.
pub fn control(json: &[u8], styles: &[String]) -> std::result::Result<Control, String> {
    Command::parse(json)?.into_control(styles)
}
