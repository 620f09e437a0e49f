//! Things that stand on the grid of a space.

use crate::env::Timestamp;
use crate::ids::{AccountId, ItemId, SpaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    pub params: BTreeMap<String, Param>,
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
