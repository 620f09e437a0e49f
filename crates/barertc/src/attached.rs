//! What a message carries besides its text, as HTML below it: pictures to click on, links to other files
//! (barertc.md 5.3, crossing.md C3).

use crate::Shared;
use crate::links::is_picture;
use crate::markup::escape;
use commonroom_core::file::{File, Kept};
use commonroom_core::message::{Message, excerpt};

/// Characters of a file's name.
const NAME_CHARS: usize = 100;

/// Everything that belongs below a message's text; empty when there is nothing.
pub fn html(message: &Message, shared: &Shared) -> String {
    let files: Vec<String> = message.files.iter().map(|file| one(file, shared)).collect();
    files.join("\n")
}

fn one(file: &File, shared: &Shared) -> String {
    let path = shared.links.file(file);
    if is_picture(file) {
        return picture(&path, file.dimensions, shared.config.preview_image_width);
    }
    let name = escape(&excerpt(&file.name, NAME_CHARS));
    let (mime, size) = (escape(&file.mime), file.size.div_ceil(1024));
    format!("<p><a href=\"{path}\" rel=\"nofollow noopener\">{name}</a> ({mime}, {size} KB)</p>")
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
