//! Services outside that need no network: what they are asked says what they answer. First an identity service.
//!
//! Asked `?key=KEY&v=KEY~ID~NAME` it knows the person `ID` called `NAME`; a validator made for another key is not valid.
//! `v=down` gets no answer.

use commonroom_hub::fetch::{Fetch, Fetched, NotFetched};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
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

/// What a website answers that is told something (barertc.md 7.13): `down` in the address gives no answer, somebody called
/// `ghost` has no profile. Everybody else's profile says what was asked.
pub fn answer_post(target: &str, body: &str) -> Option<String> {
    if target.contains("down") {
        return None;
    }
    let name = body.split("\"Username\":\"").nth(1).and_then(|rest| rest.split('"').next());
    Some(match name {
        None => r#"{"StatusCode":200,"Data":{"OK":true}}"#.to_owned(),
        Some("ghost") => r#"{"StatusCode":200,"Data":{"OK":false,"Error":"no such member"}}"#.to_owned(),
        Some(name) => format!(
            r#"{{"StatusCode":200,"Data":{{"OK":true,"Headline":"About {name}","ProfileFields":[{{"Name":"Age","Value":"30"}}]}}}}"#
        ),
    })
}

/// What a radio station answers: asked `http://stations.test/NAME/TITLE`, it is called `NAME` and plays `TITLE`; every
/// other host is out of reach.
pub fn station(url: &str) -> Option<(String, String)> {
    let path = url.split_once("://stations.test/")?.1;
    let mut parts = path.split('/').map(decoded);
    Some((parts.next().unwrap_or_default(), parts.next().unwrap_or_default()))
}

/// What is fetched: `http://media.test/WORDS?type=audio/ogg` is a body of these words of that type in two pieces,
/// `http://media.test/redirect` fails, hosts that end in `.private` are not public, every other host is out of reach.
pub fn fetched(fetch: &Fetch) -> Result<Fetched, NotFetched> {
    let (_, rest) = fetch.url.split_once("://").ok_or(NotFetched::Failed)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if host.ends_with(".private") {
        return Err(NotFetched::Forbidden);
    }
    if host != "media.test" || path == "redirect" {
        return Err(NotFetched::Failed);
    }
    let (words, kind) = path.split_once("?type=").unwrap_or((path, ""));
    let mut headers = vec![("content-length".to_owned(), words.len().to_string())];
    headers.push(("set-cookie".to_owned(), "theirs=1".to_owned()));
    if !kind.is_empty() {
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    let status = if fetch.range.is_some() { 206 } else { 200 };
    if let Some(range) = &fetch.range {
        headers.push(("content-range".to_owned(), range.replace('=', " ")));
    }
    let (sender, body) = tokio::sync::mpsc::channel(2);
    let (first, second) = words.split_at(words.len() / 2);
    for piece in [first, second].into_iter().filter(|piece| !piece.is_empty() && !fetch.head) {
        // The channel has room for both.
        let _ = sender.try_send(Ok(bytes::Bytes::copy_from_slice(piece.as_bytes())));
    }
    Ok(Fetched { status, headers, body })
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
            let mut length = 0;
            let asked = reader.read_line(&mut line).is_ok();
            while asked && reader.read_line(&mut rest).is_ok_and(|read| read > 2) {
                let lower = rest.to_lowercase();
                if let Some(bytes) = lower.strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap_or(0);
                }
                rest.clear();
            }
            let mut said = vec![0; length];
            if reader.read_exact(&mut said).is_err() {
                continue;
            }
            let said = String::from_utf8_lossy(&said);
            let target = line.split(' ').nth(1);
            let posted = line.starts_with("POST ");
            let body =
                target.and_then(|target| if posted { answer_post(target, &said) } else { answer(target) });
            let Some(body) = body else { continue };
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

/// A part of an address as it was before it was escaped, `+` for a space included.
fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
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
