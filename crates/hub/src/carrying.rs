//! Who carries what on the grids. Never stored: after a restart everything is free and lies where the core knows it.

use crate::hub::Hub;
use crate::live::{Carriage, Live, LiveEvent, LiveSession, Scope};
use commonroom_core::command::{Actor, Command, ItemDeed};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{ItemId, SessionId};
use commonroom_core::item::{Item, Laid};
use std::sync::Arc;

/// Who carries something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Carrying {
    /// The connection.
    pub session: SessionId,
    /// When it was picked up or came along last.
    pub moved: Timestamp,
}

impl Live {
    /// Who carries an item.
    pub fn carrier(&self, item: ItemId) -> Option<Carrying> {
        self.carried.get(&item).copied()
    }

    /// What a connection carries.
    pub fn carried_by(&self, session: SessionId) -> Option<ItemId> {
        self.hands.get(&session).copied()
    }

    /// Where an item fell of which the store does not know it yet.
    pub fn fallen(&self, item: ItemId) -> Option<&Laid> {
        self.fallen.get(&item)
    }

    /// Where an item lies that nobody carries.
    pub fn lies_at(&self, item: &Item) -> (i32, i32) {
        self.fallen.get(&item.id).map_or(item.square, |laid| laid.square)
    }
}

impl Hub {
    pub(crate) fn carry(&mut self, session: SessionId, item: ItemId, seen: (i32, i32), now: Timestamp) {
        let Some(holder) = self.live.sessions.get(&session).cloned() else { return };
        let Some(known) = self.state.directory.item(item).cloned() else { return };
        let free = !self.live.carried.contains_key(&item) && !self.live.hands.contains_key(&session);
        let here = holder.scope == Scope::Space(known.space) && self.live.lies_at(&known) == seen;
        if !free || !here || holder.square.is_none() {
            return;
        }
        self.live.fallen.remove(&item);
        self.live.carried.insert(item, Carrying { session, moved: now });
        self.live.hands.insert(session, item);
        self.tell(LiveEvent::Carried { item, session: holder, how: Carriage::Taken });
    }

    /// What a connection carries goes along with it.
    pub(crate) fn take_along(&mut self, session: SessionId, jumped: bool, now: Timestamp) {
        let Some(holder) = self.live.sessions.get(&session).cloned() else { return };
        let Some(item) = self.live.carried_by(session) else { return };
        self.live.carried.insert(item, Carrying { session, moved: now });
        let how = if jumped { Carriage::Jumped } else { Carriage::Walked };
        self.tell(LiveEvent::Carried { item, session: holder, how });
    }

    /// What a connection carries falls where it stood last.
    pub(crate) fn let_fall(&mut self, session: &Arc<LiveSession>, now: Timestamp) {
        let Some(item) = self.live.hands.remove(&session.id) else { return };
        self.live.carried.remove(&item);
        if let Some(square) = session.square {
            let laid = Laid { square, holder: session.id, by: None, at: now };
            self.live.fallen.insert(item, laid);
            self.commands.push((Actor::System, Command::Item { item, deed: ItemDeed::Lay(laid) }));
        }
        self.tell(LiveEvent::Carried { item, session: session.clone(), how: Carriage::Fallen });
    }

    /// The store knows where something was put down.
    pub(crate) fn laid(&mut self, item: ItemId, holder: SessionId) {
        if self.live.carrier(item).is_some_and(|carrying| carrying.session == holder) {
            self.live.carried.remove(&item);
            self.live.hands.remove(&holder);
        }
        if self.live.fallen(item).is_some_and(|laid| laid.holder == holder) {
            self.live.fallen.remove(&item);
        }
    }

    /// An item is no more.
    pub(crate) fn lose(&mut self, item: ItemId) {
        self.live.fallen.remove(&item);
        if let Some(carrying) = self.live.carried.remove(&item) {
            self.live.hands.remove(&carrying.session);
        }
    }

    /// A space is no more, with all its items.
    pub(crate) fn lose_missing(&mut self) {
        let known = |item: &ItemId| self.state.directory.item(*item).is_some();
        let held = self.live.carried.keys().chain(self.live.fallen.keys());
        let missing: Vec<ItemId> = held.filter(|item| !known(item)).copied().collect();
        missing.into_iter().for_each(|item| self.lose(item));
    }
}
