//! What somebody does with items (chatgrid.md 5.9 to 5.18). Every check answers with its exact text; rolling dice is the
//! first use, the other types follow.

use crate::Grid;
use crate::decode::ItemAction;
use crate::encode::{FOR_ALL, FOR_OTHERS, Scene};
use crate::items::{self, ItemType};
use crate::limits;
use crate::rights;
use crate::session::{Player, tag};
use crate::wire::Frame;
use commonroom_core::command::{Command, NewItem, Reply};
use commonroom_core::item::{Item, Param};
use commonroom_core::permission::Permissions;
use commonroom_core::{ItemId, Refusal};
use commonroom_hub::live::{Effect, LiveCommand};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use std::sync::Arc;

const TOO_FAST: &str = "Too many item actions. Try again shortly.";
const NOT_DONE: &str = "That could not be saved. Try again.";
const NOT_FOUND: &str = "Item not found.";
const NOT_HERE: &str = "Item is not on your square.";

/// What is being done with an item, until its answer comes.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// A use, already told to the others.
    Use {
        /// Which.
        item: ItemId,
        /// What its user is told.
        message: String,
    },
}

fn result(ok: bool, action: &str, message: &str, item: Option<ItemId>, cx: &mut Context<'_>) {
    let item = item.map(|item| item.to_string());
    cx.send(&Frame::ItemActionResult { ok, action, message, item_id: item.as_deref() }.json());
}

/// 5.9.
pub(crate) fn add(scene: Scene<'_>, player: &mut Player, kind: &str, cx: &mut Context<'_>) {
    let directory = &scene.state.directory;
    let refused = if !player.rates.items.take(1, limits::ITEM_ACTIONS, cx.now) {
        Some(TOO_FAST)
    } else if !rights::held(directory, scene.space, player.account).has(Permissions::ITEM_CREATE) {
        Some("Not authorized to create items.")
    } else if items::item_type(kind).is_none() {
        Some("Unknown item type.")
    } else {
        let own = directory.items(scene.id()).filter(|item| item.owner == player.account).count();
        (own >= limits::ITEMS_PER_ACCOUNT).then_some("Item limit reached.")
    };
    if let Some(refused) = refused {
        return result(false, "add", refused, None, cx);
    }
    let Some(kind) = items::item_type(kind) else { return };
    player.acting = Some(Acting::Add);
    let new = NewItem {
        space: player.space,
        kind: kind.word.to_owned(),
        title: kind.title.to_owned(),
        square: player.square,
        params: kind.params(),
    };
    cx.command(tag::ITEM_ADD, player.account, Command::PlaceItem(new));
}

/// 5.10 to 5.18: the checks in their order, then the deed.
pub(crate) fn act(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    action: ItemAction,
    item: &str,
    cx: &mut Context<'_>,
) {
    let found = item.parse().ok().and_then(|id| scene.state.directory.item(id));
    let found = found.filter(|item| item.space == scene.id());
    let known = found.map(|item| item.id);
    let word = match action {
        ItemAction::Pickup => "pickup",
        ItemAction::Drop => "drop",
        ItemAction::Delete => "delete",
        ItemAction::Update => "update",
        ItemAction::Use | ItemAction::PianoRecording => "use",
        ItemAction::SecondaryUse => "secondary_use",
        ItemAction::Transfer => "transfer",
    };
    if !player.rates.items.take(1, limits::ITEM_ACTIONS, cx.now) {
        return result(false, word, TOO_FAST, known, cx);
    }
    match allowed(scene, player, action, found) {
        Err(why) => result(false, word, why, known, cx),
        Ok(item) => deed(grid, scene, player, (action, word), item, cx),
    }
}

