//! Who is here: one list per viewer, since it tells some people less than others on purpose (barertc.md 8.2).
//!
//! A moment has one [`Census`] for all viewers, made at most once per state. Most viewers are shown its plain list as
//! shared bytes; a list of one's own is made only for who is shown something else, so that a mute somewhere in a large
//! room costs everybody else nothing.

use crate::config::Config;
use crate::quirks;
use crate::wire::{WhoEntry, WhoFrame};
use crate::world::{self, Standing, flags};
use bytes::Bytes;
use commonroom_core::account::{Account, StatusKind};
use commonroom_core::event::{Relation, Stream};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::name::NameKey;
use commonroom_hub::live::{Badge, LiveSession};
use commonroom_hub::session::{Frames, State};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

/// What a census depends on: versions of what is known.
type Stamp = (SpaceId, u64, u64, u64, u64);

/// Somebody who is here.
#[derive(Clone, Debug)]
struct Person {
    account: Arc<Account>,
    nickname: Option<String>,
    session: Option<Arc<LiveSession>>,
    badge: Option<Arc<Badge>>,
    since: i64,
    operator: bool,
    vip: bool,
}

/// Everybody who is here, in the order of the list.
#[derive(Debug)]
pub struct Census {
    stamp: Stamp,
    people: Vec<Person>,
    place: BTreeMap<AccountId, usize>,
    /// Who is to be shown more or less than others, since somebody here muted, blocked, booted or invited them or they
    /// blocked somebody.
    apart: BTreeSet<AccountId>,
    /// Some are to be shown less than others, for what they are.
    masked: bool,
    plain: List,
}

/// A list ready to be sent.
#[derive(Clone, Debug)]
pub struct List {
    /// The frame.
    pub frame: Bytes,
    /// Equal for equal lists.
    pub digest: u64,
}

/// Who looks at a list.
#[derive(Clone, Debug)]
pub struct Viewer<'a> {
    /// Them.
    pub account: AccountId,
    /// The status word they sent: they must never be shown another of their own (barertc.md 5.4).
    pub status: &'a str,
    /// Their connection and badge, also before it is known to others.
    pub session: &'a LiveSession,
    /// What they show of themselves.
    pub badge: &'a Badge,
}

/// The newest census.
#[derive(Default, Debug)]
pub struct Counter {
    newest: Mutex<Option<Arc<Census>>>,
}

impl Counter {
    /// The census of a state.
    pub fn census(&self, state: &State, config: &Config, space: SpaceId) -> Arc<Census> {
        let stamp = (
            space,
            state.live.version(),
            state.directory.head(Stream::Instance),
            state.directory.head(Stream::Space(space)),
            state.directory.rules_version(space),
        );
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = newest.as_ref().filter(|known| known.stamp == stamp) {
            return known.clone();
        }
        let census = Arc::new(Census::take(state, config, space, stamp));
        *newest = Some(census.clone());
        census
    }
}

impl Census {
    fn take(state: &State, config: &Config, space: SpaceId, stamp: Stamp) -> Self {
        let mut people: Vec<Person> = state
            .live
            .online()
            .filter(|account| world::is_present(state, space, *account))
            .filter_map(|account| person(state, space, account))
            .collect();
        people.sort_by(|one, other| one.account.username.cmp(&other.account.username));
        let masked = |person: &Person| {
            person.camera() & flags::ONLY_VIP != 0 || (person.vip && config.vip.mutually_secret)
        };
        let masked = people.iter().any(masked);
        let place = people.iter().enumerate().map(|(at, person)| (person.account.id, at)).collect();
        let apart = apart(state, &people);
        let entries: Vec<WhoEntry<'_>> = people
            .iter()
            .map(|person| person.entry(person.camera(), person.vip && !config.vip.mutually_secret))
            .collect();
        let plain = List::of(&entries);
        drop(entries);
        Self { stamp, people, place, apart, masked, plain }
    }

    /// The list as one person is to see it.
    pub fn list(&self, state: &State, config: &Config, viewer: &Viewer<'_>) -> List {
        if !self.masked && !self.apart.contains(&viewer.account) && self.shows_as_is(viewer) {
            return self.plain.clone();
        }
        let own = self.own(state, viewer);
        List::of(&self.entries(state, config, viewer, own.as_ref()))
    }

    /// True when the plain list shows the viewer themselves as they must see themselves.
    fn shows_as_is(&self, viewer: &Viewer<'_>) -> bool {
        let own = self.place.get(&viewer.account).and_then(|at| self.people.get(*at));
        own.is_some_and(|person| {
            person.status() == viewer.status
                && person.session.as_deref() == Some(viewer.session)
                && person.badge.as_deref() == Some(viewer.badge)
        })
    }

    /// The viewer, as they are from now on. Nothing when hidden: the hidden see themselves nowhere (barertc.md 8.1).
    fn own(&self, state: &State, viewer: &Viewer<'_>) -> Option<Person> {
        let (space, ..) = self.stamp;
        let account = state.directory.account(viewer.account)?;
        let hidden = account.status.kind == StatusKind::Invisible && viewer.badge.status == "hidden";
        if hidden {
            return None;
        }
        let mut own = person(state, space, viewer.account)?;
        own.operator = own.operator || viewer.badge.operator;
        own.vip = own.vip || viewer.badge.vip;
        own.session = Some(Arc::new(viewer.session.clone()));
        own.badge = Some(Arc::new(viewer.badge.clone()));
        own.since = viewer.session.since.seconds();
        Some(own)
    }

