//! Who is in which call, and who broadcasts there. Never stored: after a restart nobody is in a call.

use crate::hub::Hub;
use crate::limits;
use crate::live::{self, Broadcast, Live, LiveEvent, Seat};
use commonroom_core::Permissions;
use commonroom_core::channel::Channel;
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, LoginId, SessionId, SpaceId};
use commonroom_core::policy;
use std::sync::Arc;

impl Live {
    /// Who is in a call.
    pub fn call(&self, channel: ChannelId) -> impl Iterator<Item = &Arc<Seat>> {
        self.calls.range((channel, AccountId::MIN)..=(channel, AccountId::MAX)).map(|(_, seat)| seat)
    }

    /// The call an account is in.
    pub fn call_of(&self, account: AccountId) -> Option<ChannelId> {
        self.call_of.get(&account).copied()
    }

    /// The seat of an account in a call.
    pub fn seat(&self, channel: ChannelId, account: AccountId) -> Option<&Arc<Seat>> {
        self.calls.get(&(channel, account))
    }

    /// Who broadcasts in a call: one at a time.
    pub fn broadcaster(&self, channel: ChannelId) -> Option<(&Arc<Seat>, Broadcast)> {
        self.call(channel).find_map(|seat| Some((seat, seat.broadcast?)))
    }
}

impl Hub {
    /// What may have changed for somebody in a call: out of it if they may no longer view its channel (together.md 6.4),
    /// and told to be heard or not.
    pub(crate) fn review_seat(&mut self, account: AccountId) {
        let directory = &self.state.directory;
        let call = self.live.call_of(account).and_then(|channel| directory.channel(channel));
        let Some(channel) = call.cloned() else { return };
        if !policy::may_view(directory, &channel, account) {
            return self.leave_call(account, Some(channel.id), None);
        }
        let Some(before) = self.live.seat(channel.id, account) else { return };
        let seat = ruled(directory, &channel, (**before).clone());
        if seat != **before {
            let (channel, seat) = (channel.id, Arc::new(seat));
            self.live.calls.insert((channel, account), seat.clone());
            self.tell(LiveEvent::CallChanged { channel, seat, ruled: true });
        }
    }

    /// A channel, and with it perhaps its call, is another.
    pub(crate) fn review_room(&mut self, channel: &Arc<Channel>) {
        if let Some(room) = self.rooms.get_mut(&channel.id) {
            room.clone_from(channel);
            self.review_calls(&[channel.id]);
        }
    }

    /// As [`Self::review_seat`] for everybody in the calls of these channels.
    pub(crate) fn review_calls(&mut self, channels: &[ChannelId]) {
        let seats = channels.iter().flat_map(|channel| self.live.call(*channel));
        let accounts: Vec<AccountId> = seats.map(|seat| seat.account).collect();
        for account in accounts {
            self.review_seat(account);
        }
    }

    /// Who is no longer of a space is in none of its calls.
    pub(crate) fn leave_calls_of(&mut self, space: SpaceId, account: AccountId) {
        if let Some(channel) = self.live.call_of(account)
            && self.state.directory.channel(channel).is_none_or(|known| known.space() == Some(space))
        {
            self.leave_call(account, Some(channel), None);
        }
    }

    /// See [`crate::live::LiveCommand::JoinCall`].
    pub(crate) fn join_call(&mut self, channel: ChannelId, seat: Seat) {
        let directory = &self.state.directory;
        let known = directory.channel(channel);
        let Some(known) = known.filter(|known| live::may_call(directory, known, seat.account)) else {
            return;
        };
        let (room, seat) = (known.clone(), ruled(directory, known, seat));
        let account = seat.account;
        self.leave_call(account, None, None);
        self.rooms.insert(channel, room);
        if let Some(login) = seat.login
            && !self.is_here(account, login)
        {
            self.absent.insert(absence(&seat, login));
        }
        let seat = Arc::new(seat);
        self.live.calls.insert((channel, account), seat.clone());
        self.live.call_of.insert(account, channel);
        self.tell(LiveEvent::CallJoined { channel, seat });
    }

    /// See [`crate::live::LiveCommand::LeaveCall`].
    pub(crate) fn leave_call(
        &mut self,
        account: AccountId,
        named: Option<ChannelId>,
        session: Option<SessionId>,
    ) {
        let Some(channel) = self.live.call_of(account) else { return };
        let Some(seat) = self.live.seat(channel, account).cloned() else { return };
        let meant =
            named.is_none_or(|named| named == channel) && (session.is_none() || seat.session == session);
        if meant {
            self.leave_seat(channel, seat, None);
        }
    }

