//! Who and what is on the grid, read from the server's state; and the little that only this protocol keeps.

use crate::config::Config;
use crate::items;
use crate::limits;
use crate::wire::User;
use commonroom_core::account::{Protocol, StatusKind};
use commonroom_core::directory::Directory;
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::ids::{AccountId, ItemId, SessionId, SpaceId};
use commonroom_core::item::Item;
use commonroom_core::name::NameKey;
use commonroom_core::space::Space;
use commonroom_hub::live::{self, LiveSession, Scope};
use commonroom_hub::session::State;
use commonroom_hub::throttle::{Throttle, Throttling};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The name under which bad tokens are counted (chatgrid.md 3.5).
const RESUME: &str = "resume";

/// How many failed sign-ins are too many.
pub const THROTTLING: Throttling = Throttling {
    per_address: limits::FAILURES_PER_ADDRESS,
    per_name: limits::FAILURES_PER_NAME,
    seconds: limits::FAILURE_SECONDS,
};

/// The space whose grid this is.
pub fn space<'a>(config: &Config, directory: &'a Directory) -> Option<&'a Arc<Space>> {
    if config.space.is_empty() || config.space == "main" {
        return directory.default_space();
    }
    directory.space_named(&config.space)
}

/// True for a connection that stands on the grid of a space.
pub fn on_grid(session: &LiveSession, space: SpaceId) -> bool {
    session.protocol == Protocol::ChatGrid && session.scope == Scope::Space(space)
}

/// The connections of an account on the grid of a space.
pub fn grid_sessions(
    state: &State,
    space: SpaceId,
    account: AccountId,
) -> impl Iterator<Item = &Arc<LiveSession>> {
    state.live.sessions_of(account).filter(move |session| on_grid(session, space))
}

/// True when an account is connected, but not visibly on the grid: it is there over another protocol only.
pub fn elsewhere(state: &State, space: SpaceId, account: AccountId) -> bool {
    let live = &state.live;
    live.is_online(account)
        && !grid_sessions(state, space, account).any(|session| session.ready)
        && connects_elsewhere(state, space, account)
}

/// True when some connection of an account, or the grace after one, is not on the grid.
pub fn connects_elsewhere(state: &State, space: SpaceId, account: AccountId) -> bool {
    state.live.lingers(account) || state.live.sessions_of(account).any(|session| !on_grid(session, space))
}

/// True for a member who is shown at the parking square: there over another protocol only, whoever looks.
pub fn parked(state: &State, space: SpaceId, account: AccountId) -> bool {
    state.directory.member(space, account).is_some() && elsewhere(state, space, account)
}

/// True for an account that wants to be shown as offline.
pub fn invisible(directory: &Directory, account: AccountId) -> bool {
    directory.account(account).is_some_and(|account| account.status.kind == StatusKind::Invisible)
}

/// The name of an account in a space.
pub fn shown(directory: &Directory, space: SpaceId, account: AccountId) -> Cow<'_, str> {
    let nickname = directory.member(space, account).and_then(|member| member.nickname.as_deref());
    let name = nickname
        .or_else(|| directory.account(account).map(|account| account.shown_name()))
        .filter(|name| !name.is_empty())
        .unwrap_or("somebody");
    // A frame with a longer name is dropped by clients (6.8).
    if name.chars().count() <= limits::NICKNAME_CHARS {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.chars().take(limits::NICKNAME_CHARS).collect())
    }
}

/// An account's number, as clients know it.
pub fn number(directory: &Directory, account: AccountId) -> String {
    directory.account(account).map_or_else(String::new, |account| account.number.to_string())
}

/// True when somebody else who is here, over any protocol, goes by a name (5.6).
pub fn name_in_use(state: &State, space: SpaceId, own: AccountId, name: &str) -> bool {
    let wanted = NameKey::of(name);
    state.live.online().filter(|account| *account != own).any(|account| {
        let Some(member) = state.directory.member(space, account) else { return false };
        let Some(known) = state.directory.account(account) else { return false };
        match member.nickname.as_deref().or(known.display_name.as_deref()) {
            Some(shown) => NameKey::of(shown) == wanted,
            None => known.key == wanted,
        }
    })
}

/// A name for somebody whose own is in use: the user name, or that with the first free number (3.6). `None` when the
/// own name is free.
pub fn name_at_sign_in(state: &State, space: SpaceId, account: AccountId) -> Option<String> {
    if !name_in_use(state, space, account, &shown(&state.directory, space, account)) {
        return None;
    }
    let username = &state.directory.account(account)?.username;
    let numbered = (2..=limits::NAME_SUFFIXES).map(|number| {
        let suffix = format!("-{number}");
        let stem: String = username.chars().take(limits::NICKNAME_CHARS - suffix.len()).collect();
        format!("{stem}{suffix}")
    });
    std::iter::once(username.clone()).chain(numbered).find(|name| !name_in_use(state, space, account, name))
}

/// Where somebody appears: where they last stood, or anywhere.
pub fn spawn(config: &Config, saved: Option<(i32, i32)>, env: &mut Env) -> (i32, i32) {
    saved.filter(|square| config.in_bounds(*square)).unwrap_or_else(|| {
        let side = u32::try_from(config.size()).unwrap_or(1);
        let mut any = || i32::try_from(env.below(side)).unwrap_or(0);
        (any(), any())
    })
}

