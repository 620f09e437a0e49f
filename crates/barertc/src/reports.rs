//! Reports (barertc.md 5.15, 7.13): to the website, and to the operators who are here.

use crate::Shared;
use crate::encode;
use crate::here::Here;
use crate::limits;
use crate::markup::escape;
use crate::quirks::words;
use crate::session::tags;
use crate::stances::poke;
use crate::talk::Place;
use crate::webhook;
use crate::wire::Report;
use crate::world;
use commonroom_core::Reply;
use commonroom_core::account::Protocol;
use commonroom_core::command::{Actor, Command, HouseCommand};
use commonroom_core::env::Timestamp;
use commonroom_core::ids::ChannelId;
use commonroom_core::message::excerpt;
use commonroom_core::query::{Found, Page, Query};
use commonroom_hub::live::LiveCommand;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, State};
use serde_json::{Value, json};

const DISABLED: &str =
    "Unfortunately, the report webhook is not enabled so your report could not be received!";
const DELIVERED: &str = "Your report has been delivered successfully.";
const TOO_FAST: &str = "You are sending too many reports. Please wait a moment.";
/// How often a report that came by itself is tried.
const TRIES: u32 = 3;
/// Characters of a field that operators are shown.
const SHOWN_CHARS: usize = 500;

/// What is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matter {
    /// Who reports.
    from: String,
    /// About whom.
    about: String,
    /// Where: a channel's id of the wire.
    channel: String,
    /// When, in words.
    timestamp: String,
    /// Why.
    reason: String,
    /// What was said.
    message: String,
    /// What the reporter adds.
    comment: String,
    /// Nobody waits for the answer.
    automatic: bool,
}

impl Matter {
    /// Something that the server itself noticed about somebody.
    pub fn automatic(about: String, channel: String, reason: &str, message: &str, now: Timestamp) -> Self {
        Self {
            from: encode::SERVER.to_owned(),
            about,
            channel,
            timestamp: rfc1123(now),
            reason: reason.to_owned(),
            message: message.to_owned(),
            comment: String::new(),
            automatic: true,
        }
    }

    /// The same in somebody's name.
    pub fn in_the_name_of(self, from: &str) -> Self {
        Self { from: from.to_owned(), ..self }
    }

    fn by(from: String, report: &Report) -> Self {
        let bounded = |text: &str| text[..text.floor_char_boundary(limits::REPORT_BYTES)].to_owned();
        Self {
            from,
            about: bounded(&report.username),
            channel: bounded(&report.channel),
            timestamp: bounded(&report.timestamp),
            reason: bounded(&report.reason),
            message: bounded(&report.message),
            comment: bounded(&report.comment),
            automatic: false,
        }
    }

    fn json(&self) -> Value {
        json!({
            "FromUsername": self.from,
            "AboutUsername": self.about,
            "Channel": self.channel,
            "Timestamp": self.timestamp,
            "Reason": self.reason,
            "Message": self.message,
            "Comment": self.comment,
        })
    }

    fn html(&self) -> String {
        let shown = |text: &str| escape(&excerpt(text, SHOWN_CHARS));
        format!(
            "<strong>Report</strong> by {} about {} in {}: {}<br>{}<br>{}",
            shown(&self.from),
            shown(&self.about),
            shown(&self.channel),
            shown(&self.reason),
            shown(&self.message),
            shown(&self.comment)
        )
    }
}

