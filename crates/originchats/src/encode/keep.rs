//! Emoji and webhooks (originchats.md 4.10).

use super::{View, people, seconds};
use commonroom_core::emoji::Emoji;
use commonroom_core::ids::WebhookId;
use commonroom_core::secret::Signer;
use commonroom_core::webhook::Webhook;
use serde_json::{Value, json};

/// What the tokens of webhooks are signed for.
const PURPOSE: &str = "originchats-webhook";

/// The file name of an emoji.
pub fn file_name(emoji: &Emoji) -> String {
    format!("{}.{}", emoji.number, emoji.picture.extension)
}

/// What is said of an emoji that was added or changed. Clients need name and file name in both (originchats.md 5.14).
pub fn emoji(emoji: &Emoji, added: bool) -> Value {
    let mut body = json!({"id": emoji.number.to_string(), "name": emoji.name, "fileName": file_name(emoji)});
    body[if added { "added" } else { "updated" }] = Value::Bool(true);
    body
}

/// What is said of an emoji that is gone.
pub fn emoji_gone(number: i64) -> Value {
    json!({"id": number.to_string(), "deleted": true})
}

/// A webhook with its token: only for who manages the community.
pub fn webhook(view: &View<'_>, signer: &Signer, webhook: &Webhook) -> Value {
    json!({
        "id": webhook.id.to_string(),
        "channel": view.directory.channel(webhook.channel).map(|channel| &channel.name),
        "name": webhook.name,
        "token": token(signer, webhook),
        "created_by": people::username(view.directory, webhook.by),
        "created_at": seconds(webhook.created_at),
        "avatar": webhook.avatar,
    })
}

/// The secret in a webhook's address: its id and generation, signed with the instance key. Nothing secret is stored, and
/// comparing takes the same time for every token.
pub fn token(signer: &Signer, webhook: &Webhook) -> String {
    signer.sign(PURPOSE, &format!("{}/{}", webhook.id, webhook.generation))
}

/// The webhook and the generation that a token was made for; nothing for any other text.
pub fn token_of(signer: &Signer, token: &str) -> Option<(WebhookId, u32)> {
    let payload = signer.verify(PURPOSE, token)?;
    let (id, generation) = payload.split_once('/')?;
    Some((id.parse().ok()?, generation.parse().ok()?))
}
