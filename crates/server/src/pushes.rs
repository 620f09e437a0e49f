//! Tells browsers of messages while nobody is connected (originchats.md 5.17). Best effort: what fails is not tried again.

use commonroom_core::command::{Actor, Command};
use commonroom_core::message::Message;
use commonroom_core::push::PushSubscription;
use commonroom_hub::Gateway;
use commonroom_hub::limits::PUSHES_RUNNING;
use commonroom_hub::session::State;
use commonroom_originchats::Shared;
use commonroom_outbound::Client;
use commonroom_outbound::push::{CannotSeal, Subscription, VapidKey, seal};
use http::StatusCode;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;

/// Seconds for which a push service keeps a push for a browser that is away.
const TTL_SECONDS: u32 = 86_400;
/// Seconds after which a subscription that still works is said to be in use.
const USED_SECONDS: i64 = 7 * 86_400;
/// Whom push services are to write to when the operator named no https address of this server.
const NOBODY: &str = "mailto:operator@commonroom.invalid";

/// What pushing takes.
#[derive(Clone)]
pub struct Pusher {
    gateway: Gateway,
    client: Client,
    key: VapidKey,
    contact: Arc<str>,
    originchats: Arc<Shared>,
}

impl Pusher {
    /// Pushes with this key what `originchats` words.
    pub fn new(gateway: Gateway, client: Client, key: VapidKey, originchats: Shared) -> Self {
        let base = originchats.absolute("/");
        let contact = if base.starts_with("https://") { base.as_str() } else { NOBODY };
        Self { gateway, client, key, contact: contact.into(), originchats: Arc::new(originchats) }
    }

    /// Pushes until nobody can say anything any more.
    pub async fn run(self, mut queue: Receiver<(Arc<Message>, State)>) {
        let places = Arc::new(Semaphore::new(PUSHES_RUNNING));
        while let Some((message, state)) = queue.recv().await {
            for notice in commonroom_originchats::notices(&self.originchats, &message, &state) {
                for subscription in state.directory.pushes_of(notice.account) {
                    let Ok(place) = places.clone().acquire_owned().await else { return };
                    let (this, subscription) = (self.clone(), subscription.clone());
                    let payload = notice.payload.clone();
                    tokio::spawn(async move {
                        this.push(&subscription, payload.as_bytes()).await;
                        drop(place);
                    });
                }
            }
        }
    }

    async fn push(&self, subscription: &PushSubscription, payload: &[u8]) {
        let receiver = Subscription {
            endpoint: subscription.endpoint.clone(),
            p256dh: subscription.p256dh.clone(),
            auth: subscription.auth.clone(),
        };
        let now = self.gateway.now();
        let unix = u64::try_from(now.0 / 1_000_000).unwrap_or(0);
        let sealed = match seal(&self.key, &self.contact, &receiver, payload, TTL_SECONDS, unix) {
            Ok(sealed) => sealed,
            Err(CannotSeal::Subscription(_)) => return self.forget(subscription).await,
            Err(why) => return tracing::warn!(%why, "a push could not be sealed"),
        };
        match self.client.ask(sealed.into_ask()).await {
            Ok(reply) if matches!(reply.status(), StatusCode::NOT_FOUND | StatusCode::GONE) => {
                self.forget(subscription).await;
            }
            Ok(reply) if reply.status().is_success() => {
                if subscription.used_at.plus_seconds(USED_SECONDS) <= now {
                    self.used(subscription).await;
                }
            }
            Ok(reply) => tracing::debug!(status = %reply.status(), "a push was not taken"),
            Err(trouble) => tracing::debug!(%trouble, "a push did not arrive"),
        }
    }

    async fn forget(&self, gone: &PushSubscription) {
        let command = Command::UnsubscribePush { account: gone.account, endpoint: gone.endpoint.clone() };
        self.told(self.gateway.command(Actor::System, command).await);
    }

    /// Subscriptions that nothing was sent to for long are forgotten: this one is in use.
    async fn used(&self, subscription: &PushSubscription) {
        let known = self.gateway.state();
        if !known
            .directory
            .pushes_of(subscription.account)
            .any(|known| known.endpoint == subscription.endpoint)
        {
            return;
        }
        let command = Command::SubscribePush {
            endpoint: subscription.endpoint.clone(),
            p256dh: subscription.p256dh.clone(),
            auth: subscription.auth.clone(),
        };
        self.told(self.gateway.command(Actor::Account(subscription.account), command).await);
    }

    fn told(&self, answer: commonroom_hub::request::Answer) {
        if let Err(refusal) = answer {
            tracing::debug!(?refusal, "a push subscription could not be changed");
        }
    }
}
