//! Markdown as people type it, made into HTML that is safe to print raw (barertc.md 9.3): clients insert it as it is.

use crate::limits;
use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use std::sync::LazyLock;

const TAGS: [&str; 48] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "u",
    "ul",
    "var",
    "wbr",
    "strike",
];
const TABLE_TAGS: [&str; 7] = ["table", "tbody", "td", "tfoot", "th", "thead", "tr"];
/// Elements that go with everything in them.
const EMPTIED_TAGS: [&str; 14] = [
    "script", "style", "iframe", "object", "embed", "noscript", "template", "textarea", "select", "svg",
    "math", "title", "audio", "video",
];

/// Links only, or also pictures of other servers.
static PLAIN: LazyLock<Builder<'static>> = LazyLock::new(|| builder(false));
static PICTURED: LazyLock<Builder<'static>> = LazyLock::new(|| builder(true));

fn builder(images: bool) -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .generic_attributes(Default::default())
        .tag_attributes(Default::default())
        .url_schemes(Default::default())
        .clean_content_tags(Default::default())
        .add_tags(TAGS)
        .add_tags(TABLE_TAGS)
        .add_clean_content_tags(EMPTIED_TAGS)
        .add_url_schemes(["http", "https", "mailto"])
        .url_relative(UrlRelative::PassThrough)
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("abbr", ["title"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("td", ["align", "colspan", "rowspan"])
        .add_tag_attributes("th", ["align", "colspan", "rowspan"])
        .add_tag_attributes("details", ["open"])
        .link_rel(Some("nofollow noopener"));
    if images {
        builder.add_tags(["img"]).add_tag_attributes("img", ["src", "alt", "title", "width", "height"]);
    }
    builder
}

/// Renders what somebody typed. Empty when nothing of it may be shown.
pub fn render(text: &str, remote_images: bool) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut raw = String::with_capacity(text.len() * 2 + 16);
    let mut linked = Linker { remote_images, open_links: 0, in_code: false, nesting: 0, typed_tags: 0 };
    let events = TextMergeStream::new(Parser::new_ext(text, options));
    html::push_html(&mut raw, events.flat_map(|event| linked.pass(event)));
    if raw.len() > limits::HTML_BYTES {
        return format!("<p>{}</p>", escape(text));
    }
    let builder = if remote_images { &PICTURED } else { &PLAIN };
    let clean = builder.clean(&raw).to_string();
    let clean = clean.trim();
    if clean.len() > limits::HTML_BYTES {
        return format!("<p>{}</p>", escape(text));
    }
    if clean == "<p></p>" { String::new() } else { clean.to_owned() }
}

/// HTML of the website, without what could do harm.
pub fn clean(html: &str) -> String {
    PLAIN.clean(html).to_string()
}

/// Text as HTML that shows exactly that text.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// A frame with the first video of YouTube that clean HTML links to (barertc.md 9.4): only the targets of links count.
pub fn youtube(html: &str) -> Option<String> {
    let id = html.split("<a href=\"").skip(1).find_map(|rest| video_id(rest.split('"').next()?))?;
    Some(format!(
        "<iframe class=\"youtube-embed\" width=\"560\" height=\"315\" src=\"https://www.youtube.com/embed/{id}\" \
         title=\"YouTube video player\" frameborder=\"0\" \
         allow=\"autoplay; encrypted-media; picture-in-picture; web-share\" allowfullscreen></iframe>"
    ))
}

/// The eleven characters that name a video, in an address of one.
fn video_id(address: &str) -> Option<&str> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    let host = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(host);
    let after = match host {
        "youtu.be" => path,
        "youtube.com" | "youtube-nocookie.com" => {
            let query = || {
                path.strip_prefix("watch?")?
                    .split('&')
                    .find_map(|pair| pair.strip_prefix("amp;").unwrap_or(pair).strip_prefix("v="))
            };
            path.strip_prefix("embed/").or_else(|| path.strip_prefix("shorts/")).or_else(query)?
        }
        _ => return None,
    };
    let id = after.split(['?', '&', '#', '/']).next()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (id.len() == 11 && plain).then_some(id)
}

/// The words of clean HTML, as they are read.
pub fn words(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (at, part) in html.split('<').enumerate() {
        let text = if at == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) };
        out.push_str(text);
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")];
    entities.into_iter().fold(out, |text, (entity, shown)| text.replace(entity, shown)).trim().to_owned()
}

/// Makes links of bare addresses, links of pictures that are not to be shown, and drops the boxes of task lists.
struct Linker {
    remote_images: bool,
    open_links: u32,
    in_code: bool,
    /// Quotations and lists that are open.
    nesting: u32,
    /// HTML tags typed by hand so far.
    typed_tags: usize,
}