/// A connection on the grid, as others see it.
pub fn walker(config: &Config, directory: &Directory, space: SpaceId, session: &LiveSession) -> User {
    let (x, y) = session.square.unwrap_or(config.crossing.parking_square);
    User {
        id: session.id.to_string(),
        user_id: number(directory, session.account),
        nickname: shown(directory, space, session.account).into_owned(),
        x,
        y,
    }
}

/// Somebody who is here over another protocol, as people on the grid see them.
pub fn parked_user(config: &Config, directory: &Directory, space: SpaceId, account: AccountId) -> User {
    let (x, y) = config.clamped(config.crossing.parking_square);
    User {
        id: account.to_string(),
        user_id: number(directory, account),
        nickname: shown(directory, space, account).into_owned(),
        x,
        y,
    }
}

/// Where an item is: with its carrier, or where it lies.
pub fn square_of(config: &Config, state: &State, item: &Item) -> (i32, i32) {
    let carrier = state.live.carrier(item.id).and_then(|carrying| state.live.session(carrying.session));
    let square = carrier.and_then(|carrier| carrier.square);
    config.clamped(square.unwrap_or_else(|| state.live.lies_at(item)))
}

/// Squares within which an item is heard.
pub fn range_of(item: &Item) -> i32 {
    let usual = items::item_type(&item.kind).map_or(1, |kind| kind.emit_range);
    let own = items::values::number_of(&item.params, "emitRange").and_then(|range| i32::try_from(range).ok());
    own.unwrap_or(usual).max(1)
}

/// Everybody whom a newcomer is told of, and what the newcomer must remember of them.
#[derive(Debug, Default)]
pub struct Present {
    /// Everybody else.
    pub users: Vec<User>,
    /// Those of them who are not announced yet.
    pub unready: Vec<SessionId>,
    /// Those who are left out because they want to be.
    pub invisible: Vec<AccountId>,
}

/// Who is on the grid for somebody about to join it.
pub fn present(config: &Config, state: &State, space: SpaceId, own: AccountId) -> Present {
    let directory = &state.directory;
    let mut present = Present::default();
    for session in state.live.sessions().filter(|session| on_grid(session, space)) {
        if live::hidden_from(directory, &state.live, own, session.account) {
            continue;
        }
        if !session.ready {
            present.unready.push(session.id);
        }
        present.users.push(walker(config, directory, space, session));
    }
    for account in state.live.online().filter(|account| *account != own && parked(state, space, *account)) {
        if invisible(directory, account) {
            present.invisible.push(account);
        } else if !live::hidden_from(directory, &state.live, own, account) {
            present.users.push(parked_user(config, directory, space, account));
        }
    }
    present
}

/// What only this protocol keeps, for all its connections: never stored.
#[derive(Default, Debug)]
pub struct World(Mutex<Kept>);

#[derive(Default, Debug)]
struct Kept {
    /// When each item was used last.
    used: BTreeMap<ItemId, Timestamp>,
    /// Who records on each piano.
    recorders: BTreeMap<ItemId, SessionId>,
    /// Bad tokens per address.
    resumes: Throttle,
}

impl World {
    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Uses an item of a type whose uses lie `cooldown` milliseconds apart.
    ///
    /// # Errors
    /// The milliseconds until it may be used again.
    pub fn use_item(&self, item: ItemId, cooldown: i64, now: Timestamp) -> Result<(), i64> {
        let longest = items::TYPES.iter().map(|kind| kind.cooldown_millis).max().unwrap_or(0);
        self.with(|kept| {
            kept.used.retain(|_, used| used.plus_millis(longest) > now);
            let free = kept.used.get(&item).map_or(now, |used| used.plus_millis(cooldown));
            if free > now {
                return Err((free.0 - now.0 + 999) / 1_000);
            }
            kept.used.insert(item, now);
            Ok(())
        })
    }

    /// Begins a recording on a piano; false when another connection records on it already.
    pub fn begin_recording(&self, piano: ItemId, session: SessionId) -> bool {
        self.with(|kept| *kept.recorders.entry(piano).or_insert(session) == session)
    }

    /// Ends a connection's recording on a piano.
    pub fn end_recording(&self, piano: ItemId, session: SessionId) {
        self.with(|kept| {
            if kept.recorders.get(&piano) == Some(&session) {
                kept.recorders.remove(&piano);
            }
        });
    }

    /// Who records on a piano.
    pub fn recorder(&self, piano: ItemId) -> Option<SessionId> {
        self.with(|kept| kept.recorders.get(&piano).copied())
    }

    /// True when an address has presented too many bad tokens.
    pub fn refuses_resume(&self, address: IpAddr, now: Timestamp) -> bool {
        self.with(|kept| kept.resumes.refuses(address, RESUME, THROTTLING, now))
    }

    /// Counts a good or a bad token of an address.
    pub fn resumed(&self, address: IpAddr, good: bool, now: Timestamp) {
        self.with(|kept| {
            if good {
                kept.resumes.succeeded(address, RESUME);
            } else {
                kept.resumes.failed(address, RESUME, THROTTLING, now);
            }
        });
    }
}
