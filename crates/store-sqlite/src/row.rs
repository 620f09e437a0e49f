//! How ids, numbers, streams and nouns stand in columns.

use crate::trouble::{Outcome, Trouble};
use commonroom_core::event::Stream;
use commonroom_core::ids::{ChannelId, SpaceId};
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Runs a statement that the connection keeps prepared; says how many rows it changed.
pub(crate) fn run(conn: &Connection, sql: &str, params: impl Params) -> Outcome<usize> {
    Ok(conn.prepare_cached(sql)?.execute(params)?)
}

/// The first row of a query, read by `read`.
pub(crate) fn first<T>(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> Outcome<T>,
) -> Outcome<Option<T>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(read).transpose()
}

/// Gives every row of a query to `each`.
pub(crate) fn for_each(
    conn: &Connection,
    sql: &str,
    params: impl Params,
    mut each: impl FnMut(&Row<'_>) -> Outcome<()>,
) -> Outcome<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}

/// A number that a query always gives, such as a count.
pub(crate) fn number(conn: &Connection, sql: &str, params: impl Params) -> Outcome<u64> {
    first(conn, sql, params, |row| unsigned(row, 0))?
        .ok_or_else(|| Trouble::words("SQLite: a count gave no row"))
}

/// A noun as its JSON.
pub(crate) fn json<T: Serialize>(noun: &'static str, value: &T) -> Outcome<String> {
    serde_json::to_string(value).map_err(|error| Trouble::Json(noun, error))
}

/// A noun out of a column with its JSON.
pub(crate) fn noun<T: DeserializeOwned>(row: &Row<'_>, column: usize, noun: &'static str) -> Outcome<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| Trouble::Json(noun, error))
}

/// A number for a column; SQLite's end at 2^63.
pub(crate) fn signed(number: u64) -> Outcome<i64> {
    i64::try_from(number).map_err(|_| Trouble::words("a number beyond 2^63 is not stored"))
}

/// A number out of a column that is never negative.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> Outcome<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| Trouble::words("a stored count is negative"))
}

/// An id out of a column.
pub(crate) fn uuid(row: &Row<'_>, column: usize) -> Outcome<Uuid> {
    Ok(Uuid::from_bytes(row.get::<_, [u8; 16]>(column)?))
}

/// An id out of a column that may be empty.
pub(crate) fn maybe_uuid(row: &Row<'_>, column: usize) -> Outcome<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

/// The key of the instance's stream.
pub(crate) const INSTANCE: &[u8] = &[0];
/// The first byte of the key of a space's stream.
pub(crate) const SPACE: u8 = 1;
/// The first byte of the key of a channel's stream.
pub(crate) const CHANNEL: u8 = 2;

/// The key of a stream.
pub(crate) fn stream_key(stream: Stream) -> Vec<u8> {
    match stream {
        Stream::Instance => INSTANCE.to_vec(),
        Stream::Space(space) => space_key(space).to_vec(),
        Stream::Channel(channel) => channel_key(channel).to_vec(),
    }
}

/// The key of a space's stream.
pub(crate) fn space_key(space: SpaceId) -> [u8; 17] {
    tagged(SPACE, space.0)
}

/// The key of a channel's stream.
pub(crate) fn channel_key(channel: ChannelId) -> [u8; 17] {
    tagged(CHANNEL, channel.0)
}

fn tagged(tag: u8, id: Uuid) -> [u8; 17] {
    let mut key = [tag; 17];
    key[1..].copy_from_slice(id.as_bytes());
    key
}
