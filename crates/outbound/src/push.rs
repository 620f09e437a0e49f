//! Web push: messages for a browser that is not here, sealed so that the push service cannot read them.
//!
//! The browser gives a [`Subscription`]; [`seal`] encrypts for it (RFC 8291) and signs who sends (VAPID, RFC 8292);
//! [`SealedPush::into_ask`] is what the [`Client`](crate::Client) takes to the push service.
//!
//! Answers of push services (RFC 8030): 201 is accepted, 404 and 410 mean that the subscription is over and to be
//! forgotten, 413 is too large, 429 is too often.
//!
//! ```
//! use commonroom_outbound::push::{Subscription, VapidKey, seal};
//!
//! let key = VapidKey::from_seed([7; 32]);
//! let subscription = Subscription {
//!     endpoint: "https://push.example.org/v1/abc".to_owned(),
//!     p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4".to_owned(),
//!     auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
//! };
//! let sealed = seal(&key, "mailto:owner@example.org", &subscription, b"hello", 3600, 1_800_000_000)?;
//! assert_eq!(sealed.url, subscription.endpoint);
//! let _ask = sealed.into_ask();
//! # Ok::<(), commonroom_outbound::push::CannotSeal>(())
//! ```

mod encrypt;
mod seal;
mod subscription;
mod vapid;

pub use seal::{CannotSeal, SealedPush, seal};
pub use subscription::{BadSubscription, Subscription};
pub use vapid::VapidKey;
