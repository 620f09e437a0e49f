//! Cards below a message (originchats.md 4.7).

use commonroom_core::embed::{Embed, EmbedKind, Field, Line, Media};
use serde_json::{Map, Value, json};

/// The word for what a card is about.
fn word(kind: EmbedKind) -> &'static str {
    match kind {
        EmbedKind::Rich => "rich",
        EmbedKind::Link => "link",
        EmbedKind::Image => "image",
        EmbedKind::Video => "video",
        EmbedKind::Article => "article",
    }
}

/// A card; what it lacks is left out.
pub fn embed(embed: &Embed) -> Value {
    let mut shape = Map::new();
    shape.insert("type".to_owned(), json!(word(embed.kind)));
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shape.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    put("title", text(&embed.title));
    put("description", text(&embed.description));
    put("url", text(&embed.url));
    put("color", embed.color.map(|color| json!(color)));
    put("timestamp", text(&embed.timestamp));
    put("author", embed.author.as_ref().map(|author| line("name", author)));
    put("footer", embed.footer.as_ref().map(|footer| line("text", footer)));
    put("image", embed.image.as_ref().map(media));
    put("thumbnail", embed.thumbnail.as_ref().map(media));
    put("video", embed.video.as_ref().map(media));
    let fields = || embed.fields.iter().map(field).collect();
    put("fields", (!embed.fields.is_empty()).then(fields));
    Value::Object(shape)
}

fn line(words: &str, line: &Line) -> Value {
    let mut shape = json!({});
    shape[words] = json!(line.text);
    if let Some(url) = &line.url {
        shape["url"] = json!(url);
    }
    if let Some(icon) = &line.icon_url {
        shape["icon_url"] = json!(icon);
    }
    shape
}

fn media(media: &Media) -> Value {
    let mut shape = json!({"url": media.url});
    if let Some(width) = media.width {
        shape["width"] = json!(width);
    }
    if let Some(height) = media.height {
        shape["height"] = json!(height);
    }
    shape
}

fn field(field: &Field) -> Value {
    json!({"name": field.name, "value": field.value, "inline": field.inline})
}
