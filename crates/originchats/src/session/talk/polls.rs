//! Questions to vote on (originchats.md 5.6). The id of a poll is that of its message.

use crate::decode::Place;
use crate::decode::talk::{Choice, End, NewPoll};
use crate::encode::poll;
use crate::encode::spot::Spot;
use crate::session::requests::{Asked, Echo, Waiting};
use crate::session::{OriginSession, plain, view};
use crate::wording::{Deed, Wrong, text};
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Command, NewMessage};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, MessageId};
use commonroom_core::message::Message;
use commonroom_core::poll::Poll;
use commonroom_core::query::{Found, Query};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::live;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use serde_json::json;
use std::sync::Arc;

/// Why a poll cannot be voted in or ended.
fn check_open(poll: &Poll, now: Timestamp) -> Result<(), Wrong> {
    match (poll.ended_at, poll.expires_at) {
        (Some(_), _) => Err(plain("Poll has ended")),
        (None, Some(end)) if end <= now => Err(plain("Poll has expired")),
        (None, _) => Ok(()),
    }
}

/// The whole choice that a vote leads to: all of it, or nothing of it.
fn chosen(poll: &Poll, voter: AccountId, choice: Choice) -> Result<Vec<String>, Wrong> {
    let check = |id: &String| {
        let known = poll.options.iter().any(|option| option.id == *id);
        if known { Ok(()) } else { Err(Wrong::NoOption(id.clone())) }
    };
    match choice {
        Choice::Whole(wanted) => {
            wanted.iter().try_for_each(check)?;
            if !poll.multiple && wanted.len() != 1 { Err(plain(text::ONE_OPTION)) } else { Ok(wanted) }
        }
        Choice::One(id) => {
            check(&id)?;
            if !poll.multiple {
                return Ok(vec![id]);
            }
            let mut wanted: Vec<String> = poll.choice(voter).into_iter().map(str::to_owned).collect();
            let had = wanted.len();
            wanted.retain(|other| *other != id);
            if wanted.len() == had {
                wanted.push(id);
            }
            Ok(wanted)
        }
    }
}

impl OriginSession {
    /// `poll_create`: everybody gets a message as any other, its author then an answer.
    pub(super) fn create_poll(&mut self, place: &Place, new: NewPoll, asked: Asked, cx: &mut Context<'_>) {
        if let Err(slow) = self.check_rate(cx) {
            return self.slow(&asked, slow, cx);
        }
        let Some(me) = &self.me else { return };
        let (account, space) = (me.account, me.space);
        let channel = match self.writable(place, cx) {
            Ok(channel) => channel,
            Err(wrong) => return self.refuse(&asked, &wrong, cx),
        };
        let thread = channel.parent().is_some();
        if channel.kind != ChannelKind::Text {
            return self.refuse(&asked, &plain("Cannot send messages in this channel type"), cx);
        }
        let held = policy::permissions_in_space(&cx.state.directory, space, account);
        if !held.has(Permissions::SEND) {
            return self.refused_at(&asked, Refusal::MayNotSend, (Deed::CreatePoll, thread), cx);
        }
        let expires_at = new.end.map(|end| match end {
            End::At(moment) => moment,
            End::After(micros) => Timestamp(cx.now.0.saturating_add(micros)),
        });
        let poll = Poll {
            question: new.question,
            options: new.options,
            multiple: new.multiple,
            expires_at,
            ended_at: None,
        };
        let post = NewMessage { poll: Some(Box::new(poll)), ..NewMessage::said(channel.id, "") };
        let then = move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match answer
        {
            Ok(Reply::Message { message, .. }) => session.poll_created(&asked, &message, cx),
            Ok(_) => {}
            Err(why) => session.refused_at(&asked, why, (Deed::CreatePoll, thread), cx),
        };
        self.command(asked, Command::PostMessage(post), then, cx);
    }

