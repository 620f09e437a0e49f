//! What a message carries besides its text, and who speaks in it, for protocols that cannot show it as what it is
//! (crossing.md C2, C3): short plain lines, made while a session is shown the message, never stored.

use crate::account::AccountKind;
use crate::directory::Directory;
use crate::embed::Embed;
use crate::file::File;
use crate::ids::AccountId;
use crate::message::{Message, excerpt};
use crate::poll::Poll;
use std::borrow::Cow;

/// Characters of a headline or file name.
const HEAD_CHARS: usize = 200;
/// Characters of one further line.
const LINE_CHARS: usize = 300;
/// Fields of an embed that have a line.
const FIELDS: usize = 5;

/// Who speaks in a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Speaker<'a> {
    /// An account.
    Account(AccountId),
    /// The server itself, in whatever voice the protocol has for it.
    Server,
    /// A webhook or service, by its name: never the name of somebody who has an account.
    Named(Cow<'a, str>),
}

/// Who speaks in a message.
pub fn speaker<'a>(directory: &Directory, message: &'a Message) -> Speaker<'a> {
    if let Some(persona) = &message.persona {
        let name = persona.name.trim();
        let name = if name.is_empty() { "webhook" } else { name };
        let anothers =
            directory.account_named(name).is_some() || directory.account_with_handle(name).is_some();
        return Speaker::Named(if anothers {
            Cow::Owned(format!("{name} (webhook)"))
        } else {
            Cow::Borrowed(name)
        });
    }
    let author = directory.account(message.author);
    match author.map(|author| author.kind) {
        Some(AccountKind::Server) => Speaker::Server,
        Some(AccountKind::Person | AccountKind::Guest | AccountKind::Bot) | None => {
            Speaker::Account(message.author)
        }
    }
}

/// One thing that a message carries besides its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extra<'a> {
    /// What goes on a sentence that begins with the speaker's name (`shared cat.png, image/png, 12 KB`), or stands for
    /// itself. Of people's own making: plain words, to be escaped like any others.
    pub head: String,
    /// The head goes on a sentence.
    pub sentence: bool,
    /// Further lines.
    pub lines: Vec<String>,
    /// Where it is found.
    pub link: Option<Link<'a>>,
}

/// Where something is found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link<'a> {
    /// A file kept here.
    File(&'a File),
    /// An absolute http(s) address.
    Web(&'a str),
}

impl Link<'_> {
    /// The address; of a file with the public base URL before it, without a trailing slash.
    pub fn address(&self, base: &str) -> String {
        match self {
            Self::File(file) => format!("{base}/attachments/{}", file.id),
            Self::Web(address) => (*address).to_owned(),
        }
    }

    /// The file, if it is a picture that browsers show.
    pub fn picture(&self) -> Option<&File> {
        match self {
            Self::File(file) => {
                matches!(file.mime.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp")
                    .then_some(*file)
            }
            Self::Web(_) => None,
        }
    }
}

/// Everything that a message carries besides its text: files, then embeds, then its question.
pub fn extras(message: &Message) -> Vec<Extra<'_>> {
    let files = message.files.iter().map(|file| shared(file));
    let embeds = message.embeds.iter().filter_map(card);
    files.chain(embeds).chain(message.poll.as_deref().map(question)).collect()
}

fn shared(file: &File) -> Extra<'_> {
    let name = excerpt(&file.name, HEAD_CHARS);
    let head = format!("shared {name}, {}, {}", file.mime, size(file.size));
    Extra { head, sentence: true, lines: Vec::new(), link: Some(Link::File(file)) }
}

