//! Things on the grid: who may place, change and remove them. What they do is the Chat Grid adapter's.

use crate::command::{Actor, ItemChange, ItemDeed, NewItem, Reply};
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::{AccountId, ItemId, SpaceId};
use crate::item::{Item, ItemNews, Laid, Params};
use crate::limits;
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn act(step: &mut Step<'_>, id: ItemId, deed: &ItemDeed) -> Result<Reply, Stop> {
    match deed {
        ItemDeed::Change(with) => change(step, id, with),
        ItemDeed::Use(params) => used(step, id, params),
        ItemDeed::Lay(laid) => lay(step, id, *laid),
        ItemDeed::Along(square) => along(step, id, *square),
        ItemDeed::Transfer(to) => transfer(step, id, *to),
        ItemDeed::Remove => remove(step, id),
    }
}

fn change(step: &mut Step<'_>, id: ItemId, change: &ItemChange) -> Result<Reply, Stop> {
    let mut item = allowed(step, id, Permissions::ITEM_EDIT_OWN, Permissions::ITEM_EDIT_ANY)?;
    if let Some(title) = &change.title {
        title.clone_into(&mut item.title);
    }
    item.square = change.square.unwrap_or(item.square);
    item.params.extend(change.params.clone());
    if let Some(memory) = &change.memory {
        if memory.len() > limits::ITEM_MEMORY_BYTES {
            return Err(Refusal::TooLong.into());
        }
        item.memory = Some(memory.clone());
    }
    item.version += 1;
    item.updated_by = step.account().ok();
    item.updated_at = step.env.now;
    put(step, item, ItemNews::Changed)
}

fn used(step: &mut Step<'_>, id: ItemId, params: &Params) -> Result<Reply, Stop> {
    let mut item = allowed(step, id, Permissions::ITEM_USE, Permissions::ITEM_USE)?;
    item.params.extend(params.clone());
    item.updated_by = step.account().ok();
    item.updated_at = step.env.now;
    put(step, item, ItemNews::Used)
}

fn lay(step: &mut Step<'_>, id: ItemId, laid: Laid) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    let mut item = (**step.directory.item(id).ok_or(Refusal::NoSuchItem)?).clone();
    item.square = laid.square;
    item.updated_by = laid.by;
    item.updated_at = laid.at;
    put(step, item, ItemNews::Laid(laid.holder))
}

fn along(step: &mut Step<'_>, id: ItemId, square: (i32, i32)) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    let mut item = (**step.directory.item(id).ok_or(Refusal::NoSuchItem)?).clone();
    item.square = square;
    put(step, item, ItemNews::Along)
}

fn transfer(step: &mut Step<'_>, id: ItemId, to: AccountId) -> Result<Reply, Stop> {
    let mut item = allowed(step, id, Permissions::ITEM_TRANSFER_OWN, Permissions::ITEM_TRANSFER_ANY)?;
    let receiver = step.directory.account(to).filter(|account| !account.retired && !account.disabled);
    let receiver = receiver.filter(|_| step.directory.member(item.space, to).is_some());
    let receiver = receiver.ok_or(Refusal::NoSuchAccount)?;
    if item.owner == to {
        return Err(Refusal::Already.into());
    }
    may_own_more(step, item.space, to)?;
    item.owner = to;
    receiver.username.clone_into(&mut item.owner_name);
    item.version += 1;
    item.updated_by = step.account().ok();
    item.updated_at = step.env.now;
    put(step, item, ItemNews::Transferred)
}

fn may_own_more(step: &Step<'_>, space: SpaceId, owner: AccountId) -> Result<(), Refusal> {
    let own = step.directory.items(space).filter(|item| item.owner == owner).count();
    if own < limits::ITEMS_PER_OWNER { Ok(()) } else { Err(Refusal::Full) }
}

fn remove(step: &mut Step<'_>, id: ItemId) -> Result<Reply, Stop> {
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
    may_own_more(step, new.space, owner)?;
    let owner_name = step.directory.account(owner).ok_or(Refusal::NoSuchAccount)?.username.clone();
    let item = Item {
        id: ItemId(step.env.uuid()),
        space: new.space,
        kind: new.kind.clone(),
        title: new.title.clone(),
        square: new.square,
        params: new.params.clone(),
        memory: None,
        owner,
        owner_name,
        updated_by: Some(owner),
        version: 1,
        created_at: step.env.now,
        updated_at: step.env.now,
    };
    put(step, item, ItemNews::Placed)
}

fn put(step: &mut Step<'_>, item: Item, news: ItemNews) -> Result<Reply, Stop> {
    let item = Arc::new(item);
    step.emit(Stream::Space(item.space), EventBody::Item { item: item.clone(), news })?;
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
