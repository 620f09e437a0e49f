//! Whom a happening goes to, and its frames: rendered at most once per protocol and variant.

use crate::live;
use crate::outbox::Kind;
use crate::session::{Adapter, Frames, Happening, Show, State};
use bytes::Bytes;
use commonroom_core::audience;
use commonroom_core::ids::AccountId;
use std::sync::Arc;

/// Whom a happening goes to: decided by the core for events, by the hub for live events.
pub(crate) enum Reach {
    Event(audience::Audience),
    Live(live::Reach),
}

/// Whom a happening goes to.
pub(crate) fn reach(happening: &Happening) -> Reach {
    match happening {
        Happening::Event(event) => Reach::Event(audience::audience(event)),
        Happening::Live(event) => Reach::Live(event.reach()),
    }
}

/// Whose doing it shows.
pub(crate) fn subject(happening: &Happening) -> Option<AccountId> {
    match happening {
        Happening::Event(event) => audience::subject(event),
        Happening::Live(event) => event.subject(),
    }
}

/// What was rendered in one fan-out: each happening at most once per protocol and variant, and joined once per mix.
#[derive(Default)]
pub(crate) struct Rendering {
    done: Vec<(usize, usize, Vec<Show>, Bytes, Kind)>,
    last: usize,
}

impl Rendering {
    /// The frames of a group as a session shows them, rendered now or found.
    pub(crate) fn joined(
        &mut self,
        adapter: usize,
        renderer: &Arc<dyn Adapter>,
        group: &[Happening],
        shows: &[Show],
        state: &State,
    ) -> (Bytes, Kind) {
        // The address tells apart one happening of the group from the whole group.
        let place = group.as_ptr().addr();
        let fits = |entry: &(usize, usize, Vec<Show>, Bytes, Kind)| {
            entry.0 == adapter && entry.1 == place && entry.2 == shows
        };
        if let Some(entry) = self.done.get(self.last).filter(|entry| fits(entry)) {
            return (entry.3.clone(), entry.4);
        }
        if let Some(at) = self.done.iter().position(fits) {
            self.last = at;
            return (self.done[at].3.clone(), self.done[at].4);
        }
        let mut frames = Frames::default();
        for (happening, show) in group.iter().zip(shows) {
            if let Show::Shared(variant) = show {
                renderer.render(happening, *variant, state, &mut frames);
            }
        }
        let kind = match group {
            [only] => renderer.kind(only),
            _ => Kind::Kept,
        };
        let frames = frames.take();
        self.last = self.done.len();
        self.done.push((adapter, place, shows.to_vec(), frames.clone(), kind));
        (frames, kind)
    }
}