fn card(embed: &Embed) -> Option<Extra<'_>> {
    let author = embed.author.as_ref().map(|line| line.text.as_str());
    let texts = [author, embed.title.as_deref(), embed.description.as_deref()];
    let mut texts = texts.into_iter().flatten().filter(|text| !text.trim().is_empty());
    let picture = || embed.image.as_ref().or(embed.video.as_ref()).or(embed.thumbnail.as_ref());
    let link = embed.url.as_deref().or_else(|| picture().map(|media| media.url.as_str()));
    let head = texts.next().map(|text| excerpt(text, HEAD_CHARS));
    let mut lines: Vec<String> = texts.map(|text| excerpt(text, LINE_CHARS)).collect();
    let field =
        |field: &crate::embed::Field| excerpt(&format!("{}: {}", field.name, field.value), LINE_CHARS);
    lines.extend(embed.fields.iter().take(FIELDS).map(field));
    if embed.fields.len() > FIELDS {
        lines.push(format!("and {} more", embed.fields.len() - FIELDS));
    }
    lines.extend(embed.footer.iter().map(|footer| excerpt(&footer.text, LINE_CHARS)));
    let head = match head {
        Some(head) => head,
        None if !lines.is_empty() => lines.remove(0),
        None if link.is_some() => "link".to_owned(),
        None => return None,
    };
    Some(Extra { head, sentence: false, lines, link: link.map(Link::Web) })
}

fn question(poll: &Poll) -> Extra<'_> {
    let over = poll.ended_at.is_some();
    let verb = if over { "asked" } else { "asks" };
    let head = format!("{verb}: {}", excerpt(&poll.question, LINE_CHARS));
    let option = |(at, option): (usize, &crate::poll::PollOption)| {
        let emoji = option.emoji.as_deref().map_or_else(String::new, |emoji| format!("{emoji} "));
        let words = format!("{}. {emoji}{}", at + 1, excerpt(&option.text, HEAD_CHARS));
        if over { format!("{words} ({})", votes(option.by.len())) } else { words }
    };
    let lines = poll.options.iter().enumerate().map(option).collect();
    Extra { head, sentence: true, lines, link: None }
}

/// How a question was answered, in one line: `Lunch? Pizza 2, pasta 1`.
pub fn outcome(poll: &Poll) -> String {
    let option = |option: &crate::poll::PollOption| {
        format!("{} {}", excerpt(&option.text, HEAD_CHARS), option.by.len())
    };
    let options: Vec<String> = poll.options.iter().map(option).collect();
    format!("{} {}", excerpt(&poll.question, HEAD_CHARS), options.join(", "))
}

fn votes(count: usize) -> String {
    if count == 1 { "1 vote".to_owned() } else { format!("{count} votes") }
}

