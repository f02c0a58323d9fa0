//! Where to serve: `ADDRESS:PORT` as the user writes it goes in, the name and port to listen at come out.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::str::FromStr;

use crate::error::{Error, Result};

/// The port unless one is named.
const PORT: u16 = 7420;

/// The host unless one is named: this machine only.
const HOST: &str = "127.0.0.1";

/// A host, which is an IP address or a name of this machine, and a port; 0 is any free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeAddress {
    host: String,
    port: u16,
}

impl ServeAddress {
    /// On this machine only, at `port`.
    pub fn loopback(port: u16) -> Self {
        Self {
            host: HOST.to_owned(),
            port,
        }
    }

    /// The host as it was named, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to listen at.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the host is a name that this machine does not know.
    pub(super) fn resolve(&self) -> Result<SocketAddr> {
        let unknown = |why: String| {
            let host = &self.host;
            let reason = format!("{host} is no address of this machine ({why}); 0.0.0.0 means all");
            Error::invalid("serve", reason)
        };
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let mut found = found.map_err(|e| unknown(e.to_string()))?;
        found.next().ok_or_else(|| unknown("not found".to_owned()))
    }
}

impl Default for ServeAddress {
    fn default() -> Self {
        Self::loopback(PORT)
    }
}

impl fmt::Display for ServeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl FromStr for ServeAddress {
    type Err = String;

    /// `ADDRESS:PORT`, or one of both.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is not of the form ADDRESS:PORT, as in 127.0.0.1:{PORT}, [::1]:{PORT} or 0.0.0.0:{PORT}"
            )
        };
        if let Ok(port) = text.parse() {
            return Ok(Self::loopback(port));
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(Self {
                host: ip.to_string(),
                port: PORT,
            });
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self {
                host: address.ip().to_string(),
                port: address.port(),
            });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (text, PORT),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        // All digits and dots would be an address, which it is not.
        let has_letter = host.chars().any(|c| c.is_ascii_alphabetic());
        if !has_letter || host.len() > 253 || !host.chars().all(is_name) {
            return Err(wrong());
        }
        let host = host.to_ascii_lowercase();
        Ok(Self { host, port })
    }
}

/// The address at which other machines reach a server that listens at `local`: for 0.0.0.0 and `::`, the one through which
/// this machine reaches others.
pub(super) fn reachable(local: SocketAddr) -> SocketAddr {
    if !local.ip().is_unspecified() {
        return local;
    }
    // Connecting a datagram socket sends nothing; it only asks the system for the way. The address is one of those that
    // are kept for documentation.
    let way = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        socket.local_addr().ok()
    };
    let ip = way().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |a| a.ip());
    SocketAddr::new(ip, local.port())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, shown) in [
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("8080", "127.0.0.1:8080"),
            ("0.0.0.0", "0.0.0.0:7420"),
            ("::1", "[::1]:7420"),
            ("[::1]:80", "[::1]:80"),
            ("Studio.local:99", "studio.local:99"),
            ("localhost", "localhost:7420"),
        ] {
            assert_eq!(text.parse::<ServeAddress>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            ":",
            "a:b",
            "127.0.0.1:70000",
            "1.2.3",
            "a b:1",
            "http://x",
            "-1",
            "x:",
        ] {
            assert!(text.parse::<ServeAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_an_address_that_means_all_is_replaced() {
        let local = "127.0.0.1:5".parse().unwrap();
        assert_eq!(reachable(local), local);
        let all = reachable("0.0.0.0:5".parse().unwrap());
        assert!(!all.ip().is_unspecified() && all.port() == 5);
    }
}
