//! Files, emoji, webhooks, the audit log and push subscriptions: what events mean for their tables, and what is read
//! from them.

use crate::row::{for_each, json, maybe_uuid, noun, number, run, signed, unsigned, uuid};
use crate::trouble::{Outcome, Trouble};
use commonroom_core::audit::{AuditAction, AuditCategory};
use commonroom_core::env::Timestamp;
use commonroom_core::event::EventBody;
use commonroom_core::file::File;
use commonroom_core::ids::{AccountId, FileId, MessageId, SpaceId};
use commonroom_core::limits;
use commonroom_core::query::{AuditFilter, Found};
use rusqlite::{Connection, ToSql, params};
use std::sync::Arc;

/// Stores what an event about one of these nouns says.
pub(crate) fn project(conn: &Connection, body: &EventBody) -> Outcome<()> {
    if let EventBody::FileAdded { file } = body {
        add_file(conn, file)
    } else if let EventBody::FileGone { file } = body {
        put(conn, "DELETE FROM files WHERE id = ?1", [file.id.0.as_bytes()])
    } else if let EventBody::Emoji { emoji, .. } = body {
        let values = params![emoji.space.0.as_bytes(), emoji.number, json("emoji", emoji)?];
        put(conn, PUT_EMOJI, values)
    } else if let EventBody::EmojiGone { emoji } = body {
        put(conn, PUT_EMOJI, params![emoji.space.0.as_bytes(), emoji.number, None::<String>])
    } else if let EventBody::Invite { invite, .. } = body {
        let values = (invite.id.0.as_bytes(), invite.space.0.as_bytes(), json("invite", invite)?);
        put(conn, PUT_INVITE, values)
    } else if let EventBody::InviteGone { invite } = body {
        put(conn, "DELETE FROM invites WHERE id = ?1", [invite.id.0.as_bytes()])
    } else if let EventBody::Webhook { webhook } = body {
        let values = (webhook.id.0.as_bytes(), webhook.space.0.as_bytes(), json("webhook", webhook)?);
        put(conn, PUT_WEBHOOK, values)
    } else if let EventBody::WebhookGone { webhook, .. } = body {
        put(conn, "DELETE FROM webhooks WHERE id = ?1", [webhook.0.as_bytes()])
    } else if let EventBody::Audited { entry } = body {
        let by = entry.by.as_ref().map(|by| by.0.as_bytes());
        let (space, action) = (entry.space.0.as_bytes(), entry.action.word());
        put(conn, PUT_AUDIT, params![space, entry.at.0, action, by, entry.target, json("entry", entry)?])
    } else if let EventBody::AuditSwept { space, category, before } = body {
        sweep_audit(conn, *space, *category, *before)
    } else if let EventBody::PushPut { subscription } = body {
        let account = subscription.account.0.as_bytes();
        put(conn, PUT_PUSH, (account, &subscription.endpoint, json("subscription", subscription)?))
    } else if let EventBody::PushGone { account, endpoint } = body {
        put(conn, "DELETE FROM pushes WHERE account = ?1 AND endpoint = ?2", (account.0.as_bytes(), endpoint))
    } else {
        Err(Trouble::words("an event about another noun"))
    }
}

