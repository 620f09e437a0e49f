-- Replies, pins, files, emoji, webhooks, polls, the audit log, push. New columns repeat what is searched by; older
-- messages have none of it.

ALTER TABLE messages ADD COLUMN reply_to BLOB;
ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
CREATE INDEX messages_replies ON messages (reply_to, seq) WHERE reply_to IS NOT NULL;
CREATE INDEX messages_pins ON messages (channel, pinned_at) WHERE pinned_at IS NOT NULL;

-- `reply` is set for who is not named in the text but whose message is answered: told, not counted as a mention. The
-- account of a mentioned role is the role's id.
ALTER TABLE mentions ADD COLUMN reply INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mentions_account ON mentions (account, channel, seq);

-- The channel's head when the mark was set: what its reader wrote after that was read by them too.
ALTER TABLE read_marks ADD COLUMN head INTEGER NOT NULL DEFAULT 0;

-- Threads have their space and no name here: only channels of a space's list have unique names.

-- `message` is the one that shares the file.
CREATE TABLE files (
    id         BLOB PRIMARY KEY,
    hash       TEXT NOT NULL,
    account    BLOB NOT NULL,
    channel    BLOB NOT NULL,
    message    BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    body       TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX files_hash ON files (hash);
CREATE INDEX files_account ON files (account, created_at);
CREATE INDEX files_channel ON files (channel);
CREATE INDEX files_message ON files (message) WHERE message IS NOT NULL;
CREATE INDEX files_waiting ON files (created_at) WHERE message IS NULL;
CREATE INDEX files_expiry ON files (expires_at) WHERE expires_at IS NOT NULL;

-- A row outlives its emoji without a body, so that its number is not given again.
CREATE TABLE emoji (
    space  BLOB NOT NULL,
    number INTEGER NOT NULL,
    body   TEXT,
    PRIMARY KEY (space, number)
) WITHOUT ROWID;

CREATE TABLE webhooks (
    id    BLOB PRIMARY KEY,
    space BLOB NOT NULL,
    body  TEXT NOT NULL
) WITHOUT ROWID;

-- Polls that end by themselves and have not ended.
CREATE TABLE polls (
    message BLOB PRIMARY KEY,
    channel BLOB NOT NULL,
    ends_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
    place   INTEGER PRIMARY KEY,
    space   BLOB NOT NULL,
    at      INTEGER NOT NULL,
    action  TEXT NOT NULL,
    account BLOB,
    target  TEXT,
    body    TEXT NOT NULL
);
CREATE INDEX audit_order ON audit (space, at, action);
CREATE INDEX audit_age ON audit (at, action);

CREATE TABLE pushes (
    account  BLOB NOT NULL,
    endpoint TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (account, endpoint)
) WITHOUT ROWID;

CREATE TABLE invites (
    id    BLOB PRIMARY KEY,
    space BLOB NOT NULL,
    body  TEXT NOT NULL
) WITHOUT ROWID;

-- Messages that tell of something that will happen, and when it begins.
CREATE TABLE happenings (
    message   BLOB PRIMARY KEY,
    channel   BLOB NOT NULL,
    starts_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX happenings_start ON happenings (starts_at);
