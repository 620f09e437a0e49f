//! What somebody does with items (chatgrid.md 5.9 to 5.16): every check in its order, each with its exact text; then the
//! deed; then what its answer tells. What using one does is its type's own affair ([`crate::items`]).

mod giving;
mod using;

use crate::Grid;
use crate::decode::ItemAction;
use crate::encode::{FOR_OTHERS, Scene};
use crate::items::values::{Complaint, Draft};
use crate::items::{self, Used};
use crate::keyboard;
use crate::plain;
use crate::rights;
use crate::session::{Player, tag};
use crate::wire::Frame;
use crate::world;
use commonroom_core::command::{Actor, Command, ItemChange, ItemDeed, NewItem, Reply};
use commonroom_core::item::{Item, Laid};
use commonroom_core::permission::Permissions;
use commonroom_core::{ItemId, Refusal};
use commonroom_hub::live::{Effect, LiveCommand};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::{Map, Value};
use std::sync::Arc;

const TOO_FAST: &str = "Too many item actions. Try again shortly.";
const NOT_DONE: &str = "That could not be saved. Try again.";
const NOT_FOUND: &str = "Item not found.";
const NOT_HERE: &str = "Item is not on your square.";
const CARRIED: &str = "Item is already being carried.";
const FULL: &str = "Item limit reached.";

/// What is being done with an item, until its answer comes.
#[derive(Clone, PartialEq, Debug)]
pub enum Acting {
    /// A new one.
    Add,
    /// One less.
    Delete {
        /// Which.
        item: ItemId,
        /// `Dice (dice)`.
        named: String,
    },
    /// Picked up.
    Pickup(ItemId),
    /// Put down.
    Drop(ItemId),
    /// Changed.
    Update(ItemId),
    /// Given away.
    Transfer(ItemId),
    /// Used, and properties change by that; the others are told after it.
    Switch(ItemId, Box<Used>),
    /// A use, already told to the others.
    Use {
        /// Which.
        item: ItemId,
        /// What its user is told.
        message: String,
        /// Its user plays it now.
        plays: bool,
    },
}

/// Where an item is for somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In their hands.
    Mine,
    /// In another's hands.
    Others,
    /// On their square.
    Here,
    /// On another square.
    Away,
}

/// Where an item is for somebody.
pub(crate) fn place(scene: Scene<'_>, player: &Player, item: &Item) -> Place {
    match scene.state.live.carrier(item.id) {
        Some(carrying) if carrying.session == player.id => Place::Mine,
        Some(_) => Place::Others,
        None if world::square_of(scene.config, scene.state, item) == player.square => Place::Here,
        None => Place::Away,
    }
}

/// Tells what became of an action.
pub(crate) fn result(ok: bool, action: &str, message: &str, item: Option<ItemId>, cx: &mut Context<'_>) {
    let item = item.map(|item| item.to_string());
    cx.send(&Frame::ItemActionResult { ok, action, message, item_id: item.as_deref() }.json());
}

/// The item of this grid with an id as sent.
pub(crate) fn find<'a>(scene: Scene<'a>, id: &str) -> Option<&'a Arc<Item>> {
    let found = id.parse().ok().and_then(|id| scene.state.directory.item(id));
    found.filter(|item| item.space == scene.id())
}

/// 5.9.
pub(crate) fn add(scene: Scene<'_>, player: &mut Player, kind: &str, cx: &mut Context<'_>) {
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    let refused = if !player.rates.items.take(cx.now) {
        TOO_FAST
    } else if !held.has(Permissions::ITEM_CREATE) {
        unauthorized("add")
    } else if let Some(kind) = items::item_type(kind) {
        player.acting = Some(Acting::Add);
        let new = NewItem {
            space: player.space,
            kind: kind.word.to_owned(),
            title: kind.title.to_owned(),
            square: player.square,
            params: kind.params(),
        };
        return cx.command(tag::ITEM, player.account, Command::PlaceItem(new));
    } else {
        "Unknown item type."
    };
    result(false, "add", refused, None, cx);
}

/// 5.10 to 5.18: the checks in their order, then the deed.
pub(crate) fn act(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    action: &ItemAction,
    item: &str,
    cx: &mut Context<'_>,
) {
    let found = find(scene, item);
    let known = found.map(|item| item.id);
    let word = match action {
        ItemAction::Pickup => "pickup",
        ItemAction::Drop { .. } => "drop",
        ItemAction::Delete => "delete",
        ItemAction::Update { .. } => "update",
        ItemAction::Use | ItemAction::PianoRecording(_) => "use",
        ItemAction::SecondaryUse => "secondary_use",
        ItemAction::TransferTargets | ItemAction::Transfer { .. } => "transfer",
    };
    if !player.rates.items.take(cx.now) {
        return result(false, word, TOO_FAST, known, cx);
    }
    match allowed(scene, player, (action, word), found) {
        Err(why) => result(false, word, why, known, cx),
        Ok(item) => {
            if let Err(why) = deed(grid, scene, player, action, item, cx) {
                result(false, word, &why, known, cx);
            }
        }
    }
}

