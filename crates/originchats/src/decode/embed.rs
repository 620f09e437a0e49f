//! Cards below a message as clients send them (originchats.md 4.7).

use crate::limits;
use crate::wording::Wrong;
use commonroom_core::embed::{Embed, EmbedKind, Field, Line, Media, is_web};
use serde_json::{Map, Value};

/// The limits of an embed's texts, in characters.
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const NAME: usize = 256;
const FOOTER: usize = 2_048;
const FIELD_VALUE: usize = 1_024;
const TIMESTAMP: usize = 64;
/// White.
const COLOR_MAX: u64 = 0xFF_FFFF;

/// Why an embed cannot be taken.
type Reason = &'static str;

/// The value of a field `embeds`; `None` when there is none.
///
/// # Errors
/// What is wrong, with the index of the embed.
pub fn embeds(value: Option<&Value>) -> Result<Option<Vec<Embed>>, Wrong> {
    let list = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Wrong::Plain("Embeds must be an array")),
    };
    if list.len() > limits::EMBEDS_PER_MESSAGE {
        return Err(Wrong::Plain("Cannot have more than 10 embeds"));
    }
    let taken = list.iter().enumerate().map(|(at, raw)| embed(raw).map_err(|why| Wrong::Embed(at, why)));
    taken.collect::<Result<_, _>>().map(Some)
}

fn embed(raw: &Value) -> Result<Embed, Reason> {
    let raw = raw.as_object().ok_or("must be an object")?;
    let kind = match text(raw, "type", "type must be a string")?.as_deref() {
        None | Some("rich") => EmbedKind::Rich,
        Some("link") => EmbedKind::Link,
        Some("image") => EmbedKind::Image,
        Some("video") => EmbedKind::Video,
        Some("article") => EmbedKind::Article,
        Some("poll") => return Err("polls are made with poll_create"),
        Some(_) => return Err("unknown type"),
    };
    if present(raw, "poll").is_some() {
        return Err("polls are made with poll_create");
    }
    let embed = Embed {
        kind,
        title: short(raw, "title", TITLE, "title must be a string of at most 256 characters")?,
        description: short(
            raw,
            "description",
            DESCRIPTION,
            "description must be a string of at most 4096 characters",
        )?,
        url: link(raw, "url")?,
        color: color(raw)?,
        timestamp: short(raw, "timestamp", TIMESTAMP, "timestamp must be a string")?,
        author: line(raw, ("author", "name"), NAME, "author needs a name of at most 256 characters")?,
        footer: line(raw, ("footer", "text"), FOOTER, "footer needs a text of at most 2048 characters")?,
        image: media(raw, "image")?,
        thumbnail: media(raw, "thumbnail")?,
        video: media(raw, "video")?,
        fields: fields(raw)?,
    };
    if kind == EmbedKind::Link && embed.url.is_none() {
        return Err("a link needs a url");
    }
    if kind == EmbedKind::Image && embed.image.is_none() {
        return Err("an image needs an image");
    }
    if embed.chars() > commonroom_core::limits::EMBED_CHARS {
        return Err("its texts are longer than 6000 characters");
    }
    Ok(embed)
}

fn present<'a>(raw: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    raw.get(name).filter(|value| !value.is_null())
}

fn text(raw: &Map<String, Value>, name: &str, wrong: Reason) -> Result<Option<String>, Reason> {
    match present(raw, name) {
        None => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => Err("texts cannot contain NUL characters"),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(wrong),
    }
}

fn short(raw: &Map<String, Value>, name: &str, most: usize, wrong: Reason) -> Result<Option<String>, Reason> {
    let text = text(raw, name, wrong)?;
    if text.as_ref().is_some_and(|text| text.chars().count() > most) { Err(wrong) } else { Ok(text) }
}

fn link(raw: &Map<String, Value>, name: &str) -> Result<Option<String>, Reason> {
    const WRONG: Reason = "URLs must be absolute http(s) URLs";
    match text(raw, name, WRONG)? {
        Some(url) if !is_web(&url) => Err(WRONG),
        url => Ok(url),
    }
}

fn color(raw: &Map<String, Value>) -> Result<Option<u32>, Reason> {
    let Some(color) = present(raw, "color") else { return Ok(None) };
    let color =
        color.as_u64().filter(|color| *color <= COLOR_MAX).and_then(|color| u32::try_from(color).ok());
    color.map(Some).ok_or("color must be an integer between 0 and 16777215")
}

fn line(
    raw: &Map<String, Value>,
    (name, words): (&str, &str),
    most: usize,
    wrong: Reason,
) -> Result<Option<Line>, Reason> {
    let Some(line) = present(raw, name) else { return Ok(None) };
    let line = line.as_object().ok_or(wrong)?;
    let text = short(line, words, most, wrong)?.ok_or(wrong)?;
    Ok(Some(Line { text, url: link(line, "url")?, icon_url: link(line, "icon_url")? }))
}

