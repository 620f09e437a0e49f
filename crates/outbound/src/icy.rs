//! Answers of old radio stations: `ICY 200 OK` where HTTP has its version, header fields, and then sound without end.

use crate::stream::Head;
use crate::{Trouble, limits};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

/// How they begin.
const MARK: &[u8] = b"ICY ";
/// What stands between head and sound.
const END: &[u8] = b"\r\n\r\n";

/// Whether an answer has no head that HTTP knows.
pub(crate) fn may_be(response: &reqwest::Response) -> bool {
    response.version() == Version::HTTP_09
}

/// Reads the head, and what of the sound came with it.
pub(crate) async fn head(response: &mut reqwest::Response) -> Result<(Head, Bytes), Trouble> {
    let mut read = Vec::new();
    loop {
        let piece = response.chunk().await.map_err(|error| Trouble::from(&error))?;
        read.extend_from_slice(&piece.ok_or(Trouble::BadReply)?);
        let begun = read.len().min(MARK.len());
        if read[..begun] != MARK[..begun] {
            return Err(Trouble::BadReply);
        }
        let searched = &read[..read.len().min(limits::ICY_HEAD_BYTES)];
        if let Some(end) = searched.windows(END.len()).position(|window| window == END) {
            let head = parse(&read[..end]).ok_or(Trouble::BadReply)?;
            return Ok((head, Bytes::from(read).slice(end + END.len()..)));
        }
        if read.len() >= limits::ICY_HEAD_BYTES {
            return Err(Trouble::BadReply);
        }
    }
}

/// The status line and the fields that are some.
fn parse(head: &[u8]) -> Option<Head> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let status = lines.next()?.strip_prefix(MARK)?.split(|byte| *byte == b' ').next()?;
    let mut headers = HeaderMap::new();
    for line in lines.take(limits::REPLY_HEADERS) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(line[..colon].trim_ascii());
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    Some(Head { status: StatusCode::from_bytes(status).ok()?, headers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_a_status_and_the_fields_that_are_some() {
        let head =
            parse(b"ICY 200 OK\r\nicy-name:Caf\xe9\r\nno field\r\nb@d: x\r\nicy-metaint: 8192").expect("one");
        assert_eq!(head.status, StatusCode::OK);
        assert_eq!(head.headers.len(), 2);
        assert_eq!(head.headers["icy-name"].as_bytes(), b"Caf\xe9");
        assert_eq!(head.headers["icy-metaint"], "8192");
        assert_eq!(parse(b"ICY 404 Resource Not Found").map(|head| head.status), Some(StatusCode::NOT_FOUND));
        for broken in [&b"ICY OK"[..], b"ICY", b"", b"HTTP/1.1 200 OK"] {
            assert!(parse(broken).is_none(), "{broken:?}");
        }
    }
}