/// The item, if this may be done with it here.
fn allowed<'a>(
    scene: Scene<'_>,
    player: &Player,
    action: ItemAction,
    found: Option<&'a Arc<Item>>,
) -> Result<&'a Arc<Item>, &'static str> {
    let held = rights::held(&scene.state.directory, scene.space, player.account);
    let uses = matches!(action, ItemAction::Use | ItemAction::SecondaryUse | ItemAction::PianoRecording);
    if uses && !held.has(Permissions::ITEM_USE) {
        return Err("Not authorized to use items.");
    }
    let piano = action == ItemAction::PianoRecording;
    let missing = if piano { "Piano not found." } else { NOT_FOUND };
    let item = found.filter(|item| !piano || item.kind == "piano").ok_or(missing)?;
    if action == ItemAction::Drop {
        return Err("You are not carrying that item.");
    }
    if scene.config.clamped(item.square) != player.square {
        return Err(if piano { "Piano is not on your square." } else { NOT_HERE });
    }
    let own = item.owner == player.account;
    let either = |any, mine| held.has(any) || (own && held.has(mine));
    let (may, why) = match action {
        ItemAction::Pickup => (
            either(Permissions::ITEM_CARRY_ANY, Permissions::ITEM_CARRY_OWN),
            "Not authorized to pick up this item.",
        ),
        ItemAction::Delete => (
            either(Permissions::ITEM_DELETE_ANY, Permissions::ITEM_DELETE_OWN),
            "Not authorized to delete this item.",
        ),
        ItemAction::Update => (
            either(Permissions::ITEM_EDIT_ANY, Permissions::ITEM_EDIT_OWN),
            "Not authorized to edit this item.",
        ),
        ItemAction::Transfer => (
            either(Permissions::ITEM_TRANSFER_ANY, Permissions::ITEM_TRANSFER_OWN),
            "Not authorized to transfer this item.",
        ),
        ItemAction::Drop | ItemAction::Use | ItemAction::SecondaryUse | ItemAction::PianoRecording => {
            (true, "")
        }
    };
    if may { Ok(item) } else { Err(why) }
}