    fn poll_created(&mut self, asked: &Asked, message: &Message, cx: &mut Context<'_>) {
        let Some(view) = view(&self.shared, cx) else { return };
        let Some((poll, spot)) = message.poll.as_deref().zip(Spot::of(view.directory, message.channel))
        else {
            return;
        };
        let id = message.id.to_string();
        let body = spot.on_both(json!({
            "poll_id": id,
            "message_id": id,
            "question": poll.question,
            "options": poll::options(poll),
            "allow_multiselect": poll.multiple,
            "expires_at": poll.expires_at.map(crate::encode::seconds),
        }));
        self.reply(asked, body, cx);
    }

    /// Looks a poll up and goes on with it, if the asker may see it.
    fn with_poll(
        &mut self,
        id: &str,
        asked: Asked,
        then: impl FnOnce(&mut Self, Asked, (&Arc<Message>, &Poll), &mut Context<'_>) + Send + 'static,
        cx: &mut Context<'_>,
    ) {
        let Ok(message) = id.parse::<MessageId>() else {
            return self.refuse(&asked, &plain(text::NO_POLL), cx);
        };
        let found =
            move |session: &mut Self, asked: Asked, answer: Answer, cx: &mut Context<'_>| match session
                .visible_poll(answer, cx)
            {
                Ok(message) => {
                    if let Some(poll) = message.poll.as_deref() {
                        then(session, asked, (&message, poll), cx);
                    }
                }
                Err(wrong) => session.refuse(&asked, &wrong, cx),
            };
        self.request(asked, Request::Query(Query::Message { message }), found, cx);
    }

    fn visible_poll(&self, answer: Answer, cx: &Context<'_>) -> Result<Arc<Message>, Wrong> {
        let missing = || plain(text::NO_POLL);
        let message = match answer {
            Ok(Reply::Found(Found::Message(message))) => message,
            Ok(_) | Err(_) => return Err(plain(text::FAULT)),
        };
        let me = self.me.as_ref().ok_or_else(missing)?;
        let (directory, live) = (&cx.state.directory, &cx.state.live);
        let message = message
            .filter(|message| !message.deleted && message.poll.is_some())
            .filter(|message| !live::hidden_from(directory, live, me.account, message.author))
            .ok_or_else(missing)?;
        let channel = directory.channel(message.channel).filter(|channel| channel.space() == Some(me.space));
        let channel = channel.ok_or_else(missing)?;
        if policy::may_view(directory, channel, me.account) {
            Ok(message)
        } else {
            Err(plain(text::HIDDEN_POLL))
        }
    }

    /// `poll_vote`
    pub(super) fn vote(&mut self, id: &str, choice: Choice, asked: Asked, cx: &mut Context<'_>) {
        if let Err(slow) = self.check_timeout(cx) {
            return self.slow(&asked, slow, cx);
        }
        let then = move |session: &mut Self,
                         asked: Asked,
                         (message, poll): (&Arc<Message>, &Poll),
                         cx: &mut Context<'_>| {
            let Some(account) = session.account() else { return };
            let checked = check_open(poll, cx.now).and_then(|()| chosen(poll, account, choice));
            match checked {
                Ok(options) => {
                    let command = Command::Vote { message: message.id, options };
                    session.command(asked, command, Self::has_voted, cx);
                }
                Err(wrong) => session.refuse(&asked, &wrong, cx),
            }
        };
        self.with_poll(id, asked, then, cx);
    }

    fn has_voted(&mut self, asked: Asked, answer: Answer, cx: &mut Context<'_>) {
        let message = match answer {
            Ok(Reply::Message { message, .. }) => message,
            Ok(_) => return,
            Err(why) => return self.refused(&asked, why, Deed::Vote, cx),
        };
        let Some((view, account)) = view(&self.shared, cx).zip(self.account()) else { return };
        let Some(poll) = message.poll.as_deref() else { return };
        let body = json!({
            "poll_id": message.id.to_string(),
            "option_ids": poll.choice(account),
            "results": poll::results(&view, &message, poll, None),
        });
        self.reply(&asked, body, cx);
    }

