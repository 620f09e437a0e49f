//! Threads, polls, pins, answers and searches (originchats.md 5.4 to 5.6).

use super::OriginSession;
use super::me::Me;
use super::requests::Asked;
use crate::decode::talk::Ask;
use commonroom_hub::bucket::Bucket;
use commonroom_hub::session::Context;

mod lookups;
mod polls;
mod threads;

/// The steady rate that a request counts against, if there is one (originchats.md 9).
pub(super) fn pace<'a>(me: &'a mut Me, ask: &Ask) -> Option<&'a mut Bucket> {
    match ask {
        Ask::Search(..) => Some(&mut me.searches),
        Ask::Vote(..) | Ask::Follow(..) => Some(&mut me.reactions),
        Ask::Pins(_)
        | Ask::Replies(..)
        | Ask::Pings(..)
        | Ask::Embeds(..)
        | Ask::Thread(_)
        | Ask::ThreadHistory(..)
        | Ask::PollResults(_)
        | Ask::Poll(_) => Some(&mut me.reads),
        // What is written counts against the messages' own windows, or is a moderator's.
        Ask::Pin(..)
        | Ask::OpenThread(..)
        | Ask::ChangeThread(..)
        | Ask::DeleteThread(_)
        | Ask::CreatePoll(..)
        | Ask::EndPoll(_) => None,
    }
}

impl OriginSession {
    /// Carries out a request of `decode::talk`.
    pub(super) fn discuss(&mut self, ask: Ask, asked: Asked, cx: &mut Context<'_>) {
        match ask {
            Ask::Pin(place, id, on) => self.pin(&place, &id, on, asked, cx),
            Ask::Pins(place) => self.pins(&place, asked, cx),
            Ask::Replies(place, id, limit) => self.replies(&place, &id, limit, asked, cx),
            Ask::Search(place, query) => self.search(&place, query, asked, cx),
            Ask::Pings(limit, skip) => self.pings(limit, skip, asked, cx),
            Ask::Embeds(place, id) => self.embeds(&place, &id, asked, cx),
            Ask::OpenThread(channel, name) => self.open_thread(channel, name, asked, cx),
            Ask::Thread(id) => self.thread(id, &asked, cx),
            Ask::ThreadHistory(place, start, limit) => self.history(&place, &start, limit, asked, cx),
            Ask::ChangeThread(id, change) => self.change_thread(id, change, asked, cx),
            Ask::DeleteThread(id) => self.delete_thread(id, asked, cx),
            Ask::Follow(id, on) => self.follow_thread(id, on, asked, cx),
            Ask::CreatePoll(place, poll) => self.create_poll(&place, *poll, asked, cx),
            Ask::Vote(id, choice) => self.vote(&id, choice, asked, cx),
            Ask::EndPoll(id) => self.end_poll(&id, asked, cx),
            Ask::PollResults(id) => self.poll_results(&id, asked, cx),
            Ask::Poll(id) => self.poll(&id, asked, cx),
        }
    }
}