/// What somebody is told who may not do something with items.
fn unauthorized(word: &str) -> &'static str {
    match word {
        "add" => "Not authorized to create items.",
        "pickup" => "Not authorized to pick up this item.",
        "drop" => "Not authorized to drop this item.",
        "delete" => "Not authorized to delete this item.",
        "update" => "Not authorized to edit this item.",
        "transfer" => "Not authorized to transfer this item.",
        _ => "Not authorized to use items.",
    }
}

/// The item, if this may be done with it here.
fn allowed<'a>(
    scene: Scene<'_>,
    player: &Player,
    (action, word): (&ItemAction, &str),
    found: Option<&'a Arc<Item>>,
) -> Result<&'a Arc<Item>, &'static str> {
    use Permissions as P;
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    let piano = matches!(action, ItemAction::PianoRecording(_));
    if (piano || matches!(action, ItemAction::Use | ItemAction::SecondaryUse)) && !held.has(P::ITEM_USE) {
        return Err(unauthorized(word));
    }
    let missing = if piano { "Piano not found." } else { NOT_FOUND };
    let item = found.filter(|item| !piano || item.kind == items::piano::TYPE.word).ok_or(missing)?;
    let place = place(scene, player, item);
    let own = item.owner == player.account;
    let either = |any, mine| held.has(any) || (own && held.has(mine));
    let (in_other_hands, may) = match action {
        ItemAction::Pickup if place != Place::Others && scene.state.live.carried_by(player.id).is_some() => {
            return Err("You are already carrying an item.");
        }
        ItemAction::Pickup => (CARRIED, either(P::ITEM_CARRY_ANY, P::ITEM_CARRY_OWN)),
        // Who carries something may always put it down.
        ItemAction::Drop { .. } if place != Place::Mine => return Err("You are not carrying that item."),
        ItemAction::Drop { square: (x, y) } => {
            let inside = |at: i64| (0..i64::from(scene.config.size())).contains(&at);
            return if inside(*x) && inside(*y) { Ok(item) } else { Err("Drop position is out of bounds.") };
        }
        ItemAction::Delete => {
            ("Item is being carried by another user.", either(P::ITEM_DELETE_ANY, P::ITEM_DELETE_OWN))
        }
        ItemAction::Update { .. } => {
            ("Item is not available for editing.", either(P::ITEM_EDIT_ANY, P::ITEM_EDIT_OWN))
        }
        ItemAction::TransferTargets | ItemAction::Transfer { .. } if place == Place::Mine => {
            return Err(giving::CARRIED);
        }
        ItemAction::TransferTargets | ItemAction::Transfer { .. } => {
            (giving::CARRIED, either(P::ITEM_TRANSFER_ANY, P::ITEM_TRANSFER_OWN))
        }
        ItemAction::Use | ItemAction::SecondaryUse => ("Item is not available.", true),
        ItemAction::PianoRecording(_) => ("Piano is not available.", true),
    };
    match place {
        Place::Others => Err(in_other_hands),
        Place::Away if piano => Err("Piano is not on your square."),
        Place::Away => Err(NOT_HERE),
        Place::Mine | Place::Here if !may => Err(unauthorized(word)),
        Place::Mine | Place::Here => Ok(item),
    }
}

fn deed(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    action: &ItemAction,
    item: &Arc<Item>,
    cx: &mut Context<'_>,
) -> Result<(), Complaint> {
    let id = item.id;
    match action {
        ItemAction::Pickup => {
            player.acting = Some(Acting::Pickup(id));
            let seen = scene.state.live.lies_at(item);
            cx.run(tag::ITEM, Request::Live(LiveCommand::Carry { session: cx.id, item: id, seen }));
        }
        ItemAction::Drop { .. } => {
            player.acting = Some(Acting::Drop(id));
            let laid = Laid { square: player.square, holder: cx.id, by: Some(player.account), at: cx.now };
            cx.run(
                tag::ITEM,
                Request::Command(Actor::System, Command::Item { item: id, deed: ItemDeed::Lay(laid) }),
            );
        }
        ItemAction::Delete => {
            player.acting = Some(Acting::Delete { item: id, named: items::named(&item.title, &item.kind) });
            cx.command(tag::ITEM, player.account, Command::Item { item: id, deed: ItemDeed::Remove });
        }
        ItemAction::Update { title, params } => {
            let change = change(scene, item, title.as_deref(), params)?;
            player.acting = Some(Acting::Update(id));
            cx.command(tag::ITEM, player.account, Command::Item { item: id, deed: ItemDeed::Change(change) });
        }
        ItemAction::Use => using::begin(grid, scene, player, item, cx)?,
        ItemAction::SecondaryUse => {
            let heard = items::item_type(&item.kind).and_then(|kind| kind.heard);
            let heard = heard.ok_or_else(|| format!("No secondary action for {}.", item.title))?;
            result(true, "secondary_use", &heard(&items::whole(item)), Some(id), cx);
        }
        ItemAction::TransferTargets => giving::targets(scene, item, cx),
        ItemAction::Transfer { to } => giving::transfer(scene, player, item, to, cx)?,
        ItemAction::PianoRecording(reel) => keyboard::reel(grid, player, item, *reel, cx)?,
    }
    Ok(())
}

