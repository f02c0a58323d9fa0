//! Who may come in: the head of a request goes in, the reason to refuse it comes out.
//!
//! A browser sends requests to a server of this machine for any page that it shows. Three checks keep such pages out: the
//! `Host` must be this machine's, as a page may give its own name this machine's address (DNS rebinding); the `Origin`,
//! where there is one, must be the host itself; and no other site may embed what is served here. Other machines need the
//! token besides.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};

use super::address::ServeAddress;
use super::token::Token;

/// Why a request is refused.
pub(super) type Refusal = (StatusCode, &'static str);

const WRONG_HOST: Refusal = (
    StatusCode::FORBIDDEN,
    "this host name is not served; open the address that impasto printed",
);
const WRONG_ORIGIN: Refusal = (
    StatusCode::FORBIDDEN,
    "requests of other websites are refused",
);
const NO_TOKEN: Refusal = (
    StatusCode::UNAUTHORIZED,
    "this page needs the token: open the whole address that impasto printed, or scan its QR code",
);

/// The rules of one server.
#[derive(Debug, Clone)]
pub(super) struct Access {
    token: Option<Token>,
    /// The host as the user named it.
    named: String,
    local: SocketAddr,
}

impl Access {
    pub(super) fn new(address: &ServeAddress, local: SocketAddr, token: Option<Token>) -> Self {
        Self {
            token,
            named: address.host().to_owned(),
            local,
        }
    }

    /// Whether a request may be answered. `Some(cookie)`: the token was in the address, and the answer sets this cookie.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST)
            .filter(|host| self.is_ours(host))
            .ok_or(WRONG_HOST)?;
        // "null" is the origin of files and sandboxes.
        let is_same = |origin: &str| origin.strip_prefix("http://") == Some(host);
        if headers.contains_key(ORIGIN) && !text(ORIGIN).is_some_and(is_same) {
            return Err(WRONG_ORIGIN);
        }
        // Browsers say so of pictures and scripts that another site embeds; a link or a typed address is a navigation.
        let fetch = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let from_elsewhere = matches!(fetch("sec-fetch-site"), Some("cross-site" | "same-site"));
        if from_elsewhere && fetch("sec-fetch-mode") != Some("navigate") {
            return Err(WRONG_ORIGIN);
        }
        let Some(token) = &self.token else {
            return Ok(None);
        };
        if token_of(uri).is_some_and(|text| token.is(text)) {
            let name = self.cookie_name();
            let cookie = format!(
                "{name}={}; HttpOnly; SameSite=Strict; Path=/",
                token.as_str()
            );
            return Ok(Some(cookie));
        }
        let bearer = text(AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
        if bearer.is_some_and(|text| token.is(text)) || self.has_cookie(token, headers) {
            return Ok(None);
        }
        Err(NO_TOKEN)
    }

    /// The query that opens what is served here to programs that keep no cookies.
    pub(super) fn query(&self) -> String {
        let token = self.token.as_ref();
        token.map_or_else(String::new, |token| format!("?token={}", token.as_str()))
    }

    /// Whether a `Host` means this machine. The port may be another one, as behind a tunnel. An IP address is never another
    /// site's name.
    fn is_ours(&self, host: &str) -> bool {
        let name = host_name(host);
        if let Ok(ip) = name.parse::<IpAddr>() {
            return ip.is_loopback() || !self.local.ip().is_loopback();
        }
        name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(&self.named)
    }

    /// Cookies are shared by all ports of a host, so that two sessions need two names.
    fn cookie_name(&self) -> String {
        format!("impasto-{}", self.local.port())
    }

    fn has_cookie(&self, token: &Token, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        let lines = headers.get_all(COOKIE).iter();
        let mut cookies = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        cookies.any(|cookie| {
            let pair = cookie.trim().split_once('=');
            pair.is_some_and(|(key, value)| key == name && token.is(value))
        })
    }
}

/// The host without its port, and an IPv6 address without its brackets.
fn host_name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

fn token_of(uri: &Uri) -> Option<&str> {
    let mut pairs = uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("token="))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn access(address: &str, token: Option<&str>) -> Access {
        let address: ServeAddress = address.parse().unwrap();
        let local = address.resolve().unwrap();
        // The only way to a token of one's choice.
        let token = token.map(|text| Token::parse(text).unwrap());
        Access::new(&address, local, token)
    }

    fn check(access: &Access, uri: &str, headers: &[(&str, &str)]) -> Result<Option<String>, u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let result = access.check(&uri.parse().unwrap(), &map);
        result.map_err(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_names_of_this_machine_are_served() {
        let local = access("127.0.0.1:7420", None);
        for host in [
            "127.0.0.1:7420",
            "localhost:7420",
            "LOCALHOST",
            "[::1]:7420",
            "127.0.0.1:8000",
        ] {
            assert_eq!(check(&local, "/", &[("host", host)]), Ok(None), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:7420",
            "192.168.0.1:7420",
            "127.0.0.1.evil.example",
            "",
        ] {
            assert_eq!(check(&local, "/", &[("host", host)]), Err(403), "{host}");
        }
        assert_eq!(check(&local, "/", &[]), Err(403));
        let all = access("0.0.0.0:7420", None);
        for (host, ours) in [
            ("192.168.0.1:7420", true),
            ("[fe80::1]:7420", true),
            ("evil.example", false),
        ] {
            assert_eq!(check(&all, "/", &[("host", host)]).is_ok(), ours, "{host}");
        }
    }

    #[test]
    fn other_websites_are_refused() {
        let access = access("127.0.0.1:7420", None);
        let with = |name, value| check(&access, "/", &[("host", "127.0.0.1:7420"), (name, value)]);
        assert_eq!(with("origin", "http://127.0.0.1:7420"), Ok(None));
        for origin in [
            "http://evil.example",
            "null",
            "https://127.0.0.1:7420",
            "http://127.0.0.1:7421",
            "",
        ] {
            assert_eq!(with("origin", origin), Err(403), "{origin}");
        }
        assert_eq!(with("sec-fetch-site", "same-origin"), Ok(None));
        assert_eq!(with("sec-fetch-site", "none"), Ok(None));
        assert_eq!(with("sec-fetch-site", "cross-site"), Err(403));
        let link = [
            ("host", "localhost"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
        ];
        assert_eq!(check(&access, "/", &link), Ok(None));
    }

    #[test]
    fn the_token_opens_in_the_address_in_the_cookie_and_as_bearer() {
        let access = access("0.0.0.0:7420", Some(TOKEN));
        let with = |uri: &str, name, value: &str| {
            check(&access, uri, &[("host", "10.0.0.1:7420"), (name, value)])
        };
        let plain = |uri: &str| with(uri, "accept", "*/*");
        let cookie = plain(&format!("/?token={TOKEN}")).unwrap().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
        assert!(plain(&format!("/frame.jpg?x=1&token={TOKEN}")).is_ok());
        let value = cookie.split(';').next().unwrap();
        assert_eq!(with("/ws", "cookie", &format!("a=b; {value}")), Ok(None));
        assert_eq!(
            with("/", "authorization", &format!("Bearer {TOKEN}")),
            Ok(None)
        );
        assert_eq!(access.query(), format!("?token={TOKEN}"));
        for uri in [
            "/",
            "/?token=",
            "/?token=0123456789abcdeF",
            "/?Token=0123456789abcdef",
            "/api/status",
        ] {
            assert_eq!(plain(uri), Err(401), "{uri}");
        }
        assert_eq!(with("/", "cookie", &format!("impasto-1={TOKEN}")), Err(401));
        assert_eq!(with("/", "authorization", TOKEN), Err(401));
    }
}
