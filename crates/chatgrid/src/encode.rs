//! What has happened, as frames (chatgrid.md 6). All text that people hear of others is made here and in [`crate::talk`]
//! and [`crate::news`]. No decision: `show` has made it, and hands it over as flags.

use crate::config::Config;
use crate::items;
use crate::news;
use crate::talk;
use crate::wire::{Frame, User};
use crate::world;
use commonroom_core::event::{Event, EventBody, MemberChange};
use commonroom_core::ids::{AccountId, ItemId, SpaceId};
use commonroom_core::item::{Item, ItemNews};
use commonroom_core::space::Space;
use commonroom_hub::live::{Carriage, Effect, LiveEvent, LiveSession, Signal};
use commonroom_hub::session::{Happening, State, Variant};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Flag: with the line that tells of it.
pub const LINE: Variant = 1;
/// Flag: the person's parked self goes or comes in exchange.
pub const PARK: Variant = 2;
/// Flag: a jump is also told as a landing.
pub const LANDING: Variant = 4;

/// Flag: for who wrote it.
pub const OWN: Variant = 8;

/// The word of an [`Effect`] for everybody, also who did it.
pub const FOR_ALL: &str = "all";
/// The word of an [`Effect`] for everybody but who did it.
pub const FOR_OTHERS: &str = "others";

/// The word of an [`Effect`] that no client is told of.
pub const FOR_RESIDENT: &str = "resident";

/// Where frames go.
pub type Out<'a> = &'a mut dyn FnMut(&str);

/// What is looked at while frames are made.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The operator's settings.
    pub config: &'a Config,
    /// The state of the moment.
    pub state: &'a State,
    /// The space whose grid it is.
    pub space: &'a Arc<Space>,
}

impl<'a> Scene<'a> {
    /// The scene of a moment; `None` while the space does not exist.
    pub fn new(config: &'a Config, state: &'a State) -> Option<Self> {
        world::space(config, &state.directory).map(|space| Self { config, state, space })
    }

    /// The scene of a moment in a space that is known; `None` when it is gone.
    pub fn of(config: &'a Config, state: &'a State, space: SpaceId) -> Option<Self> {
        state.directory.space(space).map(|space| Self { config, state, space })
    }

    /// The space's id.
    pub fn id(&self) -> SpaceId {
        self.space.id
    }

    /// Somebody's name here.
    pub fn name(&self, account: AccountId) -> std::borrow::Cow<'a, str> {
        world::shown(&self.state.directory, self.space.id, account)
    }

    /// Everybody that an account is on the grid: its announced connections, or its parked self.
    pub fn selves(&self, account: AccountId) -> Vec<User> {
        let walking =
            world::grid_sessions(self.state, self.space.id, account).filter(|session| session.ready);
        let mut selves: Vec<User> = walking.map(|session| self.walker(session)).collect();
        let directory = &self.state.directory;
        if world::parked(self.state, self.space.id, account) && !world::invisible(directory, account) {
            selves.push(self.parked(account));
        }
        selves
    }

    fn walker(&self, session: &LiveSession) -> User {
        world::walker(self.config, &self.state.directory, self.space.id, session)
    }

    fn parked(&self, account: AccountId) -> User {
        world::parked_user(self.config, &self.state.directory, self.space.id, account)
    }
}

/// The frames of a happening.
pub fn happening(scene: Scene<'_>, happening: &Happening, flags: Variant, out: Out<'_>) {
    if let Some((kind, account)) = news::classify(scene, happening) {
        news_frames(scene, kind, account, out);
        if flags & LINE != 0 {
            for line in news::lines(scene, kind, account, happening) {
                out(&line);
            }
        }
        return;
    }
    match happening {
        Happening::Event(event) => event_frames(scene, event, flags, out),
        Happening::Live(event) => live_frames(scene, event, flags, out),
    }
}

