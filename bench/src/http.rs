//! Just enough HTTP/1.1 for requests that want JSON: text of requests, responses from a stream, and a blocking client
//! for what is not measured.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A whole response.
#[derive(PartialEq, Eq, Debug)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// Collects responses from what comes over a connection.
#[derive(Default, Debug)]
pub struct Responses {
    buffer: Vec<u8>,
    done: usize,
}

impl Responses {
    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..std::mem::take(&mut self.done));
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole response.
    ///
    /// # Errors
    /// For what is no response with a `content-length`.
    pub fn next(&mut self) -> Result<Option<Response<'_>>> {
        let rest = &self.buffer[self.done..];
        let Some(end) = memchr::memmem::find(rest, b"\r\n\r\n").map(|at| at + 4) else { return Ok(None) };
        let head = std::str::from_utf8(&rest[..end])?;
        let status = status(head).context("no status line")?;
        let length = match header(head, "content-length") {
            Some(length) => length.parse::<usize>().context("content-length")?,
            None if status == 204 || status == 304 || status < 200 => 0,
            None => bail!("a response without content-length: {}", head.lines().next().unwrap_or("")),
        };
        if rest.len() < end + length {
            return Ok(None);
        }
        let start = self.done + end;
        self.done = start + length;
        Ok(Some(Response { status, body: &self.buffer[start..start + length] }))
    }
}

/// The status of a response's head.
pub fn status(head: &str) -> Option<u16> {
    head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The bytes of a request; `token` is a bearer token, an empty `body` is none.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    if !token.is_empty() {
        text.push_str(&format!("authorization: Bearer {token}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text
}

/// A blocking connection.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    responses: Responses,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, responses: Responses::default() })
    }

    /// Sends a request and reads the JSON that it is answered with.
    ///
    /// # Errors
    /// When the answer is not a success with JSON.
    pub fn call(&mut self, method: &str, path: &str, token: &str, body: &str) -> Result<Value> {
        self.stream.write_all(request(method, path, token, body).as_bytes())?;
        let mut buffer = [0; 16 << 10];
        loop {
            if let Some(response) = self.responses.next()? {
                let text = String::from_utf8_lossy(response.body);
                if !(200..300).contains(&response.status) {
                    bail!("{method} {path} was answered {}: {text}", response.status);
                }
                return serde_json::from_str(&text)
                    .with_context(|| format!("{method} {path} was answered {text}"));
            }
            let count = self.stream.read(&mut buffer).with_context(|| format!("{method} {path}"))?;
            if count == 0 {
                bail!("{method} {path}: the connection was closed");
            }
            self.responses.push(&buffer[..count]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_come_in_any_pieces() {
        let wire = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 204 No Content\r\n\r\n";
        for size in [1, 3, wire.len()] {
            let mut responses = Responses::default();
            let mut seen = Vec::new();
            for piece in wire.chunks(size) {
                responses.push(piece);
                while let Some(response) = responses.next().expect("good responses") {
                    seen.push((response.status, response.body.to_vec()));
                }
            }
            assert_eq!(seen, [(201, b"{}".to_vec()), (204, Vec::new())]);
        }
    }

    #[test]
    fn a_response_of_unknown_length_is_an_error() {
        let mut responses = Responses::default();
        responses.push(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
        assert!(responses.next().is_err());
    }
}
