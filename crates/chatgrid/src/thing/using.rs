//! Using an item (chatgrid.md 5.14).

use super::{Acting, result, tell};
use crate::Grid;
use crate::encode::{FOR_ALL, FOR_OTHERS, FOR_RESIDENT, Scene};
use crate::items::values::Complaint;
use crate::items::{self, Then, Used, Using};
use crate::resident::Errand;
use crate::session::{Player, tag};
use crate::wire::Frame;
use crate::world;
use commonroom_core::ItemId;
use commonroom_core::command::{Command, ItemDeed};
use commonroom_core::item::Item;
use commonroom_hub::session::Context;

/// Uses an item: first its properties change, if any do, then everybody is told.
pub(super) fn begin(
    grid: &Grid,
    scene: Scene<'_>,
    player: &mut Player,
    item: &Item,
    cx: &mut Context<'_>,
) -> Result<(), Complaint> {
    let kind = items::item_type(&item.kind).ok_or("Item is not available.")?;
    grid.world.use_item(item.id, kind.cooldown_millis, cx.now).map_err(|millis| {
        let tenths = ((millis + 99) / 100).max(1);
        format!("{} is on cooldown for {}.{} s.", item.title, tenths / 10, tenths % 10)
    })?;
    let whole = items::whole(item);
    let name = scene.name(player.account);
    let mut used = (kind.used)(&mut Using { item: &whole, name: &name, now: cx.now, env: cx.env });
    if used.set.is_empty() {
        publish(player, item.id, used, cx);
    } else {
        let params = std::mem::take(&mut used.set);
        player.acting = Some(Acting::Switch(item.id, Box::new(used)));
        cx.command(tag::ITEM, player.account, Command::Item { item: item.id, deed: ItemDeed::Use(params) });
    }
    Ok(())
}

/// Tells what a use did: the words, the sounds, and what comes of it. The last of it brings the answer.
pub(super) fn publish(player: &mut Player, item: ItemId, used: Used, cx: &mut Context<'_>) {
    let (x, y) = player.square;
    let item_id = &*item.to_string();
    let range = cx.state.directory.item(item).map_or(1, |item| world::range_of(item));
    let mut told = Vec::new();
    if let Some(line) = &used.others {
        told.push((FOR_OTHERS, Frame::line(line)));
    }
    if let Some(sound) = &used.sound {
        told.push((FOR_ALL, Frame::ItemUseSound { item_id, sound, x, y, range }.json()));
    }
    let plays = used.then == Some(Then::Play);
    match used.then {
        Some(Then::Announce(sounds)) => {
            let said = Frame::ItemClockAnnounce { item_id, sounds: &sounds, x, y, range };
            told.push((FOR_ALL, said.json()));
        }
        Some(Then::Land(word)) => told.push((FOR_RESIDENT, Errand::Land { item, word }.json())),
        Some(Then::Play) | None => {}
    }
    let Some((last, body)) = told.pop() else { return result(true, "use", &used.own, Some(item), cx) };
    for (word, body) in told {
        tell(player, word, body, 0, cx);
    }
    player.acting = Some(Acting::Use { item, message: used.own, plays });
    tell(player, last, body, tag::ITEM, cx);
}
