//! What somebody is shown of what has happened: most of it the same bytes as everybody, the rest told alone.

use crate::Shared;
use crate::encode::{self, Presence};
use crate::here::Here;
use crate::markup::escape;
use crate::quirks::{self, words};
use crate::shown::{self, is_direct};
use crate::world;
use commonroom_core::account::{Account, Protocol, StatusKind};
use commonroom_core::event::{AccountChange, Departure, Event, EventBody, MemberChange, SpaceChange};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::message::Message;
use commonroom_hub::live::{self, LiveEvent, LiveSession, Relations, Signal};
use commonroom_hub::session::{Context, Happening, Show, State, Variant};
use std::sync::Arc;

/// A message, edit, takeback or reaction as it is.
pub(crate) const AS_IT_IS: Variant = 10;
/// A reply whose quotation this reader is not to see.
pub(crate) const UNQUOTED: Variant = 11;

/// What is told to one session only.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Telling {
    /// The who list changes; perhaps somebody came or went.
    Roll(Option<Presence>),
    /// This session itself is known to others now.
    Arrived,
    /// A direct message.
    Direct,
    /// A notice, and the who list changes.
    Notice(String),
    /// Who is an operator has changed.
    Look,
    /// Something from another session.
    Signal,
    /// The end.
    Farewell(Farewell),
}

/// Why somebody is sent away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Farewell {
    /// Another connection took over.
    Displaced,
    /// By an operator, for now.
    Kicked(String),
    /// By an operator, for some time.
    Banned(SpaceId, AccountId, String),
    /// With everybody else, by an operator.
    Out(String),
    /// By themselves, elsewhere.
    Left,
    /// The account is switched off.
    Disabled,
}

/// What is to be shown of a happening.
pub(crate) enum Seen {
    Nothing,
    Shared(Variant),
    Roll(Option<Presence>),
    Alone(Telling),
}

impl Here {
    /// What to show. Cheap: it is asked for everything that happens.
    pub(crate) fn show(&mut self, happening: &Happening, shared: &Shared, state: &State) -> Show {
        let seen = match happening {
            Happening::Event(event) => self.see_event(event, shared, state),
            Happening::Live(event) => self.see_live(event, state),
        };
        self.note_seen(seen)
    }

    pub(crate) fn note_seen(&mut self, seen: Seen) -> Show {
        let telling = match seen {
            Seen::Nothing => return Show::Nothing,
            Seen::Shared(variant) => return Show::Shared(variant),
            // Who comes again may be no operator any more: blocks are judged by that.
            Seen::Roll(presence) if self.blocks => Telling::Roll(presence),
            Seen::Roll(None) if self.roll.due.is_some() => return Show::Nothing,
            Seen::Roll(Some(presence)) if self.roll.due.is_some() => {
                return Show::Shared(presence as Variant);
            }
            Seen::Roll(presence) => Telling::Roll(presence),
            Seen::Alone(telling) => telling,
        };
        self.tellings.push_back(telling);
        Show::Private
    }

    pub(crate) fn see_event(&mut self, event: &Event, shared: &Shared, state: &State) -> Seen {
        match &event.body {
            EventBody::MessagePosted { message } => self.see_message(message, shared, state),
            EventBody::MessageEdited { message, .. } => self.see_message(message, shared, state),
            EventBody::MessageDeleted { message } => {
                self.forget_reactions(message.number);
                self.see_about(message, shared, state)
            }
            EventBody::Reacted { message, emoji, account, on } => {
                self.see_reaction(message, emoji, *account, *on, shared, state)
            }
            EventBody::Account { account, change } => self.see_account(account, change, state),
            EventBody::Member { member, change } if member.space == self.space => {
                self.see_member(member.account, change, state)
            }
            EventBody::MemberGone { space, account, departure, .. } if *space == self.space => {
                self.see_gone(event, *account, *departure, state)
            }
            EventBody::Space { space, change: SpaceChange::Roles | SpaceChange::Owner }
                if space.id == self.space =>
            {
                Seen::Alone(Telling::Look)
            }
            EventBody::SpaceDeleted { space, .. } if *space == self.space => {
                Seen::Alone(Telling::Farewell(Farewell::Left))
            }
            EventBody::Related { .. } => Seen::Roll(None),
            EventBody::Member { .. }
            | EventBody::MemberGone { .. }
            | EventBody::Space { .. }
            | EventBody::SpaceDeleted { .. }
            | EventBody::LoginPut { .. }
            | EventBody::LoginEnded { .. }
            | EventBody::Banned { .. }
            | EventBody::Unbanned { .. }
            | EventBody::Channel { .. }
            | EventBody::ChannelDeleted { .. }
            | EventBody::ConversationOpened { .. }
            | EventBody::Read { .. }
            | EventBody::Item { .. }
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
            | EventBody::ItemGone { .. } => Seen::Nothing,
        }
    }

