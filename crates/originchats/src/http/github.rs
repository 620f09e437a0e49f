//! Pushes as GitHub tells them to a webhook (originchats.md 7.6), as one card.

use crate::limits;
use commonroom_core::command::NewMessage;
use commonroom_core::embed::{Embed, Line, is_web};
use commonroom_core::message::{Persona, PersonaSource, excerpt};
use commonroom_core::webhook::Webhook;
use serde_json::{Map, Value};

/// The colour of the card.
const COLOR: u32 = 2_369_838;
/// The sign of the service.
const SIGN: &str = "https://github.githubassets.com/images/modules/logos_page/GitHub-Mark.png";
/// Characters of the headline and of the author's line.
const LINE: usize = 256;
/// Characters of one commit's line.
const COMMIT: usize = 200;
/// Letters of a commit's name that people read.
const SHORT_SHA: usize = 7;

/// The message about a push; nothing when it says no repository and no branch.
pub(super) fn push(webhook: &Webhook, body: &Map<String, Value>) -> Option<NewMessage> {
    let repository = body.get("repository")?.as_object()?;
    let branch = body.get("ref")?.as_str()?;
    let branch =
        ["refs/heads/", "refs/tags/"].iter().find_map(|prefix| branch.strip_prefix(prefix)).unwrap_or(branch);
    let commits = body.get("commits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    let title = match commits.len() {
        _ if is("deleted") => format!("{branch} deleted"),
        _ if is("forced") => format!("{branch} force-pushed"),
        0 if is("created") => format!("{branch} created"),
        1 => format!("{branch}: 1 commit"),
        many => format!("{branch}: {many} commits"),
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let sender = body.get("sender");
    let pusher = || text(body.get("pusher").and_then(|pusher| pusher.get("name")));
    let login = Some(text(sender.and_then(|sender| sender.get("login")))).filter(|login| !login.is_empty());
    let full = Some(text(repository.get("full_name"))).filter(|name| !name.is_empty());
    let repository_name = full.unwrap_or_else(|| text(repository.get("name")));
    let link = |value: Option<&Value>| Some(text(value)).filter(|url| is_web(url));
    let author = Line {
        text: excerpt(&format!("{} - {repository_name}", login.unwrap_or_else(pusher)), LINE),
        url: link(repository.get("html_url")),
        icon_url: link(sender.and_then(|sender| sender.get("avatar_url"))),
    };
    let description: Vec<String> = commits.iter().take(limits::COMMITS).map(commit).collect();
    let embed = Embed {
        title: Some(excerpt(&title, LINE)),
        url: link(body.get("compare")),
        color: Some(COLOR),
        author: Some(author),
        description: Some(description.join("\n")).filter(|description| !description.is_empty()),
        ..Embed::default()
    };
    let persona = Persona {
        name: "GitHub".to_owned(),
        avatar: Some(SIGN.to_owned()),
        source: PersonaSource::Service("github".to_owned()),
    };
    let persona = Some(Box::new(persona));
    Some(NewMessage { embeds: vec![embed], persona, ..NewMessage::said(webhook.channel, "") })
}

/// A commit in one line.
fn commit(commit: &Value) -> String {
    let text = |name: &str| commit.get(name).and_then(Value::as_str).unwrap_or_default();
    let sha: String = text("id").chars().filter(char::is_ascii_alphanumeric).take(SHORT_SHA).collect();
    let first = excerpt(text("message").lines().next().unwrap_or_default(), COMMIT);
    match text("url") {
        url if is_web(url) && !url.contains([')', '(']) && url.len() <= COMMIT => {
            format!("[`{sha}`]({url}) {first}")
        }
        _ => format!("`{sha}` {first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::env::Timestamp;
    use commonroom_core::ids::{AccountId, ChannelId, SpaceId, WebhookId};
    use serde_json::json;

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::MIN,
            space: SpaceId::MIN,
            channel: ChannelId::MIN,
            name: "hook".to_owned(),
            avatar: None,
            generation: 1,
            by: AccountId::MIN,
            created_at: Timestamp(0),
        }
    }

    fn shown(body: Value) -> Option<Embed> {
        let Value::Object(body) = body else { panic!("an object") };
        push(&webhook(), &body).map(|mut new| new.embeds.remove(0))
    }

    #[test]
    fn a_push_is_one_card() {
        let body = json!({
            "ref": "refs/heads/main",
            "compare": "https://github.com/a/b/compare/1...2",
            "repository": {"full_name": "a/b", "html_url": "https://github.com/a/b"},
            "sender": {"login": "ann", "avatar_url": "javascript:alert(1)"},
            "commits": [
                {"id": "0123456789", "url": "https://github.com/a/b/commit/0123456789", "message": "First\n\nMore"},
                {"id": "abcdef0123", "url": "nonsense", "message": "Second"},
            ],
        });
        let embed = shown(body).expect("a card");
        assert_eq!(embed.title.as_deref(), Some("main: 2 commits"));
        assert_eq!(embed.url.as_deref(), Some("https://github.com/a/b/compare/1...2"));
        assert_eq!(embed.color, Some(2_369_838));
        let author = embed.author.as_ref().expect("an author");
        assert_eq!((author.text.as_str(), &author.icon_url), ("ann - a/b", &None));
        let lines = "[`0123456`](https://github.com/a/b/commit/0123456789) First\n`abcdef0` Second";
        assert_eq!(embed.description.as_deref(), Some(lines));
        assert!(embed.urls_are_web());
    }

    #[test]
    fn branches_come_go_and_are_forced() {
        let titled = |more: Value| {
            let mut body = json!({"ref": "refs/heads/dev", "repository": {"name": "b"}, "commits": []});
            for (key, value) in more.as_object().expect("an object") {
                body[key] = value.clone();
            }
            shown(body).and_then(|embed| embed.title)
        };
        assert_eq!(titled(json!({"created": true})).as_deref(), Some("dev created"));
        assert_eq!(titled(json!({"deleted": true})).as_deref(), Some("dev deleted"));
        assert_eq!(titled(json!({"forced": true})).as_deref(), Some("dev force-pushed"));
        assert_eq!(shown(json!({"ref": "refs/heads/dev"})), None);
    }

    #[test]
    fn a_huge_push_fits_into_a_card() {
        let commit =
            json!({"id": "0".repeat(40), "url": "https://a.example/", "message": "x".repeat(10_000)});
        let body = json!({"ref": "b".repeat(1_000), "repository": {"name": "r".repeat(1_000)}, "commits": vec![commit; 500]});
        assert!(shown(body).expect("a card").chars() <= commonroom_core::limits::EMBED_CHARS);
    }
}