    fn entries<'a>(
        &'a self,
        state: &State,
        config: &Config,
        viewer: &Viewer<'a>,
        own: Option<&'a Person>,
    ) -> Vec<WhoEntry<'a>> {
        let (space, ..) = self.stamp;
        let me = viewer.account;
        // Also before others know of it.
        let standing = Standing {
            operator: viewer.badge.operator || world::is_operator(state, space, me),
            vip: viewer.badge.vip || world::is_vip(state, space, me),
        };
        let sees_vips = !config.vip.mutually_secret || own.is_some_and(|own| own.vip);
        let mut entries: Vec<WhoEntry<'a>> = self
            .people
            .iter()
            .filter(|person| person.account.id != me && !world::blocked(state, person.account.id, me))
            // The viewer's own blocks hold from the first list, before others know of the viewer.
            .filter(|person| !viewer.session.relations.blocked.contains(&person.account.key))
            .map(|person| {
                let video = world::camera_seen(state, person.account.id, me, standing, person.camera());
                person.entry(video, person.vip && sees_vips)
            })
            .collect();
        if let Some(own) = own {
            let mut entry = own.entry(own.camera(), own.vip);
            entry.status = viewer.status;
            let at = entries.partition_point(|other| other.username < entry.username);
            entries.insert(at, entry);
        }
        entries
    }

    /// Names and cameras for the statistics: everybody who is present.
    pub fn statistics(&self) -> (Vec<&str>, usize, usize) {
        let names = self.people.iter().map(|person| person.account.username.as_str()).collect();
        let on = |bits: u32| self.people.iter().filter(|person| person.camera() & bits == bits).count();
        (names, on(flags::ACTIVE), on(flags::ACTIVE | flags::EXPLICIT))
    }
}

/// Whom the relations of those who are here set apart. What is related to people who are elsewhere costs one look each.
fn apart(state: &State, people: &[Person]) -> BTreeSet<AccountId> {
    let mut apart = BTreeSet::new();
    if state.directory.nobody_related() && !state.live.anybody_related() {
        return apart;
    }
    let here: BTreeMap<&NameKey, AccountId> =
        people.iter().map(|person| (&person.account.key, person.account.id)).collect();
    for person in people {
        let me = person.account.id;
        for (to, relation) in state.directory.relations_of(me) {
            apart.insert(to);
            if relation == Relation::Block {
                apart.insert(me);
            }
        }
        for session in state.live.sessions_of(me) {
            let relations = &session.relations;
            let hit = |names: &BTreeSet<NameKey>| among(names, &here);
            let blocked = hit(&relations.blocked);
            if !blocked.is_empty() {
                apart.insert(me);
            }
            let others = [hit(&relations.muted), hit(&relations.booted), hit(&relations.invited)];
            apart.extend(others.into_iter().flatten().chain(blocked));
        }
    }
    apart
}

/// Those of some names who are here: the shorter list is gone through.
fn among(names: &BTreeSet<NameKey>, here: &BTreeMap<&NameKey, AccountId>) -> Vec<AccountId> {
    if names.len() <= here.len() {
        names.iter().filter_map(|name| here.get(name).copied()).collect()
    } else {
        here.iter().filter(|(name, _)| names.contains(**name)).map(|(_, account)| *account).collect()
    }
}

fn person(state: &State, space: SpaceId, account: AccountId) -> Option<Person> {
    let known = state.directory.account(account)?.clone();
    let member = state.directory.member(space, account)?;
    let session = world::session_of(state, account).cloned();
    let badge = session.as_ref().and_then(|session| state.live.badge(session.id)).cloned();
    let since = match &session {
        Some(session) => session.since,
        None => {
            state.live.sessions_of(account).map(|session| session.since).min().unwrap_or(known.created_at)
        }
    };
    let nickname = member.nickname.clone().or_else(|| known.display_name.clone());
    Some(Person {
        nickname: nickname.filter(|name| *name != known.username),
        operator: world::is_operator(state, space, account),
        vip: world::is_vip(state, space, account),
        account: known,
        session,
        badge,
        since: since.seconds(),
    })
}

impl Person {
    fn camera(&self) -> u32 {
        self.session.as_ref().map_or(0, |session| session.camera)
    }

    fn status(&self) -> &str {
        world::status_word(&self.account, self.badge.as_deref())
    }

    fn entry(&self, video: u32, vip: bool) -> WhoEntry<'_> {
        let badge = self.badge.as_deref();
        let page = badge.and_then(|badge| badge.profile_url.as_deref());
        WhoEntry {
            username: &self.account.username,
            nickname: self.nickname.as_deref(),
            status: self.status(),
            video,
            dnd: match &self.session {
                Some(session) => session.dnd,
                None => self.account.status.kind == StatusKind::Dnd,
            },
            login_at: self.since,
            op: self.operator,
            vip,
            avatar: self.account.avatar.as_deref(),
            profile_url: page.or_else(|| self.nickname.as_ref().map(|_| quirks::PROFILE_OF_NOBODY)),
            emoji: badge.and_then(|badge| badge.emoji.as_deref()),
            gender: badge.and_then(|badge| badge.gender.as_deref()),
        }
    }
}

impl List {
    fn of(entries: &[WhoEntry<'_>]) -> Self {
        let text = serde_json::to_string(&WhoFrame { action: "who", list: entries }).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut frames = Frames::default();
        frames.text(&text);
        Self { frame: frames.take(), digest: hasher.finish() }
    }
}
