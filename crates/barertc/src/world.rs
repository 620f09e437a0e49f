//! What this protocol alone asks of the world: who is an operator or VIP, whose camera is on, what is shown where.
//! Pure functions over a snapshot.

use crate::config::{Channel as ChannelConfig, Config, LOBBY};
use commonroom_core::account::{Account, AccountKind, Protocol, Status, StatusKind};
use commonroom_core::channel::{Channel, Home};
use commonroom_core::emoji;
use commonroom_core::event::Relation;
use commonroom_core::ids::{AccountId, ChannelId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::space::Space;
use commonroom_hub::live::{self, Badge, LiveSession, RelationKind};
use commonroom_hub::session::State;
use std::borrow::Cow;
use std::sync::Arc;

/// Video flags (barertc.md 4.2).
pub mod flags {
    /// Broadcasting.
    pub const ACTIVE: u32 = 1;
    /// Explicit.
    pub const EXPLICIT: u32 = 2;
    /// Who watches must broadcast too.
    pub const MUTUAL_REQUIRED: u32 = 16;
    /// Opens the cameras of who watches.
    pub const MUTUAL_OPEN: u32 = 32;
    /// For VIPs only.
    pub const ONLY_VIP: u32 = 64;
    /// The viewer is invited; set by the server only.
    pub const INVITED: u32 = 128;
    /// What a client may set.
    pub const SETTABLE: u32 = 0x1ff & !INVITED;
}

/// Status words that clients know (barertc.md 4.1).
const WORDS: [&str; 18] = [
    "online",
    "away",
    "brb",
    "afk",
    "lunch",
    "call",
    "busy",
    "book",
    "gaming",
    "movie",
    "workout",
    "travel",
    "idle",
    "hidden",
    "chatty",
    "introverted",
    "horny",
    "exhibitionist",
];

/// The space that is shown.
pub fn space<'a>(state: &'a State, config: &Config) -> Option<&'a Arc<Space>> {
    state.directory.space_named(&config.space).or_else(|| state.directory.default_space())
}

/// The settings of a channel, if it is one of those shown.
pub fn shown<'a>(
    state: &State,
    config: &'a Config,
    space: SpaceId,
    channel: ChannelId,
) -> Option<&'a ChannelConfig> {
    let space = state.directory.space(space)?;
    if space.default_channel == Some(channel) {
        return config.channel(LOBBY);
    }
    let channel = state.directory.channel(channel)?;
    // Threads belong to the space too, and are not shown here.
    if channel.home != Home::Space(space.id) {
        return None;
    }
    config.channels.iter().find(|known| known.id != LOBBY && known.id.eq_ignore_ascii_case(&channel.name))
}

/// A reaction's emoji as it is read here: one of the space by its name.
pub fn emoji<'a>(state: &State, message: &Message, emoji: &'a str) -> Cow<'a, str> {
    let space = state.directory.channel(message.channel).and_then(|channel| channel.space());
    match space.filter(|_| emoji.contains("://")) {
        Some(space) => Cow::Owned(emoji::readable(&state.directory, space, emoji)),
        None => Cow::Borrowed(emoji),
    }
}

/// The channel with an id of the wire.
pub fn channel<'a>(state: &'a State, config: &Config, space: SpaceId, id: &str) -> Option<&'a Arc<Channel>> {
    let known = config.channel(id)?;
    if known.id == LOBBY {
        let lobby = state.directory.space(space)?.default_channel?;
        return state.directory.channel(lobby);
    }
    let default = state.directory.space(space)?.default_channel;
    state.directory.channel_named(space, &known.id).filter(|channel| Some(channel.id) != default)
}

/// The connection of an account over this protocol: the newest, since a newer one displaces the older.
pub fn session_of(state: &State, account: AccountId) -> Option<&Arc<LiveSession>> {
    state
        .live
        .sessions_of(account)
        .filter(|session| session.protocol == Protocol::BareRtc)
        .max_by_key(|session| (session.since, session.id))
}

/// True for a connection over this protocol.
pub fn is_own(session: &LiveSession) -> bool {
    session.protocol == Protocol::BareRtc
}

/// What that connection shows of itself.
pub fn badge_of(state: &State, account: AccountId) -> Option<&Arc<Badge>> {
    session_of(state, account).and_then(|session| state.live.badge(session.id))
}

/// True for operators: moderators and above, and whom the website calls one.
pub fn is_operator(state: &State, space: SpaceId, account: AccountId) -> bool {
    badge_of(state, account).is_some_and(|badge| badge.operator) || moderates(state, space, account)
}

/// True for who is an operator by a role.
pub fn moderates(state: &State, space: SpaceId, account: AccountId) -> bool {
    policy::permissions_in_space(&state.directory, space, account).has(Permissions::KICK_MEMBERS)
}

/// True for VIPs: by a role of their own, or whom the website calls one.
pub fn is_vip(state: &State, space: SpaceId, account: AccountId) -> bool {
    let held = policy::permissions_in_space(&state.directory, space, account);
    badge_of(state, account).is_some_and(|badge| badge.vip)
        || (held.has(Permissions::VIP) && !held.has(Permissions::ADMINISTRATOR))
}

/// True when somebody may read and write in a VIP channel.
pub fn enters_vip(state: &State, space: SpaceId, account: AccountId) -> bool {
    is_vip(state, space, account) || is_operator(state, space, account)
}

