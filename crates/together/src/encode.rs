//! What the core knows, in the words of this protocol. No decisions here.

pub mod audit;
pub mod content;
pub mod emoji;
pub mod event;
pub mod file;
pub mod invite;
pub mod message;
pub mod person;
pub mod place;
pub mod refusal;
pub mod server;
pub mod talk;
pub mod voice;

use commonroom_core::ids::AccountId;
use commonroom_hub::session::State;

/// The state and who looks at it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What is known.
    pub state: &'a State,
    /// Who looks; `None` for what everybody gets alike.
    pub viewer: Option<AccountId>,
}

impl<'a> View<'a> {
    /// The state as somebody sees it.
    pub fn of(state: &'a State, viewer: AccountId) -> Self {
        Self { state, viewer: Some(viewer) }
    }
}
