//! Every size and queue limit that the core knows, with its unit. Wire limits of one protocol live in its adapter;
//! queue limits of sockets live in `commonroom-hub`'s `limits`.

/// Characters of a message, in any protocol. Adapters may allow less.
pub const MESSAGE_CHARS: usize = 4_000;
/// Characters of a username.
pub const USERNAME_CHARS: usize = 32;
/// Characters of a display name or nickname.
pub const NICKNAME_CHARS: usize = 32;
/// Characters of a channel, space or role name.
pub const NAME_CHARS: usize = 100;
/// Characters of a channel topic.
pub const TOPIC_CHARS: usize = 1_024;
/// Characters of a status text.
pub const STATUS_CHARS: usize = 128;
/// Characters of a biography.
pub const BIO_CHARS: usize = 500;
/// Bytes of a URL that people give us.
pub const URL_BYTES: usize = 2_048;
/// Bytes of one reaction's emoji, which may be an address.
pub const EMOJI_BYTES: usize = 256;
/// Different emoji on one message.
pub const EMOJI_PER_MESSAGE: usize = 50;
/// Seconds of silence for who tries to post a word that the operator does not want.
pub const BLOCKED_WORD_SECONDS: i64 = 300;
/// Accounts that one message may mention.
pub const MENTIONS_PER_MESSAGE: usize = 50;
/// Bytes of a client's own message key.
pub const NONCE_BYTES: usize = 64;
/// Channels of one space.
pub const CHANNELS_PER_SPACE: usize = 500;
/// Spaces one account may own.
pub const SPACES_PER_OWNER: usize = 100;
/// Items on one grid.
pub const ITEMS_PER_SPACE: usize = 5_000;
/// Items of a space that one account may own.
pub const ITEMS_PER_OWNER: usize = 200;
/// Bytes that an item may remember beside its properties.
pub const ITEM_MEMORY_BYTES: usize = 128 << 10;
/// Sign-ins kept per account and kind; the oldest goes first.
pub const LOGINS_PER_ACCOUNT: usize = 10;
/// Access tokens remembered per sign-in because they have opened a connection.
pub const TOKENS_PER_LOGIN: usize = 16;
/// Messages of one history page: 200 on either side of one (originchats.md 5.4).
pub const HISTORY_PAGE: usize = 401;
/// Names in one person's mute, block, boot or invite list.
pub const RELATIONS_PER_SESSION: usize = 5_000;
/// Events kept per stream for gap fill.
pub const EVENTS_KEPT: u64 = 10_000;
/// Characters of a poll's question.
pub const POLL_QUESTION_CHARS: usize = 500;
/// Characters of one of its options.
pub const POLL_OPTION_CHARS: usize = 200;
/// Characters of an option's id.
pub const POLL_ID_CHARS: usize = 50;
/// Options of a poll, at least.
pub const POLL_OPTIONS_MIN: usize = 2;
/// Options of a poll, at most.
pub const POLL_OPTIONS_MAX: usize = 10;
/// Characters of the name of something that will happen.
pub const HAPPENING_NAME_CHARS: usize = 200;
/// Characters of what is said about it.
pub const HAPPENING_TEXT_CHARS: usize = 2_000;
/// Files shared with one message.
pub const FILES_PER_MESSAGE: usize = 10;
/// Bytes of a file's name.
pub const FILE_NAME_BYTES: usize = 255;
/// Cards below one message.
pub const EMBEDS_PER_MESSAGE: usize = 10;
/// Characters of all texts of one embed.
pub const EMBED_CHARS: usize = 6_000;
/// Fields of one embed.
pub const EMBED_FIELDS: usize = 25;
/// Pinned messages of one channel.
pub const PINS_PER_CHANNEL: usize = 250;
/// The highest place that a channel may be given.
pub const CHANNEL_PLACE_MOST: u32 = 1_000_000;
/// The highest rank that a role may be given.
pub const ROLE_RANK_MOST: i32 = 1_000_000;
/// Roles of one space.
pub const ROLES_PER_SPACE: usize = 250;
/// Roles one message may mention.
pub const ROLE_MENTIONS_PER_MESSAGE: usize = 20;
/// Threads of one channel.
pub const THREADS_PER_CHANNEL: usize = 10_000;
/// Followers kept per thread; later ones read it all the same.
pub const PARTICIPANTS_PER_THREAD: usize = 1_000;
/// Invitations of one space.
pub const INVITES_PER_SPACE: usize = 1_000;
/// Emoji of one space.
pub const EMOJI_PER_SPACE: usize = 1_000;
/// Characters of an emoji's name.
pub const EMOJI_NAME_CHARS: usize = 64;
/// Webhooks of one space.
pub const WEBHOOKS_PER_SPACE: usize = 100;
/// Browsers of one account that are told by push.
pub const PUSHES_PER_ACCOUNT: usize = 10;
/// Bytes of a push subscription's keys, together.
pub const PUSH_KEY_BYTES: usize = 512;
/// Days after which a push subscription that was not used is forgotten.
pub const PUSH_DAYS: i64 = 183;
/// Characters of a search's words.
pub const SEARCH_CHARS: usize = 256;
/// Messages that one search looks at, newest first, before it says what it has found.
pub const SEARCH_SCANNED: u64 = 1_000_000;
/// Results of one search, replies or pings page.
pub const RESULTS_PAGE: usize = 200;
/// Entries of one page of the audit log.
pub const AUDIT_PAGE: usize = 200;
/// Bytes of the key of a note.
pub const NOTE_KEY_BYTES: usize = 256;
/// Bytes of a note.
pub const NOTE_BYTES: usize = 1 << 20;
/// Notes of one kind that the server keeps for itself.
pub const NOTES: usize = 4_096;
/// Characters of one detail of a report.
pub const REPORT_CHARS: usize = 1_000;
/// Messages that one command takes back.
pub const EMPTIED_MESSAGES: usize = 200;
/// Seconds for which a file may wait for the message that shares it.
pub const FILE_WAIT_SECONDS: i64 = 3_600;
/// Files and entries that one sweep takes away.
pub const SWEEP: usize = 1_000;
