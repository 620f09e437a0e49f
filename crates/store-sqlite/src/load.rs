//! Builds the directory at start. Reads no messages but the newest one of each channel, and no events.

use crate::project::NOTE;
use crate::row::{CHANNEL, INSTANCE, SPACE, first, for_each, maybe_uuid, noun, unsigned, uuid};
use crate::trouble::{Outcome, Trouble};
use commonroom_core::account::Account;
use commonroom_core::channel::Channel;
use commonroom_core::directory::{Counters, Directory};
use commonroom_core::env::Timestamp;
use commonroom_core::event::{
    AccountChange, ChannelChange, Departure, EventBody, MemberChange, Relation, SpaceChange,
};
use commonroom_core::ids::{AccountId, MessageId, SpaceId};
use commonroom_core::item::ItemNews;
use commonroom_core::note::Noted;
use commonroom_core::space::Member;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The code of a relation in its column.
pub(crate) fn relation_code(relation: Relation) -> i64 {
    match relation {
        Relation::Mute => 0,
        Relation::Block => 1,
    }
}

/// Everything but the messages and the events, at one committed state.
pub(crate) fn load(conn: &Connection) -> Outcome<Directory> {
    let snapshot = conn.unchecked_transaction()?;
    let mut directory = Directory::with_counters(counters(&snapshot)?);
    people(&snapshot, &mut directory)?;
    spaces(&snapshot, &mut directory)?;
    channels(&snapshot, &mut directory)?;
    belongings(&snapshot, &mut directory)?;
    Ok(directory)
}

fn counters(conn: &Connection) -> Outcome<Counters> {
    let head = first(conn, "SELECT head FROM streams WHERE stream = ?1", [INSTANCE], |row| unsigned(row, 0))?;
    let highest = |sql| first(conn, sql, [], |row| Ok(row.get::<_, i64>(0)?)).map(|found| found.unwrap_or(0));
    let last_account = highest("SELECT COALESCE(MAX(number), 0) FROM accounts")?;
    // Messages of deleted channels are gone, but their numbers are not given again.
    let stored = highest("SELECT COALESCE(MAX(number), 0) FROM messages")?;
    let noted = highest("SELECT value FROM meta WHERE key = 'last_message'")?;
    Ok(Counters { head: head.unwrap_or(0), last_account, last_message: stored.max(noted) })
}

fn people(conn: &Connection, directory: &mut Directory) -> Outcome<()> {
    for_each(conn, "SELECT body FROM accounts ORDER BY number", [], |row| {
        let account: Arc<Account> = noun(row, 0, "account")?;
        let change = if account.retired { AccountChange::Retired } else { AccountChange::Created };
        directory.restore(&EventBody::Account { account, change });
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM logins", [], |row| {
        directory.restore(&EventBody::LoginPut { login: noun(row, 0, "login")? });
        Ok(())
    })?;
    for_each(conn, "SELECT source, target, relation FROM relations", [], |row| {
        let relation = match row.get(2)? {
            0 => Relation::Mute,
            1 => Relation::Block,
            code => return Err(Trouble::words(format!("relation {code} is unknown"))),
        };
        let (from, to) = (AccountId(uuid(row, 0)?), AccountId(uuid(row, 1)?));
        directory.restore(&EventBody::Related { from, to, relation, on: true });
        Ok(())
    })
}

fn spaces(conn: &Connection, directory: &mut Directory) -> Outcome<()> {
    // The first one becomes the default space: the oldest.
    for_each(conn, "SELECT body FROM spaces ORDER BY place", [], |row| {
        directory.restore(&EventBody::Space { space: noun(row, 0, "space")?, change: SpaceChange::Created });
        Ok(())
    })?;
    let heads = "SELECT substr(stream, 2), head FROM streams WHERE stream >= ?1 AND stream < ?2";
    for_each(conn, heads, ([SPACE], [SPACE + 1]), |row| {
        directory.restore_space_head(SpaceId(uuid(row, 0)?), unsigned(row, 1)?);
        Ok(())
    })?;
    for_each(conn, "SELECT body, gone FROM members", [], |row| {
        let member: Arc<Member> = noun(row, 0, "member")?;
        let (space, account) = (member.space, member.account);
        directory.restore(&EventBody::Member { member, change: MemberChange::Joined });
        if row.get(1)? {
            // What moderators imposed on them is remembered.
            let departure = Departure::Left;
            directory.restore(&EventBody::MemberGone { space, account, departure, reason: None });
        }
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM bans", [], |row| {
        directory.restore(&EventBody::Banned { ban: noun(row, 0, "ban")? });
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM items", [], |row| {
        // One thing that cannot be read must not keep everybody out; it stays in its row (chatgrid.md defect 17).
        match noun(row, 0, "item") {
            Ok(item) => directory.restore(&EventBody::Item { item, news: ItemNews::Placed }),
            Err(trouble) => tracing::error!(%trouble, "an item is left out"),
        }
        Ok(())
    })
}

fn channels(conn: &Connection, directory: &mut Directory) -> Outcome<()> {
    let mut tips = BTreeMap::new();
    let sql = "SELECT substr(s.stream, 2), s.head, m.id, m.created_at, s.live FROM streams s
               LEFT JOIN messages m ON m.number = s.newest WHERE s.stream >= ?1 AND s.stream < ?2";
    for_each(conn, sql, ([CHANNEL], [CHANNEL + 1]), |row| {
        let newest = maybe_uuid(row, 2)?.map(MessageId);
        let at = row.get::<_, Option<i64>>(3)?.map(Timestamp);
        tips.insert(uuid(row, 0)?, (unsigned(row, 1)?, newest, at, unsigned(row, 4)?));
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM channels", [], |row| {
        let mut channel: Channel = noun(row, 0, "channel")?;
        // What its messages made of it since its row was written.
        if let Some((head, newest, at, live)) = tips.remove(&channel.id.0) {
            (channel.head, channel.last_message, channel.last_message_at) = (head, newest, at);
            channel.messages = live;
        }
        directory.restore(&EventBody::Channel { channel: Arc::new(channel), change: ChannelChange::Created });
        Ok(())
    })
}

fn belongings(conn: &Connection, directory: &mut Directory) -> Outcome<()> {
    for_each(conn, "SELECT space, number, body FROM emoji", [], |row| {
        directory.restore_last_emoji(SpaceId(uuid(row, 0)?), row.get(1)?);
        if row.get_ref(2)?.data_type() != rusqlite::types::Type::Null {
            directory.restore(&EventBody::Emoji { emoji: noun(row, 2, "emoji")?, added: true });
        }
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM invites", [], |row| {
        directory.restore(&EventBody::Invite { invite: noun(row, 0, "invite")?, made: true });
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM webhooks", [], |row| {
        directory.restore(&EventBody::Webhook { webhook: noun(row, 0, "webhook")? });
        Ok(())
    })?;
    for_each(conn, "SELECT body FROM pushes", [], |row| {
        directory.restore(&EventBody::PushPut { subscription: noun(row, 0, "subscription")? });
        Ok(())
    })?;
    for_each(conn, "SELECT value FROM meta WHERE key >= ?1 AND key < ?2", (NOTE, "note!"), |row| {
        let noted = Noted::Written(noun(row, 0, "note")?);
        directory.restore(&EventBody::Noted { noted });
        Ok(())
    })?;
    for_each(conn, "SELECT ends_at, message FROM polls", [], |row| {
        directory.restore_poll(Timestamp(row.get(0)?), MessageId(uuid(row, 1)?));
        Ok(())
    })
}
