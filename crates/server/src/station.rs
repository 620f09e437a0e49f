//! What radio stations say of themselves (chatgrid.md 4.7): their name in a header, what they play between their sound.

use commonroom_hub::limits::{STATION_BYTES, STATION_NAME_CHARS, STATION_TITLE_CHARS};
use commonroom_outbound::Stream;
use std::time::Duration;

/// Bytes of metadata, by the unit of its length.
const METADATA_UNIT: usize = 16;

/// The name of a station whose answer has begun.
pub fn name(stream: &Stream) -> String {
    let mut named = ["icy-name", "ice-name"].iter().filter_map(|name| stream.headers().get(*name));
    named.next().map(|value| clean(&text(value.as_bytes()), STATION_NAME_CHARS)).unwrap_or_default()
}

/// What it plays: reads over the sound to the first metadata, if its stream has any.
pub async fn title(stream: &mut Stream) -> Option<String> {
    let every = stream.header("icy-metaint").and_then(|value| value.trim().parse::<usize>().ok());
    let mut skip = every.filter(|every| (1..=STATION_BYTES).contains(every))?;
    let mut metadata: Vec<u8> = Vec::new();
    loop {
        let piece = stream.piece(Duration::MAX).await.ok()??;
        let over = skip.min(piece.len());
        skip -= over;
        metadata.extend_from_slice(&piece[over..]);
        if let Some(length) = metadata.first() {
            let end = 1 + usize::from(*length) * METADATA_UNIT;
            if let Some(block) = metadata.get(1..end) {
                return Some(stream_title(block));
            }
        }
    }
}

fn stream_title(block: &[u8]) -> String {
    let block = text(block);
    let title = block.split_once("StreamTitle='").map_or("", |(_, rest)| rest);
    let title = title.split_once("';").map_or("", |(title, _)| title);
    clean(title, STATION_TITLE_CHARS)
}

/// UTF-8, or else what stations wrote before it: Latin-1.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().copied().map(char::from).collect(),
    }
}

fn clean(text: &str, most: usize) -> String {
    let printable: String = text.chars().filter(|c| !c.is_control()).collect();
    printable.trim().chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_what_stands_between_its_marks() {
        assert_eq!(stream_title(b"StreamTitle='It's late';StreamUrl='';\0\0\0"), "It's late");
        assert_eq!(stream_title(b"StreamTitle='caf\xe9';"), "café");
        assert_eq!(stream_title("StreamTitle='café\u{7}';".as_bytes()), "café");
        assert_eq!(stream_title(b"StreamTitle='open"), "");
        assert_eq!(stream_title(b""), "");
        assert_eq!(stream_title(format!("StreamTitle='{}';", "x".repeat(300)).as_bytes()).len(), 200);
    }
}
