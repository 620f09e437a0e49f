//! What one connection sees of a happening: the decisions behind [`crate::encode`].

mod fate;
mod things;

use crate::encode::{self, FOR_OTHERS, FOR_RESIDENT, LANDING, LINE, OWN, PARK, Scene};
use crate::keyboard;
use crate::news::{self, Kind};
use crate::rights;
use crate::roles;
use crate::session::{GridSession, Phase, Player, say};
use crate::signin::refused;
use crate::talk;
use crate::wire::Frame;
use crate::world;
use commonroom_core::account::Account;
use commonroom_core::event::{AccountChange, ChannelChange, Event, EventBody, MemberChange, SpaceChange};
use commonroom_core::ids::AccountId;
use commonroom_hub::live::{self, LiveEvent};
use commonroom_hub::session::{Context, Happening, Show};

/// Decides what somebody in the world sees of a happening.
pub(crate) fn show(scene: Scene<'_>, player: &mut Player, happening: &Happening) -> Show {
    if let Some((kind, account)) = news_for(scene, player, happening) {
        return show_news(scene, player, (kind, account), happening);
    }
    match happening {
        Happening::Event(event) => show_event(scene, player, event),
        Happening::Live(event) => show_live(scene, player, event),
    }
}

/// What is news for somebody: not their own name, and not that they themselves are sent out.
fn news_for(scene: Scene<'_>, player: &Player, happening: &Happening) -> Option<(Kind, AccountId)> {
    let (kind, account) = news::classify(scene, happening)?;
    let departure =
        matches!(happening, Happening::Event(event) if matches!(event.body, EventBody::MemberGone { .. }));
    let own = account == player.account && (kind == Kind::Renamed || departure);
    (!own).then_some((kind, account))
}

fn show_news(
    scene: Scene<'_>,
    player: &mut Player,
    (kind, account): (Kind, AccountId),
    happening: &Happening,
) -> Show {
    if let Some(message) = news::about(happening) {
        if matches!(kind, Kind::Edited | Kind::Removed) {
            player.news.forget(message.id);
        }
        if !talk::hears(scene, message.channel, message.author, player.account)
            || !scene.config.crossing.system_lines
        {
            return Show::Nothing;
        }
        return player.news.show(kind, account, happening);
    }
    if !reaches(scene, player, kind, account, happening) {
        return Show::Nothing;
    }
    if scene.config.crossing.system_lines {
        player.news.show(kind, account, happening)
    } else {
        Show::Shared(0)
    }
}

/// True unless the person is the client itself, or wants not to be seen; remembers who does.
fn reaches(
    scene: Scene<'_>,
    player: &mut Player,
    kind: Kind,
    account: AccountId,
    happening: &Happening,
) -> bool {
    if account == player.account {
        return false;
    }
    let status =
        matches!(happening, Happening::Event(event) if matches!(event.body, EventBody::Account { .. }));
    match kind {
        Kind::Came if world::invisible(&scene.state.directory, account) => {
            player.invisible.insert(account);
            false
        }
        // A change of status makes somebody appear only if they were hidden.
        Kind::Came => player.invisible.remove(&account) || !status,
        Kind::Went if status => player.invisible.insert(account),
        Kind::Went => !player.invisible.remove(&account),
        Kind::Renamed => !player.invisible.contains(&account),
        Kind::Edited | Kind::Removed | Kind::Pinned | Kind::Answered => true,
    }
}

