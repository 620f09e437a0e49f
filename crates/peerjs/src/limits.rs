//! Every limit of this protocol, with its unit. Limits that all protocols share live in the core and the hub.

/// Bytes of the largest frame taken from a peer: with the words added to it, it still fits into one relayed payload.
pub const FRAME_BYTES: usize = commonroom_hub::limits::SIGNAL_BYTES - ENVELOPE_BYTES;
/// Bytes that relaying may add to a frame: two ids, each character escaped, and the names of the fields.
pub const ENVELOPE_BYTES: usize = 4 << 10;
/// Characters of an id.
pub const ID_CHARS: usize = 64;
/// Characters of a token.
pub const TOKEN_CHARS: usize = 64;
/// Peers at once (peerjs.md 2).
pub const PEERS: usize = 5_000;
/// Peers of one address at once.
pub const PEERS_PER_ADDRESS: u32 = 64;
/// Seconds without a heartbeat after which a peer is gone; its client sends one every 5 (peerjs.md 5).
pub const SILENCE_SECONDS: i64 = 60;
/// Seconds for which messages wait for a peer that is not there (peerjs.md 4).
pub const WAITING_SECONDS: i64 = 5;
/// Bytes of messages of one peer that may wait.
pub const WAITING_BYTES_PER_PEER: usize = 256 << 10;
/// Bytes of messages of all peers that may wait.
pub const WAITING_BYTES: usize = 64 << 20;
/// Frames a second that one peer may sustain.
pub const FRAMES_PER_SECOND: i64 = 50;
/// Frames that one peer may send at once: a call of thirty begins with some thirty candidates for each.
pub const FRAMES_BURST: i64 = 1_000;
/// Bytes a second that one peer may sustain.
pub const BYTES_PER_SECOND: i64 = 64 << 10;
/// Bytes that one peer may send at once: what fits into the outbox of a reader who keeps up.
pub const BYTES_BURST: i64 = 512 << 10;
