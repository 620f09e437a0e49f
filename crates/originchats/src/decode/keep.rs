//! Files, emoji, webhooks, pictures and push (originchats.md 5.14 to 5.17).

use super::fields::Fields;
use crate::limits;
use crate::wording::Wrong;
use serde_json::Value;

/// The commands of this file.
pub const COMMANDS: [&str; 20] = [
    "emoji_get_all",
    "emoji_add",
    "emoji_update",
    "emoji_delete",
    "emoji_get_id",
    "emoji_get_filename",
    // Sent over HTTP; clients look for the name.
    "attachment_upload",
    "attachment_get",
    "attachment_delete",
    "webhook_create",
    "webhook_get",
    "webhook_list",
    "webhook_update",
    "webhook_regenerate",
    "webhook_delete",
    "pfp_set",
    "pfp_get",
    "push_get_vapid",
    "push_subscribe",
    "push_unsubscribe",
];

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    /// All emoji.
    Emojis,
    /// A new emoji: name and picture as a data URI.
    AddEmoji(String, String),
    /// Another name or picture for an emoji.
    ChangeEmoji(i64, Option<String>, Option<String>),
    /// No longer this emoji.
    RemoveEmoji(i64),
    /// The number of an emoji.
    EmojiNumber(String),
    /// The file name of an emoji.
    EmojiFile(String),
    /// What is known about a file.
    File(String),
    /// No longer this file.
    RemoveFile(String),
    /// A new webhook: channel, name, picture.
    AddWebhook(String, String, Option<String>),
    /// One webhook.
    Webhook(String),
    /// All webhooks, or those of a channel.
    Webhooks(Option<String>),
    /// Another name or picture for a webhook.
    ChangeWebhook(String, Option<String>, Option<Option<String>>),
    /// Another token for a webhook.
    RenewWebhook(String),
    /// No longer this webhook.
    RemoveWebhook(String),
    /// My picture: an address or a data URI.
    SetPicture(String),
    /// Somebody's picture.
    PictureOf(String),
    /// The key that browsers take pushes from.
    PushKey,
    /// Tell this browser: endpoint, public key, secret.
    Subscribe(String, String, String),
    /// No longer tell that browser.
    Unsubscribe(String),
}

/// The request of one of [`COMMANDS`].
///
/// # Errors
/// What is wrong with it, in the words of its command.
pub(super) fn ask(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    match name {
        "emoji_get_all" => Ok(Ask::Emojis),
        "emoji_add" => {
            let scheme = |why| Wrong::Scheme("emoji_add", why);
            let name = emoji_name(fields, "emoji_add")?.ok_or(scheme("name is required"))?;
            let image = fields.filled("image")?.ok_or(scheme("image is required"))?;
            Ok(Ask::AddEmoji(name, image))
        }
        "emoji_update" => {
            let number = emoji_number(fields, "emoji_update")?;
            let (name, image) = (emoji_name(fields, "emoji_update")?, fields.filled("image")?);
            if name.is_none() && image.is_none() {
                return Err(Wrong::Plain("At least one field to update is required (name or image)"));
            }
            Ok(Ask::ChangeEmoji(number, name, image))
        }
        "emoji_delete" => emoji_number(fields, "emoji_delete").map(Ask::RemoveEmoji),
        "emoji_get_id" => named(fields, "emoji_get_id").map(Ask::EmojiNumber),
        "emoji_get_filename" => named(fields, "emoji_get_filename").map(Ask::EmojiFile),
        "attachment_upload" => Err(Wrong::Plain("Attachments are uploaded with POST /attachments/upload")),
        "attachment_get" => file(fields).map(Ask::File),
        "attachment_delete" => file(fields).map(Ask::RemoveFile),
        "pfp_set" => fields.filled("url")?.map(Ask::SetPicture).ok_or(Wrong::Plain("URL required")),
        "pfp_get" => fields.filled("username")?.map(Ask::PictureOf).ok_or(Wrong::Plain("Username required")),
        "push_get_vapid" => Ok(Ask::PushKey),
        "push_subscribe" => subscription(fields),
        "push_unsubscribe" => {
            fields.filled("endpoint")?.map(Ask::Unsubscribe).ok_or(Wrong::Plain("Missing endpoint"))
        }
        name => about_webhooks(name, fields),
    }
}

