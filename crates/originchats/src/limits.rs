//! Every limit of this protocol, with its unit. Limits that all protocols share live in the core and the hub.

use commonroom_hub::throttle::Throttling;

/// Bytes of the largest frame taken from a client (originchats.md 2.2).
pub const FRAME_BYTES: usize = 4 << 20;
/// Objects and arrays that may be nested in a frame (originchats.md 2.2).
pub const JSON_DEPTH: usize = 64;
/// Characters of a `listener` that are echoed; a longer one is not (originchats.md 2.3).
pub const LISTENER_CHARS: usize = 128;
/// Characters of an unknown command's name that are repeated in the error.
pub const UNKNOWN_COMMAND_CHARS: usize = 64;
/// Seconds between heartbeats (originchats.md 2.5).
pub const HEARTBEAT_SECONDS: i64 = 30;
/// Seconds within which a client must have signed in (originchats.md 2.4).
pub const SIGN_IN_SECONDS: i64 = 15 * 60;
/// Connections of one address that have not signed in (originchats.md 2.4).
pub const STRANGERS_PER_ADDRESS: u32 = 20;
/// Characters of a local username, at least (originchats.md 3.3).
pub const USERNAME_CHARS_MIN: usize = 2;
/// Characters of a local username, at most.
pub const USERNAME_CHARS_MAX: usize = 32;
/// Bytes of a new password, at least (originchats.md 3.3).
pub const PASSWORD_BYTES_MIN: usize = 4;
/// Bytes of a new password, at most.
pub const PASSWORD_BYTES_MAX: usize = 72;
/// Bytes of a password that a sign-in hashes; a longer one is wrong without hashing it.
pub const PASSWORD_BYTES_TRIED: usize = 1_024;
/// Failed sign-ins of one address that are too many (originchats.md 3.3).
pub const LOGIN_THROTTLE: Throttling = Throttling { per_address: 10, per_name: 10, seconds: 600 };
/// Registrations of one address that are too many (originchats.md 3.3).
pub const REGISTER_THROTTLE: Throttling = Throttling { per_address: 5, per_name: 5, seconds: 3_600 };
/// Frames a second that one connection may sustain (originchats.md 9).
pub const FLOOD_PER_SECOND: i64 = 50;
/// Frames that one connection may send at once before the sustained rate counts.
pub const FLOOD_BURST: i64 = 250;
/// Seconds in which `rate_limiting.burst_limit` messages are too many (originchats.md 9).
pub const BURST_SECONDS: i64 = 10;
/// Seconds of the sliding window of `rate_limiting.messages_per_minute`.
pub const MINUTE_SECONDS: i64 = 60;
/// Most messages a minute that can be configured: moments kept per connection.
pub const MESSAGES_PER_MINUTE_MAX: u32 = 6_000;
/// Microseconds between typing notices, sustained (originchats.md 5.4: one a second).
pub const TYPING_MICROS: i64 = 1_000_000;
/// Typing notices at once.
pub const TYPING_BURST: i64 = 5;
/// Microseconds between reactions, sustained (originchats.md 9: 60 a minute).
pub const REACTION_MICROS: i64 = 1_000_000;
/// Reactions at once.
pub const REACTION_BURST: i64 = 60;
/// Microseconds between reads of histories and lists, sustained (originchats.md 9: 10 a second).
pub const READ_MICROS: i64 = 100_000;
/// Reads at once: a client asks for all its lists when it has signed in.
pub const READ_BURST: i64 = 40;
/// Seconds between two changes of one account's status that others are told of (originchats.md 5.7).
pub const STATUS_SECONDS: i64 = 2;
/// Characters of a status text (originchats.md 9).
pub const STATUS_CHARS: usize = 100;
/// Messages of one history page, when the client names no number (originchats.md 5.4).
pub const PAGE_DEFAULT: usize = 100;
/// Messages of one history page, at most.
pub const PAGE_MAX: usize = 200;
/// Messages on either side of `messages_around`, when the client names no number.
pub const AROUND_DEFAULT: usize = 50;
/// Messages on either side of `messages_around`, at most.
pub const AROUND_MAX: usize = 200;
/// Characters of a reaction's emoji (originchats.md 9).
pub const EMOJI_CHARS: usize = 200;
/// Different emoji on one message (originchats.md 5.4).
pub const EMOJI_PER_MESSAGE: usize = 20;
/// Characters of a voice `peer_id` (originchats.md 5.11).
pub const PEER_ID_CHARS: usize = 128;
/// Embeds of one message (originchats.md 4.7).
pub const EMBEDS_PER_MESSAGE: usize = 10;
/// Channels for which a connection remembers that they were empty (originchats.md 11).
pub const EMPTY_CHANNELS: usize = 64;
/// Seconds of the longest timeout: ten years.
pub const TIMEOUT_SECONDS_MAX: i64 = 10 * 365 * 86_400;
/// Characters of a ban's reason that are kept.
pub const REASON_CHARS: usize = 500;
/// Keys and tokens of connections that are remembered for uploads.
pub const CREDENTIALS: usize = 131_072;
/// Seconds for which they are good after their connection ended (originchats.md 3.3).
pub const CREDENTIAL_SECONDS: i64 = 3_600;
/// Bytes of a validator that is asked about.
pub const VALIDATOR_BYTES: usize = 4_096;
/// Bytes of an emoji's picture (originchats.md 5.14).
pub const EMOJI_PICTURE_BYTES: usize = 512 << 10;
/// Pixels of the longer side of an emoji or face; larger ones are made smaller.
pub const FACE_SIDE: u32 = 512;
/// Bytes of a face sent as data (originchats.md 5.7).
pub const FACE_BYTES: usize = 1 << 20;
/// Characters of a face's address (originchats.md 5.7).
pub const FACE_URL_CHARS: usize = 500;
/// Pixels of the longer side of a shared picture; larger ones are made smaller (originchats.md 7.4).
pub const SHARED_SIDE: u32 = 1_920;
/// Bytes of the body of an upload besides the file: names and credentials (originchats.md 7.4).
pub const UPLOAD_MORE_BYTES: u64 = 64 << 10;
/// Bytes that all uploads under way may hold, text and file; one alone is always taken.
pub const UPLOADS_BYTES: u64 = 512 << 20;
/// Most uploads a minute that can be configured: moments kept per account.
pub const UPLOADS_PER_MINUTE_MAX: u32 = 600;
/// Accounts and webhooks whose last minute is remembered.
pub const RATED: usize = 65_536;
/// Bytes of the name of a file (originchats.md 7.4).
pub const FILE_NAME_BYTES: usize = 255;
/// Bytes of a webhook's request (originchats.md 7.6).
pub const WEBHOOK_BYTES: usize = 10 << 20;
/// Messages a minute of one webhook (originchats.md 7.6).
pub const WEBHOOK_PER_MINUTE: usize = 30;
/// Characters of the name under which a webhook's message is shown.
pub const PERSONA_CHARS: usize = 100;
/// Commits of a push that are shown.
pub const COMMITS: usize = 10;
/// Characters of a push notification's text (originchats.md 5.17).
pub const NOTICE_CHARS: usize = 120;
/// Accounts that one message notifies.
pub const NOTICES: usize = 1_000;
/// Bytes of a browser's public key for pushes (RFC 8291 2.1).
pub const P256DH_BYTES: usize = 65;
/// Bytes of a browser's secret for pushes (RFC 8291 2.1).
pub const AUTH_BYTES: usize = 16;