#[expect(clippy::too_many_lines, reason = "every event is named, so that a new one is thought about")]
fn show_event(scene: Scene<'_>, player: &Player, event: &Event) -> Show {
    let me = player.account;
    let asked_by_me = event.origin.is_some_and(|origin| origin.session == player.id);
    match &event.body {
        EventBody::MessagePosted { message } => {
            if !talk::hears(scene, message.channel, message.author, me) {
                return Show::Nothing;
            }
            Show::Shared(if message.author == me { OWN } else { 0 })
        }
        EventBody::Item { item, news } if item.space == player.space => {
            things::changed(scene, player, item, *news, event)
        }
        EventBody::ItemGone { space, item } if *space == player.space => things::gone(player, *item),
        EventBody::Member { member, change } if member.space == player.space => match change {
            MemberChange::Nickname { .. } => show_renamed(scene, player, member.account, asked_by_me),
            MemberChange::Roles { .. } if member.account == me => show_rights(scene, player),
            MemberChange::Joined
            | MemberChange::Roles { .. }
            | MemberChange::Timeout { .. }
            | MemberChange::Silenced
            | MemberChange::Square => Show::Nothing,
        },
        EventBody::Account { account, change } => show_account(scene, player, account, change),
        EventBody::Space { space, change } if space.id == player.space => match change {
            SpaceChange::Roles | SpaceChange::Owner => show_rights(scene, player),
            SpaceChange::Created | SpaceChange::Settings | SpaceChange::ChannelOrder => Show::Nothing,
        },
        EventBody::Channel { channel, change: ChannelChange::Overrides }
            if talk::is_chat_line(scene, channel.id) =>
        {
            show_rights(scene, player)
        }
        EventBody::LoginEnded { login, .. } if *login == player.login && !player.leaving => Show::Private,
        EventBody::MemberGone { space, account, .. } if *space == player.space && *account == me => {
            Show::Private
        }
        EventBody::Banned { ban } if ban.space == player.space && ban.account == me => Show::Private,
        EventBody::SpaceDeleted { space, .. } if *space == player.space => Show::Private,
        EventBody::Related { from, .. } if *from == me => Show::Private,
        EventBody::LoginPut { .. }
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
        | EventBody::Related { .. }
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
        | EventBody::ItemGone { .. } => Show::Nothing,
    }
}

fn show_account(scene: Scene<'_>, player: &Player, account: &Account, change: &AccountChange) -> Show {
    let me = account.id == player.account;
    match change {
        AccountChange::Renamed { .. } | AccountChange::Username { .. } => {
            let member = scene.state.directory.member(player.space, account.id);
            let shows = member.is_some_and(|member| member.nickname.is_none());
            if shows { show_renamed(scene, player, account.id, false) } else { Show::Nothing }
        }
        AccountChange::Retired if me => Show::Private,
        AccountChange::Access if me && account.disabled => Show::Private,
        AccountChange::Created
        | AccountChange::Status
        | AccountChange::Profile
        | AccountChange::Access
        | AccountChange::Retired => Show::Nothing,
    }
}

fn show_renamed(scene: Scene<'_>, player: &Player, account: AccountId, asked_by_me: bool) -> Show {
    if account == player.account {
        // Who asked gets an answer; their other connections are told.
        return if asked_by_me { Show::Nothing } else { Show::Private };
    }
    let mut on_grid = world::grid_sessions(scene.state, player.space, account).peekable();
    if on_grid.peek().is_none() {
        return Show::Nothing;
    }
    Show::Shared(if on_grid.any(|session| session.ready) { LINE } else { 0 })
}

fn show_rights(scene: Scene<'_>, player: &Player) -> Show {
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    let role = roles::of(&scene.state.directory, scene.space, player.account);
    if held == player.held && role == player.role { Show::Nothing } else { Show::Private }
}