/// A change that may be made as a whole: nothing of it is stored when a part of it is wrong (defect 8).
fn change(
    scene: Scene<'_>,
    item: &Item,
    title: Option<&str>,
    sent: &Map<String, Value>,
) -> Result<ItemChange, Complaint> {
    let title = title.map(plain::as_title);
    if title.as_ref().is_some_and(String::is_empty) {
        return Err("Title cannot be empty.".to_owned());
    }
    let mut change = ItemChange { title, ..ItemChange::default() };
    if let Some(kind) = items::item_type(&item.kind).filter(|_| !sent.is_empty()) {
        let kept = kind.params_of(item);
        change.params = (kind.check)(Draft { kept: &kept, sent, config: scene.config })?;
        // Only what differs: somebody else may be changing the rest.
        change.params.retain(|key, value| item.params.get(key) != Some(value));
    }
    Ok(change)
}

/// Tells a frame to the grid.
pub(crate) fn tell(player: &Player, word: &'static str, body: String, tag: u32, cx: &mut Context<'_>) {
    let by = Some((cx.id, player.account));
    let effect = Effect { space: player.space, by, word, body };
    cx.run(tag, Request::Live(LiveCommand::Effect(Box::new(effect))));
}

/// The answer to what was done with an item; everybody has been told of it.
pub(crate) fn acted(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let Some(acting) = player.acting.take() else { return };
    match answer {
        Ok(reply) => done(player, acting, &reply, cx),
        Err(refusal) => {
            let (word, item) = match &acting {
                Acting::Add => ("add", None),
                Acting::Delete { item, .. } => ("delete", Some(*item)),
                Acting::Pickup(item) => ("pickup", Some(*item)),
                Acting::Drop(item) => ("drop", Some(*item)),
                Acting::Update(item) => ("update", Some(*item)),
                Acting::Transfer(item) => ("transfer", Some(*item)),
                Acting::Switch(item, _) | Acting::Use { item, .. } => ("use", Some(*item)),
            };
            result(false, word, refused(refusal, word), item, cx);
        }
    }
}

/// Why something was not done.
fn refused(refusal: Refusal, word: &str) -> &'static str {
    let given = word == "transfer";
    if refusal == Refusal::NoSuchItem {
        NOT_FOUND
    } else if refusal == Refusal::Full {
        FULL
    } else if refusal == Refusal::NoSuchAccount && given {
        giving::NOBODY
    } else if refusal == Refusal::Already && given {
        giving::ALREADY
    } else if matches!(refusal, Refusal::NotAllowed | Refusal::NoSuchSpace) {
        unauthorized(word)
    } else {
        NOT_DONE
    }
}

fn done(player: &mut Player, acting: Acting, reply: &Reply, cx: &mut Context<'_>) {
    let stored = if let Reply::Item(item) = reply { Some(item) } else { None };
    let title = stored.map_or("", |item| &item.title);
    let named = stored.map(|item| items::named(&item.title, &item.kind)).unwrap_or_default();
    let (x, y) = player.square;
    match acting {
        Acting::Add => {
            result(true, "add", &format!("You placed {named} at {x}, {y}."), stored.map(|item| item.id), cx);
        }
        Acting::Delete { item, named } => {
            let name = world::shown(&cx.state.directory, player.space, player.account).into_owned();
            tell(player, FOR_OTHERS, Frame::line(&format!("{name} deleted {named}.")), 0, cx);
            result(true, "delete", &format!("You deleted {named}."), Some(item), cx);
        }
        Acting::Pickup(item) => picked_up(item, cx),
        Acting::Drop(item) => result(true, "drop", &format!("Dropped {title} at {x}, {y}."), Some(item), cx),
        Acting::Update(item) => result(true, "update", &format!("Updated {title}."), Some(item), cx),
        Acting::Transfer(item) => {
            let to = stored.map_or("", |item| &item.owner_name);
            result(true, "transfer", &format!("You transferred {named} to {to}."), Some(item), cx);
        }
        Acting::Switch(item, used) => using::publish(player, item, *used, cx),
        Acting::Use { item, message, plays } => {
            if plays {
                keyboard::status(item, "use_mode_entered", "idle", cx);
            }
            result(true, "use", &message, Some(item), cx);
        }
    }
}

/// Two may have reached for it at once: the hub has decided.
fn picked_up(item: ItemId, cx: &mut Context<'_>) {
    let known = cx.state.directory.item(item);
    let why_not = match (known, cx.state.live.carrier(item)) {
        (None, _) => NOT_FOUND,
        (Some(known), Some(carrying)) if carrying.session == cx.id => {
            return result(true, "pickup", &format!("Picked up {}.", known.title), Some(item), cx);
        }
        (Some(_), Some(_)) => CARRIED,
        (Some(_), None) => NOT_HERE,
    };
    result(false, "pickup", why_not, Some(item), cx);
}
