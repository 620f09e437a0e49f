//! Every limit of this protocol, with its unit (barertc.md 9.1).

use commonroom_hub::bucket::Rate;

/// Characters of a message.
pub const MESSAGE_CHARS: usize = 4_000;
/// Quotations and lists inside each other that are shown.
pub const NESTING: u32 = 16;
/// Bytes of HTML that one message may become; a longer one is shown as typed.
pub const HTML_BYTES: usize = 64 << 10;
/// HTML tags that one message may hold as typed; later ones are shown as text.
pub const TYPED_TAGS: usize = 48;
/// Bytes of one `echo`: the newest messages that fit.
pub const ECHO_BYTES: usize = 256 << 10;
/// Bytes of a frame that carries no file.
pub const FRAME_BYTES: usize = 256 << 10;
/// Bytes of a frame that carries a file, after login.
pub const FILE_FRAME_BYTES: usize = 40 << 20;
/// Bytes of a picture.
pub const PICTURE_BYTES: usize = 8 << 20;
/// Bytes of one field of a report.
pub const REPORT_BYTES: usize = 8 << 10;
/// Links sent in direct messages that are remembered.
pub const SPREAD_LINKS: usize = 4_096;
/// Lines of a conversation that a report quotes.
pub const REPORT_LINES: usize = 30;
/// Seconds from the notice that the server ends to its end.
pub const LAST_WORDS_SECONDS: u64 = 2;
/// Bytes of a site token.
pub const TOKEN_BYTES: usize = 8 << 10;
/// Bytes of the shortest secret that tokens may be signed with.
pub const SECRET_BYTES: usize = 32;
/// Bytes below which a key of the API can be guessed.
pub const KEY_BYTES: usize = 16;
/// Bytes of a posted form that carries a token to the page.
pub const FORM_BYTES: usize = 64 << 10;
/// Names in one list, and names remembered per kind.
pub const NAMES: usize = commonroom_core::limits::RELATIONS_PER_SESSION;
/// Characters of a status word.
pub const STATUS_CHARS: usize = 32;
/// Characters of the emoji, and of the gender word, of a token.
pub const EMOJI_CHARS: usize = 64;
/// Bytes of an avatar or profile address.
pub const ADDRESS_BYTES: usize = 2_048;
/// Bytes of a reaction.
pub const REACTION_BYTES: usize = 32;
/// Reactions remembered per connection as told, so that a removal is told only where the addition was.
pub const TOLD_REACTIONS: usize = 10_000;
/// Messages remembered to be quoted when somebody replies.
pub const QUOTABLE_MESSAGES: usize = 512;
/// Characters of a quotation.
pub const QUOTE_CHARS: usize = 80;
/// Messages shown of one channel to who joins, at most.
pub const ECHO_MESSAGES: usize = 100;
/// Unsent private messages remembered per connection, so that their author can take them back.
pub const UNSENT_MESSAGES: usize = 100;
/// Cameras that one connection may have opened, or opened for it, at once.
pub const OPEN_CAMERAS: usize = 500;
/// Bytes of the body of a call of the API.
pub const API_BYTES: usize = 1 << 20;
/// Wrong keys and tokens of one address in a minute.
pub const FAILURES_PER_MINUTE: u32 = 20;
/// Calls with a token of one person in a minute.
pub const CALLS_PER_MINUTE: u32 = 120;
/// Seconds for which a block list of the website is remembered.
pub const BLOCKLIST_SECONDS: i64 = 86_400;
/// Seconds that a website may take for its answer.
pub const WEBHOOK_SECONDS: u64 = 10;
/// Facts of a profile.
pub const PROFILE_FIELDS: usize = 50;
/// Direct messages on one page.
pub const HISTORY_PAGE: usize = 20;
/// Names of people with direct messages on one page.
pub const USERNAMES_PAGE: usize = 9;
/// Direct messages taken away by one call.
pub const CLEARED_MESSAGES: u64 = 10_000;
/// Seconds without a poll after which somebody who polls has timed out.
pub const POLL_SECONDS: i64 = 60;

/// Milliseconds between two who lists to one recipient, at least; with the step below 250 for who waits time and again.
pub const WHO_MILLIS: i64 = 200;
/// Milliseconds by which such a list may be later, so that many are made at once.
pub const WHO_STEP_MILLIS: i64 = 50;
/// Seconds between two pings.
pub const PING_SECONDS: i64 = 30;
/// Seconds after which a connection that has not signed in is closed.
pub const LOGIN_SECONDS: i64 = 30;
/// Seconds for which a renewed token is good.
pub const TOKEN_SECONDS: i64 = 300;
/// Seconds for which a password for TURN servers is good: a page gets no other while it is open (barertc.md 10.2).
pub const TURN_SECONDS: i64 = 172_800;
/// Seconds by which the clock of the site may differ.
pub const LEEWAY_SECONDS: i64 = 60;
/// Seconds after an `open` in which signalling between the two passes.
pub const OPEN_SECONDS: i64 = 600;
/// Seconds after posting in which an edit of the newest message replaces it.
pub const REPLACE_SECONDS: i64 = 120;
/// Seconds between two complaints about writing too fast.
pub const COMPLAINT_SECONDS: i64 = 10;
/// Longest ban that may be asked for, in hours: ten years.
pub const BAN_HOURS: f64 = 87_600.0;
/// Hours of a ban when none are named.
pub const BAN_DEFAULT_HOURS: f64 = 24.0;

/// Messages.
pub const MESSAGES: Rate = Rate { burst: 10, every_millis: 1_000 };
/// Reactions, messages taken back, changes of one's own state.
pub const ACTS: Rate = Rate { burst: 20, every_millis: 250 };
/// Mutes, blocks, boots, invitations: clients upload whole lists one by one, twice, when they join.
pub const RELATIONS: Rate = Rate { burst: 20_000, every_millis: 250 };
/// Signalling.
pub const SIGNALS: Rate = Rate { burst: 200, every_millis: 20 };
/// Pictures.
pub const FILES: Rate = Rate { burst: 3, every_millis: 5_000 };
/// Reports.
pub const REPORTS: Rate = Rate { burst: 5, every_millis: 12_000 };
/// Attempts to sign in on one connection.
pub const LOGINS: Rate = Rate { burst: 10, every_millis: 6_000 };
