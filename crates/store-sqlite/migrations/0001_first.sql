-- Ids are the 16 bytes of a UUID. `body` is the noun as JSON; the other columns repeat what is searched by or unique.
-- What is told to be unique is unique here too, so that a second process with an old directory is refused.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (
    number   INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    name_key TEXT NOT NULL,
    handle   TEXT NOT NULL,
    email    TEXT,
    external TEXT,
    retired  INTEGER NOT NULL,
    body     TEXT NOT NULL
);
CREATE UNIQUE INDEX accounts_name_key ON accounts (name_key) WHERE retired = 0;
CREATE UNIQUE INDEX accounts_handle ON accounts (handle) WHERE retired = 0;
CREATE UNIQUE INDEX accounts_email ON accounts (email) WHERE retired = 0 AND email IS NOT NULL;
CREATE UNIQUE INDEX accounts_external ON accounts (external) WHERE retired = 0 AND external IS NOT NULL;

CREATE TABLE logins (
    id   BLOB PRIMARY KEY,
    body TEXT NOT NULL
) WITHOUT ROWID;

-- `place` keeps the order in which spaces were made: ids of one millisecond do not.
CREATE TABLE spaces (
    place INTEGER PRIMARY KEY,
    id    BLOB NOT NULL UNIQUE,
    body  TEXT NOT NULL
);

CREATE TABLE members (
    space   BLOB NOT NULL,
    account BLOB NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (space, account)
) WITHOUT ROWID;

CREATE TABLE bans (
    space   BLOB NOT NULL,
    account BLOB NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (space, account)
) WITHOUT ROWID;

-- Either `space` and `name` are set, or `first` and `second` (a conversation).
CREATE TABLE channels (
    id     BLOB PRIMARY KEY,
    space  BLOB,
    name   TEXT COLLATE NOCASE,
    first  BLOB,
    second BLOB,
    body   TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX channels_name ON channels (space, name) WHERE space IS NOT NULL;
CREATE UNIQUE INDEX channels_pair ON channels (first, second) WHERE first IS NOT NULL;

CREATE TABLE relations (
    source   BLOB NOT NULL,
    target   BLOB NOT NULL,
    relation INTEGER NOT NULL,
    PRIMARY KEY (source, target, relation)
) WITHOUT ROWID;

CREATE TABLE items (
    id    BLOB PRIMARY KEY,
    space BLOB NOT NULL,
    body  TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX items_space ON items (space);

CREATE TABLE messages (
    number     INTEGER PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    channel    BLOB NOT NULL,
    seq        INTEGER NOT NULL,
    author     BLOB NOT NULL,
    nonce      TEXT,
    created_at INTEGER NOT NULL,
    deleted    INTEGER NOT NULL,
    body       TEXT NOT NULL
);
-- With the author at its end, so that counting unread messages reads nothing but the index.
CREATE INDEX messages_order ON messages (channel, deleted, seq, author);
CREATE UNIQUE INDEX messages_nonce ON messages (author, nonce) WHERE nonce IS NOT NULL;

-- Who is mentioned where; the account of sixteen zero bytes stands for everybody.
CREATE TABLE mentions (
    channel BLOB NOT NULL,
    account BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    author  BLOB NOT NULL,
    PRIMARY KEY (channel, account, seq)
) WITHOUT ROWID;
CREATE INDEX mentions_message ON mentions (channel, seq);

CREATE TABLE read_marks (
    account BLOB NOT NULL,
    channel BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    message BLOB,
    PRIMARY KEY (account, channel)
) WITHOUT ROWID;
CREATE INDEX read_marks_channel ON read_marks (channel);

-- A stream is one byte for its kind and the id of its space or channel. `live` counts messages that are not deleted,
-- `newest` is the number of the newest message, deleted ones too. A space's row outlives the space.
CREATE TABLE streams (
    stream BLOB PRIMARY KEY,
    head   INTEGER NOT NULL,
    live   INTEGER NOT NULL,
    newest INTEGER
) WITHOUT ROWID;

-- For filling gaps. `message` is the number of the message an event is about.
CREATE TABLE events (
    place   INTEGER PRIMARY KEY,
    stream  BLOB NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    account BLOB,
    message INTEGER,
    body    TEXT NOT NULL
);
CREATE UNIQUE INDEX events_stream ON events (stream, seq);
CREATE INDEX events_message ON events (message) WHERE message IS NOT NULL;
