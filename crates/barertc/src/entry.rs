//! Signing in: with a name or with a site's token (barertc.md 2.4, 3, 5.1).

use crate::Shared;
use crate::banned;
use crate::encode;
use crate::here::{Echo, Here, Rates, Roll};
use crate::limits;
use crate::session::{Connection, Phase, tags};
use crate::site::Seat;
use crate::stances;
use crate::token::{self, Claims};
use crate::wire::Login;
use crate::world;
use commonroom_core::account::{Account, ExternalId, Protocol, StatusKind};
use commonroom_core::command::{Actor, Command, OutsideProfile};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, SpaceId};
use commonroom_core::name::{self, NameKey};
use commonroom_core::policy;
use commonroom_core::query::{Found, Page, Query};
use commonroom_core::space::Ban;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::bucket::Bucket;
use commonroom_hub::live::{self, Badge, LiveCommand, LiveSession, Scope};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, State};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

const EXPIRED: &str = "Your authentication has expired. Please go back and launch the chat room again.";
const SITE_ONLY: &str = "Server side authentication is required. Please go back and launch the chat room from your \
                         logged-in account.";

/// Somebody on the way in.
#[derive(Debug)]
pub struct Entering {
    claims: Option<Claims>,
    name: String,
    dnd: bool,
    space: SpaceId,
    seat: Seat,
    /// The token as it came.
    token: String,
}

impl Connection {
    pub(crate) fn login(&mut self, login: &Login, cx: &mut Context<'_>) {
        self.follow_settings(cx);
        let shared = self.shared.clone();
        let config = &shared.config;
        let often = |per_minute| !config.site.may_log_in(self.address, per_minute, cx.now);
        if config.rate_limits && (!self.logins.take(cx.now) || often(config.logins_per_minute)) {
            return cx.send(&encode::error("Too many attempts to sign in. Please wait a moment."));
        }
        let claims = match login.jwt.as_str() {
            "" => None,
            jwt => match token::read(&config.jwt_secret, jwt, cx.now) {
                Ok(claims) => Some(claims),
                Err(_) => return cx.send(&encode::error(EXPIRED)),
            },
        };
        if claims.is_none() && !config.admits_guests() {
            return cx.send(&encode::error(if config.accepts_tokens() { EXPIRED } else { SITE_ONLY }));
        }
        let name = claims.as_ref().map_or(&login.username, |claims| &claims.sub).clone();
        if let Phase::Here(here) = &mut self.phase {
            if here.is_the_same(&name, claims.is_some()) {
                cx.send(&encode::me(&here.username, here.live.camera));
                here.roll.digest = None;
                return here.call_roll(&shared, cx);
            }
            self.leave(cx);
        }
        let Some(space) = world::space(cx.state, config).map(|space| space.id) else {
            return cx.send(&encode::error("This chat room does not exist."));
        };
        let by_address =
            || banned::of(self.address, cx.state, space, cx.now).filter(|_| config.ban_addresses);
        if let Some(ban) = ban_on_name(cx.state, space, &name, cx.now).or_else(by_address) {
            let until = ban.until;
            return self.expel(&encode::banned(until, cx.now), cx);
        }
        let most = if config.rate_limits && claims.is_none() { config.guests_per_address } else { 0 };
        let Some(seat) = config.site.seat(self.address, most) else {
            return cx.send(&encode::error("Too many guests have come from your network already."));
        };
        let Some(command) = command(claims.as_ref(), &name, space) else {
            return cx.send(&encode::error("Your username can not be used in this chat room."));
        };
        self.phase = Phase::Entering(Box::new(Entering {
            claims,
            name,
            dnd: login.dnd,
            space,
            seat,
            token: login.jwt.clone(),
        }));
        cx.run(tags::ENTER, Request::Command(Actor::System, command));
    }

    /// The core has answered.
    pub(crate) fn entered(&mut self, answer: Answer, cx: &mut Context<'_>) {
        let Phase::Entering(entering) = std::mem::replace(&mut self.phase, Phase::Waiting) else { return };
        let refusal = match answer {
            Ok(Reply::Account(id)) => match cx.state.directory.account(id).cloned() {
                Some(account) => return self.arrive(&account, *entering, cx),
                None => Refusal::NoSuchAccount,
            },
            Ok(_) => Refusal::Fault,
            Err(refusal) => refusal,
        };
        if refusal == Refusal::Banned {
            let until = site_identity(&entering.name)
                .and_then(|identity| cx.state.directory.account_outside(&identity))
                .and_then(|account| cx.state.directory.ban(entering.space, account.id))
                .and_then(|ban| ban.until);
            self.expel(&encode::banned(until, cx.now), cx);
        } else if refusal == Refusal::Disabled {
            self.expel(&encode::error(&encode::refusal(refusal)), cx);
        } else if refusal == Refusal::NameTaken && entering.claims.is_some() {
            cx.send(&encode::name_of_an_account(&entering.token));
        } else {
            cx.send(&encode::error(&encode::refusal(refusal)));
        }
    }

