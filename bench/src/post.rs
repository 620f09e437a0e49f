//! How a message is posted in each protocol.

use crate::http::request;
use crate::swarm::{ConnId, Outgoing};
use bytes::Bytes;
use commonroom_websocket::encode;

/// The default channel of OriginChats.
const CHANNEL: &str = "general";
/// The same channel in BareRTC.
const LOBBY: &str = "lobby";

/// The words of a protocol for one more message.
#[derive(Debug)]
pub enum Post {
    /// originchats.md 5.4
    OriginChats,
    /// chatgrid.md 5.7
    ChatGrid,
    /// barertc.md 5.2
    BareRtc,
    /// together.md 7.4: one request at a time per connection.
    Together {
        /// The channel's id.
        channel: String,
        /// The access token of each stream.
        tokens: Vec<String>,
    },
    /// A frame that the floor sends on as it is, of that many bytes with its header.
    Floor {
        /// Bytes.
        size: usize,
    },
}

impl Post {
    /// True when each message is a request that has an answer of its own.
    pub fn is_answered(&self) -> bool {
        matches!(self, Self::Together { .. })
    }

    /// Posts a text, which must need no escapes in JSON.
    pub fn write(&self, stream: usize, conn: ConnId, text: &str, out: &mut Outgoing) {
        match self {
            Self::OriginChats => {
                let json = format!(r#"{{"cmd":"message_new","channel":"{CHANNEL}","content":"{text}"}}"#);
                out.text(conn, &json);
            }
            Self::ChatGrid => out.text(conn, &format!(r#"{{"type":"chat_message","message":"{text}"}}"#)),
            Self::BareRtc => {
                out.text(conn, &format!(r#"{{"action":"message","channel":"{LOBBY}","message":"{text}"}}"#));
            }
            Self::Together { channel, tokens } => {
                let path = format!("/channels/{channel}/messages");
                let token = tokens.get(stream).map_or("", String::as_str);
                out.raw(
                    conn,
                    request("POST", &path, token, &format!(r#"{{"content":"{text}"}}"#)).as_bytes(),
                );
            }
            Self::Floor { size } => out.raw(conn, &floor_frame(text, *size)),
        }
    }
}

/// The size of a frame of about that many bytes: there is none of 128 or 129.
pub fn floor_size(size: usize) -> usize {
    if size == 128 || size == 129 { 130 } else { size }
}

/// A server's frame of [`floor_size`] bytes that begins with a text; larger when the text needs it.
fn floor_frame(text: &str, size: usize) -> Bytes {
    let size = floor_size(size);
    let header = if size <= 127 { 2 } else { 4 };
    let payload = size.saturating_sub(header).max(text.len());
    encode::text(format!("{text:.<payload$}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floors_frames_have_the_size_asked_for() {
        for size in [60, 127, 128, 130, 131, 400, 2_000] {
            assert_eq!(floor_frame("qzb0001s00n000000z", size).len(), floor_size(size));
        }
    }
}