    /// `poll_end`: told to everybody by its event, to the asker too.
    pub(super) fn end_poll(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let then =
            |session: &mut Self, asked: Asked, (message, _): (&Arc<Message>, &Poll), cx: &mut Context<'_>| {
                let Some(account) = session.account() else { return };
                let echo = Echo { deed: Deed::EndPoll, thread: false, message: None, files: Vec::new() };
                let tag = session.requests.begin(asked, Waiting::Echo(Box::new(echo)));
                cx.command(tag, account, Command::EndPoll { message: message.id });
            };
        self.with_poll(id, asked, then, cx);
    }

    /// `poll_results`
    pub(super) fn poll_results(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let then = |session: &mut Self,
                    asked: Asked,
                    (message, poll): (&Arc<Message>, &Poll),
                    cx: &mut Context<'_>| {
            let viewer = session.account();
            let Some(view) = view(&session.shared, cx) else { return };
            let id = message.id.to_string();
            let results = poll::results(&view, message, poll, viewer);
            session.reply(&asked, json!({"poll_id": id, "message_id": id, "results": results}), cx);
        };
        self.with_poll(id, asked, then, cx);
    }

    /// `poll_get`
    pub(super) fn poll(&mut self, id: &str, asked: Asked, cx: &mut Context<'_>) {
        let then = |session: &mut Self,
                    asked: Asked,
                    (message, poll): (&Arc<Message>, &Poll),
                    cx: &mut Context<'_>| {
            let Some((view, viewer)) = view(&session.shared, cx).zip(session.account()) else { return };
            let shape = poll::stored(&view, message, poll, viewer);
            session.reply(&asked, json!({"poll": shape}), cx);
        };
        self.with_poll(id, asked, then, cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::poll::PollOption;

    const ANN: AccountId = AccountId::MIN;

    fn poll(multiple: bool, votes: &[&str]) -> Poll {
        let option = |id: &str| PollOption {
            id: id.to_owned(),
            text: id.to_owned(),
            emoji: None,
            by: if votes.contains(&id) { vec![ANN] } else { Vec::new() },
        };
        let options = ["a", "b", "c"].map(option).to_vec();
        Poll { question: "q".to_owned(), options, multiple, expires_at: None, ended_at: None }
    }

    fn vote(poll: &Poll, choice: Choice) -> Result<Vec<String>, String> {
        chosen(poll, ANN, choice).map_err(|wrong| wrong.to_string())
    }

    fn whole(ids: &[&str]) -> Choice {
        Choice::Whole(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn one_choice_is_replaced_and_several_are_toggled() {
        let one = |id: &str| Choice::One(id.to_owned());
        assert_eq!(vote(&poll(false, &["a"]), one("b")), Ok(vec!["b".to_owned()]));
        assert_eq!(vote(&poll(true, &["a"]), one("b")), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(vote(&poll(true, &["a"]), one("a")), Ok(Vec::new()));
    }

    #[test]
    fn a_vote_counts_as_a_whole_or_not_at_all() {
        assert_eq!(vote(&poll(true, &[]), whole(&["a", "x"])), Err("Invalid option: x".to_owned()));
        assert_eq!(vote(&poll(false, &[]), whole(&["a", "b"])), Err(text::ONE_OPTION.to_owned()));
        assert_eq!(vote(&poll(false, &["a"]), whole(&[])), Err(text::ONE_OPTION.to_owned()));
        assert_eq!(vote(&poll(true, &["a"]), whole(&[])), Ok(Vec::new()));
    }

    #[test]
    fn a_poll_is_open_until_it_ends_or_its_time_is_over() {
        let said = |poll: &Poll| check_open(poll, Timestamp(5)).map_err(|wrong| wrong.to_string());
        let open = poll(false, &[]);
        assert_eq!(said(&Poll { expires_at: Some(Timestamp(6)), ..open.clone() }), Ok(()));
        let over = Poll { expires_at: Some(Timestamp(5)), ..open };
        assert_eq!(said(&over), Err("Poll has expired".to_owned()));
        assert_eq!(said(&Poll { ended_at: Some(Timestamp(4)), ..over }), Err("Poll has ended".to_owned()));
    }
}
