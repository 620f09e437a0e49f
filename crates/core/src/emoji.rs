//! Emoji of a community's own.

use crate::directory::Directory;
use crate::env::Timestamp;
use crate::file::Picture;
use crate::ids::{AccountId, SpaceId};
use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Emoji {
    /// Its number in its space: 0, 1, 2, ... never given again.
    pub number: i64,
    /// Whose it is.
    pub space: SpaceId,
    /// What it is written as between colons: `[A-Za-z0-9_-]`, unique in the space ignoring case.
    pub name: String,
    /// How it looks.
    pub picture: Picture,
    /// Who added it.
    pub by: AccountId,
    /// When.
    pub created_at: Timestamp,
}

/// A reaction or word as everybody can read it: the address of an emoji of this space becomes its `:name:`.
pub fn readable(directory: &Directory, space: SpaceId, raw: &str) -> String {
    let number = raw.strip_prefix("originChats://").and_then(|rest| rest.split_once("/emojis/"));
    let known =
        number.and_then(|(_, number)| number.parse().ok()).and_then(|number| directory.emoji(space, number));
    known.map_or_else(|| raw.to_owned(), |emoji| format!(":{}:", emoji.name))
}
