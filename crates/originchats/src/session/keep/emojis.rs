//! The community's own emoji (originchats.md 5.14). Whoever asked for a change gets it as the answer, everybody else as a
//! frame of the same form.

use super::{OriginSession, picture_in};
use crate::encode::keep;
use crate::limits;
use crate::session::requests::Asked;
use crate::session::{plain, view};
use crate::wire::Ordered;
use crate::wording::{Deed, Wrong};
use commonroom_core::command::Command;
use commonroom_core::emoji::Emoji;
use commonroom_core::file::Picture;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::{Value, json};
use std::sync::Arc;

const NO_EMOJI: &str = "Emoji not found";

impl OriginSession {
    /// `emoji_get_all`
    pub(super) fn emojis(&mut self, asked: &Asked, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let one = |emoji: &Arc<Emoji>| {
            let shape = json!({"name": emoji.name, "fileName": keep::file_name(emoji)});
            (emoji.number.to_string(), shape)
        };
        let emojis: Ordered<Value> = Ordered(view.directory.emoji_of(view.space.id).map(one).collect());
        self.reply(asked, json!({"emojis": emojis}), cx);
    }

    /// `emoji_get_id`
    pub(super) fn emoji_number(&mut self, name: &str, asked: &Asked, cx: &mut Context<'_>) {
        match self.emoji_named(name, cx) {
            Some(emoji) => {
                self.reply(asked, json!({"name": emoji.name, "id": emoji.number.to_string()}), cx);
            }
            None => self.refuse(asked, &plain(NO_EMOJI), cx),
        }
    }

    /// `emoji_get_filename`
    pub(super) fn emoji_file(&mut self, name: &str, asked: &Asked, cx: &mut Context<'_>) {
        match self.emoji_named(name, cx) {
            Some(emoji) => {
                self.reply(asked, json!({"name": emoji.name, "filepath": keep::file_name(&emoji)}), cx);
            }
            None => self.refuse(asked, &plain(NO_EMOJI), cx),
        }
    }

    fn emoji_named(&self, name: &str, cx: &Context<'_>) -> Option<Arc<Emoji>> {
        self.me.as_ref().and_then(|me| cx.state.directory.emoji_named(me.space, name)).cloned()
    }

    /// `emoji_add`
    pub(super) fn add_emoji(&mut self, name: String, image: &str, asked: Asked, cx: &mut Context<'_>) {
        let space = match self.managed_space(cx) {
            Ok(space) => space,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let then = move |session: &mut Self, asked: Asked, picture: Picture, cx: &mut Context<'_>| {
            let command = Command::AddEmoji { space, name, picture };
            session.command(asked, command, Self::emoji_done, cx);
        };
        self.keep_emoji(image, asked, then, cx);
    }

    /// `emoji_update`
    pub(super) fn change_emoji(
        &mut self,
        number: i64,
        name: Option<String>,
        image: Option<&str>,
        asked: Asked,
        cx: &mut Context<'_>,
    ) {
        let space = match self.managed_space(cx) {
            Ok(space) => space,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        if cx.state.directory.emoji(space, number).is_none() {
            return self.refuse(&asked, &plain(NO_EMOJI), cx);
        }
        let change = move |picture| Command::ChangeEmoji { space, number, name, picture };
        let Some(image) = image else { return self.command(asked, change(None), Self::emoji_done, cx) };
        let then = move |session: &mut Self, asked: Asked, picture: Picture, cx: &mut Context<'_>| {
            session.command(asked, change(Some(picture)), Self::emoji_done, cx);
        };
        self.keep_emoji(image, asked, then, cx);
    }

    /// Keeps the picture of an emoji, if it may be one.
    fn keep_emoji(
        &mut self,
        image: &str,
        asked: Asked,
        then: impl FnOnce(&mut Self, Asked, Picture, &mut Context<'_>) + Send + 'static,
        cx: &mut Context<'_>,
    ) {
        let bytes = match picture_in(image, limits::EMOJI_PICTURE_BYTES) {
            Ok(bytes) => bytes,
            Err(why) => return self.refuse(&asked, &Wrong::Scheme(asked.cmd, why), cx),
        };
        let then =
            |session: &mut Self, asked: Asked, kept: Result<Picture, Refusal>, cx: &mut Context<'_>| {
                let taken = &session.shared.config.uploads.emoji_allowed_file_types;
                match kept {
                    Ok(picture) if taken.contains(&picture.extension) => then(session, asked, picture, cx),
                    Ok(_) => {
                        let why = "pictures of this type are not allowed";
                        session.refuse(&asked, &Wrong::Scheme(asked.cmd, why), cx);
                    }
                    Err(Refusal::Invalid | Refusal::TooLong) => {
                        let why = "image is damaged or too large";
                        session.refuse(&asked, &Wrong::Scheme(asked.cmd, why), cx);
                    }
                    Err(why) => session.refused(&asked, why, Deed::Other, cx),
                }
            };
        self.keep_picture(bytes, limits::EMOJI_PICTURE_BYTES, asked, then, cx);
    }

    /// It was added or changed, or not.
    fn emoji_done(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        let added = asked.cmd == "emoji_add";
        match answer {
            Ok(Reply::Emoji(number)) => {
                let emoji = self.me.as_ref().and_then(|me| cx.state.directory.emoji(me.space, number));
                if let Some(body) = emoji.map(|emoji| keep::emoji(emoji, added)) {
                    self.reply(&asked, body, cx);
                }
            }
            Ok(_) => {}
            Err(Refusal::NameTaken) => {
                self.refuse(&asked, &Wrong::Scheme(asked.cmd, "name is already taken"), cx);
            }
            Err(Refusal::Full | Refusal::BadName | Refusal::Fault) if added => {
                self.refuse(&asked, &plain("Error adding emoji"), cx);
            }
            Err(why) => self.refused(&asked, why, Deed::Other, cx),
        }
    }

    /// `emoji_delete`
    pub(super) fn remove_emoji(&mut self, number: i64, asked: Asked, cx: &mut Context<'_>) {
        let space = match self.managed_space(cx) {
            Ok(space) => space,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(_) => session.reply(&asked, keep::emoji_gone(number), cx),
            Err(why) => session.refused(&asked, why, Deed::Other, cx),
        };
        self.command(asked, Command::RemoveEmoji { space, number }, then, cx);
    }
}