fn about_webhooks(name: &str, fields: &Fields) -> Result<Ask, Wrong> {
    let id = || fields.filled("id")?.ok_or(Wrong::Plain("Webhook ID is required"));
    match name {
        "webhook_create" => {
            let channel = fields.filled("channel")?.ok_or(Wrong::Plain("Channel is required"))?;
            let name = fields.text("name")?.map(|name| name.trim().to_owned());
            let name =
                name.filter(|name| !name.is_empty()).ok_or(Wrong::Plain("Webhook name is required"))?;
            Ok(Ask::AddWebhook(channel, name, fields.filled("avatar")?))
        }
        "webhook_list" => Ok(Ask::Webhooks(fields.filled("channel")?)),
        "webhook_get" => id().map(Ask::Webhook),
        "webhook_regenerate" => id().map(Ask::RenewWebhook),
        "webhook_delete" => id().map(Ask::RemoveWebhook),
        "webhook_update" => {
            let id = id()?;
            let name = match fields.0.get("name") {
                None => None,
                Some(Value::String(name)) if !name.trim().is_empty() => Some(name.trim().to_owned()),
                Some(_) => return Err(Wrong::Plain("Webhook name must be a non-empty string")),
            };
            let avatar = match fields.0.get("avatar") {
                None => None,
                Some(_) => Some(fields.filled("avatar")?),
            };
            if name.is_none() && avatar.is_none() {
                return Err(Wrong::Plain("No updates provided"));
            }
            Ok(Ask::ChangeWebhook(id, name, avatar))
        }
        other => Err(Wrong::UnknownCommand(other.to_owned())),
    }
}

/// An emoji's name as it may be (originchats.md 4.10).
fn emoji_name(fields: &Fields, cmd: &'static str) -> Result<Option<String>, Wrong> {
    let Some(name) = fields.filled("name")? else { return Ok(None) };
    let fits = name.len() <= commonroom_core::limits::EMOJI_NAME_CHARS
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits {
        Ok(Some(name))
    } else {
        Err(Wrong::Scheme(cmd, "name must be 1-64 letters, numbers and underscores"))
    }
}

/// An emoji's number, as a number or a text.
fn emoji_number(fields: &Fields, cmd: &'static str) -> Result<i64, Wrong> {
    match fields.value("emoji_id") {
        None => Err(Wrong::Scheme(cmd, "emoji_id is required")),
        Some(Value::Number(number)) => {
            number.as_i64().ok_or(Wrong::Field("emoji_id", "an integer or a string"))
        }
        // What is no number is the number of no emoji.
        Some(Value::String(text)) => Ok(text.parse().unwrap_or(-1)),
        Some(_) => Err(Wrong::Field("emoji_id", "an integer or a string")),
    }
}

fn named(fields: &Fields, cmd: &'static str) -> Result<String, Wrong> {
    fields.filled("name")?.ok_or(Wrong::Scheme(cmd, "name is required"))
}

fn file(fields: &Fields) -> Result<String, Wrong> {
    fields.filled("attachment_id")?.ok_or(Wrong::Plain("Attachment ID is required"))
}