impl Linker {
    fn pass<'a>(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        match event {
            Event::Start(Tag::Image { dest_url, title, id, .. }) if !self.remote_images => {
                self.open_links += 1;
                if self.open_links > 1 {
                    return Vec::new();
                }
                vec![Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })]
            }
            Event::End(TagEnd::Image) if !self.remote_images => self.end_link(),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                self.open_links += 1;
                vec![Event::Start(Tag::Link { link_type, dest_url, title, id })]
            }
            Event::End(TagEnd::Link) => self.end_link(),
            Event::Start(Tag::CodeBlock(kind)) => {
                self.in_code = true;
                vec![Event::Start(Tag::CodeBlock(kind))]
            }
            Event::End(TagEnd::CodeBlock) => {
                self.in_code = false;
                vec![Event::End(TagEnd::CodeBlock)]
            }
            Event::Text(text) if self.open_links == 0 && !self.in_code && text.contains("://") => {
                links(&text)
            }
            Event::TaskListMarker(_) => Vec::new(),
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
                self.nesting += 1;
                if self.nesting <= limits::NESTING { vec![event] } else { Vec::new() }
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
                self.nesting -= 1;
                if self.nesting < limits::NESTING { vec![event] } else { Vec::new() }
            }
            Event::Html(typed) => self.typed(typed, Event::Html),
            Event::InlineHtml(typed) => self.typed(typed, Event::InlineHtml),
            other @ (Event::Start(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule) => vec![other],
        }
    }

    /// Tags typed by hand are taken as such up to a number, then as text: every open one is opened again in each
    /// paragraph after it.
    fn typed<'a>(&mut self, typed: CowStr<'a>, tag: fn(CowStr<'a>) -> Event<'a>) -> Vec<Event<'a>> {
        self.typed_tags += typed.matches('<').count();
        vec![if self.typed_tags > limits::TYPED_TAGS { Event::Text(typed) } else { tag(typed) }]
    }

    fn end_link<'a>(&mut self) -> Vec<Event<'a>> {
        self.open_links = self.open_links.saturating_sub(1);
        if self.open_links == 0 { vec![Event::End(TagEnd::Link)] } else { Vec::new() }
    }
}

/// Splits a text at its bare `http(s)://` addresses.
fn links<'a>(text: &str) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find("://") {
        let colon = at + found;
        at = colon + 3;
        let Some(start) = ["https", "http"]
            .iter()
            .find(|scheme| text[plain_from..colon].ends_with(**scheme))
            .map(|scheme| colon - scheme.len())
        else {
            continue;
        };
        if text[plain_from..start].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        let end = address_end(text, at);
        if end == at {
            continue;
        }
        if start > plain_from {
            events.push(Event::Text(text[plain_from..start].to_owned().into()));
        }
        let address = &text[start..end];
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: address.to_owned().into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        events.push(Event::Text(address.to_owned().into()));
        events.push(Event::End(TagEnd::Link));
        plain_from = end;
        at = end;
    }
    if plain_from < text.len() {
        events.push(Event::Text(text[plain_from..].to_owned().into()));
    }
    events
}

