//! What a message carries besides its text, as HTML below it: pictures to click on, links to other files
//! (barertc.md 5.3, crossing.md C3).

use crate::Shared;
use crate::limits;
use crate::links::is_picture;
use crate::markup::escape;
use commonroom_core::fallback::{self, Extra, Link};
use commonroom_core::file::{File, Kept};
use commonroom_core::message::Message;

/// Everything that belongs below a message's text, or only its pictures; empty when there is nothing.
pub fn html(message: &Message, only_pictures: bool, shared: &Shared) -> String {
    let mut html = String::new();
    for extra in fallback::extras(message) {
        let block = match shown(&extra) {
            Some(file) => {
                picture(&shared.links.file(file), file.dimensions, shared.config.preview_image_width)
            }
            None if only_pictures => continue,
            None => block(&extra, shared),
        };
        if html.len() + block.len() > limits::HTML_BYTES {
            break;
        }
        if !html.is_empty() {
            html.push('\n');
        }
        html.push_str(&block);
    }
    html
}

/// The picture that a message carries, if this is one that the page shows.
fn shown<'a>(extra: &Extra<'a>) -> Option<&'a File> {
    match extra.link? {
        Link::File(file) => is_picture(file).then_some(file),
        Link::Web(_) => None,
    }
}

/// What is no picture, as a paragraph: everything escaped, files where this listener has them.
fn block(extra: &Extra<'_>, shared: &Shared) -> String {
    let head = escape(&extra.head);
    let address = extra.link.map(|link| match link {
        Link::File(file) => shared.links.file(file),
        Link::Web(address) => escape(address),
    });
    let head = match address {
        Some(address) => format!("<a href=\"{address}\" rel=\"nofollow noopener\">{head}</a>"),
        None => head,
    };
    let lines: String = extra.lines.iter().map(|line| format!("<br>{}", escape(line))).collect();
    format!("<p>{head}{lines}</p>")
}

/// A picture that reached nobody, for its sender.
pub fn unsent(kept: &Kept, shared: &Shared) -> String {
    picture(&shared.links.content(kept), kept.dimensions, shared.config.preview_image_width)
}

/// The function that is called on a click is the page's own.
fn picture(path: &str, dimensions: Option<(u32, u32)>, longest: u32) -> String {
    let box_ = dimensions.map_or_else(String::new, |(width, height)| {
        let (width, height) = preview(width, height, longest);
        format!(" width=\"{width}\" height=\"{height}\"")
    });
    format!("<img src=\"{path}\"{box_} onclick=\"setModalImage(this.src)\" style=\"cursor: pointer\">")
}

/// Width and height within a square, the ratio kept, never larger than they are.
fn preview(width: u32, height: u32, longest: u32) -> (u32, u32) {
    let longer = u64::from(width.max(height).max(1));
    let longest = u64::from(longest.max(1));
    if longer <= longest {
        return (width, height);
    }
    let scaled = |side: u32| {
        let scaled = (u64::from(side) * longest + longer / 2) / longer;
        u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_keep_their_ratio_and_small_pictures_their_size() {
        assert_eq!(preview(1_280, 640, 360), (360, 180));
        assert_eq!(preview(640, 1_280, 360), (180, 360));
        assert_eq!(preview(20, 10, 360), (20, 10));
        assert_eq!(preview(0, 0, 360), (0, 0));
        assert_eq!(preview(100_000, 1, 360), (360, 1));
    }
}