fn subscription(fields: &Fields) -> Result<Ask, Wrong> {
    let given = match fields.value("subscription") {
        None => return Err(Wrong::Plain("Missing subscription object")),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(Wrong::Field("subscription", "an object")),
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let keys = given.get("keys");
    let key = |name: &str| text(keys.and_then(|keys| keys.get(name)));
    let (endpoint, p256dh, auth) = (text(given.get("endpoint")), key("p256dh"), key("auth"));
    let complete = endpoint.zip(p256dh).zip(auth);
    let missing = Wrong::Plain("subscription must include endpoint, keys.p256dh and keys.auth");
    let ((endpoint, p256dh), auth) = complete.ok_or(missing)?;
    // An uncompressed point of P-256 and 16 random bytes (RFC 8291 2).
    let is_key = |text: &str, first: Option<u8>, length: usize| {
        commonroom_media::data_uri::parse(text, length)
            .is_ok_and(|key| key.bytes.len() == length && first.is_none_or(|first| key.bytes[0] == first))
    };
    let https = endpoint.starts_with("https://") && commonroom_core::embed::is_web(&endpoint);
    if !https || !is_key(&p256dh, Some(4), limits::P256DH_BYTES) || !is_key(&auth, None, limits::AUTH_BYTES) {
        return Err(Wrong::Plain(
            "Invalid subscription: an https endpoint and the browser's keys are required",
        ));
    }
    Ok(Ask::Subscribe(endpoint, p256dh, auth))
}

#[cfg(test)]
mod tests {
    use crate::decode::{Ask, envelope, keep};
    use crate::wording::Wrong;

    fn ask(frame: &str) -> Result<keep::Ask, Wrong> {
        let ask = envelope(frame).and_then(|envelope| envelope.ask())?;
        let Ask::Keep(ask) = ask else { panic!("{ask:?}") };
        Ok(ask)
    }

    fn said(frame: &str) -> String {
        ask(frame).expect_err("a wrong request").to_string()
    }

    #[test]
    fn errors_are_worded_as_specified() {
        assert_eq!(said(r#"{"cmd":"emoji_add"}"#), "Invalid emoji_add command scheme: name is required");
        assert_eq!(
            said(r#"{"cmd":"emoji_update","emoji_id":1}"#),
            "At least one field to update is required (name or image)"
        );
        assert_eq!(said(r#"{"cmd":"emoji_add","name":5}"#), "Field 'name' must be a string");
        assert_eq!(said(r#"{"cmd":"webhook_create"}"#), "Channel is required");
        assert_eq!(said(r#"{"cmd":"webhook_create","channel":"a","name":" "}"#), "Webhook name is required");
        assert_eq!(said(r#"{"cmd":"webhook_get"}"#), "Webhook ID is required");
        assert_eq!(said(r#"{"cmd":"webhook_update","id":"x"}"#), "No updates provided");
        assert_eq!(
            said(r#"{"cmd":"webhook_update","id":"x","name":""}"#),
            "Webhook name must be a non-empty string"
        );
        assert_eq!(said(r#"{"cmd":"pfp_set"}"#), "URL required");
        assert_eq!(said(r#"{"cmd":"pfp_get"}"#), "Username required");
        assert_eq!(said(r#"{"cmd":"push_subscribe"}"#), "Missing subscription object");
        assert_eq!(said(r#"{"cmd":"push_unsubscribe"}"#), "Missing endpoint");
        assert_eq!(
            said(r#"{"cmd":"push_subscribe","subscription":{"endpoint":"https://a.example","keys":{}}}"#),
            "subscription must include endpoint, keys.p256dh and keys.auth"
        );
    }

    #[test]
    fn an_emoji_is_named_by_number_or_text_and_a_picture_is_taken_away_by_nothing() {
        assert_eq!(ask(r#"{"cmd":"emoji_delete","emoji_id":3}"#), Ok(keep::Ask::RemoveEmoji(3)));
        assert_eq!(ask(r#"{"cmd":"emoji_delete","emoji_id":"3"}"#), Ok(keep::Ask::RemoveEmoji(3)));
        assert_eq!(ask(r#"{"cmd":"emoji_delete","emoji_id":"../3"}"#), Ok(keep::Ask::RemoveEmoji(-1)));
        for nothing in [r#""""#, "null"] {
            let frame = format!(r#"{{"cmd":"webhook_update","id":"x","avatar":{nothing}}}"#);
            assert_eq!(ask(&frame), Ok(keep::Ask::ChangeWebhook("x".to_owned(), None, Some(None))));
        }
    }
}
