//! Things on the grid: who may place, change and remove them. What they do is the Chat Grid adapter's.

use crate::command::{Actor, ItemChange, NewItem, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::ItemId;
use crate::item::Item;
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn change(step: &mut Step<'_>, id: ItemId, change: &ItemChange) -> Result<Reply, Stop> {
    let mut item = allowed(step, id, Permissions::ITEM_EDIT_OWN, Permissions::ITEM_EDIT_ANY)?;
    if let Some(title) = &change.title {
        title.clone_into(&mut item.title);
    }
    item.square = change.square.unwrap_or(item.square);
    if let Some(params) = &change.params {
        item.params = params.clone();
    }
    item.version += 1;
    item.updated_by = step.account().ok();
    item.updated_at = step.env.now;
    put(step, item, false)
}

pub(super) fn remove(step: &mut Step<'_>, id: ItemId) -> Result<Reply, Stop> {
    let item = allowed(step, id, Permissions::ITEM_DELETE_OWN, Permissions::ITEM_DELETE_ANY)?;
    step.emit(Stream::Space(item.space), EventBody::ItemGone { item: item.id, space: item.space })?;
    Ok(Reply::Done)
}

pub(super) fn place(step: &mut Step<'_>, new: &NewItem) -> Result<Reply, Stop> {
    policy::need(step.directory, new.space, step.actor, Permissions::ITEM_CREATE)?;
    if step.directory.items(new.space).count() >= limits::ITEMS_PER_SPACE {
        return Err(Refusal::Full.into());
    }
    let owner = step.account()?;
    let owner_name = step.directory.account(owner).ok_or(Refusal::NoSuchAccount)?.username.clone();
    let item = Item {
        id: ItemId(step.env.uuid()),
        space: new.space,
        kind: new.kind.clone(),
        title: new.title.clone(),
        square: new.square,
        params: new.params.clone(),
        owner,
        owner_name,
        updated_by: Some(owner),
        version: 1,
        created_at: step.env.now,
        updated_at: step.env.now,
    };
    put(step, item, true)
}

fn put(step: &mut Step<'_>, item: Item, placed: bool) -> Result<Reply, Stop> {
    let item = Arc::new(item);
    step.emit(Stream::Space(item.space), EventBody::Item { item: item.clone(), placed })?;
    Ok(Reply::Item(item))
}

fn allowed(step: &Step<'_>, id: ItemId, own: Permissions, any: Permissions) -> Result<Item, Stop> {
    let item = step.directory.item(id).ok_or(Refusal::NoSuchItem)?;
    if let Actor::Account(actor) = step.actor {
        let held = policy::permissions_in_space(step.directory, item.space, actor);
        if !(held.has(any) || (held.has(own) && item.owner == actor)) {
            return Err(Refusal::NotAllowed.into());
        }
    }
    Ok((**item).clone())
}
