//! originchats.md 5.7, 5.14 to 5.16, 7, 13.4, 13.16: what is kept, for whom, and how it is given out.

use crate::support::Town;
use commonroom_core::account::{ExternalId, Protocol};
use commonroom_core::audit::AuditAction;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, Command, OutsideProfile, RoleSettings};
use commonroom_core::event::EventBody;
use commonroom_core::ids::AccountId;
use commonroom_core::query::{AuditFilter, Found, Query};
use commonroom_core::{Permissions, Reply};

use commonroom_originchats::credentials::Credentials;
use commonroom_testkit::stage::{Response, Stage as _};
use serde_json::{Value, json};

const PNG: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
/// A GIF that says `secret` in a comment.
const TALKATIVE: &str = "R0lGODlhAQABAIAAAAAAAP///yH+BnNlY3JldAAsAAAAAAEAAQAAAgJEAQA7";
const SVG: &str =
    "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciPjxzY3JpcHQ+YWxlcnQoMSk8L3NjcmlwdD48L3N2Zz4=";

impl Town {
    /// A token for uploads, as `ready` gives one.
    fn token(&self, account: AccountId, key: &str) -> String {
        let token = format!("token of {key}");
        let credentials = self.world.setup().commons.of::<Credentials>();
        credentials.opened(account, key, &token, self.world.gateway().now());
        token
    }

    fn post(&mut self, target: &str, body: &Value) -> Response {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        let body = body.to_string();
        self.world.http("originchats", "POST", target, &headers, body.as_bytes()).expect("an answer")
    }

    fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> Response {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        self.world.http("originchats", "GET", target, &headers, b"").expect("an answer")
    }

    /// Uploads and gives the status and the file's id.
    fn uploads(
        &mut self,
        token: &str,
        file: &str,
        (name, mime): (&str, &str),
        channel: &str,
    ) -> (u16, String) {
        let body =
            json!({"validator": token, "file": file, "name": name, "mime_type": mime, "channel": channel});
        let response = self.post("/attachments/upload", &body);
        let said: Value = serde_json::from_slice(&response.body).expect("JSON");
        (response.status, said["attachment"]["id"].as_str().unwrap_or_default().to_owned())
    }

    fn manager(&mut self, account: AccountId) {
        let settings = RoleSettings {
            name: Some("manager".to_owned()),
            permissions: Some(Permissions::MANAGE_SPACE),
            ..RoleSettings::default()
        };
        self.does(Actor::System, Command::CreateRole { space: self.space, settings });
        self.give_role(account, "manager", true);
    }
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

#[test]
fn files_are_given_out_so_that_no_browser_runs_them() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let token = town.token(ann, "a");
    let (status, png) = town.uploads(&token, PNG, ("dot \u{202e}\"\r\n.png", "image/png"), "general");
    assert_eq!(status, 201);
    let response = town.get(&format!("/attachments/{png}"), &[]);
    assert_eq!((response.status, header(&response, "content-type")), (200, "image/png"));
    assert!(header(&response, "content-disposition").starts_with("inline; filename=\""));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "public, max-age=3600"),
        ("accept-ranges", "bytes"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    let part = town.get(&format!("/attachments/{png}"), &[("range", "bytes=1-3")]);
    assert_eq!((part.status, &part.body[..]), (206, &b"PNG"[..]));
    let (status, svg) = town.uploads(&token, SVG, ("x.svg", "image/svg+xml"), "general");
    assert_eq!(status, 201);
    let response = town.get(&format!("/attachments/{svg}"), &[]);
    assert_eq!(header(&response, "content-type"), "application/octet-stream");
    assert!(header(&response, "content-disposition").starts_with("attachment;"));
}

#[test]
fn pictures_lose_what_they_say_and_the_same_bytes_are_two_files() {
    let mut town = Town::new();
    let (ann, bob) = (town.enters("ann"), town.enters("bob"));
    let (anns, bobs) = (town.token(ann, "a"), town.token(bob, "b"));
    let (_, first) = town.uploads(&anns, TALKATIVE, ("ann.gif", "image/gif"), "general");
    let (_, second) = town.uploads(&bobs, TALKATIVE, ("bob.gif", "image/gif"), "general");
    assert_ne!(first, second);
    for (id, name) in [(&first, "ann.gif"), (&second, "bob.gif")] {
        let response = town.get(&format!("/attachments/{id}"), &[]);
        assert!(!response.body.windows(6).any(|part| part == b"secret"));
        assert!(header(&response, "content-disposition").contains(name));
    }
    town.play(&format!(
        r#"
ann drop
ann > {{"cmd":"attachment_delete","attachment_id":"{first}"}}
ann < {{"cmd":"attachment_deleted",...}}
"#
    ));
    assert_eq!(town.get(&format!("/attachments/{second}"), &[]).status, 200);
}

