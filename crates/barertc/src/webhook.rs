//! What is told to, and asked of, the website that this chat belongs to (barertc.md 7.13).
//!
//! Its addresses are the operator's own, so they are asked whatever network they are in; they must be http(s). The key
//! goes along in `APIKey`, as websites expect it, and signs the body in the header `x-commonroom-signature`: HMAC-SHA256,
//! base64url. With `webhook_key` set it is that key, and the one of the API never leaves.

use crate::config::Config;
use crate::limits;
use commonroom_hub::request::{Outside, Post, Request};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a website knows of somebody.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Profile {
    /// A line under the name.
    #[serde(deserialize_with = "or_default")]
    pub headline: String,
    /// Facts.
    #[serde(deserialize_with = "or_default")]
    pub profile_fields: Vec<ProfileField>,
}

/// A fact about somebody. Clients show it as text.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ProfileField {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

fn or_default<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// True for an address that a webhook may have: http(s), and no name or password in it.
pub fn is_usable(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        !host.is_empty()
            && !host.contains('@')
            && !url.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}

/// Tells the website of a report, so often until it answers. `None` when there is no such webhook.
pub fn report(config: &Config, report: &Value, tries: u32) -> Option<Request> {
    let body = json!({ "Action": "report", "APIKey": config.webhook_key(), "Report": report });
    post(config, &config.report_webhook, &body, tries)
}

/// Asks the website who somebody is. `None` when there is no such webhook.
pub fn profile(config: &Config, username: &str) -> Option<Request> {
    let body = json!({ "Action": "profile", "APIKey": config.webhook_key(), "Username": username });
    post(config, &config.profile_webhook, &body, 1)
}

/// What a website says of somebody.
///
/// # Errors
/// Why it says nothing, in its own words when it has some.
pub fn read_profile(answer: &str) -> Result<Profile, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Envelope {
        data: Value,
    }
    let strange = |_| "the website's answer was not understood".to_owned();
    let data = serde_json::from_str::<Envelope>(answer).map_err(strange)?.data;
    if data["OK"].as_bool() != Some(true) {
        return Err(data["Error"].as_str().unwrap_or("the website knows nothing").to_owned());
    }
    let mut profile: Profile = serde_json::from_value(data).map_err(strange)?;
    profile.profile_fields.truncate(limits::PROFILE_FIELDS);
    Ok(profile)
}

fn post(config: &Config, url: &str, body: &Value, tries: u32) -> Option<Request> {
    if !is_usable(url) {
        return None;
    }
    let body = body.to_string();
    let key = EncodingKey::from_secret(config.webhook_key().as_bytes());
    let signature = crypto::sign(body.as_bytes(), &key, Algorithm::HS256).ok()?;
    let headers = vec![("x-commonroom-signature", signature)];
    let post = Post { body, headers, tries };
    Some(Request::Outside(Outside {
        url: url.to_owned(),
        seconds: limits::WEBHOOK_SECONDS,
        post: Some(post),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            report_webhook: "https://site.example/hook".to_owned(),
            api_key: "the key of the API".to_owned(),
            ..Config::default()
        }
    }

    fn sent(request: Option<Request>) -> Outside {
        match request {
            Some(Request::Outside(outside)) => outside,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_report_is_posted_signed() {
        let asked = sent(report(&config(), &json!({ "Reason": "rude" }), 3));
        let post = asked.post.expect("a body");
        let body: Value = serde_json::from_str(&post.body).expect("JSON");
        let wanted =
            json!({ "Action": "report", "APIKey": "the key of the API", "Report": { "Reason": "rude" } });
        assert_eq!((body, post.tries), (wanted, 3));
        let key = jsonwebtoken::DecodingKey::from_secret(b"the key of the API");
        let (name, signature) = &post.headers[0];
        assert_eq!(*name, "x-commonroom-signature");
        assert_eq!(crypto::verify(signature, post.body.as_bytes(), &key, Algorithm::HS256).ok(), Some(true));
    }

    #[test]
    fn with_a_key_of_its_own_the_key_of_the_api_stays_here() {
        let config = Config { webhook_key: "another".to_owned(), ..config() };
        let body = sent(report(&config, &json!({}), 1)).post.expect("a body").body;
        assert!(body.contains("another") && !body.contains("the key of the API"));
    }

    #[test]
    fn only_addresses_of_the_web_are_used() {
        for url in
            ["", "ftp://a", "file:///etc/passwd", "http://", "https://a:b@c/", "http://a b/", "javascript:1"]
        {
            assert!(!is_usable(url), "{url}");
        }
        assert!(is_usable("http://127.0.0.1:8000/hook?x=@") && is_usable("https://site.example"));
    }

    #[test]
    fn a_profile_is_read_or_the_reason_why_not() {
        let good = r#"{"StatusCode":200,"Data":{"OK":true,"ProfileFields":[{"Name":"Age","Value":"30"}],"Headline":null}}"#;
        assert_eq!(read_profile(good).expect("a profile").profile_fields[0].value, "30");
        let bad = r#"{"StatusCode":404,"Data":{"OK":false,"Error":"no such member"}}"#;
        assert_eq!(read_profile(bad), Err("no such member".to_owned()));
        for odd in ["", "[]", r#"{"Data":7}"#, r#"{"Data":{"OK":true,"ProfileFields":7}}"#] {
            assert!(read_profile(odd).is_err(), "{odd}");
        }
    }
}
