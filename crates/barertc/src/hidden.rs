//! What is shown of people who are hidden by a mute or block (barertc.md 5.10, 5.11, 8.1).

use crate::Shared;
use crate::here::Here;
use crate::seen::{Seen, Telling};
use crate::shown::{self, is_direct};
use crate::world;
use commonroom_core::event::EventBody;
use commonroom_core::message::Message;
use commonroom_hub::session::{Happening, Show, State};

impl Seen {
    /// The same without words about a coming or going.
    fn unspoken(self) -> Self {
        match self {
            Self::Roll(_) => Self::Roll(None),
            Self::Nothing | Self::Shared(_) | Self::Alone(_) => self,
        }
    }
}

impl Here {
    /// What to show of somebody hidden by a mute or block: no word of theirs and no coming or going, but the who list may
    /// have changed, and who is only muted may watch cameras, take words back and, as an operator, write directly (8.1).
    pub(crate) fn show_hidden(&mut self, happening: &Happening, shared: &Shared, state: &State) -> Show {
        let blocked = |subject| world::blocked(state, self.account(), subject);
        let seen = match happening {
            Happening::Event(event) => {
                if let EventBody::MessagePosted { message } = &event.body {
                    let heard = self.must_hear(message, state);
                    if heard { Seen::Alone(Telling::Direct) } else { Seen::Nothing }
                } else if let EventBody::MessageDeleted { message } = &event.body {
                    if blocked(message.author) { Seen::Nothing } else { self.see_event(event, shared, state) }
                } else if shown::is_about_a_person(&event.body) {
                    self.see_event(event, shared, state).unspoken()
                } else {
                    Seen::Nothing
                }
            }
            Happening::Live(event) => {
                let blocked = event.subject().is_some_and(blocked);
                match self.see_live(event, state).unspoken() {
                    Seen::Alone(Telling::Signal | Telling::Notice(_)) if blocked => Seen::Nothing,
                    // What one wished about them may take effect now, or no longer.
                    Seen::Roll(_) => Seen::Alone(Telling::Look),
                    other @ (Seen::Nothing | Seen::Shared(_) | Seen::Alone(_)) => other,
                }
            }
        };
        self.note_seen(seen)
    }

    /// True for a direct message of an operator who is muted.
    fn must_hear(&self, message: &Message, state: &State) -> bool {
        is_direct(message, state)
            && world::is_operator(state, self.space, message.author)
            && !world::blocked(state, self.account(), message.author)
    }
}
