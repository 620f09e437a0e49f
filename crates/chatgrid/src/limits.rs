//! Every size, time and rate of this protocol, with its unit. Lengths are in Unicode scalar values (chatgrid.md 9).

use commonroom_hub::bucket::Rate;

/// Squares on each side of the grid.
pub const GRID_SIZE: i32 = 41;
/// Milliseconds between two steps of one person.
pub const STEP_MILLIS: i64 = 200;
/// Bytes of the largest message accepted.
pub const MESSAGE_BYTES: usize = 2_000_000;
/// Bytes beyond which no packet is meaningful: larger messages are not even parsed.
pub const PACKET_BYTES: usize = 256 << 10;
/// Characters of a chat message.
pub const CHAT_CHARS: usize = 500;
/// Frames that one long message from elsewhere becomes at most.
pub const CHAT_PARTS: usize = 4;
/// Characters of a nickname.
pub const NICKNAME_CHARS: usize = 32;
/// Characters of a user name in a packet; the policy is stricter.
pub const USERNAME_CHARS: usize = 128;
/// Characters of a password in a packet; the policy is stricter.
pub const PASSWORD_CHARS: usize = 256;
/// Characters of an e-mail address.
pub const EMAIL_CHARS: usize = 320;
/// Characters of a session token in a packet.
pub const TOKEN_CHARS: usize = 512;
/// Characters of any id in a packet.
pub const ID_CHARS: usize = 128;
/// Characters of an item's title.
pub const TITLE_CHARS: usize = 80;
/// Characters of a role's name.
pub const ROLE_CHARS: usize = 32;
/// Permissions named in one packet.
pub const ROLE_KEYS: usize = 64;
/// Users in one list for administrators: a larger frame would not fit what may wait for a reader.
pub const USERS_LISTED: usize = 5_000;
/// Seconds from the announcement of a restart to the restart.
pub const REBOOT_SECONDS: u64 = 5;
/// Registrations of one address in an hour.
pub const REGISTRATIONS_PER_HOUR: u32 = 30;
/// Bytes of the address of a resource that is handed on.
pub const MEDIA_URL_BYTES: usize = 4_096;
/// Resources handed on to one account at once.
pub const MEDIA_PER_ACCOUNT: u32 = 16;
/// Characters of the id of a piano's key.
pub const KEY_CHARS: usize = 32;
/// Keys that one connection may hold down at once.
pub const HELD_KEYS: usize = 12;
/// Milliseconds of a recording.
pub const RECORDING_MILLIS: i64 = 30_000;
/// Keys going down or up in a recording.
pub const RECORDING_EVENTS: usize = 4_096;
/// Different keys in a recording.
pub const RECORDING_KEYS: usize = 128;
/// Different sounds of the instrument in a recording.
pub const RECORDING_STATES: usize = 96;
/// Tunes that play at once on a grid.
pub const PLAYBACKS: usize = 64;
/// Milliseconds that a wheel spins.
pub const SPIN_MILLIS: i64 = 3_000;
/// Wheels that spin at once on a grid.
pub const SPINS: usize = 1_024;
/// Seconds that a clock may be late with its announcement.
pub const ANNOUNCE_SECONDS: i64 = 30;
/// Seconds between two rounds of asking stations what they play.
pub const STATION_SECONDS: i64 = 10;
/// Stations that are asked at once.
pub const STATIONS_AT_ONCE: usize = 8;
/// Stations that are asked in one round.
pub const STATIONS: usize = 256;
/// Failures in a row after which nothing is known of a station any more.
pub const STATION_FAILURES: u32 = 3;
/// Seconds after which a station that fails again and again is asked again, at most.
pub const STATION_REST_SECONDS: i64 = 600;
/// People offered as receivers of an item.
pub const TRANSFER_TARGETS: usize = 2_000;
/// Random bytes of a session token.
pub const TOKEN_BYTES: usize = 48;
/// Seconds that a session token lives after its last use.
pub const TOKEN_SECONDS: i64 = 14 * 24 * 3_600;
/// Seconds after `welcome` until somebody who says nothing is announced.
pub const ACTIVATION_SECONDS: i64 = 2;
/// Seconds after a resume by cookie in which typed credentials of the same account are not an error.
pub const SECOND_AUTH_SECONDS: i64 = 5;
/// Seconds that a connection may stay without signing in.
pub const PRE_AUTH_SECONDS: i64 = 300;
/// Invalid messages within [`INVALID_SECONDS`] that end a connection.
pub const INVALID_MESSAGES: u32 = 100;
/// Seconds in which invalid messages are counted together.
pub const INVALID_SECONDS: i64 = 10;
/// Seconds between two writes of a walker's square.
pub const SAVE_SECONDS: i64 = 5;
/// Seconds for which system lines of one kind from elsewhere are gathered into one.
pub const LINES_SECONDS: i64 = 5;
/// Names in such a gathered line.
pub const LINE_NAMES: usize = 5;
/// Milliseconds of the shortest delay of a failed sign-in's answer.
pub const FAILURE_MILLIS: i64 = 20;
/// Milliseconds that chance adds to it at most.
pub const FAILURE_SPREAD_MILLIS: u32 = 60;
/// Delayed answers that may wait on one connection.
pub const DELAYED_ANSWERS: usize = 32;
/// Failed sign-ins of one address within [`FAILURE_SECONDS`] that are too many.
pub const FAILURES_PER_ADDRESS: u32 = 20;
/// Failed sign-ins of one address and name within [`FAILURE_SECONDS`] that are too many.
pub const FAILURES_PER_NAME: u32 = 8;
/// Seconds in which failed sign-ins are counted together.
pub const FAILURE_SECONDS: i64 = 30;
/// Highest suffix tried when somebody's name is in use at sign-in.
pub const NAME_SUFFIXES: u32 = 99;
/// Seconds that a cookie lives.
pub const COOKIE_SECONDS: i64 = TOKEN_SECONDS;

/// Steps on the grid.
pub const STEPS: Rate = Rate { every_millis: STEP_MILLIS, burst: 3 };
/// Jumps on the grid.
pub const TELEPORTS: Rate = Rate { every_millis: 500, burst: 5 };
/// Chat lines.
pub const CHATS: Rate = Rate { every_millis: 1_000, burst: 8 };
/// Pings.
pub const PINGS: Rate = Rate { every_millis: 200, burst: 10 };
/// Relayed signals.
pub const SIGNALS: Rate = Rate { every_millis: 10, burst: 1_000 };
/// Changes of name.
pub const NICKNAMES: Rate = Rate { every_millis: 1_000, burst: 5 };
/// Actions of administrators.
pub const ADMIN_ACTIONS: Rate = Rate { every_millis: 200, burst: 20 };
/// Actions with items.
pub const ITEM_ACTIONS: Rate = Rate { every_millis: 100, burst: 30 };
/// Notes of pianos.
pub const NOTES: Rate = Rate { every_millis: 10, burst: 200 };
