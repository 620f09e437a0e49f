//! The chat page: a built client's `index.html` with its placeholders filled (barertc.md 11.1), or a page of our own.

use crate::config::{Config, Strings};
use crate::limits;
use crate::markup::escape;
use crate::token::{Claims, Rules};
use crate::webhook;
use commonroom_core::env::Timestamp;
use commonroom_core::name::NameKey;
use commonroom_core::secret::turn_credential;
use serde::Serialize;
use serde_json::{Value, json};

/// Who the page is for.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The token as it came.
    pub token: String,
    /// What it says; `None` for a guest.
    pub claims: Option<Claims>,
    /// Whom the website says that they do not want to meet.
    pub blocklist: Vec<String>,
    /// When the page is loaded.
    pub now: Timestamp,
}

const CONDITION: &str = "{{if .JWTAuthOK}}true{{else}}false{{end}}";

/// Fills the placeholders of a client's page. What is filled in is never read again, so that nothing in it can be a
/// placeholder; placeholders of other builds stay as they are.
pub fn fill(template: &str, config: &Config, visitor: &Visitor, cache_hash: &str) -> String {
    let mut out = String::with_capacity(template.len() + 4_096);
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        let before = &rest[..at];
        out.push_str(before);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix(CONDITION) {
            out.push_str(if visitor.claims.is_some() { "true" } else { "false" });
            rest = after;
            continue;
        }
        let Some(end) = rest.find("}}").map(|end| end + 2) else { break };
        let (placeholder, after) = rest.split_at(end);
        match value(placeholder, before, config, visitor, cache_hash) {
            Some(value) => out.push_str(&value),
            None => out.push_str(placeholder),
        }
        rest = after;
    }
    out.push_str(rest);
    out.trim().to_owned()
}

fn value(
    placeholder: &str,
    before: &str,
    config: &Config,
    visitor: &Visitor,
    cache_hash: &str,
) -> Option<String> {
    let of_claims = |claims: &Claims| claims.rules.and(config.rules_of(&NameKey::of(&claims.sub)));
    let rules = visitor.claims.as_ref().map_or_else(Rules::default, of_claims);
    Some(match placeholder {
        "{{define \"index\"}}" | "{{end}}" => String::new(),
        "{{.Config.Title}}" => escape(&config.title),
        "{{.CacheHash}}" if before.trim_end().ends_with('=') => script(&cache_hash),
        "{{.CacheHash}}" => cache_hash.to_owned(),
        "{{.Config.Branding}}" => script(&config.branding),
        // Of the first clients, in the page itself: the operator's own HTML.
        "{{AsHTML .Config.Branding}}" => config.branding.clone(),
        "{{.Config.Strings}}" => script(&strings(&config.strings)),
        "{{.Config.GetChannels}}" => script(&channels(config)),
        "{{.Config.DirectMessageHistory.DisclaimerMessage}}" => script(&config.dm_disclaimer),
        // Already between quotes.
        "{{.Config.WebsiteURL}}" => {
            let quoted = script(&config.website_url);
            quoted.trim_matches('"').replace('\'', "\\u0027")
        }
        "{{AsJS .Config.PermitNSFW}}" => script(&config.permit_nsfw),
        "{{.Config.TURN}}" => script(&turn(config, visitor)),
        "{{.Config.WebhookURLs}}" => script(&webhooks(config)),
        "{{.Config.VIP}}" => script(&json!({
            "Name": config.vip.name,
            "Branding": config.vip.branding,
            "Icon": config.vip.icon,
            "MutuallySecret": config.vip.mutually_secret,
        })),
        "{{.JWTTokenString}}" => script(&visitor.token),
        "{{.JWTClaims.ToJSON}}" => script(&visitor.claims.as_ref().map_or_else(|| json!({}), Claims::json)),
        "{{.JWTClaims.Rules.ToDict}}" => script(&rules),
        "{{.CachedBlocklist}}" => script(&visitor.blocklist),
        _ => return None,
    })
}

/// A value as JavaScript that cannot end the script block it stands in.
fn script<T: Serialize + ?Sized>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            other => out.push(other),
        }
    }
    out
}

fn strings(strings: &Strings) -> Value {
    json!({
        "ModRuleErrorCameraAlwaysNSFW": strings.mod_rule_error_camera_always_nsfw,
        "ModRuleErrorNoBroadcast": strings.mod_rule_error_no_broadcast,
        "ModRuleErrorNoVideo": strings.mod_rule_error_no_video,
        "ModRuleErrorNoImage": strings.mod_rule_error_no_image,
    })
}

