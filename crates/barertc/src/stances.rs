//! Not wanting to meet somebody: mute, block, boot, invite (barertc.md 5.10 to 5.14).
//!
//! What was asked for stays with the connection; what can take effect goes to the hub, which hides by it.

use crate::Shared;
use crate::config::Config;
use crate::encode;
use crate::here::Here;
use crate::limits;
use crate::session::{Connection, Phase};
use crate::wire::Stance;
use crate::world;
use commonroom_core::account::Protocol;
use commonroom_core::ids::SpaceId;
use commonroom_core::name::NameKey;
use commonroom_hub::live::{
    LiveCommand, LiveSession, RelationKind, Relations, Signal, SignalKind, SignalTarget,
};
use commonroom_hub::session::{Context, State};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Connection {
    /// Remembers the wish, signed in or not, and makes it take effect for who is signed in.
    pub(crate) fn relate(&mut self, stance: Stance, on: bool, names: &[String], cx: &mut Context<'_>) {
        if matches!(self.phase, Phase::Gone)
            || (self.shared.config.rate_limits && !self.relations.take(cx.now))
        {
            return;
        }
        let keys: Vec<NameKey> =
            names.iter().map(|name| NameKey::of(name)).filter(|key| !key.as_str().is_empty()).collect();
        if let (Stance::Block, Phase::Here(here), Some(name)) = (stance, &self.phase, names.first())
            && here.blocks_operator(name, &self.shared, cx.state)
        {
            return cx.send(&encode::error("You are not allowed to block a chat operator."));
        }
        for kind in kinds(stance) {
            let set = self.wanted.set_mut(*kind);
            for key in &keys {
                if !on {
                    set.remove(key);
                } else if set.len() < limits::NAMES {
                    set.insert(key.clone());
                }
            }
            if let Phase::Here(here) = &mut self.phase {
                here.blocks = !self.wanted.blocked.is_empty();
                here.take_effect(*kind, on, &keys, &self.shared, cx);
            }
        }
    }
}

fn kinds(stance: Stance) -> &'static [RelationKind] {
    match stance {
        Stance::Mute => &[RelationKind::Mute],
        Stance::Block => &[RelationKind::Block],
        Stance::Blocklist => &[RelationKind::Mute, RelationKind::Block],
        Stance::Boot => &[RelationKind::Boot],
        Stance::Invite => &[RelationKind::Invite],
    }
}

/// What of the wishes can take effect: nobody relates to themselves, and blocks that involve an operator do nothing
/// unless operators are blockable (barertc.md 8.1).
pub fn effective(
    wanted: &Relations,
    own: &NameKey,
    operator: bool,
    config: &Config,
    state: &State,
    space: SpaceId,
) -> Relations {
    let others = |keys: &BTreeSet<NameKey>| keys.iter().filter(|key| *key != own).cloned().collect();
    Relations {
        muted: others(&wanted.muted),
        blocked: effective_blocks(wanted, own, operator, config, state, space),
        booted: others(&wanted.booted),
        invited: others(&wanted.invited),
    }
}

fn effective_blocks(
    wanted: &Relations,
    own: &NameKey,
    operator: bool,
    config: &Config,
    state: &State,
    space: SpaceId,
) -> BTreeSet<NameKey> {
    let holds = |key: &&NameKey| *key != own && !in_vain(key, operator, config, state, space);
    wanted.blocked.iter().filter(holds).cloned().collect()
}

fn set_of(relations: &Relations, kind: RelationKind) -> &BTreeSet<NameKey> {
    match kind {
        RelationKind::Mute => &relations.muted,
        RelationKind::Block => &relations.blocked,
        RelationKind::Boot => &relations.booted,
        RelationKind::Invite => &relations.invited,
    }
}

/// True for a block that does nothing: it involves an operator, and operators are not blockable, or it is against one
/// whom nobody may block (barertc.md 8.1).
fn in_vain(key: &NameKey, operator: bool, config: &Config, state: &State, space: SpaceId) -> bool {
    let target = || state.directory.account_named(key.as_str()).map(|account| account.id);
    if !config.blockable_admins {
        return operator || target().is_some_and(|target| world::is_operator(state, space, target));
    }
    target().is_some_and(|target| {
        world::is_operator(state, space, target)
            && world::badge_of(state, target).is_some_and(|badge| badge.unblockable)
    })
}

/// A signal to a session in its own name: mutes and blocks hide what others do, and whoever is to be told all the same
/// is told by this.
pub(crate) fn poke(to: &LiveSession, word: &'static str, body: String) -> LiveCommand {
    LiveCommand::Signal(Box::new(Signal {
        from: to.id,
        sender: to.account,
        protocol: Protocol::BareRtc,
        to: SignalTarget::Session(to.id),
        kind: SignalKind::Other,
        word,
        body,
    }))
}

impl Here {
    fn blocks_operator(&self, name: &str, shared: &Shared, state: &State) -> bool {
        let present = state
            .directory
            .account_named(name)
            .is_some_and(|target| world::is_present(state, self.space, target.id));
        present && in_vain(&NameKey::of(name), false, &shared.config, state, self.space)
    }

    /// Lets a wish take effect as far as it can.
    pub(crate) fn take_effect(
        &mut self,
        kind: RelationKind,
        on: bool,
        keys: &[NameKey],
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        let state = cx.state;
        let vain = |key: &NameKey| {
            on && kind == RelationKind::Block
                && in_vain(
                    key,
                    world::is_operator(state, self.space, self.account()),
                    &shared.config,
                    state,
                    self.space,
                )
        };
        let names = keys.iter().filter(|key| **key != self.key && !vain(key)).cloned().collect();
        self.change(kind, on, names, cx);
    }

    fn change(&mut self, kind: RelationKind, on: bool, names: Vec<NameKey>, cx: &mut Context<'_>) {
        let set = set_of(&self.live.relations, kind);
        let names: Vec<NameKey> = names.into_iter().filter(|key| set.contains(key) != on).collect();
        if names.is_empty() {
            return;
        }
        let set = Arc::make_mut(&mut self.live.relations).set_mut(kind);
        for name in &names {
            if on {
                set.insert(name.clone());
            } else {
                set.remove(name);
            }
        }
        cx.live(LiveCommand::Relate { session: cx.id, kind, names, on });
    }

    /// Judges the blocks anew: somebody became an operator, or is none any more.
    pub(crate) fn judge_blocks(&mut self, wanted: &Relations, shared: &Shared, cx: &mut Context<'_>) {
        let operator = world::is_operator(cx.state, self.space, self.account());
        self.judge_blocks_as(operator, wanted, shared, cx);
    }

    /// The same for who becomes an operator at this moment, or none.
    pub(crate) fn judge_blocks_as(
        &mut self,
        operator: bool,
        wanted: &Relations,
        shared: &Shared,
        cx: &mut Context<'_>,
    ) {
        let now = effective_blocks(wanted, &self.key, operator, &shared.config, cx.state, self.space);
        let before = &self.live.relations.blocked;
        let lifted: Vec<NameKey> = before.difference(&now).cloned().collect();
        let new: Vec<NameKey> = now.difference(before).cloned().collect();
        self.change(RelationKind::Block, false, lifted, cx);
        self.change(RelationKind::Block, true, new, cx);
    }
}