    /// A channel is gone, and its call with it.
    pub(crate) fn end_call(&mut self, channel: ChannelId) {
        let Some(room) = self.rooms.remove(&channel) else { return };
        let seats: Vec<Arc<Seat>> = self.live.call(channel).cloned().collect();
        for seat in seats {
            self.leave_seat(channel, seat, Some(room.clone()));
        }
    }

    fn leave_seat(&mut self, channel: ChannelId, seat: Arc<Seat>, gone: Option<Arc<Channel>>) {
        self.live.calls.remove(&(channel, seat.account));
        self.live.call_of.remove(&seat.account);
        if let Some(login) = seat.login {
            self.absent.remove(&absence(&seat, login));
        }
        if self.live.call(channel).next().is_none() {
            self.rooms.remove(&channel);
        }
        if seat.broadcast.is_some() {
            self.tell(LiveEvent::BroadcastEnded { channel, seat: seat.clone(), gone: gone.clone() });
        }
        self.tell(LiveEvent::CallLeft { channel, seat, gone });
    }

    /// The last connection of a sign-in is gone, or the sign-in never had one: so is the seat that it took.
    pub(crate) fn leave_call_of_login(&mut self, account: AccountId, login: LoginId) {
        if !self.is_here(account, login)
            && let Some(channel) = self.live.call_of(account)
            && self.live.seat(channel, account).is_some_and(|seat| seat.login == Some(login))
        {
            self.leave_call(account, Some(channel), None);
        }
    }

    /// Gives up those who joined without a connection and still have none.
    pub(crate) fn drop_absent(&mut self, now: Timestamp) {
        while let Some((moment, account, login)) = self.absent.first().copied()
            && moment <= now
        {
            self.absent.pop_first();
            self.leave_call_of_login(account, login);
        }
    }

    /// True while a sign-in has a connection, and for the grace after it.
    fn is_here(&self, account: AccountId, login: LoginId) -> bool {
        let waiting = self.leaving.values().any(|gone| gone.account == account && gone.login == Some(login));
        waiting || self.live.sessions_of(account).any(|session| session.login == Some(login))
    }

    /// Begins, changes or ends (`None`) a broadcast. Ignored for who is not in the call, and while another broadcasts.
    pub(crate) fn broadcast(
        &mut self,
        account: AccountId,
        channel: ChannelId,
        lines: Option<u16>,
        now: Timestamp,
    ) {
        let Some(before) = self.live.seat(channel, account).cloned() else { return };
        if self.live.broadcaster(channel).is_some_and(|(seat, _)| seat.account != account) {
            return;
        }
        let broadcast = lines.map(|lines| Broadcast { lines, since: now });
        let seat = Arc::new(Seat { broadcast, ..(*before).clone() });
        self.live.calls.insert((channel, account), seat.clone());
        if broadcast.is_some() {
            self.tell(LiveEvent::BroadcastBegun { channel, seat });
        } else if before.broadcast.is_some() {
            self.tell(LiveEvent::BroadcastEnded { channel, seat, gone: None });
        }
    }

    /// Changes the seat of somebody in a call; told only when it is another then.
    pub(crate) fn change_seat(&mut self, account: AccountId, put: impl FnOnce(&mut Seat)) {
        let Some(channel) = self.live.call_of(account) else { return };
        let Some(before) = self.live.seat(channel, account).cloned() else { return };
        let mut seat = (*before).clone();
        put(&mut seat);
        if seat != *before {
            let seat = Arc::new(seat);
            self.live.calls.insert((channel, account), seat.clone());
            self.tell(LiveEvent::CallChanged { channel, seat, ruled: false });
        }
    }
}

/// When a seat is given up unless its sign-in has a connection by then, and whose it is.
fn absence(seat: &Seat, login: LoginId) -> (Timestamp, AccountId, LoginId) {
    (seat.joined_at.plus_seconds(limits::ABSENT_SECONDS), seat.account, login)
}

/// The seat as rights and moderators have it: who may not speak in the channel is muted (together.md 8.1).
fn ruled(directory: &Directory, channel: &Channel, seat: Seat) -> Seat {
    let may_speak = policy::permissions_in(directory, channel, seat.account).has(Permissions::SPEAK);
    let member = channel.space().and_then(|space| directory.member(space, seat.account));
    Seat {
        server_muted: !may_speak || member.is_some_and(|member| member.muted),
        server_deafened: member.is_some_and(|member| member.deafened),
        ..seat
    }
}
