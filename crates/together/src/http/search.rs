//! Finding words (together.md 7.15).

use super::caller::{Caller, Ids, Query};
use super::{App, Outcome, Problem, find, messages, ok};
use crate::encode::{View, content, message, place};
use crate::limits;
use crate::quirks;
use crate::wire::entity::{Hit, SearchPage};
use crate::wire::request;
use axum::extract::State;
use commonroom_core::ids::{ChannelId, MessageId, SpaceId};
use commonroom_core::message::Message;
use commonroom_core::query::{self, Found};
use commonroom_core::{Refusal, Reply, policy};
use commonroom_hub::request::Request;
use commonroom_hub::session;
use uuid::Uuid;

/// GET /servers/:id/search
pub async fn search(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Query(wanted): Query<request::SearchQuery>,
) -> Outcome {
    let space = find::server(&app.state(), caller, id)?.id;
    let (fewest, most) = limits::SEARCH_CHARS;
    if !(fewest..=most).contains(&wanted.q.trim().chars().count()) || wanted.q.contains('\0') {
        return Err(Problem::bad("A search has 2 to 200 characters"));
    }
    let (usual, most) = limits::SEARCH_PAGE;
    let limit = match wanted.limit {
        None => usual,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or(Problem::bad("The limit of a search is a number from 1 to 100"))?,
    };
    let words = words(&wanted.q);
    let channels = places(&app.state(), caller, space, wanted.channel_id);
    let before = wanted.before.map(MessageId);
    // One more than asked for tells whether there are more.
    let query = query::Query::Find { channels, words: words.clone(), before, limit: limit + 1 };
    let Reply::Found(Found::Messages { mut messages, total, .. }) =
        app.gateway.request(Request::Query(query)).await?
    else {
        return Err(Refusal::Fault.into());
    };
    let has_more = messages.len() > limit;
    messages.truncate(limit);
    let next_cursor = messages.last().filter(|_| has_more).map(|last| last.id.0);
    let messages = messages::seen(&app, caller, messages);
    let state = app.state();
    let view = View::of(&state, caller.account);
    let results = messages.iter().map(|known| hit(view, known, &words)).collect();
    ok(&SearchPage { results, total, has_more, next_cursor })
}

/// The words looked for; marks alone are looked for as they stand.
fn words(query: &str) -> Vec<String> {
    let of = |split: fn(char) -> bool| -> Vec<String> {
        query.split(split).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let plain = of(|letter| !letter.is_alphanumeric());
    if plain.is_empty() { of(char::is_whitespace) } else { plain }
}

/// The channels and threads that are searched: what the caller sees of the server, or of one channel of it.
fn places(state: &session::State, caller: Caller, space: SpaceId, only: Option<Uuid>) -> Vec<ChannelId> {
    let directory = &state.directory;
    let channels = directory
        .channels_of(space)
        .filter(|channel| only.is_none_or(|only| channel.id.0 == only))
        .filter(|channel| quirks::channel_type(channel).is_some())
        .filter(|channel| policy::may_view(directory, channel, caller.account));
    channels
        .flat_map(|channel| {
            let threads = directory.threads_of(channel.id).map(|thread| thread.id);
            [channel.id].into_iter().chain(threads)
        })
        .collect()
}

fn hit<'a>(view: View<'a>, found: &'a Message, words: &[String]) -> Hit<'a> {
    let place = place::of(&view.state.directory, found.channel);
    let author = view.state.directory.account(found.author);
    let content = content::content(&view.state.directory, found);
    Hit {
        id: found.id.0,
        channel_id: place.channel,
        thread_id: place.thread,
        author_id: message::author(view, found.author),
        author_username: author.map_or(quirks::NOBODY, |author| quirks::username(author)),
        highlight: highlight(&content, words),
        content,
        created_at: found.created_at.rfc3339(),
        rank: 1.0,
    }
}

/// A text as HTML that holds nothing but itself and `<mark>` around words that begin with one looked for (13 #19).
fn highlight(text: &str, words: &[String]) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_word = first.is_alphanumeric();
        let end = rest.find(|letter: char| letter.is_alphanumeric() != in_word).unwrap_or(rest.len());
        let (part, later) = rest.split_at(end);
        let lower = part.to_lowercase();
        let marked =
            words.iter().any(|word| if in_word { lower.starts_with(word) } else { lower.contains(word) });
        if marked {
            html.push_str("<mark>");
        }
        escape(part, &mut html);
        if marked {
            html.push_str("</mark>");
        }
        rest = later;
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_is_markup() {
        for (text, query, html) in [
            ("a fox & Foxes", "fox", "a <mark>fox</mark> &amp; <mark>Foxes</mark>"),
            (
                "<mark>x</mark><img src=x onerror=alert(1)>",
                "img",
                "&lt;mark&gt;x&lt;/mark&gt;&lt;<mark>img</mark> src=x onerror=alert(1)&gt;",
            ),
            ("\"quotes\" it's", "it quotes", "&quot;<mark>quotes</mark>&quot; <mark>it</mark>&#39;s"),
            ("mark my words", "mark", "<mark>mark</mark> my words"),
            ("so <3 you", "<3", "so &lt;<mark>3</mark> you"),
            ("Größe", "GRÖ", "<mark>Größe</mark>"),
            ("&lt;", "lt", "&amp;<mark>lt</mark>;"),
            ("yes !! no", "!!", "yes<mark> !! </mark>no"),
        ] {
            assert_eq!(highlight(text, &words(query)), html);
        }
    }
}
