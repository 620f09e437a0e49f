//! Every limit of this protocol, with its unit. Limits that all protocols share live in the core and the hub.

use commonroom_hub::bucket::Rate;
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
/// Refused validators of one address that are too many (originchats.md 3.3).
pub const OUTSIDE_THROTTLE: Throttling = Throttling { per_address: 10, per_name: 10, seconds: 600 };
/// Bytes of a validator.
pub const VALIDATOR_BYTES: usize = 4_096;
/// Bytes of an id that an identity service gives.
pub const OUTSIDE_ID_BYTES: usize = 128;
/// Registrations of one address that are too many (originchats.md 3.3).
pub const REGISTER_THROTTLE: Throttling = Throttling { per_address: 5, per_name: 5, seconds: 3_600 };
/// Frames of one connection: 50 a second (originchats.md 9), more at once before that counts.
pub const FLOOD: Rate = Rate { every_millis: 20, burst: 250 };
/// Seconds in which `rate_limiting.burst_limit` messages are too many (originchats.md 9).
pub const BURST_SECONDS: i64 = 10;
/// Seconds of the sliding window of `rate_limiting.messages_per_minute`.
pub const MINUTE_SECONDS: i64 = 60;
/// Most messages a minute that can be configured: moments kept per account.
pub const MESSAGES_PER_MINUTE_MAX: u32 = 6_000;
/// Accounts whose messages are counted at one moment.
pub const RATED_ACCOUNTS: usize = 65_536;
/// Accounts from which on those whose messages no longer count are forgotten.
pub const RATED_ACCOUNTS_TIDY: usize = 1_024;
/// Typing notices (originchats.md 5.4: one a second).
pub const TYPING: Rate = Rate { every_millis: 1_000, burst: 5 };
/// Reactions (originchats.md 9: 60 a minute).
pub const REACTIONS: Rate = Rate { every_millis: 1_000, burst: 60 };
/// Reads of histories and lists (originchats.md 9: 10 a second); a client asks for all its lists at once when it has
/// signed in.
pub const READS: Rate = Rate { every_millis: 100, burst: 40 };
/// Changes of one's names and offered roles.
pub const FACES: Rate = Rate { every_millis: 1_000, burst: 20 };
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
/// Characters of a role's name or category (originchats.md 9).
pub const ROLE_NAME_CHARS: usize = 32;
/// Characters of a role's description (originchats.md 9).
pub const DESCRIPTION_CHARS: usize = 200;
/// Characters of a colour that are looked at.
pub const COLOR_CHARS: usize = 16;
/// Characters of a channel's name (originchats.md 4.4).
pub const CHANNEL_NAME_CHARS: usize = 64;
/// Characters of a channel's name for reading.
pub const DISPLAY_NAME_CHARS: usize = 100;
/// Characters of what a channel is about (originchats.md 9).
pub const CHANNEL_TOPIC_CHARS: usize = 1_024;
/// Pixels of the highest separator.
pub const SEPARATOR_PIXELS: u32 = 10_000;
/// Characters of a URL (originchats.md 9).
pub const URL_CHARS: usize = 2_048;
/// Characters of the server's name (originchats.md 9).
pub const SERVER_NAME_CHARS: usize = 100;
/// Characters of a nickname (originchats.md 9).
pub const NICKNAME_CHARS: usize = 20;
/// Entries of one page of the audit log, when the client names no number (originchats.md 5.18).
pub const LOG_PAGE_DEFAULT: usize = 100;
/// Entries of one page of the audit log, at most.
pub const LOG_PAGE_MAX: usize = 200;
/// Characters of a thread's name (originchats.md 9).
pub const THREAD_NAME_CHARS: usize = 100;
/// Characters of a search's query (originchats.md 9).
pub const SEARCH_CHARS: usize = 256;
/// Searches (originchats.md 5.4: one a second).
pub const SEARCHES: Rate = Rate { every_millis: 1_000, burst: 5 };
/// Answers to a message, when the client names no number (originchats.md 5.4).
pub const REPLIES_DEFAULT: usize = 50;
/// Answers to a message, at most.
pub const REPLIES_MAX: usize = 200;
/// Messages of a page of pings, when the client names no number (originchats.md 5.4).
pub const PINGS_DEFAULT: i64 = 50;
/// Messages of a page of pings, at most.
pub const PINGS_MAX: i64 = 100;
/// Characters of a poll's question (originchats.md 5.6).
pub const POLL_QUESTION_CHARS: usize = 300;
/// Characters of one of its options.
pub const POLL_OPTION_CHARS: usize = 100;
/// Options of a poll, at most.
pub const POLL_OPTIONS_MAX: usize = 10;
/// Hours after which a poll ends, at most (originchats.md 5.6).
pub const POLL_HOURS_MAX: f64 = 8_760.0;
/// Characters of a file's id that are looked at and repeated in an error.
pub const FILE_ID_CHARS: usize = 64;
/// Commands that one connection may register (originchats.md 5.13).
pub const SLASH_COMMANDS: usize = 50;
/// Characters of a slash command's or an option's name.
pub const SLASH_NAME_CHARS: usize = 32;
/// Characters of a slash command's or an option's description.
pub const SLASH_DESCRIPTION_CHARS: usize = 200;
/// Options of one slash command, and choices of one option.
pub const SLASH_OPTIONS: usize = 25;
/// Characters of a choice, and of a role's name in a list of roles.
pub const SLASH_WORD_CHARS: usize = 100;
/// Roles in a list of roles of a slash command.
pub const SLASH_ROLES: usize = 50;
/// Bytes of the arguments of one call.
pub const SLASH_ARGS_BYTES: usize = 16 << 10;
/// Seconds within which a bot may answer a call (originchats.md 5.13).
pub const SLASH_ANSWER_SECONDS: i64 = 15 * 60;
/// Calls that one bot has not answered.
pub const SLASH_PENDING: usize = 256;
/// Keys and tokens of connections that are remembered for uploads.
pub const CREDENTIALS: usize = 131_072;
/// Seconds for which they are good after their connection ended (originchats.md 3.3).
pub const CREDENTIAL_SECONDS: i64 = 3_600;
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
