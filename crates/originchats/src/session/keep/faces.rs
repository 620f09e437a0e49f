//! Pictures of people (originchats.md 5.7). An address is only passed on to clients: this server never loads it.

use super::{OriginSession, picture_in};
use crate::encode::people;
use crate::limits;
use crate::session::requests::Asked;
use crate::session::{plain, view};
use crate::wording::{Deed, text};
use commonroom_core::Refusal;
use commonroom_core::account::ExternalId;
use commonroom_core::command::{Command, ProfileChange};
use commonroom_core::embed;
use commonroom_core::file::Picture;
use commonroom_hub::request::Answer;
use commonroom_hub::session::Context;
use serde_json::json;

impl OriginSession {
    /// `pfp_set`
    pub(super) fn set_picture(&mut self, url: String, asked: Asked, cx: &mut Context<'_>) {
        let known = self.account().and_then(|account| cx.state.directory.account(account));
        if known.is_some_and(|known| matches!(known.external, Some(ExternalId::Rotur(_)))) {
            let wrong = "Profile pictures are managed by Rotur for this account";
            return self.refuse(&asked, &plain(wrong), cx);
        }
        if url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            return self.keep_face(&url, asked, cx);
        }
        if url.chars().count() > limits::FACE_URL_CHARS {
            return self.refuse(&asked, &plain("URL too long (max 500 characters)"), cx);
        }
        if !embed::is_web(&url) {
            return self.refuse(&asked, &plain("Invalid URL format"), cx);
        }
        self.put_face(url, asked, cx);
    }

    fn keep_face(&mut self, uri: &str, asked: Asked, cx: &mut Context<'_>) {
        let bytes = match picture_in(uri, limits::FACE_BYTES) {
            Ok(bytes) => bytes,
            Err("image is too large") => {
                return self.refuse(&asked, &plain("Image too large (max 1 MB)"), cx);
            }
            Err(_) => return self.refuse(&asked, &plain("Invalid image"), cx),
        };
        let then = |session: &mut Self,
                    asked: Asked,
                    kept: Result<Picture, Refusal>,
                    cx: &mut Context<'_>| match kept {
            Ok(picture) => session.put_face(picture.path(), asked, cx),
            Err(Refusal::Invalid | Refusal::TooLong) => {
                session.refuse(&asked, &plain("Invalid image"), cx);
            }
            Err(why) => session.refused(&asked, why, Deed::Other, cx),
        };
        self.keep_picture(bytes, limits::FACE_BYTES, asked, then, cx);
    }

    /// Everybody is told by the event; the client that asked also by its answer.
    fn put_face(&mut self, address: String, asked: Asked, cx: &mut Context<'_>) {
        let change = ProfileChange { avatar: Some(Some(address.clone())), ..ProfileChange::default() };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(_) => {
                let val = session.shared.absolute(&address);
                session.reply(&asked, json!({"val": val}), cx);
            }
            Err(Refusal::Invalid) => session.refuse(&asked, &plain("Invalid URL format"), cx),
            Err(why) => session.refused(&asked, why, Deed::Other, cx),
        };
        self.command(asked, Command::SetProfile(change), then, cx);
    }

    /// `pfp_get`
    pub(super) fn picture_of(&mut self, user: &str, asked: &Asked, cx: &mut Context<'_>) {
        let shown = view(&self.shared, cx).and_then(|view| {
            let account = people::find(view.directory, user)?;
            view.directory.member(view.space.id, account.id)?;
            Some((people::username(view.directory, account.id), people::picture(&view, account)))
        });
        match shown {
            Some((username, val)) => self.reply(asked, json!({"username": username, "val": val}), cx),
            None => self.refuse(asked, &plain(text::NO_USER), cx),
        }
    }
}
