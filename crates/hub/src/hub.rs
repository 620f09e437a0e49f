//! The one owner of live state. Takes committed events and live commands in, gives happenings out, in one order that
//! every shard sees.

use crate::gate::{Admission, Gate};
use crate::limits;
use crate::live::{
    self, Effect, Live, LiveCommand, LiveEvent, LiveSession, Offered, RelationKind, Signal, SignalKind,
    SignalTarget,
};
use crate::negotiation::{Course, Negotiations};
use crate::session::{Happening, State};
use commonroom_core::channel::Channel;
use commonroom_core::command::{Actor, Command};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{AccountChange, Event, EventBody, Stream};
use commonroom_core::ids::{AccountId, ChannelId, LoginId, MessageId, SessionId};
use commonroom_core::item::ItemNews;
use commonroom_core::name::NameKey;
use commonroom_core::policy;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads the events of a stream after a number, to fill a gap.
pub type GapReader<'a> = &'a mut dyn FnMut(Stream, u64) -> Vec<Arc<Event>>;

/// The live state's owner.
#[derive(Default, Debug)]
pub struct Hub {
    pub(crate) state: State,
    pub(crate) live: Live,
    gate: Gate,
    happenings: Vec<Happening>,
    pub(crate) commands: Vec<(Actor, Command)>,
    graces: BTreeSet<(Timestamp, SessionId)>,
    pub(crate) leaving: BTreeMap<SessionId, Arc<LiveSession>>,
    negotiations: Negotiations,
    /// The channels of the calls as last heard of: the end of one that is gone is told to who could view it.
    pub(crate) rooms: BTreeMap<ChannelId, Arc<Channel>>,
    /// Who joined a call by a sign-in without any connection: out again then, unless one has come. Goes with the seat.
    pub(crate) absent: BTreeSet<(Timestamp, AccountId, LoginId)>,
    /// The poll whose end was asked for last.
    ending: Option<(Timestamp, MessageId)>,
}