    fn see_message(&self, message: &Message, shared: &Shared, state: &State) -> Seen {
        if is_direct(message, state) {
            return Seen::Alone(Telling::Direct);
        }
        let seen = self.see_about(message, shared, state);
        if matches!(seen, Seen::Nothing) || self.was_echoed(message.channel, message.number) {
            return Seen::Nothing;
        }
        match message.reply_to {
            Some(reply) if live::hidden_from(&state.directory, &state.live, self.account(), reply.author) => {
                Seen::Shared(UNQUOTED)
            }
            _ => seen,
        }
    }

    /// Anything about a message that needs no name of a channel.
    fn see_about(&self, message: &Message, shared: &Shared, state: &State) -> Seen {
        if is_direct(message, state) || self.channel_id(message.channel, shared, state).is_some() {
            Seen::Shared(AS_IT_IS)
        } else {
            Seen::Nothing
        }
    }

    /// Clients toggle: each is told of an addition once, and of a removal only after an addition (barertc.md 5.9).
    fn see_reaction(
        &mut self,
        message: &Message,
        emoji: &str,
        account: AccountId,
        on: bool,
        shared: &Shared,
        state: &State,
    ) -> Seen {
        let seen = self.see_about(message, shared, state);
        if matches!(seen, Seen::Nothing) {
            return seen;
        }
        let news = if on {
            self.note_reaction(message.number, account, emoji)
        } else {
            self.forget_reaction(message.number, account, emoji)
        };
        if news { seen } else { Seen::Nothing }
    }

    fn see_account(&mut self, account: &Account, change: &AccountChange, state: &State) -> Seen {
        let own = account.id == self.account();
        match change {
            AccountChange::Retired if own => Seen::Alone(Telling::Farewell(Farewell::Displaced)),
            AccountChange::Access if own && account.disabled => {
                Seen::Alone(Telling::Farewell(Farewell::Disabled))
            }
            AccountChange::Renamed { .. } | AccountChange::Username { .. } | AccountChange::Profile => {
                self.if_here(account.id, state)
            }
            AccountChange::Status if own => Seen::Roll(None),
            AccountChange::Status => self.see_status(account, state),
            AccountChange::Created | AccountChange::Access | AccountChange::Retired => Seen::Nothing,
        }
    }

    /// Who hides goes for everybody's eyes, and comes back (barertc.md 5.4).
    fn see_status(&mut self, account: &Account, state: &State) -> Seen {
        let hides = account.status.kind == StatusKind::Invisible;
        let hid = if hides { !self.invisible.insert(account.id) } else { self.invisible.remove(&account.id) };
        let here =
            state.live.is_online(account.id) && state.directory.member(self.space, account.id).is_some();
        if !here {
            return Seen::Nothing;
        }
        match (hid, hides) {
            (false, true) => self.told_of(account.id, Presence::Exited, state),
            (true, false) => self.told_of(account.id, Presence::Joined, state),
            (false, false) => Seen::Roll(None),
            (true, true) => Seen::Nothing,
        }
    }

    /// A coming or going that changes the list; who muted or blocked the person is not told of it in words.
    fn told_of(&self, account: AccountId, presence: Presence, state: &State) -> Seen {
        let hidden = live::hidden_from(&state.directory, &state.live, self.account(), account);
        Seen::Roll((!hidden).then_some(presence))
    }

    fn if_here(&self, account: AccountId, state: &State) -> Seen {
        if world::is_present(state, self.space, account) { Seen::Roll(None) } else { Seen::Nothing }
    }

    fn see_member(&self, account: AccountId, change: &MemberChange, state: &State) -> Seen {
        match change {
            MemberChange::Joined
                if account != self.account() && world::is_present(state, self.space, account) =>
            {
                self.told_of(account, Presence::Joined, state)
            }
            MemberChange::Roles { .. } => Seen::Alone(Telling::Look),
            MemberChange::Nickname { .. } => self.if_here(account, state),
            MemberChange::Joined
            | MemberChange::Timeout { .. }
            | MemberChange::Silenced
            | MemberChange::Square => Seen::Nothing,
        }
    }

