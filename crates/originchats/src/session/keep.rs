//! Files, emoji, webhooks, pictures and push (originchats.md 5.14 to 5.17).

mod emojis;
mod faces;
mod files;
mod pushes;
mod webhooks;

use super::OriginSession;
use super::requests::Asked;
use crate::decode::keep::Ask;
use crate::limits;
use crate::wording::Wrong;
use bytes::Bytes;
use commonroom_core::file::Picture;
use commonroom_core::ids::SpaceId;
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::{Answer, Keep, Request, Safe};
use commonroom_hub::session::Context;
use commonroom_media::{Trouble, data_uri, sniff};

impl OriginSession {
    /// Carries out a request of `decode::keep`.
    pub(super) fn keep(&mut self, ask: Ask, asked: Asked, cx: &mut Context<'_>) {
        match ask {
            Ask::Emojis => self.emojis(&asked, cx),
            Ask::AddEmoji(name, image) => self.add_emoji(name, &image, asked, cx),
            Ask::ChangeEmoji(number, name, image) => {
                self.change_emoji(number, name, image.as_deref(), asked, cx);
            }
            Ask::RemoveEmoji(number) => self.remove_emoji(number, asked, cx),
            Ask::EmojiNumber(name) => self.emoji_number(&name, &asked, cx),
            Ask::EmojiFile(name) => self.emoji_file(&name, &asked, cx),
            Ask::File(id) => self.file(&id, asked, cx),
            Ask::RemoveFile(id) => self.remove_file(&id, asked, cx),
            Ask::AddWebhook(channel, name, avatar) => self.add_webhook(&channel, name, avatar, asked, cx),
            Ask::Webhook(id) => self.webhook(&id, &asked, cx),
            Ask::Webhooks(channel) => self.webhooks(channel.as_deref(), &asked, cx),
            Ask::ChangeWebhook(id, name, avatar) => {
                self.change_webhook(&id, (name, avatar, false), asked, cx)
            }
            Ask::RenewWebhook(id) => self.change_webhook(&id, (None, None, true), asked, cx),
            Ask::RemoveWebhook(id) => self.remove_webhook(&id, asked, cx),
            Ask::SetPicture(url) => self.set_picture(url, asked, cx),
            Ask::PictureOf(user) => self.picture_of(&user, &asked, cx),
            Ask::PushKey => self.push_key(&asked, cx),
            Ask::Subscribe(endpoint, p256dh, auth) => self.subscribe(endpoint, p256dh, auth, asked, cx),
            Ask::Unsubscribe(endpoint) => self.unsubscribe(endpoint, asked, cx),
        }
    }

    /// The space, for who manages it.
    fn managed_space(&self, cx: &Context<'_>) -> Result<SpaceId, Wrong> {
        let may = self.me.as_ref().filter(|me| {
            policy::permissions_in_space(&cx.state.directory, me.space, me.account)
                .has(Permissions::MANAGE_SPACE)
        });
        may.map(|me| me.space).ok_or(Wrong::Permission("manage_server"))
    }

    /// Keeps a picture, made safe, and goes on with it.
    fn keep_picture(
        &mut self,
        bytes: Vec<u8>,
        most: usize,
        asked: Asked,
        then: impl FnOnce(&mut Self, Asked, Result<Picture, Refusal>, &mut Context<'_>) + Send + 'static,
        cx: &mut Context<'_>,
    ) {
        let safe = Safe { side: limits::FACE_SIDE, bytes: most };
        let keep = Keep { shelf: Shelf::Pictures, bytes: Bytes::from(bytes), picture: Some(safe) };
        let then = |session: &mut Self, asked, answer: Answer, cx: &mut Context<'_>| {
            let kept = match answer {
                Ok(Reply::Kept(kept)) => Ok(kept.into()),
                Ok(_) => Err(Refusal::Fault),
                Err(why) => Err(why),
            };
            then(session, asked, kept, cx);
        };
        self.request(asked, Request::Keep(keep), then, cx);
    }
}

/// The picture in a data URI: PNG, JPEG, GIF or WebP, whatever it says it is.
fn picture_in(uri: &str, most: usize) -> Result<Vec<u8>, &'static str> {
    match data_uri::parse(uri, most) {
        Ok(found) if sniff::kind(&found.bytes).is_raster() => Ok(found.bytes),
        Ok(_) => Err("image must be a PNG, JPEG, GIF or WebP picture"),
        Err(Trouble::TooLarge { .. }) => Err("image is too large"),
        Err(_) => Err("image must be a data URI"),
    }
}