impl Hub {
    /// A hub that knows this directory and nobody connected.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self { state: State { directory, live: Arc::default() }, ..Self::default() }
    }

    /// What has happened since the last call, with the state after it.
    pub fn take(&mut self) -> (Vec<Happening>, State) {
        if !self.happenings.is_empty() {
            self.state.live = Arc::new(self.live.clone());
        }
        (std::mem::take(&mut self.happenings), self.state.clone())
    }

    /// Commands that follow from what happened and from the time: retiring guests who left, ending polls.
    pub fn take_commands(&mut self) -> Vec<(Actor, Command)> {
        std::mem::take(&mut self.commands)
    }

    /// The next moment at which [`Hub::tick`] has something to do.
    pub fn deadline(&self) -> Option<Timestamp> {
        let grace = self.graces.first().map(|(moment, _)| *moment);
        let poll =
            self.state.directory.next_poll().filter(|poll| self.ending != Some(*poll)).map(|(end, _)| end);
        let absent = self.absent.first().map(|(moment, ..)| *moment);
        grace.into_iter().chain(poll).chain(absent).chain(self.negotiations.deadline()).min()
    }

    /// Takes in events as committed, or as heard of from another node.
    pub fn committed(&mut self, events: &[Arc<Event>], directory: Arc<Directory>, fill: GapReader<'_>) {
        self.state.directory = directory;
        for event in events {
            match self.gate.admit(event.stream, event.seq) {
                Admission::Deliver => self.event(event.clone()),
                Admission::Drop => {}
                Admission::GapAfter(head) => {
                    for missed in fill(event.stream, head) {
                        if self.gate.admit(missed.stream, missed.seq) == Admission::Deliver {
                            self.event(missed);
                        }
                    }
                    if self.gate.admit(event.stream, event.seq) == Admission::Deliver {
                        self.event(event.clone());
                    }
                }
            }
        }
    }

    fn event(&mut self, event: Arc<Event>) {
        // An event read late, about a message deleted meanwhile: its text is gone, and the deletion is told in its turn.
        if let EventBody::MessagePosted { message }
        | EventBody::MessageEdited { message, .. }
        | EventBody::Reacted { message, .. }
        | EventBody::Pinned { message, .. }
        | EventBody::Voted { message, .. }
        | EventBody::FilesShared { message }
        | EventBody::PollEnded { message } = &event.body
            && message.deleted
        {
            return;
        }
        let body = event.body.clone();
        self.happenings.push(Happening::Event(event));
        if let EventBody::Account { account, change: AccountChange::Access } = &body {
            // A new password or an account switched off: whoever is connected signs in again.
            let open: Vec<SessionId> = self.live.sessions_of(account.id).map(|session| session.id).collect();
            for session in open {
                self.tell(LiveEvent::Displaced { session });
            }
        }
        if let EventBody::MemberGone { space, account, .. } = &body {
            self.leave_calls_of(*space, *account);
        } else if let EventBody::SpaceDeleted { space, members } = &body {
            for account in members {
                self.leave_calls_of(*space, *account);
            }
            self.lose_missing();
        } else if let EventBody::Channel { channel, .. } = &body {
            self.review_room(channel);
        } else if let EventBody::Space { space, .. } = &body {
            // What a role allows may have changed.
            self.review_calls(&space.channels);
        } else if let EventBody::Member { member, .. } = &body {
            self.review_seat(member.account);
        } else if let EventBody::ChannelDeleted { channel, .. } = &body {
            self.end_call(*channel);
        } else if let EventBody::Item { item, news: ItemNews::Laid(holder) } = &body {
            self.laid(item.id, *holder);
        } else if let EventBody::ItemGone { item, .. } = &body {
            self.lose(*item);
        }
    }

    /// Carries out a live command. What may not be done is not done, silently: no protocol answers these.
    pub fn command(&mut self, command: LiveCommand, now: Timestamp) {
        match command {
            LiveCommand::Attach(session) => self.attach(Arc::new(*session)),
            LiveCommand::Describe { session, badge } => {
                let before = self.live.badges.insert(session, badge.clone());
                if before.as_ref() != Some(&badge)
                    && let Some(session) = self.live.sessions.get(&session).cloned()
                {
                    self.tell(LiveEvent::Changed { before: session.clone(), session });
                }
            }
            LiveCommand::Ready(id) => {
                self.change(id, |session| session.ready = true, |session, _| LiveEvent::Ready { session });
            }
            LiveCommand::Detach { session, grace_millis } => self.detach(session, grace_millis, now),
            LiveCommand::Lost(id) => {
                if let Some(session) = self.live.sessions.get_mut(&id) {
                    Arc::make_mut(session).lost = true;
                }
            }
            LiveCommand::Move { session, square, teleport } => {
                let put = |session: &mut LiveSession| session.square = Some(square);
                if self.change(session, put, |session, _| LiveEvent::Moved { session, teleport }) {
                    self.take_along(session, teleport, now);
                }
            }
            LiveCommand::Carry { session, item, seen } => self.carry(session, item, seen, now),
            LiveCommand::Camera { session, flags, dnd } => {
                let put = |session: &mut LiveSession| {
                    session.camera = flags.unwrap_or(session.camera);
                    session.dnd = dnd.unwrap_or(session.dnd);
                };
                self.change(session, put, |session, before| LiveEvent::Changed { session, before });
            }
            LiveCommand::Relate { session, kind, names, on } => self.relate(session, kind, names, on),
            LiveCommand::Typing { account, session, channel } => {
                let may = self.state.directory.channel(channel).is_some_and(|channel| {
                    policy::may_post(&self.state.directory, channel, Actor::Account(account), now).is_ok()
                });
                if may {
                    self.tell(LiveEvent::Typing { account, session, channel });
                }
            }
            LiveCommand::JoinCall { channel, seat } => self.join_call(channel, *seat),
            LiveCommand::LeaveCall { account, channel, session } => {
                self.leave_call(account, channel, session)
            }
            LiveCommand::ChangeSeat { account, muted, deafened, video, screen } => {
                self.change_seat(account, |seat| {
                    seat.muted = muted.unwrap_or(seat.muted);
                    seat.deafened = deafened.unwrap_or(seat.deafened);
                    seat.video = video.unwrap_or(seat.video);
                    seat.screen = screen.unwrap_or(seat.screen);
                });
            }
            LiveCommand::Broadcast { account, channel, lines } => {
                self.broadcast(account, channel, lines, now);
            }
            LiveCommand::Signal(signal) => self.signal(*signal, now),
            LiveCommand::Displace(session) => self.tell(LiveEvent::Displaced { session }),
            LiveCommand::Offer { session, commands } => self.offer(session, commands),
            LiveCommand::Relay { to, body } => {
                if body.len() <= limits::SIGNAL_BYTES {
                    self.tell(LiveEvent::Relayed { to, body });
                }
            }
            LiveCommand::Effect(effect) => self.effect(*effect),
        }
    }

    /// Does what has become due: people whose grace is over are offline, polls whose time is over end, offers that were
    /// answered in vain come again.
    pub fn tick(&mut self, now: Timestamp) {
        for signal in self.negotiations.due(now) {
            let anew = signal.kind == SignalKind::Offer;
            self.tell(LiveEvent::Signal { signal, login: None, anew });
        }
        if let Some((end, message)) = self.state.directory.next_poll()
            && end <= now
            && self.ending != Some((end, message))
        {
            // Asked once: until the directory knows of it, asking again would only be refused.
            self.ending = Some((end, message));
            self.commands.push((Actor::System, Command::EndPoll { message }));
        }
        while let Some((moment, id)) = self.graces.first().copied()
            && moment <= now
        {
            self.graces.pop_first();
            if let Some(session) = self.leaving.remove(&id) {
                self.live.lingering.remove(&(session.account, id));
                self.gone(&session);
            }
        }
        self.drop_absent(now);
    }

    pub(crate) fn tell(&mut self, event: LiveEvent) {
        self.live.version += 1;
        self.happenings.push(Happening::Live(Arc::new(event)));
    }

    fn change(
        &mut self,
        id: SessionId,
        put: impl FnOnce(&mut LiveSession),
        event: impl FnOnce(Arc<LiveSession>, Arc<LiveSession>) -> LiveEvent,
    ) -> bool {
        let Some(before) = self.live.sessions.get(&id).cloned() else { return false };
        let mut session = (*before).clone();
        put(&mut session);
        let changes = session != *before;
        if changes {
            let session = Arc::new(session);
            self.live.sessions.insert(id, session.clone());
            self.tell(event(session, before));
        }
        changes
    }

    fn attach(&mut self, session: Arc<LiveSession>) {
        let account = session.account;
        if self.state.directory.account(account).is_none_or(|known| known.retired || known.disabled) {
            self.tell(LiveEvent::Displaced { session: session.id });
            return;
        }
        let own: Vec<(Timestamp, SessionId)> =
            self.live.sessions_of(account).map(|other| (other.since, other.id)).collect();
        if own.len() >= limits::SESSIONS_PER_ACCOUNT
            && let Some((_, oldest)) = own.into_iter().min()
        {
            self.tell(LiveEvent::Displaced { session: oldest });
        }
        self.live.sessions.insert(session.id, session.clone());
        self.live.of_account.insert((account, session.id));
        if !session.relations.is_empty() {
            self.live.relating.insert(session.id);
        }
        self.tell(LiveEvent::Attached { session: session.clone() });
        if self.live.online.insert(account).is_none() {
            self.tell(LiveEvent::Online { account, session });
        }
    }

    fn detach(&mut self, id: SessionId, grace_millis: i64, now: Timestamp) {
        self.live.badges.remove(&id);
        let Some(session) = self.live.sessions.remove(&id) else { return };
        self.live.of_account.remove(&(session.account, id));
        self.negotiations.forget(id);
        self.leave_call(session.account, None, Some(id));
        self.withdraw(&session);
        self.let_fall(&session, now);
        self.tell(LiveEvent::Detached { session: session.clone() });
        self.live.relating.remove(&id);
        if grace_millis > 0 {
            self.graces.insert((now.plus_millis(grace_millis), id));
            self.live.lingering.insert((session.account, id));
            self.leaving.insert(id, session);
        } else {
            self.gone(&session);
        }
    }

    /// A connection is gone for good: what depended on it ends.
    fn gone(&mut self, session: &Arc<LiveSession>) {
        let account = session.account;
        let waiting = self.leaving.values().any(|other| other.account == account);
        let alone = self.live.sessions_of(account).next().is_none() && !waiting;
        if let Some(login) = session.login {
            self.leave_call_of_login(account, login);
        }
        if alone && self.live.online.remove(&account).is_some() {
            self.leave_call(account, None, None);
            self.tell(LiveEvent::Offline { account, session: session.clone() });
            if live::is_guest(&self.state.directory, account) {
                self.commands.push((Actor::System, Command::Retire { account }));
            }
        }
    }

    fn effect(&mut self, effect: Effect) {
        let fits = effect.body.len() <= limits::SIGNAL_BYTES;
        if fits && effect.by.is_none_or(|(session, _)| self.live.session(session).is_some()) {
            self.tell(LiveEvent::Effect { effect: Arc::new(effect) });
        }
    }

    /// A connection offers commands instead of those it offered before. Names that another offers already stay theirs.
    fn offer(&mut self, id: SessionId, mut commands: Vec<Offered>) {
        let Some(session) = self.live.sessions.get(&id).cloned() else { return };
        self.withdraw(&session);
        commands.retain(|wanted| self.live.offered(&wanted.name).is_none());
        commands.truncate(limits::COMMANDS_PER_SESSION);
        if !commands.is_empty() {
            let commands = Arc::new(commands);
            self.live.offered.insert(id, commands.clone());
            self.tell(LiveEvent::Offered { session, commands });
        }
    }

    fn withdraw(&mut self, session: &Arc<LiveSession>) {
        if let Some(commands) = self.live.offered.remove(&session.id) {
            self.tell(LiveEvent::Withdrawn { session: session.clone(), commands });
        }
    }

    fn relate(&mut self, id: SessionId, kind: RelationKind, names: Vec<NameKey>, on: bool) {
        let put = |session: &mut LiveSession| {
            let set = Arc::make_mut(&mut session.relations).set_mut(kind);
            for name in names {
                if !on {
                    set.remove(&name);
                } else if set.len() < commonroom_core::limits::RELATIONS_PER_SESSION {
                    set.insert(name);
                }
            }
        };
        self.change(id, put, |session, before| LiveEvent::Changed { session, before });
        if self.live.session(id).is_some_and(|session| !session.relations.is_empty()) {
            self.live.relating.insert(id);
        } else {
            self.live.relating.remove(&id);
        }
    }

    fn signal(&mut self, signal: Signal, now: Timestamp) {
        if signal.body.len() > limits::SIGNAL_BYTES || self.live.session(signal.from).is_none() {
            return;
        }
        let (target, login) = match signal.to {
            SignalTarget::Session(id) => match self.live.session(id) {
                Some(session) if session.protocol == signal.protocol => (session.account, None),
                _ => return,
            },
            SignalTarget::Account(account) => {
                let seat = self.live.call_of(account).and_then(|channel| self.live.seat(channel, account));
                (account, seat.and_then(|seat| seat.login))
            }
        };
        if live::blocked(&self.state.directory, &self.live, signal.sender, target) {
            return;
        }
        let signal = Arc::new(signal);
        let course = match signal.to {
            SignalTarget::Session(to) => self.negotiations.course(to, &signal, now),
            SignalTarget::Account(_) => Course::Pass,
        };
        match course {
            Course::Pass => {}
            Course::After(answer) => {
                self.tell(LiveEvent::Signal { signal: answer, login: None, anew: false });
            }
            Course::Stop => return,
        }
        self.tell(LiveEvent::Signal { signal, login, anew: false });
    }
}
