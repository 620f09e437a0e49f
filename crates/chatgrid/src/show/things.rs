//! What one connection sees of what happens to items.

use crate::encode::{LANDING, LINE, Scene};
use crate::session::Player;
use commonroom_core::event::{Event, EventBody};
use commonroom_core::ids::{AccountId, ItemId};
use commonroom_core::item::{Item, ItemNews};
use commonroom_hub::live::{self, Carriage, LiveEvent, LiveSession};
use commonroom_hub::session::{Happening, Show, Variant};

/// An item was placed, changed, put down or given away.
pub(super) fn changed(scene: Scene<'_>, player: &Player, item: &Item, news: ItemNews, event: &Event) -> Show {
    let by = event.by.or(item.updated_by);
    // That it fell or came along was told when it did.
    if news == ItemNews::Along || (matches!(news, ItemNews::Laid(_)) && by.is_none()) {
        return Show::Nothing;
    }
    if player.keyboard.uses(item.id) {
        return Show::Private;
    }
    let own = event.origin.is_some_and(|origin| origin.session == player.id);
    Show::Shared(flags(scene, player, own, by))
}

/// An item is no more.
pub(super) fn gone(player: &Player, item: ItemId) -> Show {
    if player.keyboard.uses(item) { Show::Private } else { Show::Shared(0) }
}

/// An item was picked up, came along or fell.
pub(super) fn carried(
    scene: Scene<'_>,
    player: &Player,
    item: ItemId,
    session: &LiveSession,
    how: Carriage,
) -> Show {
    if player.keyboard.uses(item) {
        return Show::Private;
    }
    Show::Shared(carried_flags(scene, player, session, how))
}

/// Whether a line tells of what was done with an item: not to who did it, nor to who does not want to read them.
fn flags(scene: Scene<'_>, player: &Player, own: bool, by: Option<AccountId>) -> Variant {
    let (directory, live) = (&scene.state.directory, &scene.state.live);
    let hidden = by.is_some_and(|by| live::hidden_from(directory, live, player.account, by));
    if own || hidden { 0 } else { LINE }
}

fn carried_flags(scene: Scene<'_>, player: &Player, session: &LiveSession, how: Carriage) -> Variant {
    let told = flags(scene, player, session.id == player.id, Some(session.account)) != 0;
    match how {
        Carriage::Taken if told => LINE,
        Carriage::Jumped if told => LANDING,
        Carriage::Taken | Carriage::Jumped | Carriage::Walked | Carriage::Fallen => 0,
    }
}

/// The flags of a happening with an item, for who plays on it.
pub(super) fn played(scene: Scene<'_>, player: &Player, happening: &Happening) -> Option<Variant> {
    match happening {
        Happening::Event(event) => {
            let own = event.origin.is_some_and(|origin| origin.session == player.id);
            if let EventBody::Item { item, .. } = &event.body {
                return Some(flags(scene, player, own, event.by.or(item.updated_by)));
            }
            matches!(event.body, EventBody::ItemGone { .. }).then_some(0)
        }
        Happening::Live(event) => {
            let LiveEvent::Carried { session, how, .. } = &**event else { return None };
            Some(carried_flags(scene, player, session, *how))
        }
    }
}
