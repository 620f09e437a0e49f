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
/// Bytes of one reaction's emoji.
pub const EMOJI_BYTES: usize = 64;
/// Different emoji on one message.
pub const EMOJI_PER_MESSAGE: usize = 50;
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
/// Sign-ins kept per account and kind; the oldest goes first.
pub const LOGINS_PER_ACCOUNT: usize = 10;
/// Messages of one history page.
pub const HISTORY_PAGE: usize = 200;
/// Names in one person's mute, block, boot or invite list.
pub const RELATIONS_PER_SESSION: usize = 5_000;
/// Events kept per stream for gap fill.
pub const EVENTS_KEPT: u64 = 10_000;
