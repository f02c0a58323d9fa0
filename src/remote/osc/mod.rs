//! OSC 1.0 over UDP: messages in, the session's state out.
//!
//! OSC knows no password and no encryption: whoever reaches the address controls the session. So nothing listens unless the
//! user asks for it, and then on this machine alone unless another address is named.

mod feedback;
mod listener;
mod packet;
mod table;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

pub use table::{help_text as osc_help, markdown as osc_table};

use self::feedback::Feedback;
use self::listener::Listener;
use crate::error::{Error, Result};
use crate::remote::{Desk, Tell};

/// Where `--osc` listens unless told otherwise: on this machine alone.
pub const OSC_ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7421);

/// The threads of OSC. They end when this is dropped.
#[derive(Debug)]
pub struct Osc {
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    address: Option<SocketAddr>,
}

impl Osc {
    /// Listen on `from`, if it is given, and tell `to`, if it is given, how the session stands.
    ///
    /// # Errors
    /// [`Error::Invalid`] when an address cannot be listened on or sent to.
    pub fn start(
        from: Option<SocketAddr>,
        to: Option<SocketAddr>,
        desk: &Desk,
        tell: Tell,
    ) -> Result<Self> {
        let mut osc = Self {
            ends: Arc::default(),
            threads: Vec::new(),
            address: None,
        };
        if let Some(address) = from {
            let refuse = |e| {
                let reason =
                    format!("{address}: cannot be listened on: {e}; name another address or port");
                Error::invalid("osc", reason)
            };
            let socket = UdpSocket::bind(address).map_err(refuse)?;
            osc.address = Some(socket.local_addr().map_err(refuse)?);
            let listener = Listener::new(socket, desk.clone(), tell, osc.ends.clone());
            osc.spawn("osc-in", move || listener.run())?;
        }
        if let Some(address) = to {
            let own = match address {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            let socket = UdpSocket::bind(own)
                .and_then(|socket| socket.connect(address).map(|()| socket))
                .map_err(|e| {
                    Error::invalid("osc-to", format!("{address}: cannot be sent to: {e}"))
                })?;
            let feedback = Feedback {
                socket,
                desk: desk.clone(),
                ends: osc.ends.clone(),
            };
            osc.spawn("osc-out", move || feedback.run())?;
        }
        Ok(osc)
    }

    /// Where it listens.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    fn spawn(&mut self, name: &'static str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
        self.threads.push(thread.map_err(Error::thread(name))?);
        Ok(())
    }
}

impl Drop for Osc {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

/// Read a packet as [`Osc`] does, without a socket. Gives how many messages became controls, and how many were refused.
#[doc(hidden)] // for tests/fuzz
pub fn read_packet(packet: &[u8]) -> (usize, usize) {
    let (mut understood, mut refused) = (0, 0);
    packet::messages(
        packet,
        &mut |message| match message.map(|message| table::control(&message)) {
            Ok(Ok(_)) => understood += 1,
            Ok(Err(_)) | Err(()) => refused += 1,
        },
    );
    (understood, refused)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