    /// Somebody is let in: everything is said in this one call, so that nothing happens in between.
    fn arrive(&mut self, account: &Account, entering: Entering, cx: &mut Context<'_>) {
        // They may have changed while the core was asked, and only who is here is told of that.
        self.follow_settings(cx);
        let shared = self.shared.clone();
        let space = entering.space;
        let badge = badge(entering.claims.as_ref());
        let operator = badge.operator || world::moderates(cx.state, space, account.id);
        let relations =
            stances::effective(&self.wanted, &account.key, operator, &shared.config, cx.state, space);
        let live = LiveSession {
            dnd: entering.dnd,
            relations: Arc::new(relations),
            ..LiveSession::new(cx.id, account.id, Protocol::BareRtc, Scope::Space(space), cx.now)
        };
        let others: Vec<_> = cx.state.live.sessions_of(account.id).cloned().collect();
        cx.subscribe(account.id, Scope::Space(space));
        cx.live(LiveCommand::Describe { session: cx.id, badge: Arc::new(badge.clone()) });
        cx.live(LiveCommand::Attach(Box::new(live.clone())));
        let elsewhere = others.iter().any(|other| other.protocol != Protocol::BareRtc);
        if !elsewhere && world::status_word(account, None) != "online" {
            // A status is of a connection here: who comes anew is online, unless they are here by other means.
            cx.command(0, account.id, Command::SetStatus(world::status("online", &account.status)));
        }
        for other in others {
            if other.protocol == Protocol::BareRtc && other.id != cx.id {
                cx.live(LiveCommand::Displace(other.id));
            }
        }
        cx.limit(limits::FILE_FRAME_BYTES);
        cx.send(&encode::me(&account.username, 0));
        let mut here = Here::new(live, badge, account, entering, cx.state);
        here.blocks = !self.wanted.blocked.is_empty();
        here.call_roll(&shared, cx);
        here.begin_echo(&shared, cx);
        self.phase = Phase::Here(Box::new(here));
    }
}

/// What the core is asked for; `None` for a token whose name cannot be used. Guests' names are made acceptable.
fn command(claims: Option<&Claims>, name: &str, space: SpaceId) -> Option<Command> {
    let via = Protocol::BareRtc;
    let Some(claims) = claims else {
        return Some(Command::EnterGuest { name: name.to_owned(), space, via });
    };
    let profile = OutsideProfile {
        username: name::username(name).ok()?,
        display_name: claims.nick.clone(),
        avatar: claims.img.clone(),
    };
    Some(Command::SignInOutside { identity: site_identity(name)?, profile, space, via })
}

fn site_identity(name: &str) -> Option<ExternalId> {
    let name = name::username(name).ok()?;
    Some(ExternalId::Site(NameKey::of(&name).as_str().to_owned()))
}

/// A ban on whoever had that name: guests get a new account each time (barertc.md 13 D19).
fn ban_on_name<'a>(state: &'a State, space: SpaceId, name: &str, now: Timestamp) -> Option<&'a Arc<Ban>> {
    let asked = name::sanitised(name).unwrap_or_else(|| "anonymous".to_owned());
    let key = NameKey::of(&asked);
    state.directory.bans(space).find(|ban| {
        policy::is_banned(&state.directory, space, ban.account, now)
            && state.directory.account(ban.account).is_some_and(|account| account.key == key)
    })
}

fn badge(claims: Option<&Claims>) -> Badge {
    Badge {
        operator: claims.is_some_and(|claims| claims.op),
        unblockable: false,
        vip: claims.is_some_and(|claims| claims.vip),
        status: "online".to_owned(),
        profile_url: claims.and_then(|claims| claims.url.clone()),
        emoji: claims.and_then(|claims| claims.emoji.clone()),
        gender: claims.and_then(|claims| claims.gender.clone()),
    }
}

impl Here {
    /// What the site says of somebody is this from now on.
    pub(crate) fn put_claims(&mut self, claims: Claims, cx: &mut Context<'_>) {
        self.badge = Badge { status: self.badge.status.clone(), ..badge(Some(&claims)) };
        self.asked = NameKey::of(&claims.sub);
        self.claims = Some(claims);
        cx.live(LiveCommand::Describe { session: self.live.id, badge: Arc::new(self.badge.clone()) });
    }

    fn new(live: LiveSession, badge: Badge, account: &Account, entering: Entering, state: &State) -> Self {
        let hides = |id: &AccountId| {
            state.directory.account(*id).is_some_and(|known| known.status.kind == StatusKind::Invisible)
        };
        Self {
            live,
            badge,
            username: account.username.clone(),
            key: account.key.clone(),
            space: entering.space,
            claims: entering.claims,
            blocks: false,
            _seat: entering.seat,
            asked: NameKey::of(&entering.name),
            status: "online".to_owned(),
            roll: Roll::default(),
            echo: Echo::default(),
            invisible: state.live.online().filter(hides).collect(),
            told: BTreeSet::new(),
            tellings: VecDeque::new(),
            watching: BTreeMap::new(),
            watched_by: BTreeMap::new(),
            unsent: VecDeque::new(),
            rates: Rates {
                messages: Bucket::new(limits::MESSAGES),
                acts: Bucket::new(limits::ACTS),
                signals: Bucket::new(limits::SIGNALS),
                files: Bucket::new(limits::FILES),
                reports: Bucket::new(limits::REPORTS),
                complained: None,
            },
            late: None,
            pending: None,
            matters: VecDeque::new(),
            cut: false,
        }
    }

