//! From what has happened to the outboxes: who shows what, rendered at most once per protocol and variant.

use super::Shard;
use crate::limits;
use crate::live;
use crate::rendering::{Rendering, subject};
use crate::roster::Slot;
use crate::session::{Happening, Show};
use commonroom_core::ids::AccountId;

impl Shard {
    pub(super) fn fan_out(&mut self, group: &[Happening], slots: &[Slot]) {
        let state = self.state.clone();
        let mut rendering = Rendering::default();
        let related = !state.directory.nobody_related() || state.live.anybody_related();
        let subjects: Vec<Option<AccountId>> = group.iter().map(subject).collect();
        let mut shows = Vec::with_capacity(group.len());
        for slot in slots {
            let account = if related { self.roster.account_of(*slot) } else { None };
            let Some(connection) = self.connections.get_mut(*slot as usize).and_then(Option::as_mut) else {
                continue;
            };
            if let Some(held) = &mut connection.held {
                held.extend(group.iter().cloned());
                if held.len() > limits::HELD_HAPPENINGS {
                    self.cut(*slot);
                }
                continue;
            }
            shows.clear();
            for (happening, subject) in group.iter().zip(&subjects) {
                let hidden = account.zip(*subject).is_some_and(|(reader, author)| {
                    live::hidden_from(&state.directory, &state.live, reader, author)
                });
                let session = &mut connection.session;
                shows.push(match hidden {
                    true => session.show_hidden(happening, &state),
                    false => session.show(happening, &state),
                });
            }
            let adapter = connection.adapter;
            if shows.contains(&Show::Private) {
                self.tell_each(*slot, group, &shows, &mut rendering);
            } else if shows.iter().any(|show| *show != Show::Nothing) {
                let (frames, kind) =
                    rendering.joined(adapter, &self.adapters[adapter], group, &shows, &state);
                connection.outbox.push(frames, kind);
                self.mark(*slot);
            }
        }
    }

    fn tell_each(&mut self, slot: Slot, group: &[Happening], shows: &[Show], rendering: &mut Rendering) {
        for (happening, show) in group.iter().zip(shows) {
            match show {
                Show::Nothing => {}
                Show::Private => self.with(slot, |session, cx| session.tell(happening, cx)),
                Show::Shared(_) => {
                    let state = self.state.clone();
                    let Some(adapter) = self.connection(slot).map(|connection| connection.adapter) else {
                        return;
                    };
                    let one = (std::slice::from_ref(happening), std::slice::from_ref(show));
                    let (frames, kind) =
                        rendering.joined(adapter, &self.adapters[adapter], one.0, one.1, &state);
                    if let Some(connection) = self.connection(slot) {
                        connection.outbox.push(frames, kind);
                    }
                    self.mark(slot);
                }
            }
        }
    }
}