fn deed(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    (action, word): (ItemAction, &'static str),
    item: &Arc<Item>,
    cx: &mut Context<'_>,
) {
    let id = Some(item.id);
    match action {
        ItemAction::Delete => {
            let named = items::named(&item.title, &item.kind);
            player.acting = Some(Acting::Delete { item: item.id, named });
            cx.command(tag::ITEM_DELETE, player.account, Command::RemoveItem { item: item.id });
        }
        ItemAction::Use => match items::item_type(&item.kind) {
            Some(kind) if kind.word == "dice" => roll(grid, scene, player, (item, kind), cx),
            _ => result(false, word, "Item is not available.", id, cx),
        },
        ItemAction::SecondaryUse => {
            let heard = (item.kind == "radio_station").then(|| now_playing(item));
            let none = format!("No secondary action for {}.", item.title);
            result(heard.is_some(), word, &heard.unwrap_or(none), id, cx);
        }
        ItemAction::Update => result(false, word, "Item is not available for editing.", id, cx),
        ItemAction::Transfer => result(false, word, "Target user is not available.", id, cx),
        ItemAction::PianoRecording => result(false, word, "Piano is not available.", id, cx),
        ItemAction::Pickup | ItemAction::Drop => result(false, word, "Item is not available.", id, cx),
    }
}

/// 4.5: what a radio says of itself.
fn now_playing(item: &Item) -> String {
    let text = |key| match item.params.get(key) {
        Some(Param::Text(text)) => text.as_str(),
        Some(Param::Bool(_) | Param::Int(_) | Param::Real(_)) | None => "",
    };
    let off = item.params.get("enabled") == Some(&Param::Bool(false));
    match (text("nowPlaying"), text("stationName")) {
        _ if off => format!("{} is off.", item.title),
        ("", "") => "No now playing data.".to_owned(),
        ("", station) => format!("Playing from {station}."),
        (now, "") => format!("Playing {now}."),
        (now, station) => format!("Playing {now} from {station}."),
    }
}

fn roll(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    (item, kind): (&Arc<Item>, &'static ItemType),
    cx: &mut Context<'_>,
) {
    if let Err(millis) = grid.world.use_item(item.id, kind.cooldown_millis, cx.now) {
        let tenths = (millis + 99) / 100;
        let wait = format!("{} is on cooldown for {}.{} s.", item.title, tenths / 10, tenths % 10);
        return result(false, "use", &wait, Some(item.id), cx);
    }
    let between = |key, usual| items::number(item, key).unwrap_or(usual).clamp(1, 100);
    let sides = u32::try_from(between("sides", 6)).unwrap_or(6);
    let rolls: Vec<u32> = (0..between("number", 2)).map(|_| cx.env.below(sides) + 1).collect();
    let words: Vec<String> = rolls.iter().map(u32::to_string).collect();
    let outcome = match &rolls[..] {
        [one] => format!("{}: {one}.", item.title),
        many => format!("{}: {} (total {}).", item.title, words.join(", "), many.iter().sum::<u32>()),
    };
    let name = scene.name(player.account);
    tell(player, FOR_OTHERS, Frame::line(&format!("{name} rolled {outcome}")), 0, cx);
    let (x, y) = player.square;
    let item_id = &*item.id.to_string();
    let sound = kind.use_sound.unwrap_or_default();
    let sound = Frame::ItemUseSound { item_id, sound, x, y, range: kind.emit_range }.json();
    player.acting = Some(Acting::Use { item: item.id, message: format!("You rolled {outcome}") });
    tell(player, FOR_ALL, sound, tag::ITEM_USE, cx);
}

/// Tells a frame to the grid.
fn tell(player: &Player, word: &'static str, body: String, tag: u32, cx: &mut Context<'_>) {
    let by = Some((cx.id, player.account));
    let effect = Effect { space: player.space, by, word, body };
    cx.run(tag, Request::Live(LiveCommand::Effect(Box::new(effect))));
}

/// The answer to what was done with an item; everybody has been told of it.
pub(crate) fn acted(player: &mut Player, answer: Answer, cx: &mut Context<'_>) {
    let Some(acting) = player.acting.take() else { return };
    let refused = match &answer {
        Ok(_) => None,
        Err(Refusal::NoSuchItem) => Some(NOT_FOUND),
        Err(Refusal::Full) => Some("Item limit reached."),
        Err(Refusal::NotAllowed | Refusal::NoSuchSpace) => Some(match acting {
            Acting::Add => "Not authorized to create items.",
            Acting::Delete { .. } => "Not authorized to delete this item.",
            Acting::Use { .. } => "Not authorized to use items.",
        }),
        Err(_) => Some(NOT_DONE),
    };
    match (acting, answer) {
        (Acting::Add, Ok(Reply::Item(item))) => {
            let (x, y) = item.square;
            let named = items::named(&item.title, &item.kind);
            result(true, "add", &format!("You placed {named} at {x}, {y}."), Some(item.id), cx);
        }
        (Acting::Delete { item, named }, Ok(_)) => {
            let name = own_name(player, cx);
            tell(player, FOR_OTHERS, Frame::line(&format!("{name} deleted {named}.")), 0, cx);
            result(true, "delete", &format!("You deleted {named}."), Some(item), cx);
        }
        (Acting::Use { item, message }, Ok(_)) => result(true, "use", &message, Some(item), cx),
        (Acting::Add, _) => result(false, "add", refused.unwrap_or(NOT_DONE), None, cx),
        (Acting::Delete { item, .. }, Err(_)) => {
            result(false, "delete", refused.unwrap_or(NOT_DONE), Some(item), cx);
        }
        (Acting::Use { item, .. }, Err(_)) => {
            result(false, "use", refused.unwrap_or(NOT_DONE), Some(item), cx)
        }
    }
}

fn own_name(player: &Player, cx: &Context<'_>) -> String {
    crate::world::shown(&cx.state.directory, player.space, player.account).into_owned()
}