fn channels(config: &Config) -> Value {
    let one = |channel: &crate::config::Channel| {
        json!({
            "ID": channel.id,
            "Name": channel.name,
            "Icon": channel.icon,
            "VIP": channel.vip,
            "PermitPhotos": channel.permit_photos,
            // What the server tells by itself, when somebody has come (13 D21).
            "WelcomeMessages": [],
            "EchoMessagesOnJoin": 0,
        })
    };
    config.channels.iter().map(one).collect()
}

/// What the page needs to know of TURN servers. A `turns:` address makes browsers refuse the whole configuration (barertc.md 10.2).
fn turn(config: &Config, visitor: &Visitor) -> Value {
    let usable = |url: &&String| url.starts_with("turn:") || url.starts_with("stun:");
    let urls: Vec<&String> = config.turn.urls.iter().filter(usable).collect();
    let secret = &config.turn.secret;
    if secret.is_empty() {
        return json!({ "URLs": urls, "Username": config.turn.username, "Credential": config.turn.credential });
    }
    let name = visitor.claims.as_ref().map_or("guest", |claims| &claims.sub);
    let username = format!("{}:{name}", visitor.now.seconds() + limits::TURN_SECONDS);
    json!({ "URLs": urls, "Username": username, "Credential": turn_credential(secret, &username) })
}

/// Which webhooks there are; their addresses are nobody's business (barertc.md 13 D21).
fn webhooks(config: &Config) -> Value {
    let hooks = [("report", &config.report_webhook), ("profile", &config.profile_webhook)];
    hooks
        .into_iter()
        .filter(|(_, url)| webhook::is_usable(url))
        .map(|(name, _)| json!({ "Name": name, "Enabled": true, "URL": "" }))
        .collect()
}

/// A plain page of our own.
pub fn plain(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{}</title></head>\n\
         <body>\n{body}\n</body>\n</html>\n",
        escape(title)
    )
}

/// The page when no client is installed.
pub fn without_client(config: &Config) -> String {
    let body = "<h1>BareRTC is served here</h1>\n\
                <p>BareRTC clients and bots connect to <code>/ws</code> of this address.</p>\n\
                <p>To chat on this page, build the BareRTC web client and name its directory as \
                <code>client_dir</code> in the table <code>[barertc]</code> of the configuration.</p>";
    plain(&config.title, body)
}

/// `/about`, with the places that the client links to.
pub fn about(config: &Config) -> String {
    let sections = [
        (
            "help",
            "Help",
            "Choose a channel on the left, write below, and click on a name on the right for more.",
        ),
        (
            "tour",
            "Tour",
            "Channels and direct messages are on the left, the conversation is in the middle, people are \
                          on the right.",
        ),
        (
            "video-sharing",
            "Sharing video",
            "Pictures of cameras go from browser to browser. You choose who may watch; \
                                           click on the eye beside your camera to see who does.",
        ),
        (
            "features",
            "Features",
            "Messages understand Markdown. You can mute, block, and send people off your camera.",
        ),
        ("browsers", "Browsers", "Any recent browser works. Cameras need a secure connection (HTTPS)."),
        ("privacy", "Privacy", "People who watch each other's cameras learn each other's network address."),
        (
            "troubleshooting",
            "Troubleshooting",
            "Reload the page if something does not work; cameras may be kept from \
                                               each other by firewalls.",
        ),
        ("watermarks", "Watermarks", "Clients may lay a mark over a camera picture that names who watches."),
    ];
    let body: String = sections
        .iter()
        .map(|(id, title, text)| format!("<h2 id=\"{id}\">{title}</h2>\n<p>{text}</p>\n"))
        .collect();
    plain(
        &config.title,
        &format!("<h1>About this chat</h1>\n{body}<p><a href=\"/\">Back to the chat</a></p>"),
    )
}