/// A moment as `Sat, 21 Nov 2026 12:00:00 UTC`.
fn rfc1123(moment: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = usize::try_from(moment.seconds().div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    let text = moment.rfc3339();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or("");
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let month = month.copied().unwrap_or("");
    format!("{}, {} {month} {} {} UTC", DAYS[day], part(8, 10), part(0, 4), part(11, 19))
}

impl Here {
    pub(crate) fn report(&mut self, report: Report, shared: &Shared, cx: &mut Context<'_>) {
        if shared.config.rate_limits && !self.rates.reports.take(cx.now) {
            return cx.send(&encode::error(TOO_FAST));
        }
        let matter = Matter::by(self.username.clone(), &report);
        match report.channel.strip_prefix('@') {
            Some(name) => self.report_with_context(matter, &Place::Direct(name.to_owned()), cx),
            None => self.deliver(matter, shared, cx),
        }
    }

    /// Reads what was said last before the report goes out.
    pub(crate) fn report_with_context(&mut self, matter: Matter, place: &Place, cx: &mut Context<'_>) {
        let state = cx.state;
        let channel: Option<ChannelId> = match place {
            Place::Channel(channel) => Some(*channel),
            Place::Direct(name) => state
                .directory
                .account_named(name)
                .and_then(|other| state.directory.conversation(self.account(), other.id))
                .map(|channel| channel.id),
        };
        self.matters.push_back(matter);
        // Without a conversation there is nothing to read; the answer is the same.
        let channel = channel.unwrap_or(ChannelId::MIN);
        let query = Query::History { channel, page: Page::Newest { skip: 0 }, limit: limits::REPORT_LINES };
        cx.run(tags::CONTEXT, Request::Query(query));
    }

    pub(crate) fn context_read(&mut self, answer: Answer, shared: &Shared, cx: &mut Context<'_>) {
        let Some(mut matter) = self.matters.pop_front() else { return };
        if let Ok(Reply::Found(Found::Messages { messages, .. })) = answer
            && !messages.is_empty()
        {
            matter.message.push_str("\n\nRecent message context:\n\n");
            for message in messages {
                let author = world::name(cx.state, message.author);
                matter.message.push_str(&format!(
                    "{} [{author}] {}\n",
                    message.created_at.rfc3339(),
                    message.text
                ));
            }
        }
        self.deliver(matter, shared, cx);
    }

    /// Tells the website, if it wants reports, and the operators who are here.
    pub(crate) fn deliver(&mut self, matter: Matter, shared: &Shared, cx: &mut Context<'_>) {
        let told = self.tell_operators(&matter.html(), cx);
        self.keep_report(&matter, cx);
        let config = &shared.config;
        let (tag, tries) = if matter.automatic { (0, TRIES) } else { (tags::REPORT, 1) };
        let Some(request) = webhook::report(config, &matter.json(), tries) else {
            if !matter.automatic {
                cx.send(&encode::error(if told { DELIVERED } else { DISABLED }));
            }
            return;
        };
        cx.run(tag, request);
    }

    /// Keeps it for those who look after the community, by whatever protocol they read (crossing.md C3).
    fn keep_report(&self, matter: &Matter, cx: &mut Context<'_>) {
        let Some(about) = cx.state.directory.account_named(&matter.about).map(|about| about.id) else {
            return;
        };
        let details = [
            ("channel", &matter.channel),
            ("reason", &matter.reason),
            ("message", &matter.message),
            ("comment", &matter.comment),
        ];
        let details = details.into_iter().filter(|(_, text)| !text.is_empty());
        let report = HouseCommand::Report {
            space: self.space,
            by: (matter.from == self.username).then(|| self.account()),
            about,
            details: details.map(|(name, text)| (name, text.clone())).collect(),
        };
        cx.run(0, Request::Command(Actor::System, Command::House(report)));
    }

    pub(crate) fn reported(&mut self, answer: Answer, cx: &mut Context<'_>) {
        cx.send(&encode::error(&match answer {
            Ok(_) => DELIVERED.to_owned(),
            Err(_) => "Error sending the report to the website: it does not answer.".to_owned(),
        }));
    }

    /// Shows a notice to every operator who is here by this protocol; true when there is another one.
    pub(crate) fn tell_operators(&self, html: &str, cx: &mut Context<'_>) -> bool {
        let state = cx.state;
        let notices: Vec<LiveCommand> = state
            .live
            .sessions()
            .filter(|other| other.protocol == Protocol::BareRtc && other.account != self.account())
            .filter(|other| world::is_operator(state, self.space, other.account))
            .map(|other| poke(other, words::NOTICE, html.to_owned()))
            .collect();
        let told = !notices.is_empty();
        for notice in notices {
            cx.live(notice);
        }
        told
    }

    /// What the wire calls a place.
    pub(crate) fn channel_word(&self, place: &Place, shared: &Shared, state: &State) -> String {
        match place {
            Place::Channel(channel) => {
                self.channel_id(*channel, shared, state).unwrap_or_default().to_owned()
            }
            Place::Direct(name) => {
                let known = state.directory.account_named(name).map(|account| account.username.as_str());
                format!("@{}", known.unwrap_or(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_in_mail() {
        assert_eq!(rfc1123(Timestamp(1_795_262_400_000_000)), "Sat, 21 Nov 2026 12:00:00 UTC");
        assert_eq!(rfc1123(Timestamp(0)), "Thu, 01 Jan 1970 00:00:00 UTC");
    }
}