fn show_live(scene: Scene<'_>, player: &mut Player, event: &LiveEvent) -> Show {
    match event {
        LiveEvent::Ready { session } => {
            if session.id == player.id || !world::on_grid(session, player.space) {
                return Show::Nothing;
            }
            player.unready.remove(&session.id);
            player.invisible.remove(&session.account);
            Show::Shared(if session.account == player.account { LINE } else { LINE | PARK })
        }
        LiveEvent::Detached { session } => {
            if session.id == player.id || !world::on_grid(session, player.space) {
                return Show::Nothing;
            }
            if !session.ready {
                // Only who saw them in the welcome knows of them (2.5).
                return if player.unready.remove(&session.id) { Show::Shared(0) } else { Show::Nothing };
            }
            let parked = world::parked(scene.state, player.space, session.account);
            if parked && world::invisible(&scene.state.directory, session.account) {
                player.invisible.insert(session.account);
            }
            Show::Shared(if session.account == player.account { LINE } else { LINE | PARK })
        }
        LiveEvent::Moved { session, teleport } if world::on_grid(session, player.space) => {
            // With something in their hands they land after it.
            let lands = *teleport && scene.state.live.carried_by(session.id).is_none();
            Show::Shared(if lands && session.id != player.id { LANDING } else { 0 })
        }
        LiveEvent::Carried { item, session, how } if world::on_grid(session, player.space) => {
            things::carried(scene, player, *item, session, *how)
        }
        LiveEvent::Signal { .. } => Show::Shared(0),
        LiveEvent::Effect { effect } if effect.space == player.space => {
            let own = effect.by.is_some_and(|(session, _)| session == player.id);
            let passes_by = (own && effect.word == FOR_OTHERS) || effect.word == FOR_RESIDENT;
            if passes_by { Show::Nothing } else { Show::Shared(0) }
        }
        LiveEvent::Displaced { .. } => Show::Private,
        LiveEvent::Attached { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Online { .. }
        | LiveEvent::Offline { .. }
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
        | LiveEvent::Effect { .. } => Show::Nothing,
    }
}

impl GridSession {
    /// Tells what only this connection is told, or what only it is told now.
    pub(crate) fn tell_own(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        let Phase::In(player) = &mut self.phase else { return };
        let state = cx.state;
        if let Some(scene) = Scene::of(&self.grid.config, state, player.space)
            && let Some((kind, account)) = news_for(scene, player, happening)
        {
            let flags = player.news.tell(kind, account, happening, cx.now);
            return encode::happening(scene, happening, flags, &mut |frame| cx.send(frame));
        }
        if let Some(fate) = fate::fate(player, happening, &state.directory) {
            if let Some(line) = &fate.line {
                say(cx, line);
            }
            if let Some(refusal) = fate.refusal {
                cx.send(&refused(refusal, None));
            }
            return self.end(1000, fate.refusal.unwrap_or("removed"), cx);
        }
        let Some(scene) = Scene::of(&self.grid.config, state, player.space) else { return };
        if let Some(flags) = things::played(scene, player, happening) {
            encode::happening(scene, happening, flags, &mut |frame| cx.send(frame));
            return keyboard::recheck(&self.grid, player, cx);
        }
        // Whatever else is for this connection alone has been told by now.
        let Happening::Event(event) = happening else { return };
        if let EventBody::Space { .. }
        | EventBody::Channel { .. }
        | EventBody::Member { change: MemberChange::Roles { .. }, .. } = event.body
        {
            tell_rights(scene, player, cx);
        } else if let EventBody::Member { .. } | EventBody::Account { .. } = event.body {
            tell_own_name(scene, player, cx);
        } else if let EventBody::Related { to, .. } = event.body {
            tell_related(scene, player, to, cx);
        }
    }
}

/// 6.3.
fn tell_rights(scene: Scene<'_>, player: &mut Player, cx: &mut Context<'_>) {
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    let role = roles::of(&scene.state.directory, scene.space, player.account);
    // Two happenings of one moment are told once.
    if held == player.held && role == player.role {
        return;
    }
    (player.held, player.role) = (held, role);
    let permissions = rights::words(player.held);
    let (_, menu) = rights::menu(player.held);
    let frame =
        Frame::AuthPermissions { role: &player.role, permissions: &permissions, admin_menu_actions: &menu };
    cx.send(&frame.json());
}

/// The client's own name was changed from elsewhere: another connection, another protocol, a moderator.
fn tell_own_name(scene: Scene<'_>, player: &Player, cx: &mut Context<'_>) {
    let nickname = &*scene.name(player.account);
    for session in world::grid_sessions(scene.state, player.space, player.account) {
        if session.id != player.id {
            cx.send(&Frame::UpdateNickname { id: &session.id.to_string(), nickname }.json());
        }
    }
    let result = Frame::NicknameResult {
        accepted: true,
        requested_nickname: nickname,
        effective_nickname: nickname,
        reason: None,
    };
    cx.send(&result.json());
    say(cx, &format!("You are now known as {nickname}."));
}

/// Who is muted or blocked is no longer told of, and must not stay behind as a statue.
fn tell_related(scene: Scene<'_>, player: &Player, to: AccountId, cx: &mut Context<'_>) {
    let state = scene.state;
    let hidden = live::hidden_from(&state.directory, &state.live, player.account, to);
    for other in scene.selves(to) {
        if hidden {
            cx.send(&Frame::UserLeft { id: &other.id }.json());
        } else {
            encode::presence(&other, &mut |frame| cx.send(frame));
        }
    }
}