#[test]
fn a_hidden_channel_takes_no_files_and_shows_none() {
    let mut town = Town::new();
    let (ann, cat) = (town.enters("ann"), town.enters("cat"));
    let staff = town.channel(ChannelKind::Text, "staff");
    town.channel(ChannelKind::Forum, "forum");
    town.channel(ChannelKind::Voice, "lounge");
    town.give_role(ann, "moderator", true);
    town.hide(staff, Permissions::VIEW);
    let (anns, cats) = (town.token(ann, "a"), town.token(cat, "c"));
    assert_eq!(town.uploads(&cats, PNG, ("a.png", "image/png"), "staff").0, 404);
    assert_eq!(town.uploads(&cats, PNG, ("a.png", "image/png"), "forum").0, 201);
    assert_eq!(town.uploads(&cats, PNG, ("a.png", "image/png"), "lounge").0, 403);
    let (_, file) = town.uploads(&anns, PNG, ("a.png", "image/png"), "staff");
    town.play(&format!(
        r#"
ann drop
ann > {{"cmd":"message_new","channel":"staff","content":"","attachments":[{{"id":"{file}"}}]}}
ann ? {{"cmd":"message_new",...}}
cat drop
cat > {{"cmd":"attachment_get","attachment_id":"{file}"}}
cat < {{"cmd":"error","src":"attachment_get","val":"Attachment not found or expired"}}
cat > {{"cmd":"attachment_delete","attachment_id":"{file}"}}
cat < {{"cmd":"error","src":"attachment_delete","val":"Attachment not found"}}
cat > {{"cmd":"message_new","channel":"general","content":"x","attachments":[{{"id":"{file}"}}]}}
cat < {{"cmd":"error","src":"message_new","val":_}}
"#
    ));
    town.does(Actor::System, Command::DeleteChannel { channel: staff });
    assert_eq!(town.get(&format!("/attachments/{file}"), &[]).status, 404);
}

#[test]
fn a_validator_counts_for_the_key_of_ones_own_connection_only() {
    let mut town = Town::new();
    let profile = OutsideProfile { username: "mira".to_owned(), ..OutsideProfile::default() };
    let identity = ExternalId::Rotur("USR:1".to_owned());
    let (space, via) = (town.space, Protocol::OriginChats);
    let entering = Command::SignInOutside { identity, profile, space, via };
    let Reply::Account(mira) = town.does(Actor::System, entering) else { panic!("an account") };
    town.token(mira, "originChats-m");
    let mut with = |key: &str, validator: &str| {
        let body = json!({"validator_key": key, "validator": validator, "file": PNG, "name": "a.png",
            "mime_type": "image/png", "channel": "general"});
        town.post("/attachments/upload", &body).status
    };
    assert_eq!(with("originChats-m", "originChats-m~USR:1~mira"), 201);
    assert_eq!(with("originChats-m", "originChats-m~USR:2~eve"), 401);
    assert_eq!(with("originChats-m", "originChats-x~USR:1~mira"), 401);
    assert_eq!(with("originChats-x", "originChats-x~USR:1~mira"), 401);
    assert_eq!(with("originChats-m", "down"), 502);
    town.does(Actor::System, Command::Ban { space: town.space, account: mira, reason: None, until: None });
    let banned = json!({"validator_key": "originChats-m", "validator": "originChats-m~USR:1~mira", "file": PNG,
        "name": "a.png", "mime_type": "image/png", "channel": "general"});
    assert_eq!(town.post("/attachments/upload", &banned).status, 401);
}

#[test]
fn who_comes_from_rotur_has_their_picture_there() {
    let mut town = Town::new();
    let profile = OutsideProfile { username: "mira".to_owned(), ..OutsideProfile::default() };
    let identity = ExternalId::Rotur("USR:1".to_owned());
    let (space, via) = (town.space, Protocol::OriginChats);
    let entering = Command::SignInOutside { identity, profile, space, via };
    let Reply::Account(account) = town.does(Actor::System, entering) else { panic!("an account") };
    let password = commonroom_testkit::world::disguise("abcd");
    town.does(Actor::System, Command::SetPassword { account, password });
    town.play(
        r#"
mira = originchats /
mira > {"cmd":"login","username":"mira","password":"abcd"}
mira ? {"cmd":"user_connect",...}
mira drop
mira > {"cmd":"pfp_set","url":"https://a.example/a.png"}
mira < {"cmd":"error","src":"pfp_set","val":"Profile pictures are managed by Rotur for this account"}
"#,
    );
}

