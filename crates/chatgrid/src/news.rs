//! What people of the other protocols do, told on the grid: they come and go, change names, edit and remove messages.
//! Such lines are spoken aloud, so that many in a short time are gathered into one (crossing.md C2).

use crate::encode::{LINE, Scene};
use crate::limits;
use crate::plain;
use crate::talk;
use crate::wire::Frame;
use crate::world;
use commonroom_core::env::Timestamp;
use commonroom_core::event::{AccountChange, EventBody, MemberChange};
use commonroom_core::fallback;
use commonroom_core::ids::{AccountId, MessageId};
use commonroom_core::message::Message;
use commonroom_hub::live::{LiveEvent, LiveSession};
use commonroom_hub::session::{Happening, Show};

/// A kind of news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Somebody is here now.
    Came,
    /// Somebody is no longer here.
    Went,
    /// Somebody has another name.
    Renamed,
    /// Somebody changed a message.
    Edited,
    /// Somebody took a message back.
    Removed,
    /// Somebody pinned a message.
    Pinned,
    /// A question of somebody's is answered.
    Answered,
}

const KINDS: [Kind; 7] =
    [Kind::Came, Kind::Went, Kind::Renamed, Kind::Edited, Kind::Removed, Kind::Pinned, Kind::Answered];

/// What a happening is news of, and about whom; `None` when it is of the grid itself or of no interest.
pub fn classify(scene: Scene<'_>, happening: &Happening) -> Option<(Kind, AccountId)> {
    match happening {
        Happening::Event(event) => classify_event(scene, &event.body, event.by),
        Happening::Live(event) => classify_live(scene, event),
    }
}

fn classify_event(scene: Scene<'_>, body: &EventBody, by: Option<AccountId>) -> Option<(Kind, AccountId)> {
    let (state, space) = (scene.state, scene.id());
    let parked = |account| world::parked(state, space, account);
    match body {
        EventBody::Member { member, change } if member.space == space => match change {
            MemberChange::Joined => parked(member.account).then_some((Kind::Came, member.account)),
            MemberChange::Nickname { .. } => {
                parked(member.account).then_some((Kind::Renamed, member.account))
            }
            MemberChange::Roles { .. }
            | MemberChange::Timeout { .. }
            | MemberChange::Silenced
            | MemberChange::Square => None,
        },
        EventBody::MemberGone { space: left, account, .. } => {
            (*left == space && world::elsewhere(state, space, *account)).then_some((Kind::Went, *account))
        }
        EventBody::Account { account, change } => match change {
            AccountChange::Renamed { .. } | AccountChange::Username { .. } => {
                let shows =
                    state.directory.member(space, account.id).is_some_and(|member| member.nickname.is_none());
                (shows && parked(account.id)).then_some((Kind::Renamed, account.id))
            }
            AccountChange::Status if parked(account.id) => {
                let gone = account.status.kind == commonroom_core::account::StatusKind::Invisible;
                Some((if gone { Kind::Went } else { Kind::Came }, account.id))
            }
            AccountChange::Created
            | AccountChange::Status
            | AccountChange::Profile
            | AccountChange::Access
            | AccountChange::Retired => None,
        },
        EventBody::MessageEdited { message, .. } => Some((Kind::Edited, message.author)),
        EventBody::MessageDeleted { message } => Some((Kind::Removed, by.unwrap_or(message.author))),
        EventBody::Pinned { message, on: true } => Some((Kind::Pinned, by.unwrap_or(message.author))),
        EventBody::PollEnded { message } => Some((Kind::Answered, message.author)),
        EventBody::LoginPut { .. }
        | EventBody::LoginEnded { .. }
        | EventBody::Space { .. }
        | EventBody::SpaceDeleted { .. }
        | EventBody::Member { .. }
        | EventBody::Banned { .. }
        | EventBody::Unbanned { .. }
        | EventBody::Channel { .. }
        | EventBody::ChannelDeleted { .. }
        | EventBody::ConversationOpened { .. }
        | EventBody::MessagePosted { .. }
        | EventBody::Reacted { .. }
        | EventBody::Read { .. }
        | EventBody::Related { .. }
        | EventBody::Item { .. }
        | EventBody::Pinned { .. }
        | EventBody::Voted { .. }
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
        | EventBody::ItemGone { .. } => None,
    }
}

