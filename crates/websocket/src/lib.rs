//! WebSocket framing for a server (RFC 6455), without sockets, threads or timers.
//!
//! The caller owns the socket and a scratch buffer that many connections share. It reads bytes into the
//! buffer, hands them to the connection's [`Decoder`], and gets [`Message`]s that borrow from the buffer.
//! Frames to send are built by [`encode`]. The opening handshake is checked by [`handshake`].
//!
//! What the crate never does: negotiate an extension (so every reserved bit is an error), fragment what it
//! sends, answer a ping or a close on its own, or keep time. Those are the caller's decisions.
//!
//! ```
//! use commonroom_websocket::{Decoder, Message, Step, client, encode};
//!
//! let mut scratch = client::text(b"hello", [1, 2, 3, 4]).to_vec(); // what the socket gave
//! let mut decoder = Decoder::new(64 * 1024);
//! let mut at = 0;
//! let mut budget = 16; // messages per turn: fairness between connections
//! let mut seen = Vec::new();
//! loop {
//!     let step = decoder.read(&mut scratch[at..]);
//!     let Step { consumed, message } = match step {
//!         Ok(step) => step,
//!         Err(violation) => {
//!             let _last_frame = encode::close(violation.close_code(), violation.reason());
//!             break;
//!         }
//!     };
//!     at += consumed;
//!     let Some(message) = message else { break };
//!     if let Message::Text(text) = message {
//!         seen.push(text.to_owned());
//!     }
//!     budget -= 1;
//!     if budget == 0 {
//!         decoder.keep(&scratch[at..]); // come back later: `decoder.read(&mut [])`
//!         break;
//!     }
//! }
//! assert_eq!(seen, ["hello"]);
//! ```

mod assembly;
pub mod client;
mod decode;
pub mod encode;
mod frames;
pub mod handshake;
mod header;
mod mask;
mod message;

pub use assembly::{MAX_EMPTY_FRAGMENTS, MAX_FRAGMENTS};
pub use decode::{Decoder, Step};
pub use mask::apply_mask;
pub use message::{MAX_CONTROL_PAYLOAD, Message, Opcode, Violation, close_code, is_sendable_close_code};