const PUT_EMOJI: &str = "INSERT INTO emoji (space, number, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (space, number) DO UPDATE SET body = excluded.body";
const PUT_WEBHOOK: &str = "INSERT INTO webhooks (id, space, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const PUT_INVITE: &str = "INSERT INTO invites (id, space, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const PUT_AUDIT: &str =
    "INSERT INTO audit (space, at, action, account, target, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const PUT_PUSH: &str = "INSERT INTO pushes (account, endpoint, body) VALUES (?1, ?2, ?3)
     ON CONFLICT (account, endpoint) DO UPDATE SET body = excluded.body";

fn put(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Outcome<()> {
    run(conn, sql, params).map(|_| ())
}

fn add_file(conn: &Connection, file: &File) -> Outcome<()> {
    let values = params![
        file.id.0.as_bytes(),
        file.hash,
        file.by.0.as_bytes(),
        file.channel.0.as_bytes(),
        file.created_at.0,
        file.expires_at.map(|end| end.0),
        json("file", file)?,
    ];
    let sql = "INSERT INTO files (id, hash, account, channel, created_at, expires_at, body)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    put(conn, sql, values)
}

fn sweep_audit(conn: &Connection, space: SpaceId, category: AuditCategory, before: Timestamp) -> Outcome<()> {
    for action in AuditAction::ALL.iter().filter(|action| action.category() == category) {
        let values = (space.0.as_bytes(), before.0, action.word());
        run(conn, "DELETE FROM audit WHERE space = ?1 AND at < ?2 AND action = ?3", values)?;
    }
    Ok(())
}

/// A file and the message that shares it.
pub(crate) fn file(conn: &Connection, id: FileId) -> Outcome<Found> {
    let sql = "SELECT body, message FROM files WHERE id = ?1";
    let found = crate::row::first(conn, sql, [id.0.as_bytes()], |row| {
        Ok((noun::<Arc<File>>(row, 0, "file")?, maybe_uuid(row, 1)?.map(MessageId)))
    })?;
    Ok(Found::File(found))
}

/// Files of an account, oldest first.
pub(crate) fn files_by(conn: &Connection, account: AccountId) -> Outcome<Found> {
    files(conn, "SELECT body FROM files WHERE account = ?1 ORDER BY created_at", [account.0.as_bytes()])
}

/// Files that have had their time.
pub(crate) fn stale_files(conn: &Connection, now: Timestamp) -> Outcome<Found> {
    let sql = "SELECT body FROM files WHERE (expires_at IS NOT NULL AND expires_at <= ?1)
               OR (message IS NULL AND created_at <= ?2) LIMIT ?3";
    let waited = now.plus_seconds(-limits::FILE_WAIT_SECONDS);
    files(conn, sql, (now.0, waited.0, signed(limits::SWEEP as u64)?))
}

/// Whether some file has this content.
pub(crate) fn file_content(conn: &Connection, hash: &str) -> Outcome<Found> {
    Ok(Found::Known(number(conn, "SELECT COUNT(*) FROM files WHERE hash = ?1", [hash])? > 0))
}

fn files(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Outcome<Found> {
    let mut files = Vec::new();
    for_each(conn, sql, params, |row| {
        files.push(noun(row, 0, "file")?);
        Ok(())
    })?;
    Ok(Found::Files(files))
}

/// A page of an audit log, newest first.
pub(crate) fn audit(
    conn: &Connection,
    space: SpaceId,
    filter: &AuditFilter,
    skip: u64,
    limit: usize,
) -> Outcome<Found> {
    let words: Vec<&str> = filter.actions.iter().map(|action| action.word()).collect();
    let words = json("actions", &words)?;
    let by = filter.by.map(|by| *by.0.as_bytes());
    let (after, before) = (filter.after.map(|at| at.0), filter.before.map(|at| at.0));
    let condition = "space = ?1 AND (?2 = '[]' OR action IN (SELECT value FROM json_each(?2)))
        AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR target = ?4)
        AND (?5 IS NULL OR at > ?5) AND (?6 IS NULL OR at < ?6)";
    let space = space.0.as_bytes();
    let values: [&dyn ToSql; 6] = [&space, &words, &by, &filter.target, &after, &before];
    let total = number(conn, &format!("SELECT COUNT(*) FROM audit WHERE {condition}"), values)?;
    let sql =
        format!("SELECT body FROM audit WHERE {condition} ORDER BY at DESC, place DESC LIMIT ?7 OFFSET ?8");
    let limit = signed(limit.min(limits::AUDIT_PAGE) as u64)?;
    let skip = i64::try_from(skip).unwrap_or(i64::MAX);
    let values: [&dyn ToSql; 8] = [&space, &words, &by, &filter.target, &after, &before, &limit, &skip];
    let mut entries = Vec::new();
    for_each(conn, &sql, values, |row| {
        entries.push(noun(row, 0, "entry")?);
        Ok(())
    })?;
    Ok(Found::Audit { entries, total })
}

/// Spaces whose audit log has such an entry from before a moment.
pub(crate) fn old_audits(conn: &Connection, actions: &[AuditAction], before: Timestamp) -> Outcome<Found> {
    let words: Vec<&str> = actions.iter().map(|action| action.word()).collect();
    let sql =
        "SELECT DISTINCT space FROM audit WHERE at < ?1 AND action IN (SELECT value FROM json_each(?2))";
    let mut spaces = Vec::new();
    for_each(conn, sql, (before.0, json("actions", &words)?), |row| {
        spaces.push(SpaceId(uuid(row, 0)?));
        Ok(())
    })?;
    Ok(Found::Spaces(spaces))
}

/// How often each action stands in an audit log.
pub(crate) fn audit_counts(conn: &Connection, space: SpaceId) -> Outcome<Found> {
    let mut counts = Vec::new();
    let sql = "SELECT action, COUNT(*) FROM audit WHERE space = ?1 GROUP BY action";
    for_each(conn, sql, [space.0.as_bytes()], |row| {
        let word: String = row.get(0)?;
        if let Some(action) = AuditAction::ALL.iter().find(|action| action.word() == word) {
            counts.push((*action, unsigned(row, 1)?));
        }
        Ok(())
    })?;
    counts.sort_by_key(|(action, _)| *action);
    Ok(Found::AuditCounts(counts))
}
