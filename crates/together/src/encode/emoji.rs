//! Emoji of a server's own: their ids, and how reactions with them are spelled (together.md 4.2, 7.5).

use commonroom_core::directory::Directory;
use commonroom_core::emoji::Emoji;
use commonroom_core::ids::SpaceId;
use commonroom_core::message::Message;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// What reactions with a server's own emoji begin with.
const CUSTOM: &str = "c:";

/// The id of an emoji: its server's, with the number in the last bits. The numbers are never given again, so neither is
/// the id.
pub fn id(space: SpaceId, number: i64) -> Uuid {
    let number = u32::try_from(number.saturating_add(1)).unwrap_or(u32::MAX);
    Uuid::from_u128(space.0.as_u128() ^ u128::from(number))
}

/// The emoji with an id.
pub fn find(directory: &Directory, id: Uuid) -> Option<&Arc<Emoji>> {
    directory.spaces().find_map(|space| of(directory, space.id, id))
}

/// The emoji of a server with an id.
pub fn of(directory: &Directory, space: SpaceId, id: Uuid) -> Option<&Arc<Emoji>> {
    let number = u32::try_from(id.as_u128() ^ space.0.as_u128()).ok()?.checked_sub(1)?;
    directory.emoji(space, i64::from(number))
}

/// A reaction in the words of this protocol: an emoji of the server's own, however another protocol wrote it, is
/// `c:<id>`.
pub fn spelled<'a>(directory: &Directory, space: Option<SpaceId>, raw: &'a str) -> Cow<'a, str> {
    let known = space.and_then(|space| {
        let readable = commonroom_core::emoji::readable(directory, space, raw);
        let name = readable.strip_prefix(':')?.strip_suffix(':')?;
        directory.emoji_named(space, name)
    });
    known.map_or(Cow::Borrowed(raw), |emoji| Cow::Owned(format!("{CUSTOM}{}", id(emoji.space, emoji.number))))
}

/// The reaction that `wire` means on a message, as it is stored: one that is there already under any spelling, else the
/// `:name:` of an emoji of that server or a Unicode emoji. `None` for anything else.
pub fn stored(
    directory: &Directory,
    space: Option<SpaceId>,
    message: &Message,
    wire: &str,
) -> Option<String> {
    let there = message.reactions.iter().find(|reaction| spelled(directory, space, &reaction.emoji) == wire);
    if let Some(reaction) = there {
        return Some(reaction.emoji.clone());
    }
    match wire.strip_prefix(CUSTOM) {
        Some(id) => {
            let emoji = of(directory, space?, id.parse().ok()?)?;
            Some(format!(":{}:", emoji.name))
        }
        None => is_emoji(wire).then(|| wire.to_owned()),
    }
}

/// True for one emoji: a picture, a keycap or a flag, pictures joined to one, each with a skin tone or the mark that asks
/// for colour (Unicode Technical Standard 51, 1.4.9, with whole blocks for pictures, so that new ones are known).
pub fn is_emoji(text: &str) -> bool {
    const JOINER: char = '\u{200d}';
    (1..=crate::limits::EMOJI_BYTES).contains(&text.len()) && text.split(JOINER).all(is_element)
}

fn is_element(text: &str) -> bool {
    let mut rest = text.chars();
    let Some(first) = rest.next() else { return false };
    let rest = rest.as_str();
    match first {
        '0'..='9' | '#' | '*' => matches!(rest, "\u{20e3}" | "\u{fe0f}\u{20e3}"),
        _ if is_regional(first) => rest.chars().count() == 1 && rest.chars().all(is_regional),
        // A flag of a region: a picture and tags.
        '\u{1f3f4}' => rest.chars().all(|mark| is_mark(mark) || matches!(mark, '\u{e0020}'..='\u{e007f}')),
        _ => is_picture(first) && rest.chars().count() <= 2 && rest.chars().all(is_mark),
    }
}

fn is_regional(letter: char) -> bool {
    matches!(letter, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn is_picture(letter: char) -> bool {
    matches!(letter,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{24c2}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}'
        | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_emoji() {
        for emoji in ["👍", "👍🏽", "❤️", "❤", "👩‍👩‍👧", "🇩🇪", "1️⃣", "#⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "🫠", "🀄", "©"]
        {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for other in [
            "",
            "x",
            "a b",
            "👍👍",
            "👍x",
            ":smile:",
            "1",
            "🇩",
            "\u{200d}",
            "👍\u{200d}",
            "<b>",
            "c:1",
            "\u{fe0f}",
        ] {
            assert!(!is_emoji(other), "{other}");
        }
        assert!(!is_emoji(&["👍"; 10].join("\u{200d}")), "longer than 64 bytes");
    }

    #[test]
    fn ids_name_the_server_and_the_number() {
        let space = SpaceId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_00ff));
        assert_ne!(id(space, 0), space.0);
        assert_ne!(id(space, 0), id(space, 1));
        assert_eq!(of(&Directory::default(), space, id(space, 0)), None);
    }
}
