//! The remote control over HTTP: the page, the picture, and endpoints for scripts. One thread serves all clients; pictures
//! are encoded in another one. The same server gives out the files of a [`Site`].

mod access;
mod address;
mod answers;
mod app;
mod bounded_stream;
mod command;
mod connections;
mod mjpeg;
mod rate;
mod routes;
mod server;
mod site;
mod socket;
mod token;
mod upload;

#[doc(hidden)] // for tests/fuzz
pub mod in_memory;

use std::sync::Arc;

pub use address::ServeAddress;
pub use site::{Site, SiteFile};
pub use token::{Token, VARIABLE as TOKEN_VARIABLE};
pub use upload::MOST_BYTES as MOST_UPLOAD_BYTES;

use super::desk::Desk;
use super::view::Viewers;
use crate::error::Result;

/// The page of a session; dropping it ends the server.
pub struct Page {
    url: String,
    is_shared: bool,
    _server: server::Server,
}

impl Page {
    /// Serve `desk` and the picture at `address`. Other machines than this one need a token, which is `token` or a random
    /// one; with a `token` this one needs it too.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid) when the address cannot be used.
    pub fn serve(
        address: &ServeAddress,
        token: Option<Token>,
        desk: Desk,
        viewers: Viewers,
    ) -> Result<Self> {
        let listener = server::Listener::bind(address, "serve")?;
        let local = listener.local();
        let token = match token {
            None if !local.ip().is_loopback() => Some(Token::random()?),
            token => token,
        };
        let is_shared = !local.ip().is_loopback();
        let access = access::Access::new(address, local, token);
        let url = format!("http://{}/{}", address::reachable(local), access.query());
        let app = Arc::new(app::App::new(desk, viewers, access));
        let router = routes::router(app.clone());
        listener.runtime().spawn(async move { app.tell().await });
        Ok(Self {
            url,
            is_shared,
            _server: listener.serve(router)?,
        })
    }

    /// The address to open, with the token if there is one.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether other machines reach it.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }
}