fn event_frames(scene: Scene<'_>, event: &Event, flags: Variant, out: Out<'_>) {
    match &event.body {
        EventBody::MessagePosted { message } => talk::posted(scene, event, message, flags & OWN != 0, out),
        EventBody::Member { member, change: MemberChange::Nickname { before } } => {
            renamed(scene, member.account, before, flags, out);
        }
        EventBody::Account { account, change: commonroom_core::event::AccountChange::Renamed { before } } => {
            renamed(scene, account.id, before, flags, out);
        }
        EventBody::Item { item, news } => {
            upsert(scene, item, out);
            if flags & LINE != 0
                && let Some(line) = item_line(scene, item, *news, event.by)
            {
                out(&Frame::line(&line));
            }
        }
        EventBody::ItemGone { item, .. } => out(&Frame::ItemRemove { item_id: &item.to_string() }.json()),
        EventBody::Account { .. }
        | EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::Space { .. }
        | EventBody::SpaceDeleted { .. }
        | EventBody::Member { .. }
        | EventBody::MemberGone { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::Channel { .. }
        | EventBody::ChannelDeleted { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::MessageEdited { .. }
        | EventBody::MessageDeleted { .. }
        | EventBody::Reacted { .. }
        | EventBody::Read { .. }
        | EventBody::Pinned { .. }
        | EventBody::Voted { .. }
        | EventBody::PollEnded { .. }
        | EventBody::FileAdded { .. }
        | EventBody::FileGone { .. }
        | EventBody::Emoji { .. }
        | EventBody::EmojiGone { .. }
        | EventBody::Webhook { .. }
        | EventBody::FilesShared { .. }
        | EventBody::Invite { .. }
        | EventBody::InviteGone { .. }
        | EventBody::WebhookGone { .. }
        | EventBody::Audited { .. }
        | EventBody::AuditSwept { .. }
        | EventBody::PushPut { .. }
        | EventBody::Noted { .. }
        | EventBody::PushGone { .. }
        | EventBody::Related { .. } => {}
    }
}

fn upsert(scene: Scene<'_>, item: &Item, out: Out<'_>) {
    out(&Frame::ItemUpsert { item: &items::on_wire(item, scene.config, scene.state) }.json());
}

/// What is said of an item to who did not do it.
fn item_line(scene: Scene<'_>, item: &Item, news: ItemNews, by: Option<AccountId>) -> Option<String> {
    let name = scene.name(by.or(item.updated_by).unwrap_or(item.owner));
    let thing = items::named(&item.title, &item.kind);
    let (x, y) = scene.config.clamped(item.square);
    match news {
        ItemNews::Placed => Some(format!("{name} placed {thing} at {x}, {y}.")),
        ItemNews::Laid(_) => Some(format!("{name} dropped {thing} at {x}, {y}.")),
        ItemNews::Transferred => Some(format!("{name} transferred {thing} to {}.", item.owner_name)),
        ItemNews::Changed | ItemNews::Used | ItemNews::Along => None,
    }
}

fn carried(
    scene: Scene<'_>,
    item: ItemId,
    session: &LiveSession,
    how: Carriage,
    flags: Variant,
    out: Out<'_>,
) {
    let Some(item) = scene.state.directory.item(item) else { return };
    upsert(scene, item, out);
    match (how, session.square) {
        (Carriage::Taken, _) if flags & LINE != 0 => {
            let thing = items::named(&item.title, &item.kind);
            out(&Frame::line(&format!("{} picked up {thing}.", scene.name(session.account))));
        }
        (Carriage::Jumped, Some((x, y))) if flags & LANDING != 0 => {
            out(&Frame::TeleportComplete { id: &session.id.to_string(), x, y }.json());
        }
        (Carriage::Taken | Carriage::Walked | Carriage::Jumped | Carriage::Fallen, _) => {}
    }
}

fn live_frames(scene: Scene<'_>, event: &LiveEvent, flags: Variant, out: Out<'_>) {
    match event {
        LiveEvent::Ready { session } => {
            let account = session.account;
            // A second connection finds the parked self gone already.
            let first = world::grid_sessions(scene.state, scene.id(), account)
                .all(|other| other.id == session.id || !other.ready);
            if flags & PARK != 0
                && first
                && world::connects_elsewhere(scene.state, scene.id(), account)
                && !world::invisible(&scene.state.directory, account)
            {
                out(&Frame::UserLeft { id: &account.to_string() }.json());
            }
            presence(&scene.walker(session), out);
            if flags & LINE != 0 {
                out(&Frame::line(&format!("{} has logged in.", scene.name(account))));
            }
        }
        LiveEvent::Detached { session } => {
            out(&Frame::UserLeft { id: &session.id.to_string() }.json());
            if flags & LINE != 0 {
                out(&Frame::line(&format!("{} has logged out.", scene.name(session.account))));
            }
            if flags & PARK != 0
                && world::parked(scene.state, scene.id(), session.account)
                && !world::invisible(&scene.state.directory, session.account)
            {
                presence(&scene.parked(session.account), out);
            }
        }
        LiveEvent::Moved { session, .. } => {
            let Some((x, y)) = session.square else { return };
            let id = &*session.id.to_string();
            out(&Frame::UpdatePosition { id, x, y }.json());
            if flags & LANDING != 0 {
                out(&Frame::TeleportComplete { id, x, y }.json());
            }
        }
        LiveEvent::Carried { item, session, how } => carried(scene, *item, session, *how, flags, out),
        LiveEvent::Signal { signal, anew, .. } => {
            if *anew {
                // Clients drop what they negotiated with somebody only when that person is gone.
                out(&Frame::UserLeft { id: &signal.from.to_string() }.json());
            }
            relayed(scene, signal, out);
        }
        LiveEvent::Effect { effect } => effect_frame(effect, out),
        LiveEvent::Attached { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Online { .. }
        | LiveEvent::Offline { .. }
        | LiveEvent::Offered { .. }
        | LiveEvent::Withdrawn { .. }
        | LiveEvent::Typing { .. }
        | LiveEvent::CallJoined { .. }
        | LiveEvent::CallChanged { .. }
        | LiveEvent::CallLeft { .. }
        | LiveEvent::BroadcastBegun { .. }
        | LiveEvent::BroadcastEnded { .. }
        | LiveEvent::Relayed { .. }
        | LiveEvent::Displaced { .. } => {}
    }
}

/// The three frames that make somebody known to every client (2.5): the signal without body adds them to the list of
/// people, the others inform clients that do not listen to it.
pub fn presence(user: &User, out: Out<'_>) {
    let User { id, nickname, x, y, .. } = user;
    let (x, y) = (*x, *y);
    let signal = Frame::Signal { sender_id: id, sender_nickname: nickname, x, y, sdp: None, ice: None };
    out(&signal.json());
    out(&Frame::UpdatePosition { id, x, y }.json());
    out(&Frame::UpdateNickname { id, nickname }.json());
}

fn news_frames(scene: Scene<'_>, kind: news::Kind, account: AccountId, out: Out<'_>) {
    match kind {
        news::Kind::Came => presence(&scene.parked(account), out),
        news::Kind::Went => out(&Frame::UserLeft { id: &account.to_string() }.json()),
        news::Kind::Renamed => {
            let nickname = &*scene.name(account);
            out(&Frame::UpdateNickname { id: &account.to_string(), nickname }.json());
        }
        news::Kind::Edited | news::Kind::Removed | news::Kind::Pinned | news::Kind::Answered => {}
    }
}

fn renamed(scene: Scene<'_>, account: AccountId, before: &str, flags: Variant, out: Out<'_>) {
    let nickname = &*scene.name(account);
    for session in world::grid_sessions(scene.state, scene.id(), account) {
        out(&Frame::UpdateNickname { id: &session.id.to_string(), nickname }.json());
    }
    if flags & LINE != 0 {
        out(&Frame::line(&format!("{before} is now known as {nickname}.")));
    }
}

#[derive(Deserialize)]
struct Relayed<'a> {
    #[serde(borrow)]
    sdp: Option<&'a RawValue>,
    #[serde(borrow)]
    ice: Option<&'a RawValue>,
}

fn relayed(scene: Scene<'_>, signal: &Signal, out: Out<'_>) {
    let Ok(Relayed { sdp, ice }) = serde_json::from_str(&signal.body) else { return };
    let Some(session) = scene.state.live.session(signal.from) else { return };
    let from = scene.walker(session);
    let (sender_id, sender_nickname) = (&*from.id, &*from.nickname);
    out(&Frame::Signal { sender_id, sender_nickname, x: from.x, y: from.y, sdp, ice }.json());
}

fn effect_frame(effect: &Effect, out: Out<'_>) {
    out(&effect.body);
}
