//! What a connection shows of what happens: which variant, or a copy of its own.

use super::OriginSession;
use super::me::{Me, role_faces};
use crate::Shared;
use crate::encode::{ANSWERED, HIDE, PEERS, PLAIN, REVEAL, VOTER, View, people, thread};
use commonroom_core::account::{Account, Protocol};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::event::{AccountChange, ChannelChange, Event, EventBody, MemberChange, SpaceChange};
use commonroom_core::ids::{AccountId, ChannelId, MessageId, SessionId};
use commonroom_core::message::Message;
use commonroom_core::policy;
use commonroom_core::space::{Member, Space};
use commonroom_hub::live::{LiveEvent, Scope, Seat};
use commonroom_hub::session::{Show, State};
use std::sync::Arc;

impl OriginSession {
    /// What to show of something stored.
    pub(super) fn show_event(&mut self, event: &Event, state: &State) -> Show {
        let asked = self.asked_for(event);
        let shared = &self.shared;
        let Some(me) = &mut self.me else { return Show::Nothing };
        match &event.body {
            EventBody::MessagePosted { message } => self.show_message(event, message, state, true),
            EventBody::MessageEdited { message, .. }
            | EventBody::MessageDeleted { message }
            | EventBody::Reacted { message, .. }
            | EventBody::Pinned { message, .. } => self.show_message(event, message, state, false),
            EventBody::Voted { message, account } => self.show_vote(message, *account, state),
            EventBody::PollEnded { message } => self.show_poll_end(event, message, state),
            EventBody::Channel { channel, change } if channel.parent().is_some() => {
                let cmd = thread::command(*change).filter(|_| channel.space() == Some(me.space));
                cmd.map_or(Show::Nothing, |cmd| self.show_echo(event, cmd))
            }
            EventBody::ChannelDeleted { channel, space, parent: Some(_) } => {
                me.forget(*channel);
                if *space == me.space { self.show_echo(event, "thread_delete") } else { Show::Nothing }
            }
            EventBody::Account { account, change } => {
                but_answered(me.show_account(event, account, change, state), asked == Some("user_update"))
            }
            EventBody::Space { space, .. } if space.id != me.space => Show::Nothing,
            EventBody::Space { space, change } => me.show_space(shared, space, change, asked, state),
            EventBody::SpaceDeleted { space, .. } => private_if(*space == me.space),
            EventBody::Member { member, change } => {
                but_answered(me.show_member(shared, member, change, state), asked == Some("user_update"))
            }
            EventBody::MemberGone { space, account, .. } if *space == me.space => {
                me.hidden.remove(account);
                if *account == me.account { Show::Private } else { Show::Shared(PLAIN) }
            }
            EventBody::Banned { ban } => private_if(ban.space == me.space && ban.account == me.account),
            EventBody::Channel { channel, change } => {
                let shown = me.show_channel(shared, channel, *change, state);
                let answered = asked == Some("channel_update") && shown == Show::Shared(PLAIN);
                if answered { Show::Nothing } else { shown }
            }
            EventBody::ChannelDeleted { channel, .. } => {
                me.forget(*channel);
                private_if(me.stale(shared, state))
            }
            EventBody::Read { account, channel, message, .. } => {
                me.show_read(*account, *channel, *message, state)
            }
            // Whoever asked for it has it as the answer.
            EventBody::Emoji { emoji, .. } | EventBody::EmojiGone { emoji } => {
                let own = event.origin.is_some_and(|origin| origin.session == self.id);
                shared_if(emoji.space == me.space && !own)
            }
            EventBody::MemberGone { .. }
            | EventBody::LoginPut { .. }
            | EventBody::LoginEnded { .. }
            | EventBody::Unbanned { .. }
            | EventBody::ConversationOpened { .. }
            | EventBody::Related { .. }
            | EventBody::Item { .. }
            | EventBody::FileAdded { .. }
            | EventBody::FileGone { .. }
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
            | EventBody::ItemGone { .. } => Show::Nothing,
        }
    }