fn classify_live(scene: Scene<'_>, event: &LiveEvent) -> Option<(Kind, AccountId)> {
    let (state, space) = (scene.state, scene.id());
    let outside = |session: &LiveSession| !world::on_grid(session, space);
    match event {
        LiveEvent::Online { account, session } => {
            (outside(session) && world::parked(state, space, *account)).then_some((Kind::Came, *account))
        }
        LiveEvent::Offline { account, session } => {
            let member = state.directory.member(space, *account).is_some();
            (outside(session) && member).then_some((Kind::Went, *account))
        }
        // While a connection on the grid is not announced yet, it keeps its account online: others come and go unsaid.
        LiveEvent::Attached { session } if outside(session) => {
            let account = session.account;
            let only = state.live.sessions_of(account).filter(|other| outside(other)).count() == 1;
            let news = only
                && !state.live.lingers(account)
                && world::grid_sessions(state, space, account).next().is_some()
                && world::parked(state, space, account);
            news.then_some((Kind::Came, account))
        }
        LiveEvent::Detached { session } if outside(session) => {
            let account = session.account;
            let mut own = world::grid_sessions(state, space, account).peekable();
            let news = own.peek().is_some()
                && own.all(|other| !other.ready)
                && !world::connects_elsewhere(state, space, account)
                && state.directory.member(space, account).is_some();
            news.then_some((Kind::Went, account))
        }
        LiveEvent::Attached { .. }
        | LiveEvent::Detached { .. }
        | LiveEvent::Ready { .. }
        | LiveEvent::Changed { .. }
        | LiveEvent::Moved { .. }
        | LiveEvent::Carried { .. }
        | LiveEvent::Typing { .. }
        | LiveEvent::CallJoined { .. }
        | LiveEvent::CallChanged { .. }
        | LiveEvent::CallLeft { .. }
        | LiveEvent::BroadcastBegun { .. }
        | LiveEvent::BroadcastEnded { .. }
        | LiveEvent::Signal { .. }
        | LiveEvent::Relayed { .. }
        | LiveEvent::Displaced { .. }
        | LiveEvent::Offered { .. }
        | LiveEvent::Withdrawn { .. }
        | LiveEvent::Effect { .. } => None,
    }
}

/// The lines that tell a piece of news.
pub fn lines(scene: Scene<'_>, kind: Kind, account: AccountId, happening: &Happening) -> Vec<String> {
    let name = scene.name(account);
    let text = match kind {
        Kind::Came => format!("{name} has logged in."),
        Kind::Went => format!("{name} has logged out."),
        Kind::Renamed => match name_before(happening) {
            Some(before) => format!("{before} is now known as {name}."),
            None => return Vec::new(),
        },
        Kind::Edited | Kind::Removed | Kind::Pinned | Kind::Answered => {
            let Some(message) = about(happening) else { return Vec::new() };
            let channel = scene.state.directory.channel(message.channel);
            let privately = talk::privately(channel.map(|channel| &**channel));
            let told = match (kind, &message.poll) {
                (Kind::Edited, _) => format!("{name} edited: {}", talk::words(&message.text)),
                (Kind::Pinned, _) => format!("{name} pinned a message"),
                (Kind::Answered, Some(poll)) => {
                    format!("Poll ended: {}", talk::words(&fallback::outcome(poll)))
                }
                (Kind::Came | Kind::Went | Kind::Renamed | Kind::Removed | Kind::Answered, _) => {
                    format!("{name} removed a message")
                }
            };
            format!("{privately}{told}")
        }
    };
    plain::parts(&text).iter().map(|part| Frame::line(part)).collect()
}

fn name_before(happening: &Happening) -> Option<&str> {
    let Happening::Event(event) = happening else { return None };
    if let EventBody::Member { change: MemberChange::Nickname { before }, .. }
    | EventBody::Account { change: AccountChange::Renamed { before }, .. } = &event.body
    {
        Some(before)
    } else {
        None
    }
}

/// The message that a piece of news is about.
pub fn about(happening: &Happening) -> Option<&Message> {
    let Happening::Event(event) = happening else { return None };
    if let EventBody::MessageEdited { message, .. }
    | EventBody::MessageDeleted { message }
    | EventBody::Pinned { message, .. }
    | EventBody::PollEnded { message } = &event.body
    {
        Some(message)
    } else {
        None
    }
}

