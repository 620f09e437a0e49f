//! Somebody who has signed in: what the server remembers of them while they are connected.

use crate::Shared;
use crate::encode;
use crate::limits;
use crate::operator::{self, Deed};
use crate::reports::Matter;
use crate::seen::Telling;
use crate::session::tags;
use crate::site::Seat;
use crate::talk::{Place, Said};
use crate::token::{Claims, Rules};
use crate::who::Viewer;
use crate::wire::{Me, Sent};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, ChannelId, SessionId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::name::NameKey;
use commonroom_hub::bucket::Bucket;
use commonroom_hub::live::{Badge, LiveSession};
use commonroom_hub::outbox::Kind;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What waits for an answer. One at a time: frames are handled in order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Pending {
    /// A direct message.
    Direct {
        /// To whom.
        to: AccountId,
        /// What.
        said: Said,
    },
    /// A picture that is made safe.
    Picture {
        /// Where it is to be shared.
        place: Place,
        /// Its file name.
        name: String,
    },
    /// A message that reaches nobody but its author, and what they are told after it.
    Unsent {
        /// Where they wrote it.
        channel: String,
        /// What it shows.
        html: String,
        /// Frames.
        after: Vec<String>,
    },
    /// A picture that becomes a file of a public channel.
    Share,
    /// A message to be taken back.
    Takeback(i64),
    /// A reaction.
    React {
        /// To which message.
        number: i64,
        /// With what.
        emoji: String,
    },
    /// A camera that rings.
    Open {
        /// Whose.
        username: String,
        /// The secret of both sides.
        secret: String,
    },
    /// An operator's command.
    Deed(Deed),
}

/// When the who list was last sent, and when it is due.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Roll {
    pub(crate) sent: Option<Timestamp>,
    pub(crate) digest: Option<u64>,
    pub(crate) due: Option<Timestamp>,
}

/// What is still to be read of what was said before.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// Channels to be asked for, and how many messages.
    pub(crate) ahead: VecDeque<(ChannelId, usize)>,
    /// Messages read, in the order to be shown.
    pub(crate) read: Vec<Arc<Message>>,
    /// The newest message read per channel: the same message must not come again as new.
    pub(crate) upto: Vec<(ChannelId, i64)>,
}

/// How often what may be done.
#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) messages: Bucket,
    pub(crate) acts: Bucket,
    pub(crate) signals: Bucket,
    pub(crate) files: Bucket,
    pub(crate) reports: Bucket,
    pub(crate) complained: Option<Timestamp>,
}

/// Somebody who has signed in.
#[derive(Debug)]
pub struct Here {
    /// The connection as others see it.
    pub(crate) live: LiveSession,
    pub(crate) badge: Badge,
    pub(crate) username: String,
    pub(crate) key: NameKey,
    pub(crate) space: SpaceId,
    /// Somebody is to be blocked, whether or not it can take effect.
    pub(crate) blocks: bool,
    /// What the site says, for who came with a token.
    pub(crate) claims: Option<Claims>,
    /// A guest's place among those of their address.
    pub(crate) _seat: Seat,
    /// The name asked for.
    pub(crate) asked: NameKey,
    /// The status word sent, whatever others are shown.
    pub(crate) status: String,
    pub(crate) roll: Roll,
    pub(crate) echo: Echo,
    /// People who are connected and pretend not to be.
    pub(crate) invisible: BTreeSet<AccountId>,
    /// Reactions that this client was told of: number, who, digest of the emoji. Telling one twice takes it back.
    pub(crate) told: BTreeSet<(i64, AccountId, u64)>,
    /// What to tell of the happenings for which `show` said private, in order.
    pub(crate) tellings: VecDeque<Telling>,
    /// Cameras opened, and when.
    pub(crate) watching: BTreeMap<SessionId, Timestamp>,
    /// Who opened this camera, and when.
    pub(crate) watched_by: BTreeMap<SessionId, Timestamp>,
    pub(crate) unsent: VecDeque<i64>,
    pub(crate) rates: Rates,
    /// Changes of one's own state that came too fast: the newest is never lost.
    pub(crate) late: Option<Me>,
    pub(crate) pending: Option<Pending>,
    /// Reports that wait for what was said before.
    pub(crate) matters: VecDeque<Matter>,
    /// An operator cut the camera: it stays off until the client has said so.
    pub(crate) cut: bool,
}

impl Here {
    /// Handles a frame that takes being signed in.
    pub(crate) fn handle(&mut self, sent: Sent, shared: &Shared, cx: &mut Context<'_>) {
        match sent {
            Sent::Message(say) => self.message(&say, shared, cx),
            Sent::File(picture) => self.picture(picture, shared, cx),
            Sent::Me(me) => self.me(me, shared, cx),
            Sent::Open(named) => self.open(&named.username, shared, cx),
            Sent::Relay(word, named, body) => self.relay(word, &named.username, body, shared, cx),
            Sent::Takeback(number) => self.takeback(number, shared, cx),
            Sent::React(number, emoji) => self.react(number, emoji, shared, cx),
            Sent::Report(report) => self.report(report, shared, cx),
            // Handled by the connection, signed in or not.
            Sent::Login(_) | Sent::Relate(..) | Sent::Quiet | Sent::Unknown(_) => {}
        }
    }