/// Where an address ends: before white space, `<` or quotes, and before closing punctuation.
fn address_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let end =
        rest.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c)).unwrap_or(rest.len());
    let mut address = &rest[..end];
    let open = address.matches('(').count();
    let mut closed = address.matches(')').count();
    while let Some(last) = address.chars().next_back() {
        match last {
            ')' if closed > open => closed -= 1,
            ')' => break,
            other if ".,;:!?'*_~".contains(other) => {}
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    from + address.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        render(text, false)
    }

    #[test]
    fn tags_left_open_do_not_multiply() {
        let open: String = (0..330).map(|n| format!("<b a{n}>")).collect();
        let paragraphs = "\n\nx".repeat(900);
        for text in [format!("{open}{}", "<p>x".repeat(500)), format!("{}{paragraphs}", &open[..200])] {
            assert!(render(&text, false).len() <= limits::HTML_BYTES + 16, "{}", render(&text, false).len());
        }
        assert_eq!(render("<b>x</b>", false), "<p><b>x</b></p>");
    }

    #[test]
    fn markdown_becomes_html() {
        assert_eq!(shown("Hello **all**"), "<p>Hello <strong>all</strong></p>");
        assert_eq!(shown("a\nb  \nc"), "<p>a\nb<br>\nc</p>");
        assert_eq!(shown("~~x~~ `y` snake_case_name"), "<p><del>x</del> <code>y</code> snake_case_name</p>");
        assert_eq!(shown("- [ ] todo"), "<ul>\n<li>todo</li>\n</ul>");
        assert_eq!(shown("1 < 2 & 3"), "<p>1 &lt; 2 &amp; 3</p>");
        assert_eq!(shown("```rust\nlet x;\n```"), "<pre><code>let x;\n</code></pre>");
    }

    #[test]
    fn addresses_become_links_that_nobody_follows_for_us() {
        let link = |url: &str| format!("<a href=\"{url}\" rel=\"nofollow noopener\">{url}</a>");
        assert_eq!(
            shown("see https://a.example/b_c, ok"),
            format!("<p>see {}, ok</p>", link("https://a.example/b_c"))
        );
        assert_eq!(shown("(http://a.example)"), format!("<p>({})</p>", link("http://a.example")));
        assert_eq!(
            shown("www.a.example a@b.example xhttp://c"),
            "<p>www.a.example a@b.example xhttp://c</p>"
        );
        assert_eq!(shown("`http://a.example`"), "<p><code>http://a.example</code></p>");
    }

    #[test]
    fn pictures_of_other_servers_are_links_unless_allowed() {
        let text = "![cat](https://a.example/c.png)";
        assert_eq!(
            shown(text),
            "<p><a href=\"https://a.example/c.png\" rel=\"nofollow noopener\">cat</a></p>"
        );
        assert_eq!(render(text, true), "<p><img src=\"https://a.example/c.png\" alt=\"cat\"></p>");
        assert_eq!(shown("<img src=https://a.example/c.png onerror=alert(1)>x"), "<p>x</p>");
        let linked = shown("[![cat](https://a.example/c.png)](https://b.example)");
        assert_eq!(linked, "<p><a href=\"https://b.example\" rel=\"nofollow noopener\">cat</a></p>");
    }

    #[test]
    fn nothing_that_runs_or_shadows_survives() {
        assert_eq!(shown("hi **x** <script>alert(1)</script>"), "<p>hi <strong>x</strong> </p>");
        assert_eq!(shown("<script>alert(1)</script>"), "");
        for bad in [
            "<a href=\"javascript:alert(1)\">x</a>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,hi)",
            "<b id=messageBox name=n class=c style=color:red onclick=f()>x</b>",
            "<iframe src=https://a.example></iframe>x",
            "<form><input><button>x</button></form>",
        ] {
            let html = shown(bad);
            for word in [
                "javascript",
                "data:",
                "id=",
                "name=",
                "class=",
                "style=",
                "onclick",
                "iframe",
                "input",
                "form",
            ] {
                assert!(!html.contains(word), "{bad} became {html}");
            }
            assert!(html.contains('x'), "{bad} became {html}");
        }
        assert!(shown("<p>unbalanced").ends_with("</p>"));
    }

    #[test]
    fn deep_nesting_and_odd_characters_are_harmless() {
        for text in [
            ">".repeat(4_000),
            "[".repeat(4_000),
            "*a ".repeat(1_300),
            "<div>".repeat(800),
            "\u{202e}\0".to_owned(),
        ] {
            let _ = shown(&text);
        }
    }

    #[test]
    fn where_an_address_ends_is_found_in_one_pass() {
        // Each step back once counted the whole address again: this took seconds.
        let address = format!("http://a.example/{}", ")".repeat(1_000_000));
        assert_eq!(address_end(&address, 7), "http://a.example/".len());
        let text = "see http://a.example/w_(b)_(c)), ok";
        assert_eq!(&text[4..address_end(text, 11)], "http://a.example/w_(b)_(c)");
    }

    #[test]
    fn the_first_video_that_is_linked_to_is_shown() {
        let id = |text: &str| {
            let frame = youtube(&render(text, false))?;
            let rest = frame.split("/embed/").nth(1)?.to_owned();
            rest.split('"').next().map(str::to_owned)
        };
        for address in [
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "https://youtube.com/watch?t=1&v=dQw4w9WgXcQ&list=x",
            "http://youtu.be/dQw4w9WgXcQ?t=3",
            "https://www.youtube.com/shorts/dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
            "[x](https://m.youtube.com/watch?v=dQw4w9WgXcQ) https://youtu.be/aaaaaaaaaaa",
        ] {
            assert_eq!(id(address).as_deref(), Some("dQw4w9WgXcQ"), "{address}");
        }
        for other in [
            "https://youtu.be/short",
            "https://youtu.be/dQw4w9WgX%22Q",
            "https://evil.example/youtu.be/dQw4w9WgXcQ",
            "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ",
            "`https://youtu.be/dQw4w9WgXcQ`",
            "youtu.be/dQw4w9WgXcQ",
        ] {
            assert_eq!(id(other), None, "{other}");
        }
    }

    #[test]
    fn words_are_what_is_read() {
        assert_eq!(
            words(&render("a **b**<i>c</i> &lt; &amp;lt; [d](http://e.example)", false)),
            "a bc < &lt; d"
        );
    }

    #[test]
    fn escaped_text_shows_itself() {
        assert_eq!(escape("<b>'\"&"), "&lt;b&gt;&#39;&#34;&amp;");
    }
}