#[test]
fn a_manager_hears_of_no_webhook_in_a_channel_they_may_not_view() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("bob"));
    town.manager(ann);
    let staff = town.channel(ChannelKind::Text, "staff");
    town.channel(ChannelKind::Voice, "lounge");
    town.play(
        r#"
ann drop
bob drop
ann > {"cmd":"webhook_create","channel":"lounge","name":"x"}
ann < {"cmd":"error","src":"webhook_create","val":"Webhooks can only be created for text channels"}
ann > {"cmd":"webhook_create","channel":"staff","name":"x"}
ann < {"cmd":"webhook_create",...}
"#,
    );
    let id = town.world.state().directory.webhooks_of(town.space).next().expect("a webhook").id;
    town.hide(staff, Permissions::VIEW);
    town.play(&format!(
        r#"
ann drop
ann > {{"cmd":"webhook_list"}}
ann < {{"cmd":"webhook_list","webhooks":[]}}
ann > {{"cmd":"webhook_list","channel":"staff"}}
ann < {{"cmd":"error","src":"webhook_list","val":"Access denied to this channel"}}
ann > {{"cmd":"webhook_get","id":"{id}"}}
ann < {{"cmd":"error","src":"webhook_get","val":"Webhook not found"}}
ann > {{"cmd":"webhook_regenerate","id":"{id}"}}
ann < {{"cmd":"error","src":"webhook_regenerate","val":"Webhook not found"}}
ann > {{"cmd":"webhook_delete","id":"{id}"}}
ann < {{"cmd":"error","src":"webhook_delete","val":"Webhook not found"}}
ann > {{"cmd":"webhook_create","channel":"staff","name":"x"}}
ann < {{"cmd":"error","src":"webhook_create","val":"Access denied to this channel"}}
"#
    ));
}

#[test]
fn what_managers_do_with_emoji_and_webhooks_is_in_the_log() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    town.manager(ann);
    town.play(&format!(
        r#"
ann drop
ann > {{"cmd":"emoji_add","name":"x","image":"{PNG}"}}
ann < {{"cmd":"emoji_add",...}}
ann > {{"cmd":"emoji_update","emoji_id":0,"name":"y"}}
ann < {{"cmd":"emoji_update",...}}
ann > {{"cmd":"emoji_delete","emoji_id":0}}
ann < {{"cmd":"emoji_delete",...}}
ann > {{"cmd":"webhook_create","channel":"general","name":"x"}}
ann < {{"cmd":"webhook_create","webhook":{{"id":$id,...}}}}
ann > {{"cmd":"webhook_update","id":"$id","name":"y"}}
ann < {{"cmd":"webhook_update",...}}
ann > {{"cmd":"webhook_regenerate","id":"$id"}}
ann < {{"cmd":"webhook_regenerate",...}}
ann > {{"cmd":"webhook_delete","id":"$id"}}
ann < {{"cmd":"webhook_delete",...}}
"#
    ));
    let filter = AuditFilter { by: Some(ann), ..AuditFilter::default() };
    let query = Query::Audit { space: town.space, filter, skip: 0, limit: 100 };
    let Ok(Reply::Found(Found::Audit { entries, .. })) = town.world.query(&query) else { panic!("entries") };
    let mut actions: Vec<AuditAction> = entries.iter().map(|entry| entry.action).collect();
    actions.reverse();
    use AuditAction::{EmojiAdd, EmojiDelete, EmojiUpdate};
    use AuditAction::{WebhookCreate, WebhookDelete, WebhookRegenerate, WebhookUpdate};
    let all =
        [EmojiAdd, EmojiUpdate, EmojiDelete, WebhookCreate, WebhookUpdate, WebhookRegenerate, WebhookDelete];
    assert_eq!(actions, all);
}

#[test]
fn cards_of_webhooks_and_pushes_to_github_are_kept_with_the_message() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    town.manager(ann);
    town.play(
        "ann drop\nann > {\"cmd\":\"webhook_create\",\"channel\":\"general\",\"name\":\"x\"}\nann < {\"cmd\":\"webhook_create\",...}",
    );
    let webhook = town.world.state().directory.webhooks_of(town.space).next().expect("a webhook").clone();
    let token = commonroom_originchats::encode::keep::token(&town.world.setup().signer, &webhook);
    let target = format!("/webhooks?token={token}");
    let card = json!({"embeds": [{"title": "Built", "url": "https://a.example/1", "color": 255}]});
    assert_eq!(town.post(&target, &card).status, 204);
    let found = town.world.told().iter().rev().find_map(|event| {
        let EventBody::MessagePosted { message } = &event.body else { return None };
        Some(message.clone())
    });
    let message = found.expect("a message");
    assert_eq!((message.embeds.len(), message.embeds[0].title.as_deref()), (1, Some("Built")));
    town.does(Actor::System, Command::DeleteWebhook { webhook: webhook.id });
    assert_eq!(town.post(&target, &card).status, 401);
}
