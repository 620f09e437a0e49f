//! Giving an item away (chatgrid.md 5.16).

use super::Acting;
use crate::encode::Scene;
use crate::items::values::Complaint;
use crate::limits;
use crate::session::{Player, tag};
use crate::wire::{Frame, TransferTarget};
use crate::world;
use commonroom_core::account::Account;
use commonroom_core::command::{Command, ItemDeed};
use commonroom_core::item::Item;
use commonroom_hub::session::Context;
use std::sync::Arc;

pub(super) const CARRIED: &str = "Item cannot be transferred while carried.";
pub(super) const NOBODY: &str = "Target user is not available.";
pub(super) const ALREADY: &str = "Item already belongs to that user.";

/// Members who can own things.
fn receivers(scene: Scene<'_>) -> impl Iterator<Item = &Arc<Account>> {
    let directory = &scene.state.directory;
    let members = directory.members(scene.id());
    members
        .filter_map(|member| directory.account(member.account))
        .filter(|account| !account.retired && !account.disabled)
}

/// Tells to whom an item can be given.
pub(super) fn targets(scene: Scene<'_>, item: &Item, cx: &mut Context<'_>) {
    let mut targets: Vec<TransferTarget> = receivers(scene)
        .filter(|account| account.id != item.owner)
        .map(|account| TransferTarget {
            user_id: account.number.to_string(),
            username: account.handle.clone(),
            online: scene.state.live.is_online(account.id)
                && !world::invisible(&scene.state.directory, account.id),
        })
        .collect();
    targets.sort_by(|one, other| one.username.cmp(&other.username));
    targets.truncate(limits::TRANSFER_TARGETS);
    let item_id = item.id.to_string();
    cx.send(&Frame::ItemTransferTargets { item_id: &item_id, targets: &targets }.json());
}

/// Gives it.
pub(super) fn transfer(
    scene: Scene<'_>,
    player: &mut Player,
    item: &Item,
    to: &str,
    cx: &mut Context<'_>,
) -> Result<(), Complaint> {
    let number = to.trim().parse().ok();
    let receiver = number.and_then(|number| scene.state.directory.account_numbered(number)).ok_or(NOBODY)?;
    player.acting = Some(Acting::Transfer(item.id));
    let give = Command::Item { item: item.id, deed: ItemDeed::Transfer(receiver.id) };
    cx.command(tag::ITEM, player.account, give);
    Ok(())
}