    fn show_message(&mut self, event: &Event, message: &Arc<Message>, state: &State, new: bool) -> Show {
        let id = self.id;
        let Some(me) = &mut self.me else { return Show::Nothing };
        if !me.reads_in(message.channel, state) {
            return Show::Nothing;
        }
        me.note_while_fetching(message, new);
        match event.origin {
            Some(origin) if origin.session == id => {
                let Some(pending) = self.requests.under_way(origin.tag) else { return Show::Shared(PLAIN) };
                // A new poll has an answer of its own.
                if pending.asked.cmd != "poll_create" {
                    pending.told = true;
                    if pending.asked.listener.is_some() {
                        return Show::Private;
                    }
                }
            }
            _ => {
                if new && me.has(message.channel, message.seq) {
                    return Show::Nothing;
                }
            }
        }
        if new && message.author == me.account {
            // Writing counts as reading: where the mark stands is no longer where it was last set.
            me.read.remove(&message.channel);
        }
        // An edited poll shows everybody what they chose themselves.
        let edited_poll = message.poll.is_some() && matches!(event.body, EventBody::MessageEdited { .. });
        if edited_poll || (new && me.quirk.concerns(message.channel)) {
            return Show::Private;
        }
        Show::Shared(PLAIN)
    }

    /// What to show of something that everybody sees alike: whose request with that command it answers, with the
    /// listener.
    fn show_echo(&mut self, event: &Event, cmd: &str) -> Show {
        if let Some(origin) = event.origin.filter(|origin| origin.session == self.id)
            && let Some(pending) = self.requests.under_way(origin.tag)
            && pending.asked.cmd == cmd
        {
            pending.told = true;
            if pending.asked.listener.is_some() {
                return Show::Private;
            }
        }
        Show::Shared(PLAIN)
    }

    fn show_vote(&mut self, message: &Arc<Message>, voter: AccountId, state: &State) -> Show {
        let Some(me) = &mut self.me else { return Show::Nothing };
        if !me.reads_in(message.channel, state) {
            return Show::Nothing;
        }
        me.note_while_fetching(message, false);
        if me.quirk.redraws(message.channel) {
            return Show::Private;
        }
        Show::Shared(if voter == me.account { VOTER } else { PLAIN })
    }

    fn show_poll_end(&mut self, event: &Event, message: &Arc<Message>, state: &State) -> Show {
        let Some(me) = &mut self.me else { return Show::Nothing };
        if !me.reads_in(message.channel, state) {
            return Show::Nothing;
        }
        me.note_while_fetching(message, false);
        let redraws = me.quirk.redraws(message.channel);
        let show = self.show_echo(event, "poll_end");
        if redraws { Show::Private } else { show }
    }

    /// What to show of something live.
    pub(super) fn show_live(&mut self, event: &LiveEvent, state: &State) -> Show {
        let Some(me) = &self.me else { return Show::Nothing };
        match event {
            LiveEvent::Online { account, .. } | LiveEvent::Offline { account, .. } => {
                let member = state.directory.member(me.space, *account).is_some();
                let hidden =
                    state.directory.account(*account).is_none_or(|account| people::is_hidden(account));
                if member && !hidden { Show::Shared(PLAIN) } else { Show::Nothing }
            }
            LiveEvent::Typing { session, channel, .. } => {
                let own = *session == Some(self.id);
                if !own && me.reads_in(*channel, state) { Show::Shared(PLAIN) } else { Show::Nothing }
            }
            // Being muted by others is nothing that this protocol shows.
            LiveEvent::CallChanged { ruled: true, .. } => Show::Nothing,
            LiveEvent::CallJoined { channel, seat } | LiveEvent::CallChanged { channel, seat, .. } => {
                me.show_seat(self.id, *channel, seat, state)
            }
            LiveEvent::CallLeft { channel, .. } => shared_if(me.is_of_space(*channel, state)),
            LiveEvent::Displaced { session } => private_if(*session == self.id),
            LiveEvent::Signal { signal, .. } => private_if(signal.protocol == Protocol::OriginChats),
            LiveEvent::Offered { session, .. } | LiveEvent::Withdrawn { session, .. } => {
                shared_if(session.scope == Scope::Space(me.space))
            }
            LiveEvent::Attached { .. }
            | LiveEvent::Ready { .. }
            | LiveEvent::Changed { .. }
            | LiveEvent::Detached { .. }
            | LiveEvent::Moved { .. }
            | LiveEvent::Carried { .. }
            | LiveEvent::BroadcastBegun { .. }
            | LiveEvent::BroadcastEnded { .. }
            | LiveEvent::Relayed { .. }
            | LiveEvent::Effect { .. } => Show::Nothing,
        }
    }
}