    /// Takes the answer to a request.
    pub(crate) fn answered(&mut self, tag: u32, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        match tag {
            tags::ECHO => self.echo_read(answer, shared, cx),
            tags::POST => self.posted(answer, cx),
            tags::CONVERSATION => self.conversation(answer, shared, cx),
            tags::KEEP => self.picture_kept(answer, shared, cx),
            tags::SHARE => self.file_added(answer, cx),
            tags::UNSENT => self.unsent_numbered(answer, cx),
            tags::DIRECT => self.sent_direct(answer, shared, cx),
            tags::TAKEBACK_FIND => self.takeback_found(answer, shared, cx),
            tags::TAKEBACK => self.taken_back(answer, cx),
            tags::REACT_FIND => self.react_found(answer, shared, cx),
            tags::OPEN => self.rung(cx),
            tags::CONTEXT => self.context_read(answer, shared, cx),
            tags::REPORT => self.reported(answer, cx),
            tags::RECONFIGURE => cx.send(&encode::error(&operator::reconfigured(answer))),
            tags::DEED => self.done(answer, cx),
            _ => {}
        }
    }

    /// What was said before a reaction or takeback needs the message; this forgets what waited for it.
    pub(crate) fn take_pending(&mut self) -> Option<Pending> {
        self.pending.take()
    }

    pub(crate) fn account(&self) -> AccountId {
        self.live.account
    }

    /// What moderation asks of this person: the site, the operator's configuration, or both (barertc.md 8.3).
    pub(crate) fn rules(&self, shared: &Shared) -> Rules {
        let of_token = self.claims.as_ref().map(|claims| claims.rules).unwrap_or_default();
        of_token.and(shared.config.rules_of(&self.key))
    }

    /// Sends the who list now, unless it says what the last one said.
    pub(crate) fn call_roll(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        self.roll.due = None;
        let census = shared.counter.census(cx.state, &shared.config, self.space);
        let viewer = Viewer {
            account: self.live.account,
            status: &self.status,
            session: &self.live,
            badge: &self.badge,
        };
        let list = census.list(cx.state, &shared.config, &viewer);
        if self.roll.digest == Some(list.digest) {
            return;
        }
        self.roll.digest = Some(list.digest);
        self.roll.sent = Some(cx.now);
        cx.send_frames(list.frame, Kind::Roster);
    }

    /// Sends the who list, now or as soon as the last one is old enough (barertc.md 9.2).
    pub(crate) fn want_roll(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if self.roll.due.is_some() {
            return;
        }
        match self.roll.sent.map(|sent| sent.plus_millis(limits::WHO_MILLIS)) {
            Some(next) if next > cx.now => self.roll.due = Some(in_step(next)),
            _ => self.call_roll(shared, cx),
        }
    }

    /// When something is due.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let late = self.late.as_ref().map(|_| self.rates.acts.ready_at());
        self.roll.due.into_iter().chain(late).min()
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if self.roll.due.is_some_and(|due| due <= cx.now) {
            self.call_roll(shared, cx);
        }
        if let Some(me) = self.late.take() {
            self.me(me, shared, cx);
        }
    }

    /// Remembers that a reaction was told; false when it was before.
    pub(crate) fn note_reaction(&mut self, number: i64, account: AccountId, emoji: &str) -> bool {
        if self.told.len() >= limits::TOLD_REACTIONS {
            self.told.pop_first();
        }
        self.told.insert((number, account, digest(emoji)))
    }

    /// Forgets a reaction; false when it was never told.
    pub(crate) fn forget_reaction(&mut self, number: i64, account: AccountId, emoji: &str) -> bool {
        self.told.remove(&(number, account, digest(emoji)))
    }

    /// Forgets the reactions to a message that is gone.
    pub(crate) fn forget_reactions(&mut self, number: i64) {
        while let Some(one) =
            self.told.range((number, AccountId::MIN, 0)..=(number, AccountId::MAX, u64::MAX)).next().copied()
        {
            self.told.remove(&one);
        }
    }

    /// True when a message was part of what was said before.
    pub(crate) fn was_echoed(&self, channel: ChannelId, number: i64) -> bool {
        self.echo.upto.iter().any(|(known, upto)| *known == channel && number <= *upto)
    }
}

/// That moment or a little later: who waits is sent a list in the same moment as others who wait, so that they look at one
/// census, however many they are.
fn in_step(moment: Timestamp) -> Timestamp {
    const STEP: i64 = limits::WHO_STEP_MILLIS * 1_000;
    Timestamp(moment.0.div_euclid(STEP).saturating_add(1).saturating_mul(STEP))
}

fn digest(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