fn media(raw: &Map<String, Value>, name: &str) -> Result<Option<Media>, Reason> {
    let Some(media) = present(raw, name) else { return Ok(None) };
    let media = media.as_object().ok_or("image, thumbnail and video must be objects")?;
    let url = link(media, "url")?.ok_or("image, thumbnail and video need a url")?;
    let pixels = |name: &str| match present(media, name) {
        None => Ok(None),
        Some(pixels) => pixels
            .as_u64()
            .and_then(|pixels| u32::try_from(pixels).ok())
            .map(Some)
            .ok_or("sizes must be integers"),
    };
    Ok(Some(Media { url, width: pixels("width")?, height: pixels("height")? }))
}

fn fields(raw: &Map<String, Value>) -> Result<Vec<Field>, Reason> {
    const WRONG: Reason = "fields need a name of at most 256 and a value of at most 1024 characters";
    let Some(fields) = present(raw, "fields") else { return Ok(Vec::new()) };
    let fields = fields.as_array().ok_or("fields must be an array")?;
    if fields.len() > commonroom_core::limits::EMBED_FIELDS {
        return Err("cannot have more than 25 fields");
    }
    let field = |field: &Value| {
        let field = field.as_object().ok_or(WRONG)?;
        let inline = match present(field, "inline") {
            None => false,
            Some(Value::Bool(inline)) => *inline,
            Some(_) => return Err("inline must be a boolean"),
        };
        let name = short(field, "name", NAME, WRONG)?.ok_or(WRONG)?;
        let value = short(field, "value", FIELD_VALUE, WRONG)?.ok_or(WRONG)?;
        Ok(Field { name, value, inline })
    };
    fields.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken(value: Value) -> Result<Vec<Embed>, String> {
        embeds(Some(&value)).map(Option::unwrap_or_default).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_whole_embed_is_taken_as_it_is() {
        let all = json!([{
            "type": "article", "title": "t", "description": "d", "url": "https://a.example/", "color": 16_777_215,
            "timestamp": "2026-01-01", "author": {"name": "a", "url": "http://b.example", "icon_url": "https://c.example/i"},
            "footer": {"text": "f"}, "image": {"url": "https://d.example/p.png", "width": 3, "height": 4},
            "thumbnail": {"url": "https://e.example/t.png"},
            "fields": [{"name": "n", "value": "v", "inline": true}, {"name": "m", "value": "w"}],
        }]);
        let embed = taken(all).expect("an embed").remove(0);
        assert_eq!((embed.kind, embed.color), (EmbedKind::Article, Some(0xFF_FFFF)));
        assert_eq!(embed.fields.len(), 2);
        assert_eq!(embed.image.and_then(|image| image.width), Some(3));
        assert_eq!(taken(json!(null)), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_embed_is_named_by_its_index() {
        let said = |embed: Value| taken(json!([{"title": "fine"}, embed])).expect_err("refused");
        for wrong in [
            json!(7),
            json!({"type": 7}),
            json!({"type": "poll"}),
            json!({"type": "dance"}),
            json!({"poll": {"question": "q"}}),
            json!({"type": "link"}),
            json!({"type": "image", "url": "https://a.example"}),
            json!({"title": "x".repeat(257)}),
            json!({"title": ["x"]}),
            json!({"title": "a\u{0}b"}),
            json!({"url": "javascript:alert(1)"}),
            json!({"color": -1}),
            json!({"color": 16_777_216}),
            json!({"color": "red"}),
            json!({"author": {"url": "https://a.example"}}),
            json!({"author": "me"}),
            json!({"author": {"name": "a", "icon_url": "data:image/png;base64,AA"}}),
            json!({"footer": {"text": "x".repeat(2_049)}}),
            json!({"image": "https://a.example/p.png"}),
            json!({"image": {"url": "//a.example/p.png"}}),
            json!({"image": {"url": "https://a.example/p.png", "width": "wide"}}),
            json!({"fields": {}}),
            json!({"fields": [{"name": "n"}]}),
            json!({"fields": [{"name": "n", "value": "x".repeat(1_025)}]}),
            json!({"fields": [{"name": "n", "value": "v", "inline": 1}]}),
            json!({"fields": vec![json!({"name": "n", "value": "v"}); 26]}),
            json!({"description": "x".repeat(4_096), "footer": {"text": "x".repeat(2_000)}}),
        ] {
            let text = said(wrong.clone());
            assert!(text.starts_with("Embed 1: "), "{wrong}: {text}");
        }
    }

    #[test]
    fn the_list_is_a_bounded_list() {
        assert_eq!(taken(json!({})), Err("Embeds must be an array".to_owned()));
        assert_eq!(taken(json!(vec![json!({}); 11])), Err("Cannot have more than 10 embeds".to_owned()));
        assert_eq!(taken(json!(vec![json!({}); 10])).map(|all| all.len()), Ok(10));
    }
}
