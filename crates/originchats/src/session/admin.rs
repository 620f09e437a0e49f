//! Roles, channels, people, and what was done to them (originchats.md 5.7 to 5.10, 5.18).

use super::OriginSession;
use super::requests::Asked;
use crate::decode::admin::Ask;
use crate::wording::{Wrong, text};
use commonroom_core::event::Event;
use commonroom_core::ids::SpaceId;
use commonroom_core::{Permissions, policy};
use commonroom_hub::session::Context;

mod channels;
mod holders;
mod log;
mod members;
mod roles;
mod server;

pub(super) use roles::BANNED;

impl OriginSession {
    /// Carries out a request of `decode::admin`.
    pub(super) fn administer(&mut self, ask: Ask, asked: Asked, cx: &mut Context<'_>) {
        let done = match ask {
            Ask::Roles(ask) => self.about_roles(ask, &asked, cx),
            Ask::Channels(ask) => self.about_channels(ask, &asked, cx),
            Ask::People(ask) => self.about_members(ask, &asked, cx),
            Ask::Server(ask) => self.about_server(ask, &asked, cx),
        };
        if let Err(wrong) = done {
            self.refuse(&asked, &wrong, cx);
        }
    }

    /// The community, for code that runs only after the sign-in.
    fn here(&self) -> Result<SpaceId, Wrong> {
        self.me.as_ref().map(|me| me.space).ok_or(Wrong::Plain(text::SIGN_IN))
    }

    /// What the one who asks may do in the community.
    pub(super) fn held(&self, cx: &Context<'_>) -> Permissions {
        self.me.as_ref().map_or(Permissions::NONE, |me| {
            policy::permissions_in_space(&cx.state.directory, me.space, me.account)
        })
    }

    /// Checks that one of these permissions is held; the sentence names the one that clients know.
    pub(super) fn needs(
        &self,
        any: &[Permissions],
        name: &'static str,
        cx: &Context<'_>,
    ) -> Result<(), Wrong> {
        let held = self.held(cx);
        if any.iter().any(|wanted| held.has(*wanted)) { Ok(()) } else { Err(Wrong::Permission(name)) }
    }

    /// True when the one who asks is an owner.
    fn owns(&self, cx: &Context<'_>) -> bool {
        self.me.as_ref().is_some_and(|me| {
            let directory = &cx.state.directory;
            directory.space(me.space).is_some_and(|space| policy::is_owner(directory, space, me.account))
        })
    }

    /// Checks that the one who asks is an owner.
    fn needs_owner(&self, cx: &Context<'_>) -> Result<(), Wrong> {
        if self.owns(cx) { Ok(()) } else { Err(Wrong::Plain(text::OWNER_REQUIRED)) }
    }

    /// The command of this connection that caused an event and waits for its answer.
    pub(super) fn asked_for(&mut self, event: &Event) -> Option<&'static str> {
        let own = event.origin.filter(|origin| origin.session == self.id)?;
        self.requests.under_way(own.tag).map(|pending| pending.asked.cmd)
    }
}