    fn see_gone(&self, event: &Event, account: AccountId, departure: Departure, state: &State) -> Seen {
        if account == self.account() {
            let by = shown::acted_by(event, state);
            return match departure {
                Departure::Kicked => Seen::Alone(Telling::Farewell(Farewell::Kicked(by))),
                Departure::Banned => {
                    Seen::Alone(Telling::Farewell(Farewell::Banned(self.space, account, by)))
                }
                Departure::Left => Seen::Alone(Telling::Farewell(Farewell::Left)),
                // The account's own event follows.
                Departure::Retired => Seen::Nothing,
            };
        }
        let was_here = state.live.is_online(account) && !self.invisible.contains(&account);
        if !was_here {
            return Seen::Nothing;
        }
        match departure {
            Departure::Kicked => self.told_of(account, Presence::Kicked, state),
            Departure::Banned => self.told_of(account, Presence::Banned, state),
            // A guest whose name its owner came for: the owner's arrival is told, not the guest's end (3.3).
            Departure::Retired if world::is_guest(state, account) => Seen::Roll(None),
            Departure::Left | Departure::Retired => self.told_of(account, Presence::Exited, state),
        }
    }

    pub(crate) fn see_live(&mut self, event: &LiveEvent, state: &State) -> Seen {
        match event {
            LiveEvent::Attached { session } => self.see_attached(session, state),
            LiveEvent::Online { account, session } => self.see_online(*account, session, state),
            LiveEvent::Offline { account, session } => self.see_offline(*account, session, state),
            LiveEvent::Changed { session, before } => self.see_changed(session, before, state),
            LiveEvent::Detached { session } => {
                self.watching.remove(&session.id);
                self.watched_by.remove(&session.id);
                let stays = session.protocol == Protocol::BareRtc && session.account != self.account();
                if stays { self.if_here(session.account, state) } else { Seen::Nothing }
            }
            LiveEvent::Signal { .. } => Seen::Alone(Telling::Signal),
            LiveEvent::Displaced { .. } => Seen::Alone(Telling::Farewell(Farewell::Displaced)),
            LiveEvent::Ready { .. }
            | LiveEvent::Moved { .. }
            | LiveEvent::Carried { .. }
            | LiveEvent::Typing { .. }
            | LiveEvent::CallJoined { .. }
            | LiveEvent::CallChanged { .. }
            | LiveEvent::CallLeft { .. }
            | LiveEvent::BroadcastBegun { .. }
            | LiveEvent::BroadcastEnded { .. }
            | LiveEvent::Offered { .. }
            | LiveEvent::Withdrawn { .. }
            | LiveEvent::Relayed { .. }
            | LiveEvent::Effect { .. } => Seen::Nothing,
        }
    }

    /// A connection over this protocol is announced, also one that takes another's place; unless the person is here
    /// by other means already.
    fn see_attached(&self, session: &LiveSession, state: &State) -> Seen {
        if session.id == self.live.id {
            return Seen::Alone(Telling::Arrived);
        }
        if session.protocol != Protocol::BareRtc || session.account == self.account() {
            return Seen::Nothing;
        }
        let by_other_means =
            state.live.sessions_of(session.account).any(|other| other.protocol != Protocol::BareRtc);
        let present = world::is_present(state, self.space, session.account);
        if !present { Seen::Nothing } else { Seen::Roll((!by_other_means).then_some(Presence::Joined)) }
    }

    fn see_online(&mut self, account: AccountId, session: &LiveSession, state: &State) -> Seen {
        let hides =
            state.directory.account(account).is_some_and(|known| known.status.kind == StatusKind::Invisible);
        if hides {
            self.invisible.insert(account);
        } else {
            self.invisible.remove(&account);
        }
        let news = session.protocol != Protocol::BareRtc && account != self.account();
        if news && world::is_present(state, self.space, account) {
            Seen::Roll(Some(Presence::Joined))
        } else {
            Seen::Nothing
        }
    }

    /// The connection that blocked this person is no longer known, so its relations are asked here (13 D12).
    fn see_offline(&mut self, account: AccountId, session: &LiveSession, state: &State) -> Seen {
        let was_seen = !self.invisible.remove(&account);
        let blocked = session.relations.blocked.contains(&self.key);
        let member = state.directory.member(self.space, account).is_some();
        if account == self.account() || !member || blocked || !was_seen {
            return Seen::Nothing;
        }
        Seen::Roll(Some(if session.lost { Presence::TimedOut } else { Presence::Exited }))
    }

