//! Every limit of queues and connections, with its unit.

/// Bytes that may wait for one reader before it is closed as too slow.
pub const OUTBOX_BYTES: usize = 1 << 20;
/// Bytes from which on fleeting frames (typing, presence, positions) replace older ones of their kind.
pub const OUTBOX_FLEETING_BYTES: usize = OUTBOX_BYTES / 2;
/// Seconds without progress after which a reader is closed although its outbox is not full.
pub const OUTBOX_STALL_SECONDS: i64 = 10;
/// Happenings held back for one connection while it waits for its first answer.
pub const HELD_HAPPENINGS: usize = 4_096;
/// Commands of one connection that may be under way at once.
pub const PIPELINED_COMMANDS: u32 = 64;
/// Inputs waiting for one shard.
pub const SHARD_QUEUE: usize = 65_536;
/// Inputs waiting for the hub.
pub const HUB_QUEUE: usize = 65_536;
/// Commands waiting for the writer.
pub const WRITER_QUEUE: usize = 65_536;
/// Commands in one transaction.
pub const WRITER_BATCH: usize = 512;
/// Queries waiting for the readers.
pub const READER_QUEUE: usize = 16_384;
/// Password checks waiting for the hash workers.
pub const HASH_QUEUE: usize = 1_024;
/// Questions waiting for services outside.
pub const OUTSIDE_QUEUE: usize = 1_024;
/// Connections of one address, over all protocols.
pub const CONNECTIONS_PER_ADDRESS: usize = 2_000;
/// Connections of one account, over all protocols.
pub const SESSIONS_PER_ACCOUNT: usize = 20;
/// Seconds from connect to the end of the request headers.
pub const HEADER_SECONDS: u64 = 10;
/// Seconds from the end of the request headers to the answer, the request's body included.
pub const REQUEST_SECONDS: u64 = 30;
/// Bytes of a body for which a request gets another second: the slowest line that can send a large file.
pub const BODY_BYTES_PER_SECOND: u64 = 64 << 10;
/// Messages waiting to be looked at for whom they notify by push.
pub const NOTICE_QUEUE: usize = 1_024;
/// Pushes on their way at once.
pub const PUSHES_RUNNING: usize = 16;
/// Seconds that one WebSocket message may take to arrive.
pub const MESSAGE_SECONDS: i64 = 30;
/// Frames of one connection in one second, control frames included, whatever its protocol allows.
pub const FRAMES_PER_SECOND: u32 = 20_000;
/// Bytes of the largest message from somebody who has not signed in.
pub const STRANGER_BYTES: usize = 256 << 10;
/// Bytes of request headers.
pub const HEADER_BYTES: usize = 64 << 10;
/// Listen backlog.
pub const BACKLOG: i32 = 4_096;
/// Bytes of unsent data that the kernel keeps per socket.
pub const NOTSENT_LOWAT: u32 = 64 << 10;
/// Bytes read from one connection before others have their turn.
pub const READ_BYTES: usize = 64 << 10;
/// Seconds that a shutdown may take.
pub const DRAIN_SECONDS: u64 = 8;
/// Addresses and names remembered by a throttle.
pub const THROTTLE_KEYS: usize = 65_536;
/// Commands that one connection may offer.
pub const COMMANDS_PER_SESSION: usize = 50;
/// Bytes of the answer of a service outside that is asked who somebody is.
pub const OUTSIDE_BYTES: usize = 64 << 10;
/// Seconds that a radio station may take to say what it plays.
pub const STATION_SECONDS: u64 = 6;
/// Redirects followed to a station or a fetched resource, each judged like a first address.
pub const FETCH_REDIRECTS: u8 = 5;
/// Bytes of sound before a station's first metadata, at most.
pub const STATION_BYTES: usize = 256 << 10;
/// Characters of a station's name.
pub const STATION_NAME_CHARS: usize = 160;
/// Characters of what a station plays.
pub const STATION_TITLE_CHARS: usize = 200;
/// Resources of other servers fetched at once for clients of this one.
pub const FETCHES: usize = 256;
/// Seconds until the head of a fetched resource must be there.
pub const FETCH_SECONDS: u64 = 15;
/// Seconds without a byte after which a fetched resource is given up.
pub const FETCH_IDLE_SECONDS: u64 = 30;
/// Bytes of one fetched resource that may come at once ...
pub const FETCH_BURST: u64 = 8 << 20;
/// ... and bytes in a second after that.
pub const FETCH_BYTES_PER_SECOND: u64 = 512 << 10;
/// Pieces of a fetched resource that wait for its reader.
pub const FETCH_QUEUE: usize = 4;
/// Bytes of a kept file that are read at once.
pub const PIECE_BYTES: u64 = 256 << 10;
/// Bytes of one line of a text log.
pub const LOG_LINE_BYTES: usize = 16 << 10;
/// Bytes of one text log, after which it makes room for a new one; the one before that goes.
pub const LOG_BYTES: u64 = 16 << 20;
/// Lines that wait to be written.
pub const LOG_QUEUE: usize = 4_096;
/// Operators who wait for the configuration to be read again.
pub const RECONFIGURE_QUEUE: usize = 8;
/// Bytes waiting to be kept, as requests.
pub const KEEP_QUEUE: usize = 64;
/// Pictures made safe at once; each may take 64 MiB.
pub const KEEP_RUNNING: usize = 2;
/// Bytes of one relayed signalling payload.
pub const SIGNAL_BYTES: usize = 64 << 10;
/// Seconds for which an offer waits for its answer before the other side may offer too: people who are asked for their
/// microphone answer nothing until then.
pub const OFFER_SECONDS: i64 = 600;
/// Milliseconds for which the answer to an offer that was crossed waits for a candidate: browsers need a tenth of it.
pub const ANSWER_HELD_MILLIS: i64 = 2_000;
/// Bytes kept of a connection's offers and their candidates while they wait for an answer.
pub const OFFER_BYTES: usize = 1 << 20;
/// Signals kept of one such offer.
pub const OFFER_PARTS: usize = 64;
/// Messages that a client may say on a line without a socket before the first of them has been dealt with.
pub const SAID_AHEAD: usize = 64;
/// Seconds that somebody who joined a call may be without any connection before they are out of it.
pub const ABSENT_SECONDS: i64 = 60;