/// A number of bytes as people say it.
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    match UNITS.into_iter().find(|(_, unit)| bytes >= *unit) {
        Some((name, unit)) => {
            let tenths = (u128::from(bytes) * 10 / u128::from(unit)) as u64;
            if tenths >= 100 || tenths.is_multiple_of(10) {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            }
        }
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::{Field, Line, Media};
    use crate::env::Timestamp;
    use crate::ids::{ChannelId, FileId, MessageId};
    use crate::message::{Persona, PersonaSource};
    use crate::poll::PollOption;
    use std::sync::Arc;

    fn message() -> Message {
        Message::said((MessageId::MIN, 1, 1), ChannelId::MIN, AccountId::MIN, "", Timestamp(0))
    }

    fn file(name: &str, mime: &str, size: u64) -> Arc<File> {
        Arc::new(File {
            id: FileId(uuid::Uuid::from_u128(7)),
            name: name.to_owned(),
            mime: mime.to_owned(),
            size,
            hash: String::new(),
            dimensions: None,
            by: AccountId::MIN,
            channel: ChannelId::MIN,
            created_at: Timestamp(0),
            expires_at: None,
            permanent: false,
        })
    }

    fn option(id: &str, text: &str, votes: u128) -> PollOption {
        let by = (0..votes).map(|number| AccountId(uuid::Uuid::from_u128(number))).collect();
        PollOption { id: id.to_owned(), text: text.to_owned(), emoji: None, by }
    }

    #[test]
    fn a_message_that_is_only_text_carries_nothing() {
        assert_eq!(extras(&message()), []);
    }

    #[test]
    fn a_file_is_named_with_type_size_and_place() {
        let message = Message { files: vec![file("cat.png", "image/png", 12_288)], ..message() };
        let extras = extras(&message);
        assert_eq!((extras[0].head.as_str(), extras[0].sentence), ("shared cat.png, image/png, 12 KB", true));
        let link = extras[0].link.expect("a place");
        assert_eq!(link.address("https://x"), "https://x/attachments/00000000-0000-0000-0000-000000000007");
        assert!(link.picture().is_some());
        let drawing = file("a.svg", "image/svg+xml", 1);
        assert!(Link::File(&drawing).picture().is_none(), "a drawing may hold scripts");
    }

    #[test]
    fn an_embed_is_a_few_lines_of_bounded_length() {
        let fields =
            (0..7).map(|number| Field { name: format!("f{number}"), value: "v".to_owned(), inline: false });
        let embed = Embed {
            title: Some("A\ntitle".to_owned()),
            description: Some("x".repeat(5_000)),
            url: Some("https://x/".to_owned()),
            footer: Some(Line { text: "the end".to_owned(), url: None, icon_url: None }),
            fields: fields.collect(),
            ..Embed::default()
        };
        let message = Message { embeds: vec![embed], ..message() };
        let extra = extras(&message).remove(0);
        assert_eq!((extra.head.as_str(), extra.sentence), ("A title", false));
        assert_eq!(extra.lines[0].chars().count(), LINE_CHARS);
        assert_eq!(extra.lines[1..], ["f0: v", "f1: v", "f2: v", "f3: v", "f4: v", "and 2 more", "the end"]);
        assert_eq!(extra.link, Some(Link::Web("https://x/")));
    }

    #[test]
    fn an_embed_of_a_picture_is_its_place_and_an_empty_one_is_nothing() {
        let media = Media { url: "https://x/a.png".to_owned(), width: None, height: None };
        let picture = Embed { image: Some(media), ..Embed::default() };
        let message = Message { embeds: vec![picture, Embed::default()], ..message() };
        let extras = extras(&message);
        assert_eq!(extras.len(), 1);
        assert_eq!((extras[0].head.as_str(), extras[0].link), ("link", Some(Link::Web("https://x/a.png"))));
    }

    #[test]
    fn a_question_has_numbered_answers_and_counts_when_it_is_over() {
        let mut poll = Poll {
            question: "Lunch?".to_owned(),
            options: vec![option("0", "Pizza", 2), option("1", "Pasta", 1)],
            multiple: false,
            expires_at: None,
            ended_at: None,
        };
        let carried = |poll: &Poll| {
            let message = Message { poll: Some(Box::new(poll.clone())), ..message() };
            let extra = extras(&message).remove(0);
            (extra.head, extra.lines)
        };
        assert_eq!(
            carried(&poll),
            ("asks: Lunch?".to_owned(), vec!["1. Pizza".to_owned(), "2. Pasta".to_owned()])
        );
        poll.ended_at = Some(Timestamp(1));
        assert_eq!(carried(&poll).1, ["1. Pizza (2 votes)", "2. Pasta (1 vote)"]);
        assert_eq!(outcome(&poll), "Lunch? Pizza 2, Pasta 1");
    }

    #[test]
    fn a_webhook_speaks_under_its_own_name() {
        let source = PersonaSource::Service("github".to_owned());
        let persona = |name: &str| {
            Some(Box::new(Persona { name: name.to_owned(), avatar: None, source: source.clone() }))
        };
        let directory = Directory::default();
        let named = Message { persona: persona("GitHub"), ..message() };
        assert_eq!(speaker(&directory, &named), Speaker::Named(Cow::Borrowed("GitHub")));
        let blank = Message { persona: persona(" "), ..message() };
        assert_eq!(speaker(&directory, &blank), Speaker::Named(Cow::Borrowed("webhook")));
        assert_eq!(speaker(&directory, &message()), Speaker::Account(AccountId::MIN));
    }

    #[test]
    fn sizes_are_said_in_the_largest_unit_that_fits() {
        let said: Vec<String> =
            [0, 1_023, 1_024, 1_536, 15_872, 5 << 20, 3 << 30, u64::MAX].map(size).to_vec();
        assert_eq!(
            said,
            ["0 bytes", "1023 bytes", "1 KB", "1.5 KB", "15 KB", "5 MB", "3 GB", "17179869183 GB"]
        );
    }
}