/// True when somebody is here and shown as here.
pub fn is_present(state: &State, space: SpaceId, account: AccountId) -> bool {
    state.live.is_online(account)
        && state.directory.member(space, account).is_some()
        && state.directory.account(account).is_some_and(|known| known.status.kind != StatusKind::Invisible)
}

/// True when a block stands between the two.
pub fn blocked(state: &State, one: AccountId, other: AccountId) -> bool {
    live::blocked(&state.directory, &state.live, one, other)
}

/// True when somebody muted another.
pub fn mutes(state: &State, from: AccountId, to: AccountId) -> bool {
    state.directory.related(from, to, Relation::Mute)
        || state.live.related(&state.directory, from, to, RelationKind::Mute)
}

/// True when somebody booted another off the camera.
pub fn boots(state: &State, from: AccountId, to: AccountId) -> bool {
    state.live.related(&state.directory, from, to, RelationKind::Boot)
}

/// True when somebody invited another to the camera.
pub fn invites(state: &State, from: AccountId, to: AccountId) -> bool {
    state.live.related(&state.directory, from, to, RelationKind::Invite)
}

/// What a viewer of a who list is to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// See [`is_operator`].
    pub operator: bool,
    /// See [`is_vip`].
    pub vip: bool,
}

/// What a viewer is told of a camera (barertc.md 8.2, steps 2 to 5).
pub fn camera_seen(
    state: &State,
    owner: AccountId,
    viewer: AccountId,
    standing: Standing,
    video: u32,
) -> u32 {
    if owner == viewer || video & flags::ACTIVE == 0 {
        return video;
    }
    if state.live.anybody_related() || !state.directory.nobody_related() {
        if boots(state, owner, viewer) || mutes(state, owner, viewer) {
            return if standing.operator { video & !flags::MUTUAL_OPEN } else { 0 };
        }
        if invites(state, owner, viewer) {
            return video | flags::INVITED;
        }
    }
    if video & flags::ONLY_VIP != 0 && !standing.vip && !standing.operator {
        return 0;
    }
    video
}

/// Flags as they are kept: nothing without the active bit, nothing that only the server sets (barertc.md 4.2).
pub fn settable(video: i64, vip: bool) -> u32 {
    let Ok(video) = u32::try_from(video & 0x1ff) else { return 0 };
    let allowed = if vip { flags::SETTABLE } else { flags::SETTABLE & !flags::ONLY_VIP };
    if video & flags::ACTIVE == 0 { 0 } else { video & allowed }
}

/// The status word that others see of an account: the one chosen here, unless another was chosen elsewhere since.
pub fn status_word<'a>(account: &'a Account, badge: Option<&'a Badge>) -> &'a str {
    if let Some(badge) = badge
        && chosen(&badge.status) == (account.status.kind, account.status.text.as_deref())
    {
        return &badge.status;
    }
    let text = account.status.text.as_deref().filter(|text| WORDS.contains(text) && *text != "hidden");
    match account.status.kind {
        StatusKind::Online => text.unwrap_or("online"),
        StatusKind::Away => text.unwrap_or("away"),
        StatusKind::Idle => "idle",
        StatusKind::Dnd => "busy",
        StatusKind::Invisible => "hidden",
    }
}

/// A status word as everybody's status: what the other protocols show.
pub fn status(word: &str, before: &Status) -> Status {
    let (kind, text) = chosen(word);
    Status { kind, text: text.map(str::to_owned), activity: before.activity.clone() }
}

fn chosen(word: &str) -> (StatusKind, Option<&str>) {
    match word {
        "online" => (StatusKind::Online, None),
        "away" => (StatusKind::Away, None),
        "idle" => (StatusKind::Idle, None),
        "busy" => (StatusKind::Dnd, None),
        "hidden" => (StatusKind::Invisible, None),
        "brb" | "afk" | "lunch" | "call" => (StatusKind::Away, Some(word)),
        other => (StatusKind::Online, Some(other)),
    }
}

/// A status word as it may be: short, plain, `online` when nothing is left.
pub fn plain_word(word: &str) -> String {
    let plain: String = word
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        .take(crate::limits::STATUS_CHARS)
        .collect();
    if plain.is_empty() { "online".to_owned() } else { plain }
}

/// What an account is called on the wire.
pub fn name(state: &State, account: AccountId) -> &str {
    state.directory.account(account).map_or("", |known| &known.username)
}

/// True for accounts that end with their last connection.
pub fn is_guest(state: &State, account: AccountId) -> bool {
    state.directory.account(account).is_some_and(|known| known.kind == AccountKind::Guest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_without_a_camera_are_nothing() {
        assert_eq!(settable(1 | 16, false), 17);
        assert_eq!(settable(16, false), 0);
        assert_eq!(settable(-1, true) & flags::INVITED, 0);
        assert_eq!(settable(1 | 128 | 1024, false), 1);
        assert_eq!(settable(1 | 64, false), 1);
        assert_eq!(settable(1 | 64, true), 65);
        assert_eq!(settable(i64::MIN, true), 0);
    }

    #[test]
    fn status_words_are_plain() {
        assert_eq!(plain_word("Lunch<b>"), "lunchb");
        assert_eq!(plain_word(""), "online");
        assert_eq!(plain_word(&"x".repeat(99)).len(), 32);
    }
}
