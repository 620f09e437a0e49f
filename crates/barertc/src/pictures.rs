//! Sharing pictures (barertc.md 5.3): what comes as bytes is made safe and kept elsewhere, then shared as a file, so that
//! every protocol shows it.

use crate::Shared;
use crate::encode;
use crate::here::{Here, Pending};
use crate::limits;
use crate::markup::escape;
use crate::session::tags;
use crate::talk::{NO_CHANNEL, Place, Said};
use crate::wire::{Content, Picture};
use crate::world;
use commonroom_core::{Refusal, Reply};
use commonroom_hub::blobs::Shelf;
use commonroom_hub::request::{Answer, Keep, Request, Safe};
use commonroom_hub::session::{Context, State};
use commonroom_media::{Kind, sniff};

const UNSUPPORTED: &str = "Unsupported image type, should be a jpeg, GIF or png.";
const NO_PHOTOS: &str = "Photo sharing in this channel is not available.";
const UNREADABLE: &str = "That image could not be processed.";
const TOO_LARGE: &str = "That image is too large, so it has not been shared.";
const EXTENSIONS: [&str; 4] = ["jpg", "jpeg", "gif", "png"];

impl Here {
    pub(crate) fn picture(&mut self, picture: Picture, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.files.take(cx.now) {
            return self.complain(cx);
        }
        match self.may_share(picture, shared, cx.state) {
            Ok((place, bytes, name)) => {
                self.pending = Some(Pending::Picture { place, name });
                let safe = Safe { side: shared.config.max_image_width, bytes: limits::PICTURE_BYTES };
                let keep = Keep { shelf: Shelf::Files, bytes: bytes.into(), picture: Some(safe) };
                cx.run(tags::KEEP, Request::Keep(keep));
            }
            Err(why) => cx.send(&encode::error(&why)),
        }
    }

    fn may_share(
        &self,
        picture: Picture,
        shared: &Shared,
        state: &State,
    ) -> Result<(Place, Vec<u8>, String), String> {
        let extension = picture.name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
            return Err(UNSUPPORTED.to_owned());
        }
        if self.rules(shared).no_image {
            return Err(escape(&shared.config.strings.mod_rule_error_no_image));
        }
        let place = self.place(&picture.channel, shared, state).ok_or(NO_CHANNEL)?;
        if !self.takes_photos(&place, shared, state) {
            return Err(NO_PHOTOS.to_owned());
        }
        let bytes = match picture.bytes {
            Content::Whole(bytes) => bytes,
            Content::TooLarge => return Err(TOO_LARGE.to_owned()),
            Content::Wrong => return Err(UNREADABLE.to_owned()),
        };
        let kind = sniff::kind(&bytes);
        if matches!(kind, Kind::Jpeg | Kind::Gif | Kind::Png) {
            Ok((place, bytes, picture.name))
        } else if kind.is_raster() {
            Err(UNSUPPORTED.to_owned())
        } else {
            Err(UNREADABLE.to_owned())
        }
    }

    /// Direct messages take pictures from and to operators, as clients offer it, or from everybody.
    fn takes_photos(&self, place: &Place, shared: &Shared, state: &State) -> bool {
        let operator = |account| world::is_operator(state, self.space, account);
        match place {
            Place::Channel(channel) => world::shown(state, &shared.config, self.space, *channel)
                .is_some_and(|channel| channel.permit_photos),
            Place::Direct(name) => {
                let to = state.directory.account_named(name).map(|account| account.id);
                shared.config.dm_photos || operator(self.account()) || to.is_some_and(operator)
            }
        }
    }

    /// The picture was made safe and kept.
    pub(crate) fn picture_kept(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Pending::Picture { place, name }) = self.take_pending() else { return };
        match answer {
            Ok(Reply::Kept(kept)) => self.say(place, Said::Picture(kept, name), shared, cx),
            Err(Refusal::TooLong) => cx.send(&encode::error(TOO_LARGE)),
            Ok(_) | Err(Refusal::Invalid) => cx.send(&encode::error(UNREADABLE)),
            Err(refusal) => cx.send(&encode::error(&encode::refusal(refusal))),
        }
    }
}
