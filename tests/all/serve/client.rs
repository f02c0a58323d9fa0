//! A client of HTTP and of WebSockets that does as little as possible, so that it can also do what no library would.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
pub struct Answer {
    pub status: u16,
    headers: Vec<String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The value of the header `name`, in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.headers
            .iter()
            .find_map(|line| line.strip_prefix(start.as_str()))
    }
}

/// Opens one connection for each request.
pub struct Client {
    /// `127.0.0.1:PORT`.
    pub host: String,
}

impl Client {
    /// `url` as it was printed.
    pub fn new(url: &str) -> Self {
        let host = url.trim_start_matches("http://").split('/').next().unwrap();
        assert!(host.starts_with("127.0.0.1:"), "{url}");
        Self {
            host: host.to_owned(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.raw(
            &format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", self.host),
            b"",
        )
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        let (host, length) = (&self.host, body.len());
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n");
        self.raw(&head, body)
    }

    pub fn post_json(&self, path: &str, json: &str) -> Answer {
        let (host, length) = (&self.host, json.len());
        let kind = "Content-Type: application/json";
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: {length}\r\n"
        );
        self.raw(&head, json.as_bytes())
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Send a head without its last, empty line, and a body, and read the answer.
    pub fn raw(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect();
        let close = if head.contains("Connection:") {
            ""
        } else {
            "Connection: close\r\n"
        };
        write!(stream, "{head}{close}\r\n").unwrap();
        // Refused before all of it was sent: the answer says so.
        drop(stream.write_all(body));
        read_answer(&mut BufReader::new(stream))
    }
}

fn read_answer(stream: &mut BufReader<TcpStream>) -> Answer {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let first = lines.first().expect("an answer");
    let mut answer = Answer {
        status: first.split(' ').nth(1).unwrap().parse().unwrap(),
        headers: lines,
        body: Vec::new(),
    };
    let length = answer
        .header("content-length")
        .map(|text| text.parse().unwrap());
    if let Some(length) = length {
        stream.take(length).read_to_end(&mut answer.body).unwrap();
    }
    answer
}

/// A WebSocket.
pub struct Socket(BufReader<TcpStream>);

impl Socket {
    pub fn open(client: &Client, query: &str) -> Self {
        let (mut stream, host) = (client.connect(), &client.host);
        write!(
            stream,
            "GET /ws{query} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        assert_eq!(read_answer(&mut stream).status, 101);
        Self(stream)
    }

    pub fn send(&mut self, text: &str) {
        assert!(self.try_send(text));
    }

    /// `false` when the server has ended it.
    pub fn try_send(&mut self, text: &str) -> bool {
        let mut bytes = vec![0x81];
        match text.len() {
            short @ 0..=125 => bytes.push(0x80 | short as u8),
            long => {
                bytes.push(0x80 | 127);
                bytes.extend((long as u64).to_be_bytes());
            }
        }
        // A mask of zeros changes nothing.
        bytes.extend([0; 4]);
        bytes.extend(text.as_bytes());
        self.0.get_mut().write_all(&bytes).is_ok()
    }

    /// The kind and the bytes of the next message.
    fn receive(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head)?;
        let mut long = [0; 8];
        let length = match head[1] {
            126 => {
                self.0.read_exact(&mut long[6..])?;
                u64::from_be_bytes(long)
            }
            127 => {
                self.0.read_exact(&mut long)?;
                u64::from_be_bytes(long)
            }
            short => u64::from(short),
        };
        let mut bytes = vec![0; length as usize];
        self.0.read_exact(&mut bytes)?;
        Ok((head[0] & 15, bytes))
    }

    /// The next message of this kind.
    fn next(&mut self, wanted: u8) -> Vec<u8> {
        loop {
            let (kind, bytes) = self.receive().unwrap();
            if kind == wanted {
                return bytes;
            }
        }
    }

    pub fn text(&mut self) -> String {
        String::from_utf8(self.next(1)).unwrap()
    }

    pub fn binary(&mut self) -> Vec<u8> {
        self.next(2)
    }

    /// Whether the server ends it.
    pub fn is_ended(&mut self) -> bool {
        for _ in 0..10_000 {
            match self.receive() {
                Ok((8, _)) => return true,
                Ok(_) => {}
                // A time-out is no end.
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
        false
    }
}
