//! Every size, rate and count of this protocol, with its unit (together.md 2.4 and 9).

/// Bytes of an inbound frame that is no `VOICE_SIGNAL`.
pub const FRAME_BYTES: usize = 16_384;
/// Bytes of an inbound `VOICE_SIGNAL` frame.
pub const SIGNAL_FRAME_BYTES: usize = 65_536;
/// Inbound frames per rolling second; more are dropped.
pub const FRAMES_PER_SECOND: usize = 20;
/// Inbound `VOICE_SIGNAL` frames per rolling second: a call starts with a burst of candidates.
pub const SIGNALS_PER_SECOND: usize = 60;
/// Changes of presence of one connection that are carried out within a second; the newest of the others follows.
pub const PRESENCES_PER_SECOND: usize = 4;
/// Dropped frames within [`DROPPED_WINDOW_SECONDS`] that end a connection.
pub const DROPPED_FRAMES: u32 = 200;
/// Window of [`DROPPED_FRAMES`] in seconds.
pub const DROPPED_WINDOW_SECONDS: i64 = 10;
/// Milliseconds from accepting a connection with a bad token to its end.
pub const REFUSED_DELAY_MILLIS: i64 = 1_000;
/// Refused tokens of one address within [`REFUSED_WINDOW_SECONDS`], after which upgrades with a bad token are refused.
pub const REFUSED_TOKENS: u32 = 20;
/// Window of [`REFUSED_TOKENS`] in seconds.
pub const REFUSED_WINDOW_SECONDS: i64 = 60;
/// Refused tokens remembered, so that they are known before the upgrade.
pub const REFUSED_REMEMBERED: usize = 4_096;
/// Seconds after its end in which a token that has opened a connection may open another (2.6).
pub const RECONNECT_SECONDS: i64 = 7 * 24 * 3_600;
/// Milliseconds between two typing notices of one connection in one channel.
pub const TYPING_MILLIS: i64 = 1_000;
/// Milliseconds from a list of members to the reminder of a role (11.6): the app has read the list by then.
pub const REMINDER_MILLIS: i64 = 1_000;
/// Characters of a signal's `stream_type`.
pub const STREAM_TYPE_CHARS: usize = 32;

/// Bytes of a presented token.
pub const TOKEN_BYTES: usize = 2_048;
/// Seconds in which presenting a replaced refresh token again is a double submit.
pub const DOUBLE_SUBMIT_SECONDS: i64 = 10;
/// Successors of a presented refresh token that are tried to tell a stolen one from a made-up one: a week of quarters
/// of an hour.
pub const REFRESH_SUCCESSORS: usize = 700;

/// Bytes of a request body.
pub const BODY_BYTES: usize = 2 << 20;
/// Accounts and addresses whose rates are remembered.
pub const BUCKETS: usize = 65_536;
/// Milliseconds between two looks for buckets that are full again.
pub const BUCKET_SWEEP_MILLIS: i64 = 1_000;
/// Wrong passwords of one address a minute, over all names.
pub const LOGIN_FAILURES_PER_ADDRESS: u32 = 100;

/// Characters of a username: fewest and most.
pub const USERNAME_CHARS: (usize, usize) = (2, 32);
/// Characters of a password: fewest and most.
pub const PASSWORD_CHARS: (usize, usize) = (8, 128);
/// Characters of pronouns.
pub const PRONOUNS_CHARS: usize = 40;
/// Characters of a moderation reason; the rest is cut.
pub const REASON_CHARS: usize = 500;
/// Messages of a history page when none is asked for.
pub const PAGE: usize = 50;
/// Messages of a history page at most.
pub const PAGE_MOST: usize = 100;
/// Reads of the store for one history page, when muted authors leave gaps.
pub const PAGE_READS: usize = 5;
/// Seconds for which a token sets a new password.
pub const RESET_SECONDS: i64 = 3_600;
/// Hours of an invitation: fewest and most.
pub const INVITE_HOURS: (i64, i64) = (1, 720);
/// Bytes of an invitation's code as it may be asked for.
pub const CODE_BYTES: usize = 64;
/// Entries of the audit log when no number is asked for, and at most.
pub const AUDIT_PAGE: (usize, usize) = (50, 100);
/// Servers of the public list.
pub const BROWSE: usize = 50;
/// Minutes of a timeout: fewest and most.
pub const TIMEOUT_MINUTES: (i64, i64) = (1, 40_320);
/// Suffixes tried for a name that is taken (quirks.rs).
pub const NAME_SUFFIXES: u32 = 100;
/// Seconds of TURN credentials.
pub const TURN_SECONDS: i64 = 12 * 3_600;
/// The permission bits of this protocol (8.1).
pub const PERMISSION_BITS: u64 = 32_767;

/// Bytes of a reaction.
pub const EMOJI_BYTES: usize = 64;
/// Threads of a channel whose unread messages count as the channel's, written in last first.
pub const THREADS_COUNTED: usize = 50;
/// Events of the list of what will happen.
pub const HAPPENINGS: usize = 50;
/// Characters of a search: fewest and most.
pub const SEARCH_CHARS: (usize, usize) = (2, 200);
/// Results of a search when no number is asked for, and at most.
pub const SEARCH_PAGE: (usize, usize) = (50, 100);

/// Bytes of one shared file.
pub const FILE_BYTES: usize = 50 << 20;
/// Bytes of a request that shares files.
pub const UPLOAD_BYTES: usize = FILE_BYTES + (64 << 10);
/// Bytes of all requests that share files at the same time: more have to wait.
pub const UPLOADS_BYTES: usize = 256 << 20;
/// Parts of one form.
pub const FORM_PARTS: usize = 64;
/// Bytes of a stored name.
pub const STORED_NAME_BYTES: usize = 128;
/// Bytes of a custom emoji's picture.
pub const EMOJI_PICTURE_BYTES: usize = 256 << 10;
/// Characters of a custom emoji's name.
pub const EMOJI_NAME_CHARS: usize = 32;
/// Custom emoji of a server.
pub const EMOJI_PER_SERVER: usize = 50;