fn edited_message(happening: &Happening) -> Option<MessageId> {
    let Happening::Event(event) = happening else { return None };
    if let EventBody::MessageEdited { message, .. } = &event.body { Some(message.id) } else { None }
}

/// News of one kind that wait to be told together.
#[derive(Default, Debug)]
struct Window {
    /// Until when they wait; `None` when the next piece is told at once.
    until: Option<Timestamp>,
    waiting: Vec<(AccountId, Happening)>,
    /// Further ones, counted only.
    more: usize,
}

/// The lines about other protocols on one connection: one line of each kind in [`limits::LINES_SECONDS`].
#[derive(Default, Debug)]
pub struct Gatherer {
    windows: [Window; KINDS.len()],
}

impl Gatherer {
    fn window(&mut self, kind: Kind) -> &mut Window {
        let at = KINDS.iter().position(|other| *other == kind).unwrap_or(0);
        &mut self.windows[at]
    }

    /// What to show of a piece of news: at once and by itself, or, while others of its kind wait, only its frames.
    pub fn show(&mut self, kind: Kind, account: AccountId, happening: &Happening) -> Show {
        if self.window(kind).until.is_none() {
            return Show::Private;
        }
        self.wait(kind, account, happening);
        match kind {
            Kind::Came | Kind::Went | Kind::Renamed => Show::Shared(0),
            Kind::Edited | Kind::Removed | Kind::Pinned | Kind::Answered => Show::Nothing,
        }
    }

    /// Flags of a piece of news about to be told: the first of a kind has its line, and the next ones wait.
    pub fn tell(&mut self, kind: Kind, account: AccountId, happening: &Happening, now: Timestamp) -> u8 {
        if self.window(kind).until.is_some() {
            self.wait(kind, account, happening);
            return 0;
        }
        self.window(kind).until = Some(now.plus_seconds(limits::LINES_SECONDS));
        LINE
    }

    fn wait(&mut self, kind: Kind, account: AccountId, happening: &Happening) {
        let window = self.window(kind);
        let again = edited_message(happening);
        // Of a message edited again and again only the newest words are told.
        let same =
            window.waiting.iter_mut().find(|(_, other)| again.is_some() && edited_message(other) == again);
        if let Some(same) = same {
            same.1 = happening.clone();
        } else if window.waiting.len() < limits::LINE_NAMES {
            window.waiting.push((account, happening.clone()));
        } else {
            window.more += 1;
        }
    }

    /// Forgets the waiting words of a message that is gone.
    pub fn forget(&mut self, message: MessageId) {
        self.window(Kind::Edited).waiting.retain(|(_, other)| edited_message(other) != Some(message));
    }

    /// When the next gathered line is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.windows.iter().filter_map(|window| window.until).min()
    }

    /// The gathered lines that are due.
    pub fn due(&mut self, scene: Scene<'_>, now: Timestamp) -> Vec<String> {
        let mut due = Vec::new();
        for (kind, window) in KINDS.into_iter().zip(&mut self.windows) {
            if window.until.is_none_or(|until| until > now) {
                continue;
            }
            let waiting = std::mem::take(&mut window.waiting);
            let more = std::mem::take(&mut window.more);
            window.until = (!waiting.is_empty()).then(|| now.plus_seconds(limits::LINES_SECONDS));
            match &waiting[..] {
                [] => {}
                [(account, happening)] if more == 0 => due.extend(lines(scene, kind, *account, happening)),
                _ => due.push(Frame::line(&gathered(scene, kind, &waiting, more))),
            }
        }
        due
    }
}

fn gathered(scene: Scene<'_>, kind: Kind, waiting: &[(AccountId, Happening)], more: usize) -> String {
    let mut names: Vec<String> = Vec::new();
    for (account, _) in waiting {
        let name = scene.name(*account).into_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let last = names.pop().unwrap_or_default();
    let who = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    let what = match kind {
        Kind::Came => "logged in.",
        Kind::Went => "logged out.",
        Kind::Renamed => "changed names.",
        Kind::Edited => "edited messages.",
        Kind::Removed => "removed messages.",
        Kind::Pinned => "pinned messages.",
        Kind::Answered => "had their polls answered.",
    };
    format!("{who} {what}")
}
