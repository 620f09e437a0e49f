//! Things that stand on the grid of a space.

use crate::env::Timestamp;
use crate::ids::{AccountId, ItemId, SessionId, SpaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An item's properties by name.
pub type Params = BTreeMap<String, Param>;

/// A value of an item's property.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with decimals; always finite.
    Real(f64),
    /// Words.
    Text(String),
}

/// One thing on the grid. What it does is decided by its type in the Chat Grid adapter.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// The space whose grid it stands on.
    pub space: SpaceId,
    /// Its type's word, for example `dice`.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Its square: x to the east, y to the north.
    pub square: (i32, i32),
    /// Its properties.
    pub params: Params,
    /// What it remembers beside them and nobody is shown: a tune. At most [`crate::limits::ITEM_MEMORY_BYTES`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Arc<str>>,
    /// Whose it is.
    pub owner: AccountId,
    /// The owner's name when it was made.
    pub owner_name: String,
    /// Who changed it last; `None` is the server.
    pub updated_by: Option<AccountId>,
    /// Counts its changes, from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What became of an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ItemNews {
    /// It is new.
    Placed,
    /// Somebody changed its title or properties.
    Changed,
    /// Somebody used it, and its properties changed by that.
    Used,
    /// It was put down; who carried it.
    Laid(SessionId),
    /// It is carried, and lies there should nobody put it down any more.
    Along,
    /// It has another owner.
    Transferred,
}

/// Where something that was carried lies now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Laid {
    /// The square.
    pub square: (i32, i32),
    /// The connection that carried it.
    pub holder: SessionId,
    /// Who put it down; `None` when it fell because they went.
    pub by: Option<AccountId>,
    /// When.
    pub at: Timestamp,
}
