//! Browsers that want to be told by push.

use crate::command::{Actor, Reply};
use crate::embed;
use crate::engine::{Step, Stop};
use crate::event::{EventBody, Stream};
use crate::ids::AccountId;
use crate::limits;
use crate::push::PushSubscription;
use crate::refusal::Refusal;
use std::sync::Arc;

pub(super) fn subscribe(
    step: &mut Step<'_>,
    endpoint: &str,
    p256dh: &str,
    auth: &str,
) -> Result<Reply, Stop> {
    let account = step.account()?;
    if !endpoint.starts_with("https://") || !embed::is_web(endpoint) {
        return Err(Refusal::Invalid.into());
    }
    if p256dh.is_empty() || auth.is_empty() || p256dh.len() + auth.len() > limits::PUSH_KEY_BYTES {
        return Err(Refusal::Invalid.into());
    }
    let mut kept: Vec<Arc<PushSubscription>> = step.directory.pushes_of(account).cloned().collect();
    kept.retain(|subscription| subscription.endpoint != endpoint);
    kept.sort_by_key(|subscription| subscription.used_at);
    let surplus = (kept.len() + 1).saturating_sub(limits::PUSHES_PER_ACCOUNT);
    for old in kept.into_iter().take(surplus) {
        gone(step, account, old.endpoint.clone())?;
    }
    let subscription = PushSubscription {
        account,
        endpoint: endpoint.to_owned(),
        p256dh: p256dh.to_owned(),
        auth: auth.to_owned(),
        used_at: step.env.now,
    };
    step.emit(Stream::Instance, EventBody::PushPut { subscription: Arc::new(subscription) })?;
    Ok(Reply::Done)
}

pub(super) fn unsubscribe(step: &mut Step<'_>, account: AccountId, endpoint: &str) -> Result<Reply, Stop> {
    if step.actor != Actor::System && step.actor != Actor::Account(account) {
        return Err(Refusal::NotAllowed.into());
    }
    if step.directory.pushes_of(account).any(|subscription| subscription.endpoint == endpoint) {
        gone(step, account, endpoint.to_owned())?;
    }
    Ok(Reply::Done)
}

pub(super) fn gone(step: &mut Step<'_>, account: AccountId, endpoint: String) -> Result<(), Stop> {
    step.emit(Stream::Instance, EventBody::PushGone { account, endpoint })
}