/// Without what the answer to the asker's own request will say.
fn but_answered(shown: Show, asked: bool) -> Show {
    if asked && shown == Show::Shared(PLAIN) { Show::Shared(ANSWERED) } else { shown }
}

fn private_if(condition: bool) -> Show {
    if condition { Show::Private } else { Show::Nothing }
}

fn shared_if(condition: bool) -> Show {
    if condition { Show::Shared(PLAIN) } else { Show::Nothing }
}

impl Me {
    /// True when the client's list of channels is no longer right.
    fn stale(&self, shared: &Shared, state: &State) -> bool {
        shared.view(state).is_some_and(|view: View<'_>| self.list_is_stale(&view))
    }

    fn show_roles(&mut self, shared: &Shared, space: &Space, state: &State) -> Show {
        if self.faces_are_stale(&state.directory, space).is_some() {
            return Show::Private;
        }
        self.role_faces = role_faces(space);
        if self.stale(shared, state) { Show::Private } else { Show::Shared(PLAIN) }
    }

    /// True for a channel of the space shown: not a conversation.
    fn is_of_space(&self, channel: ChannelId, state: &State) -> bool {
        state.directory.channel(channel).is_some_and(|channel| channel.space() == Some(self.space))
    }

    /// True for a channel whose messages this protocol shows.
    fn reads_in(&self, channel: ChannelId, state: &State) -> bool {
        state
            .directory
            .channel(channel)
            .is_some_and(|channel| channel.space() == Some(self.space) && channel.kind == ChannelKind::Text)
    }

    /// True when a page that the client got already holds a message that is only now told.
    fn has(&mut self, channel: ChannelId, seq: u64) -> bool {
        match self.ahead.get(&channel) {
            Some(ahead) if seq <= *ahead => true,
            Some(_) => {
                self.ahead.remove(&channel);
                false
            }
            None => false,
        }
    }

    /// Keeps what a page that is being fetched may lack.
    fn note_while_fetching(&mut self, message: &Arc<Message>, new: bool) {
        if let Some(fetching) = &mut self.fetching
            && fetching.channel == message.channel
        {
            fetching.since.push((message.clone(), new));
        }
    }

    fn show_space(
        &mut self,
        shared: &Arc<Shared>,
        space: &Arc<Space>,
        change: &SpaceChange,
        asked: Option<&'static str>,
        state: &State,
    ) -> Show {
        match change {
            // The answer is the asker's one copy.
            SpaceChange::Settings if asked == Some("server_update") => Show::Nothing,
            SpaceChange::Settings => Show::Shared(PLAIN),
            SpaceChange::Roles => self.show_roles(shared, space, state),
            SpaceChange::ChannelOrder | SpaceChange::Owner => private_if(self.stale(shared, state)),
            SpaceChange::Created => Show::Nothing,
        }
    }

    fn show_account(
        &mut self,
        event: &Event,
        account: &Account,
        change: &AccountChange,
        state: &State,
    ) -> Show {
        let own = account.id == self.account;
        let Some(member) = state.directory.member(self.space, account.id) else {
            return private_if(own && (account.retired || account.disabled));
        };
        match change {
            AccountChange::Renamed { .. } => shared_if(member.nickname.is_none()),
            AccountChange::Status => self.show_status(event, account, state),
            AccountChange::Profile => {
                shared_if(state.live.is_online(account.id) && !people::is_hidden(account))
            }
            AccountChange::Username { .. } => Show::Shared(PLAIN),
            AccountChange::Access => private_if(own && account.disabled),
            AccountChange::Retired => private_if(own),
            AccountChange::Created => Show::Nothing,
        }
    }

    /// Going into hiding looks like leaving, coming out like arriving; what the hidden do meanwhile is not shown
    /// (originchats.md 5.7).
    fn show_status(&mut self, event: &Event, account: &Account, state: &State) -> Show {
        let own = account.id == self.account;
        if own {
            self.status_at = Some(event.at);
        }
        let hides = people::is_hidden(account);
        let hid = if hides { !self.hidden.insert(account.id) } else { self.hidden.remove(&account.id) };
        if !state.live.is_online(account.id) {
            return Show::Nothing;
        }
        match (hid, hides) {
            (false, true) if own => Show::Nothing,
            (false, true) => Show::Shared(HIDE),
            (true, true) => Show::Nothing,
            (true, false) => Show::Shared(REVEAL),
            (false, false) => Show::Shared(PLAIN),
        }
    }

    fn show_member(
        &mut self,
        shared: &Shared,
        member: &Member,
        change: &MemberChange,
        state: &State,
    ) -> Show {
        if member.space != self.space {
            return Show::Nothing;
        }
        let own = member.account == self.account;
        match change {
            MemberChange::Joined => {
                let account = state.directory.account(member.account);
                if account.is_some_and(|account| people::is_hidden(account)) {
                    self.hidden.insert(member.account);
                }
                Show::Shared(PLAIN)
            }
            MemberChange::Nickname { .. } => Show::Shared(PLAIN),
            MemberChange::Roles { .. } if own && self.stale(shared, state) => Show::Private,
            MemberChange::Roles { .. } => Show::Shared(PLAIN),
            MemberChange::Timeout { .. } => private_if(own),
            MemberChange::Silenced | MemberChange::Square => Show::Nothing,
        }
    }

    fn show_channel(
        &mut self,
        shared: &Shared,
        channel: &Channel,
        change: ChannelChange,
        state: &State,
    ) -> Show {
        if channel.space() != Some(self.space) {
            return Show::Nothing;
        }
        match change {
            // A new channel is shown when it has its place in the order.
            ChannelChange::Created
            | ChannelChange::Thread
            | ChannelChange::Followed(_)
            | ChannelChange::Unfollowed(_) => Show::Nothing,
            ChannelChange::Settings | ChannelChange::Overrides if self.stale(shared, state) => Show::Private,
            ChannelChange::Settings | ChannelChange::Overrides => {
                shared_if(policy::may_view(&state.directory, channel, self.account))
            }
        }
    }

    fn show_read(
        &mut self,
        who: AccountId,
        channel: ChannelId,
        upto: Option<MessageId>,
        state: &State,
    ) -> Show {
        if who != self.account || !self.reads_in(channel, state) {
            return Show::Nothing;
        }
        let before = self.read.insert(channel, upto);
        let visible = state
            .directory
            .channel(channel)
            .is_some_and(|channel| policy::may_view(&state.directory, channel, self.account));
        let moved = visible && before != Some(upto);
        let thread = state.directory.channel(channel).is_some_and(|channel| channel.parent().is_some());
        // Of a thread the client is told how many are left.
        if moved && thread { Show::Private } else { shared_if(moved) }
    }

    /// Peer ids are for those who take part in the call, and nobody gets their own back (originchats.md 6.6).
    fn show_seat(&self, session: SessionId, channel: ChannelId, seat: &Seat, state: &State) -> Show {
        if !self.is_of_space(channel, state) {
            return Show::Nothing;
        }
        let takes_part =
            state.live.seat(channel, self.account).is_some_and(|own| own.session == Some(session));
        if takes_part && seat.session != Some(session) { Show::Shared(PEERS) } else { Show::Shared(PLAIN) }
    }

    fn forget(&mut self, channel: ChannelId) {
        self.read.remove(&channel);
        self.ahead.remove(&channel);
        self.quirk.answered(channel, false);
    }
}
