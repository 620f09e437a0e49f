//! An identity service that needs no network: what it is asked says what it answers.
//!
//! Asked `?key=KEY&v=KEY~ID~NAME` it knows the person `ID` called `NAME`; a validator made for another key is not valid.
//! `v=down` gets no answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;

/// What the service answers to a request for this URL or path; nothing when it is down.
pub fn answer(target: &str) -> Option<String> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let field = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.map(decoded).unwrap_or_default()
    };
    let (key, validator) = (field("key"), field("v"));
    if validator == "down" {
        return None;
    }
    let mut parts = validator.split('~');
    let (made_for, id, name) = (parts.next(), parts.next(), parts.next());
    Some(match (made_for, id, name) {
        (Some(made_for), Some(id), Some(name)) if made_for == key => {
            format!(r#"{{"valid":true,"id":"{id}","username":"{name}"}}"#)
        }
        _ => r#"{"valid":false}"#.to_owned(),
    })
}

/// What a radio station answers: asked `http://stations.test/NAME/TITLE`, it is called `NAME` and plays `TITLE`; every
/// other host is out of reach.
pub fn station(url: &str) -> Option<(String, String)> {
    let path = url.split_once("://stations.test/")?.1;
    let mut parts = path.split('/').map(decoded);
    Some((parts.next().unwrap_or_default(), parts.next().unwrap_or_default()))
}

/// Serves it on a free port for as long as the process lives; gives its URL.
///
/// # Panics
/// When there is no free port.
pub fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            let mut rest = String::new();
            let asked = reader.read_line(&mut line).is_ok();
            while asked && reader.read_line(&mut rest).is_ok_and(|read| read > 2) {
                rest.clear();
            }
            let Some(body) = line.split(' ').nth(1).and_then(answer) else { continue };
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}",
                body.len()
            );
            // A client that went away takes no answer.
            let _ = write!(reader.get_mut(), "{head}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    format!("http://{address}/validate")
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex =
            (first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(if first == b'+' { b' ' } else { first });
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_validator_is_good_for_its_key_only() {
        let good = answer("/validate?key=originChats-a&v=originChats-a~USR%3A1~mira");
        assert_eq!(good.as_deref(), Some(r#"{"valid":true,"id":"USR:1","username":"mira"}"#));
        let bad = answer("/validate?key=originChats-b&v=originChats-a~USR%3A1~mira");
        assert_eq!(bad.as_deref(), Some(r#"{"valid":false}"#));
        assert_eq!(answer("/validate?key=a&v=down"), None);
    }
}
