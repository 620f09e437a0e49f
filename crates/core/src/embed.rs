//! Cards below a message: made by bots, webhooks and link previews (originchats.md 4.7).

use crate::limits;
use serde::{Deserialize, Serialize};

/// A picture or video in an embed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Media {
    /// Absolute http(s) URL.
    pub url: String,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A line above or below a card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Its words.
    pub text: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Small picture before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
}

/// A name and a value in a card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Beside others of its kind.
    #[serde(default)]
    pub inline: bool,
}

/// What a card is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EmbedKind {
    /// Anything.
    #[default]
    Rich,
    /// A page.
    Link,
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A text to read.
    Article,
}

/// A card below a message. All URLs are absolute http(s).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Embed {
    /// What it is about.
    #[serde(default)]
    pub kind: EmbedKind,
    /// Its headline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text, Markdown by custom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where the headline leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Colour of its edge, 0xRRGGBB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<u32>,
    /// A moment, in words of whoever made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Who it is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Line>,
    /// Its last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub footer: Option<Line>,
    /// Large picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Media>,
    /// Small picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<Media>,
    /// Video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Media>,
    /// Names and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

impl Embed {
    /// Characters of all its texts.
    pub fn chars(&self) -> usize {
        let lines = self.author.iter().chain(&self.footer).map(|line| &line.text);
        let fields = self.fields.iter().flat_map(|field| [&field.name, &field.value]);
        self.title
            .iter()
            .chain(&self.description)
            .chain(lines)
            .chain(fields)
            .map(|text| text.chars().count())
            .sum()
    }

    /// True when every URL in it is absolute http(s) and bounded.
    pub fn urls_are_web(&self) -> bool {
        let lines = self.author.iter().chain(&self.footer).flat_map(|line| [&line.url, &line.icon_url]);
        let media = self.image.iter().chain(&self.thumbnail).chain(&self.video).map(|media| &media.url);
        self.url.iter().chain(lines.flatten()).chain(media).all(|url| is_web(url))
    }
}

/// True for an absolute http(s) URL of bounded length without white space.
pub fn is_web(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty())
        && url.len() <= limits::URL_BYTES
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}
