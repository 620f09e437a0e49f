//! Calls: who is in them and under which peer id (originchats.md 5.11). The media goes from client to client.

use super::requests::{Asked, VoiceDeed, Waiting};
use super::{OriginSession, plain, view};
use crate::encode::call;
use crate::wording::{Wrong, text};
use commonroom_core::channel::{Channel, ChannelKind};
use commonroom_core::policy;
use commonroom_hub::live::{self, LiveCommand, Seat};
use commonroom_hub::request::Request;
use commonroom_hub::session::Context;
use serde_json::{Value, json};
use std::sync::Arc;

const NO_ACCESS: &str = "You do not have permission to access this voice channel";
const NOT_VOICE: &str = "This is not a voice channel";

impl OriginSession {
    fn voice_channel(&self, name: &str, cx: &Context<'_>) -> Result<Arc<Channel>, Wrong> {
        let directory = &cx.state.directory;
        let found = self.me.as_ref().and_then(|me| Some((me, directory.channel_named(me.space, name)?)));
        match found {
            None => Err(plain(text::NO_CHANNEL)),
            Some((me, channel)) if !policy::may_view(directory, channel, me.account) => Err(plain(NO_ACCESS)),
            Some((_, channel)) if channel.kind != ChannelKind::Voice => Err(plain(NOT_VOICE)),
            Some((_, channel)) => Ok(channel.clone()),
        }
    }

    /// `voice_join`
    pub(super) fn join_voice(&mut self, name: &str, peer_id: String, asked: Asked, cx: &mut Context<'_>) {
        let Some(account) = self.account() else { return };
        let checked = self.voice_channel(name, cx).and_then(|channel| {
            if live::may_call(&cx.state.directory, &channel, account) {
                Ok(channel)
            } else {
                Err(plain(NO_ACCESS))
            }
        });
        let channel = match checked {
            Ok(channel) => channel.id,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let seat = Box::new(Seat {
            account,
            session: Some(cx.id),
            login: None,
            peer_id: Some(peer_id),
            muted: false,
            deafened: false,
            video: false,
            screen: false,
            server_muted: false,
            server_deafened: false,
            broadcast: None,
            joined_at: cx.now,
        });
        let tag = self.requests.begin(asked, Waiting::Voice(VoiceDeed::Join(channel)));
        cx.run(tag, Request::Live(LiveCommand::JoinCall { channel, seat }));
    }

    /// `voice_leave`
    pub(super) fn leave_voice(&mut self, named: Option<&str>, asked: Asked, cx: &mut Context<'_>) {
        let (Some(account), Some(name)) = (self.account(), self.call_name(cx)) else {
            return self.refuse(&asked, &plain("You are not in a voice channel"), cx);
        };
        if named.is_some_and(|named| !named.eq_ignore_ascii_case(&name)) {
            return self.refuse(&asked, &plain("You are not in this voice channel"), cx);
        }
        let tag = self.requests.begin(asked, Waiting::Voice(VoiceDeed::Leave(name)));
        cx.run(tag, Request::Live(LiveCommand::LeaveCall { account, channel: None, session: None }));
    }

    /// `voice_mute` and `voice_unmute`
    pub(super) fn mute_voice(&mut self, muted: bool, asked: Asked, cx: &mut Context<'_>) {
        let (Some(account), Some(name)) = (self.account(), self.call_name(cx)) else {
            return self.refuse(&asked, &plain("You are not in a voice channel"), cx);
        };
        let tag = self.requests.begin(asked, Waiting::Voice(VoiceDeed::Mute(name, muted)));
        let muted = Some(muted);
        let change = LiveCommand::ChangeSeat { account, muted, deafened: None, video: None, screen: None };
        cx.run(tag, Request::Live(change));
    }

    /// The name of the voice channel that the account is in.
    fn call_name(&self, cx: &Context<'_>) -> Option<String> {
        let me = self.me.as_ref()?;
        let channel = cx.state.directory.channel(cx.state.live.call_of(me.account)?)?;
        (channel.space() == Some(me.space)).then(|| channel.name.clone())
    }

    /// The change is made, and everybody else was told.
    pub(super) fn voice_done(&mut self, asked: &Asked, deed: &VoiceDeed, cx: &mut Context<'_>) {
        let body = match deed {
            VoiceDeed::Leave(name) => json!({"type": asked.cmd, "channel": name}),
            VoiceDeed::Mute(name, muted) => json!({"type": asked.cmd, "channel": name, "muted": muted}),
            VoiceDeed::Join(id) => {
                let (Some(view), Some(account)) = (view(&self.shared, cx), self.account()) else { return };
                if view.live.seat(*id, account).is_none() {
                    return self.refuse(asked, &plain(NO_ACCESS), cx);
                }
                let others: Vec<Value> = call::seats(&view, *id)
                    .into_iter()
                    .filter(|seat| seat.account != account)
                    .map(|seat| call::participant(&view, seat, true))
                    .collect();
                let name = view.directory.channel(*id).map(|channel| channel.name.clone());
                json!({"type": asked.cmd, "channel": name, "participants": others})
            }
        };
        self.reply(asked, body, cx);
    }

    /// `voice_state`: with peer ids for those who take part.
    pub(super) fn voice_state(&mut self, name: &str, asked: &Asked, cx: &mut Context<'_>) {
        let channel = match self.voice_channel(name, cx) {
            Ok(channel) => channel,
            Err(wrong) => return self.refuse(asked, &wrong, cx),
        };
        let (Some(view), Some(account)) = (view(&self.shared, cx), self.account()) else { return };
        let takes_part =
            view.live.seat(channel.id, account).is_some_and(|seat| seat.session == Some(self.id));
        let participants: Vec<Value> = call::seats(&view, channel.id)
            .into_iter()
            .map(|seat| call::participant(&view, seat, takes_part && seat.account != account))
            .collect();
        let body = json!({"type": asked.cmd, "channel": channel.name, "participants": participants});
        self.reply(asked, body, cx);
    }
}