    fn see_changed(&self, session: &LiveSession, before: &LiveSession, state: &State) -> Seen {
        let own = session.account == self.account();
        if !own && session == before && self.blocks {
            // Perhaps they are an operator now, or none any more: blocks are judged by that.
            return Seen::Alone(Telling::Look);
        }
        if own || session.camera != before.camera || session.dnd != before.dnd || session == before {
            return Seen::Roll(None);
        }
        let change = |set: fn(&Relations) -> &std::collections::BTreeSet<commonroom_core::name::NameKey>| {
            let (now, then) =
                (set(&session.relations).contains(&self.key), set(&before.relations).contains(&self.key));
            (now != then).then_some(now)
        };
        let muted = change(|relations| &relations.muted);
        let booted = change(|relations| &relations.booted);
        let blocked = change(|relations| &relations.blocked);
        let invited = change(|relations| &relations.invited);
        let operator = (muted.is_some() || booted == Some(true))
            && world::is_operator(state, self.space, self.account());
        let name = || escape(world::name(state, session.account));
        match (muted, booted, operator) {
            (Some(on), _, true) => Seen::Alone(Telling::Notice(format!(
                "{} has muted you! Your new mute status is: {on}",
                name()
            ))),
            (_, Some(true), true) => {
                Seen::Alone(Telling::Notice(format!("{} has booted you off of their camera!", name())))
            }
            (None, None, _) if blocked.is_none() && invited.is_none() => Seen::Nothing,
            (None | Some(_), None | Some(_), _) => Seen::Roll(None),
        }
    }

    /// Tells what only this session is shown. `Some` is the end.
    pub(crate) fn tell(
        &mut self,
        happening: &Happening,
        shared: &Shared,
        wanted: &Relations,
        cx: &mut Context<'_>,
    ) -> Option<Farewell> {
        match self.tellings.pop_front()? {
            Telling::Roll(presence) => {
                if self.blocks && self.concerns_blocks(happening, wanted, cx.state) {
                    self.judge_blocks(wanted, shared, cx);
                }
                if let Some((presence, account)) = presence.zip(shown::person(happening))
                    && !self.blocks_now(account, cx.state)
                {
                    cx.send(&encode::presence(world::name(cx.state, account), presence));
                }
                self.want_roll(shared, cx);
            }
            Telling::Arrived => {
                cx.send(&encode::presence(&self.username, Presence::Joined));
                self.welcome(shared, cx);
                self.want_roll(shared, cx);
            }
            Telling::Direct => self.tell_direct(happening, shared, cx),
            Telling::Notice(html) => {
                cx.send(&encode::error(&html));
                self.want_roll(shared, cx);
            }
            Telling::Look => {
                if self.concerns_blocks(happening, wanted, cx.state) {
                    self.judge_blocks(wanted, shared, cx);
                }
                self.want_roll(shared, cx);
            }
            Telling::Signal => {
                if let Happening::Live(event) = happening
                    && let LiveEvent::Signal { signal, .. } = &**event
                {
                    return self.heard(signal, wanted, shared, cx);
                }
            }
            Telling::Farewell(farewell) => return Some(farewell),
        }
        None
    }

    /// True for what may let one's own blocks take effect or not: about oneself, about one of those blocked, or about who
    /// is an operator at all.
    fn concerns_blocks(&self, happening: &Happening, wanted: &Relations, state: &State) -> bool {
        let about = shown::person(happening).filter(|about| *about != self.account());
        about.is_none_or(|about| {
            state.directory.account(about).is_some_and(|about| wanted.blocked.contains(&about.key))
        })
    }

    /// True for somebody whom this person blocks, also before others know of it.
    fn blocks_now(&self, account: AccountId, state: &State) -> bool {
        let blocked = &self.live.relations.blocked;
        !blocked.is_empty()
            && state.directory.account(account).is_some_and(|account| blocked.contains(&account.key))
    }

    fn heard(
        &mut self,
        signal: &Arc<Signal>,
        wanted: &Relations,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) -> Option<Farewell> {
        // What the server itself says to a connection bears that connection's own name.
        if signal.from == cx.id {
            if signal.word == words::NUDGE {
                cx.send(&encode::react("", quirks::NUDGE, &self.username));
                return None;
            }
            return self.suffer(signal.word, &signal.body, wanted, shared, cx);
        }
        if signal.word == words::RING {
            self.hear_ring(signal, cx);
        } else if let Some(frame) =
            encode::relay(signal.word, world::name(cx.state, signal.sender), &signal.body)
        {
            cx.send(&frame);
        }
        None
    }

    fn tell_direct(&self, happening: &Happening, shared: &Shared, cx: &mut Context<'_>) {
        let Happening::Event(event) = happening else { return };
        if let EventBody::MessagePosted { message } | EventBody::MessageEdited { message, .. } = &event.body
            && let Some(channel) = shown::direct_channel(message, self.account(), cx.state)
        {
            for frame in shown::frames(event, message, &channel, true, shared, cx.state) {
                cx.send(&frame);
            }
        }
    }
}