/// `/logout`
pub fn logout(config: &Config) -> String {
    plain(
        &config.title,
        "<h1>You have signed out</h1>\n<p>You can close this window, or <a href=\"/\">come back</a>.</p>\n\
         <script>window.close();</script>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "{{define \"index\"}}\n<!DOCTYPE html>\n<link href=\"/static/css/chat.css?{{.CacheHash}}\">\n\
        <title>{{.Config.Title}}</title>\n<script>\nconst Branding = {{.Config.Branding}};\n\
        const PublicChannels = {{.Config.GetChannels}};\nconst WebsiteURL = \"{{.Config.WebsiteURL}}\";\n\
        const PermitNSFW = {{AsJS .Config.PermitNSFW}};\nconst TURN = {{.Config.TURN}};\nconst WebhookURLs = {{.Config.WebhookURLs}};\n\
        const UserJWTToken = {{.JWTTokenString}};\n\
        const UserJWTValid = {{if .JWTAuthOK}}true{{else}}false{{end}};\nconst UserJWTClaims = {{.JWTClaims.ToJSON}};\n\
        const UserJWTRules = {{.JWTClaims.Rules.ToDict}};\nconst CachedBlocklist = {{.CachedBlocklist}};\n\
        const CacheHash = {{.CacheHash}};\nf({{ .Other }});\n</script>\n{{end}}\n";

    fn constant<'a>(page: &'a str, name: &str) -> &'a str {
        let from = page.find(&format!("const {name} = ")).expect("the constant") + name.len() + 9;
        let line = page[from..].lines().next().expect("a line");
        line.strip_suffix(';').expect("a semicolon")
    }

    #[test]
    fn every_global_is_filled_with_its_type() {
        let config =
            Config { website_url: "https://a.example/\"</script>".to_owned(), ..Config::default() }.shown();
        let page = fill(TEMPLATE, &config, &Visitor::default(), "abc");
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</script>"));
        assert!(page.contains("chat.css?abc\"") && page.contains("f({{ .Other }});"));
        assert_eq!(constant(&page, "CacheHash"), "\"abc\"");
        assert_eq!(constant(&page, "UserJWTValid"), "false");
        assert_eq!(constant(&page, "UserJWTToken"), "\"\"");
        assert_eq!(constant(&page, "UserJWTClaims"), "{}");
        assert_eq!(constant(&page, "CachedBlocklist"), "[]");
        assert_eq!(constant(&page, "PermitNSFW"), "false");
        assert_eq!(constant(&page, "WebsiteURL"), "\"https://a.example/\\\"\\u003c/script\\u003e\"");
        let channels: Value = serde_json::from_str(constant(&page, "PublicChannels")).expect("JSON");
        assert_eq!(channels[0]["ID"], "lobby");
        assert!(channels[0]["WelcomeMessages"].is_array());
        let rules: Value = serde_json::from_str(constant(&page, "UserJWTRules")).expect("JSON");
        assert_eq!(rules["IsNoVideoRule"], false);
        let turn: Value = serde_json::from_str(constant(&page, "TURN")).expect("JSON");
        assert!(turn["URLs"].is_array());
    }

    #[test]
    fn nothing_filled_in_ends_the_script_or_is_a_placeholder() {
        let branding = "</script><script>alert(1)</script>{{.JWTTokenString}}\u{2028}&".to_owned();
        let config = Config { branding, title: "<b>".to_owned(), ..Config::default() };
        let page = fill(TEMPLATE, &config, &Visitor::default(), "abc");
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(constant(&page, "Branding").contains("{{.JWTTokenString}}\\u2028\\u0026"));
        assert!(page.contains("<title>&lt;b&gt;</title>"));
    }

    #[test]
    fn a_turns_address_is_left_out() {
        let mut config = Config::default();
        config.turn.urls = vec!["turns:a.example".to_owned(), "turn:a.example:443?transport=tcp".to_owned()];
        assert_eq!(turn(&config, &Visitor::default())["URLs"], json!(["turn:a.example:443?transport=tcp"]));
    }

    #[test]
    fn what_the_page_does_not_use_it_is_not_told() {
        let mut config = Config { api_key: "hidden key".to_owned(), ..Config::default() }.shown();
        config.report_webhook = "https://site.example/hidden-hook".to_owned();
        config.jwt_secret = "hidden secret".to_owned();
        config.channels[0].welcome_messages = vec!["hidden words".to_owned()];
        let page = fill(TEMPLATE, &config, &Visitor::default(), "abc");
        assert!(!page.contains("hidden"), "{page}");
    }

    #[test]
    fn with_a_secret_no_password_is_good_for_ever() {
        let mut config = Config::default();
        (config.turn.username, config.turn.credential) = ("fixed".to_owned(), "fixed".to_owned());
        config.turn.secret = "shared".to_owned();
        let visitor = Visitor { now: Timestamp(1_000_000_000_000_000), ..Visitor::default() };
        let found = turn(&config, &visitor);
        assert_eq!(found["Username"], "1000172800:guest");
        assert_eq!(found["Credential"], turn_credential("shared", "1000172800:guest"));
        assert!(!found.to_string().contains("fixed"));
    }
}
