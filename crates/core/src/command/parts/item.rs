//! What may be done with items.

use crate::ids::AccountId;
use crate::item::{Laid, Params};
use std::sync::Arc;

/// What is to be done with an item. → `Reply::Item`, and `Reply::Done` for the last.
#[derive(Clone, PartialEq, Debug)]
pub enum ItemDeed {
    /// Another title, other properties: a new version.
    Change(ItemChange),
    /// Properties get another value because somebody uses it; that is no new version.
    Use(Params),
    /// It was put down after it was carried. Whoever asks for it has checked that it was. System.
    Lay(Laid),
    /// It is carried, and its carrier's square is stored: there it lies should the server end without notice. System.
    Along((i32, i32)),
    /// It is given to another member of its space.
    Transfer(AccountId),
    /// It is taken off the grid.
    Remove,
}

/// A change of some of an item's fields.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ItemChange {
    /// New title.
    pub title: Option<String>,
    /// New square.
    pub square: Option<(i32, i32)>,
    /// Properties that get another value; the others stay.
    pub params: Params,
    /// What it remembers from now on.
    pub memory: Option<Arc<str>>,
}