    /// True when a second login asks for who is here already (barertc.md 5.1).
    fn is_the_same(&self, name: &str, with_token: bool) -> bool {
        let key = NameKey::of(name);
        with_token == self.claims.is_some() && (key == self.key || key == self.asked)
    }

    /// Reads what was said before; until then nothing new is shown.
    fn begin_echo(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let me = self.account();
        for known in &shared.config.channels {
            let wanted = known.echo_messages_on_join.min(limits::ECHO_MESSAGES);
            let Some(channel) = world::channel(cx.state, &shared.config, self.space, &known.id) else {
                continue;
            };
            let may = policy::may_view(&cx.state.directory, channel, me)
                && (!known.vip
                    || world::enters_vip(cx.state, self.space, me)
                    || self.badge.vip
                    || self.badge.operator);
            if wanted > 0 && may {
                self.echo.ahead.push_back((channel.id, wanted));
            }
        }
        if self.next_echo(cx) {
            cx.hold();
        }
    }

    fn next_echo(&mut self, cx: &mut Context<'_>) -> bool {
        let Some((channel, limit)) = self.echo.ahead.front().copied() else { return false };
        cx.run(tags::ECHO, Request::Query(Query::History { channel, page: Page::Newest { skip: 0 }, limit }));
        true
    }

    pub(crate) fn echo_read(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        if let Some((channel, _)) = self.echo.ahead.pop_front()
            && let Ok(Reply::Found(Found::Messages { messages, .. })) = answer
        {
            let newest = messages.last().map_or(0, |message| message.number);
            self.echo.upto.push((channel, newest));
            self.echo.read.extend(messages);
        }
        if self.next_echo(cx) {
            return;
        }
        self.send_echo(shared, cx);
        cx.release();
    }

    fn send_echo(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let state = cx.state;
        let me = self.account();
        let read = std::mem::take(&mut self.echo.read);
        let seen = |author: AccountId| !live::hidden_from(&state.directory, &state.live, me, author);
        let messages: Vec<_> = read.into_iter().filter(|message| seen(message.author)).collect();
        for message in &messages {
            shared.quotes.note(message);
        }
        let mut frames = Vec::with_capacity(messages.len());
        let mut shown = Vec::with_capacity(messages.len());
        let mut room = limits::ECHO_BYTES;
        for message in messages.into_iter().rev() {
            let Some(channel) = self.channel_id(message.channel, shared, state) else { continue };
            let quote =
                message.reply_to.filter(|reply| seen(reply.author)).map(|reply| shared.quotes.of(reply));
            let saying = encode::Saying {
                message: &message,
                channel,
                quote: quote.as_ref(),
                edition: encode::Edition::First,
                posted: Some(message.created_at),
            };
            if let Some(frame) = encode::message(saying, state, shared)
                && let Ok(raw) = serde_json::value::RawValue::from_string(frame)
            {
                let Some(left) = room.checked_sub(raw.get().len()) else { break };
                room = left;
                frames.push(raw);
                shown.push(message);
            }
        }
        if frames.is_empty() {
            return;
        }
        frames.reverse();
        shown.reverse();
        cx.send(&encode::echo(&frames));
        for message in shown {
            for reaction in &message.reactions {
                for by in reaction.by.iter().copied().filter(|by| seen(*by)) {
                    if self.note_reaction(message.number, by, &reaction.emoji) {
                        let emoji = world::emoji(state, &message, &reaction.emoji);
                        cx.send(&encode::react(world::name(state, by), message.number, &emoji));
                    }
                }
            }
        }
    }

    /// The id of a channel that is shown to this person.
    pub(crate) fn channel_id<'a>(
        &self,
        channel: ChannelId,
        shared: &'a Shared,
        state: &State,
    ) -> Option<&'a str> {
        let known = world::shown(state, &shared.config, self.space, channel)?;
        let may = !known.vip
            || self.badge.vip
            || self.badge.operator
            || world::enters_vip(state, self.space, self.account());
        may.then_some(known.id.as_str())
    }

    /// Welcome messages of the channels that this person is shown.
    pub(crate) fn welcome(&self, shared: &Shared, cx: &mut Context<'_>) {
        for known in &shared.config.channels {
            let shown = world::channel(cx.state, &shared.config, self.space, &known.id)
                .is_some_and(|channel| self.channel_id(channel.id, shared, cx.state).is_some());
            if shown {
                for text in &known.welcome_messages {
                    cx.send(&encode::welcome(&known.id, text, &shared.config));
                }
            }
        }
    }
}
