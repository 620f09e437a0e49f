//! Markdown to words that are good to hear: marks are gone, a link is its text and its address.

use crate::limits;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::borrow::Cow;

/// A text without Markdown. Custom emoji stay `:name:`.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !may_be_marked(text) {
        return Cow::Borrowed(text);
    }
    let mut writer = Writer::default();
    for event in Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH) {
        writer.event(event);
    }
    let words = writer.out.trim();
    // A text that is nothing but marks (a reference, a comment) is better said than dropped.
    if words.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(words.to_owned()) }
}

fn may_be_marked(text: &str) -> bool {
    text.contains(['*', '_', '~', '`', '[', '<', '\\', '&', '#', '>'])
        || text.lines().any(|line| line.starts_with([' ', '\t', '-', '+', '=']))
}

#[derive(Default)]
struct Writer {
    out: String,
    /// Addresses of open links, with the place where their text begins.
    links: Vec<(String, usize)>,
    /// Open lists: the next number of a numbered one.
    lists: Vec<Option<u64>>,
    /// A list or quotation mark was just written: the block that follows stays on its line.
    fresh: bool,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.words(&text)
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.words(&text)
            }
            Event::SoftBreak | Event::HardBreak => self.out.push('\n'),
            Event::Rule => {
                self.block();
                self.words("---");
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn words(&mut self, text: &str) {
        self.out.push_str(text);
        self.fresh = false;
    }

    fn block(&mut self) {
        if !self.fresh && !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if let Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } = tag {
            self.links.push((dest_url.into_string(), self.out.len()));
        } else if let Tag::List(first) = tag {
            self.lists.push(first);
        } else if matches!(tag, Tag::Item) {
            self.block();
            let mark = match self.lists.last_mut() {
                Some(Some(number)) => {
                    *number += 1;
                    format!("{}. ", *number - 1)
                }
                Some(None) | None => "- ".to_owned(),
            };
            self.words(&mark);
            self.fresh = true;
        } else if matches!(tag, Tag::BlockQuote(_)) {
            self.block();
            self.words("> ");
            self.fresh = true;
        } else if matches!(tag, Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock) {
            self.block();
        }
    }

    fn end(&mut self, end: TagEnd) {
        if matches!(end, TagEnd::Link | TagEnd::Image) {
            let Some((url, from)) = self.links.pop() else { return };
            let text = &self.out[from..];
            if text.is_empty() {
                self.words(&url);
            } else if text != url && url.strip_prefix("mailto:") != Some(text) {
                self.words(&format!(" ({url})"));
            }
        } else if matches!(end, TagEnd::List(_)) {
            self.lists.pop();
        } else if matches!(end, TagEnd::Item | TagEnd::BlockQuote(_)) {
            self.fresh = false;
        }
    }
}

/// A text in parts that fit a chat line: at most [`limits::CHAT_PARTS`], the last one marked when something is cut off.
pub fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && parts.len() < limits::CHAT_PARTS {
        let end = rest.char_indices().nth(limits::CHAT_CHARS).map_or(rest.len(), |(at, _)| at);
        parts.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    if !rest.is_empty()
        && let Some(last) = parts.last_mut()
    {
        last.pop();
        last.push('…');
    }
    parts
}

/// A text without control characters other than the line break.
pub fn without_controls(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

/// A text as the name of a thing: without control characters, marks that turn the direction of writing, and angle
/// brackets (chatgrid.md 13, defect 22).
pub fn as_title(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String =
        text.chars().filter(|c| !c.is_control() && !turns(*c) && !matches!(c, '<' | '>')).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_and_words_stay() {
        let cases = [
            ("hello", "hello"),
            ("**bold** and _it_ and ~~old~~ and `code`", "bold and it and old and code"),
            ("snake_case_name stays", "snake_case_name stays"),
            ("see [the page](https://a.example/x)", "see the page (https://a.example/x)"),
            ("see <https://a.example>", "see https://a.example"),
            ("![a cat](https://a.example/c.png)", "a cat (https://a.example/c.png)"),
            ("![](https://a.example/c.png)", "https://a.example/c.png"),
            ("# Title\n\ntext", "Title\ntext"),
            ("- one\n- two", "- one\n- two"),
            ("3. one\n4. two", "3. one\n4. two"),
            ("> quoted\n\nanswer", "> quoted\nanswer"),
            ("```rust\nlet a = 1;\n```", "let a = 1;"),
            (":wave: hi :wave:", ":wave: hi :wave:"),
            ("a < b && c", "a < b && c"),
            ("<b>loud</b>", "<b>loud</b>"),
            (r"\*not bold\*", "*not bold*"),
            ("[ref]: https://a.example", "[ref]: https://a.example"),
            ("- ", "-"),
        ];
        for (text, words) in cases {
            assert_eq!(plain(text), words, "{text:?}");
        }
    }

    #[test]
    fn a_title_is_plain() {
        assert_eq!(as_title(" a\n<b>\u{202e}c\u{7} "), "abc");
        assert_eq!(as_title("<>\t"), "");
    }

    #[test]
    fn hostile_markdown_is_quick() {
        for text in ["[".repeat(4_000), "*a ".repeat(1_300), "> ".repeat(2_000), "`".repeat(4_000)] {
            let _ = plain(&text);
        }
    }

    #[test]
    fn a_long_text_has_at_most_four_parts() {
        assert_eq!(parts(&"é".repeat(500)).len(), 1);
        assert_eq!(
            parts(&"é".repeat(501)).iter().map(|part| part.chars().count()).collect::<Vec<_>>(),
            [500, 1]
        );
        let cut = parts(&"é".repeat(3_000));
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|part| part.chars().count() == 500) && cut[3].ends_with('…'));
        assert!(parts("").is_empty());
    }
}
