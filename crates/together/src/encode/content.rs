//! The text of a message: what was said, and in words what this protocol has no form for (crossing.md C3).

use commonroom_core::directory::Directory;
use commonroom_core::embed::Embed;
use commonroom_core::env::Timestamp;
use commonroom_core::fallback::{self, Speaker};
use commonroom_core::message::{Happening, Message, MessageKind};
use commonroom_core::poll::Poll;
use std::borrow::Cow;

/// The text of a message without a word, for example of a picture. A client that shares files alone writes the same
/// (together.md 9).
const NOTHING_SAID: &str = "\u{200b}";

/// The text of a message.
pub fn content<'a>(directory: &Directory, message: &'a Message) -> Cow<'a, str> {
    if message.deleted {
        return Cow::Borrowed("");
    }
    let mut content = said(message);
    for embed in &message.embeds {
        add_lines(&mut content, card(embed));
    }
    match fallback::speaker(directory, message) {
        Speaker::Named(name) => Cow::Owned(format!("**{}:** {content}", name.replace('*', ""))),
        Speaker::Account(_) | Speaker::Server if content.is_empty() => Cow::Borrowed(NOTHING_SAID),
        Speaker::Account(_) | Speaker::Server => content,
    }
}

/// What an author made of [`content`] when editing: the lines of its cards are not part of the text.
pub fn edited<'a>(message: &Message, content: &'a str) -> &'a str {
    let mut whole = said(message);
    let own = whole.len();
    for embed in &message.embeds {
        add_lines(&mut whole, card(embed));
    }
    let cards = &whole[own..];
    content.strip_suffix(cards).unwrap_or(content)
}

/// What was said. There is no third person: what somebody does, and what the server says about somebody, is in italics.
fn said(message: &Message) -> Cow<'_, str> {
    if !message.text.is_empty() {
        let plain = message.kind == MessageKind::Said || message.persona.is_some();
        return if plain { Cow::Borrowed(&message.text) } else { Cow::Owned(format!("_{}_", message.text)) };
    }
    match (&message.poll, &message.happening) {
        (Some(poll), _) => Cow::Owned(poll_line(poll)),
        (None, Some(happening)) => Cow::Owned(happening_line(happening)),
        (None, None) => Cow::Borrowed(""),
    }
}

fn poll_line(poll: &Poll) -> String {
    format!("\u{1f4ca} **Poll:** {}", poll.question)
}

/// What a message says about something that will happen (together.md 7.6).
pub fn happening_line(happening: &Happening) -> String {
    format!("\u{1f4c5} **Event:** {} \u{2014} {}", happening.name, moment(happening.starts_at))
}

/// A moment as people write it: `Mar 1, 2027 at 8:00 PM UTC`.
fn moment(at: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.rfc3339();
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<usize>().ok());
    let parts = (text.get(..4), number(5, 7), number(8, 10), number(11, 13), text.get(14..16));
    let (Some(year), Some(month), Some(day), Some(hour), Some(minute)) = parts else { return text };
    let month = MONTHS.get(month.wrapping_sub(1)).copied().unwrap_or_default();
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{month} {day}, {year} at {hour}:{minute} {half} UTC")
}

/// A card as lines of text.
fn card(embed: &Embed) -> Vec<String> {
    let author = embed.author.iter().map(|line| line.text.clone());
    let title = embed.title.iter().map(|title| format!("**{title}**"));
    let fields = embed.fields.iter().map(|field| format!("**{}:** {}", field.name, field.value));
    let media = embed.image.iter().chain(&embed.video).map(|media| media.url.clone());
    let footer = embed.footer.iter().map(|line| line.text.clone());
    author
        .chain(title)
        .chain(embed.url.clone())
        .chain(embed.description.clone())
        .chain(fields)
        .chain(media)
        .chain(footer)
        .collect()
}

fn add_lines(content: &mut Cow<'_, str>, lines: Vec<String>) {
    for line in lines.into_iter().filter(|line| !line.trim().is_empty()) {
        let content = content.to_mut();
        // A link that a card is about stands in the text already.
        if content.lines().any(|known| known == line) {
            continue;
        }
        if !content.is_empty() {
            content.push('\n');
        }
        content.push_str(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_for_people() {
        for (at, text) in [
            ("2027-03-01T20:00:00Z", "Mar 1, 2027 at 8:00 PM UTC"),
            ("2027-12-31T00:05:09.5Z", "Dec 31, 2027 at 12:05 AM UTC"),
            ("2027-06-10T12:30:00+02:00", "Jun 10, 2027 at 10:30 AM UTC"),
            ("2027-06-10T12:00:00Z", "Jun 10, 2027 at 12:00 PM UTC"),
        ] {
            assert_eq!(moment(Timestamp::parse(at).expect("a moment")), text);
        }
    }
}
