//! The operator's settings: the table `[originchats]` (originchats.md 10).

use crate::limits;
use crate::permissions;
use commonroom_core::Permissions;
use commonroom_core::audit::AuditCategory;
use commonroom_core::engine::{AuditRules, Rules};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use std::net::IpAddr;

/// The table `[originchats]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Own listener, `address:port`; empty for none. Used by the server.
    pub listen: String,
    /// Name of the space that is shown; `main` is the default space.
    pub space: String,
    /// Directory of a built client to serve; empty for none. Used by the server.
    pub client_dir: String,
    /// Introduces the callers' clients to each other at `/peerjs` (originchats.md 11). Used by the server.
    pub peerjs: bool,
    /// How people sign in.
    pub auth_mode: AuthMode,
    /// What the server is called.
    pub server: Server,
    /// Who runs it.
    pub owner: Owner,
    /// Sizes.
    pub limits: Limits,
    /// Sign-in with an identity kept elsewhere.
    pub rotur: Rotur,
    /// Accounts kept here.
    pub cracked: Cracked,
    /// Rates.
    pub rate_limiting: RateLimiting,
    /// Shared files.
    pub attachments: Attachments,
    /// What is kept of who did what. Used by the server, for all protocols.
    pub modlog: Modlog,
    /// Slash commands of bots.
    pub slash: Slash,
    /// What the server says to who joins for the first time.
    pub welcome: Welcome,
    /// Words that nobody may post, over whichever protocol; who tries is silenced for a while.
    pub blocked_words: Vec<String>,
    /// Pictures of emoji.
    pub uploads: Uploads,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: String::new(),
            space: "main".to_owned(),
            client_dir: String::new(),
            peerjs: true,
            auth_mode: AuthMode::default(),
            server: Server::default(),
            owner: Owner::default(),
            limits: Limits::default(),
            rotur: Rotur::default(),
            cracked: Cracked::default(),
            rate_limiting: RateLimiting::default(),
            attachments: Attachments::default(),
            modlog: Modlog::default(),
            slash: Slash::default(),
            welcome: Welcome::default(),
            blocked_words: Vec::new(),
            uploads: Uploads::default(),
        }
    }
}

/// How people sign in (originchats.md 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// With an identity kept elsewhere only.
    Rotur,
    /// Both ways.
    #[default]
    Cracked,
    /// With an account kept here only.
    CrackedOnly,
}

impl AuthMode {
    /// Its name on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rotur => "rotur",
            Self::Cracked => "cracked",
            Self::CrackedOnly => "cracked-only",
        }
    }

    /// True when accounts kept here may sign in.
    pub fn local(self) -> bool {
        match self {
            Self::Rotur => false,
            Self::Cracked | Self::CrackedOnly => true,
        }
    }
}

/// `server.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The name shown until the space gets one of its own.
    pub name: String,
    /// Absolute URL of a picture.
    pub icon: Option<String>,
    /// Absolute URL of a wide picture.
    pub banner: Option<String>,
    /// Public base URL for absolute links; the server's own when missing.
    pub url: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self { name: "My OriginChats Server".to_owned(), icon: None, banner: None, url: None }
    }
}

/// `owner.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Owner {
    /// Who runs the server.
    pub name: String,
}

impl Default for Owner {
    fn default() -> Self {
        Self { name: "Admin".to_owned() }
    }
}

/// `limits.*`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Characters of a message; never more than the core takes.
    pub post_content: usize,
    /// Results of one search.
    pub search_results: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { post_content: 2_000, search_results: 30 }
    }
}

/// `rotur.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rotur {
    /// Where validators are checked.
    pub validate_url: String,
    /// Seconds such a check may take.
    pub timeout: u64,
    /// Switches the checks off altogether.
    pub enabled: bool,
}

impl Default for Rotur {
    fn default() -> Self {
        Self { validate_url: "https://api.rotur.dev/validate".to_owned(), timeout: 5, enabled: true }
    }
}

/// `cracked.*`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cracked {
    /// Anybody may register over this protocol, as far as the instance allows it.
    pub allow_registration: bool,
}

impl Default for Cracked {
    fn default() -> Self {
        Self { allow_registration: true }
    }
}

/// `rate_limiting.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimiting {
    /// Rates and floods count at all.
    pub enabled: bool,
    /// Messages of one account in 60 seconds.
    pub messages_per_minute: u32,
    /// Messages of one account in 10 seconds.
    pub burst_limit: u32,
    /// Seconds of silence after a burst.
    pub cooldown_seconds: u32,
    /// Networks whose clients are subject to no rate.
    #[serde(deserialize_with = "networks")]
    pub exempt: Vec<IpNet>,
}

impl Default for RateLimiting {
    fn default() -> Self {
        Self {
            enabled: true,
            messages_per_minute: 60,
            burst_limit: 10,
            cooldown_seconds: 30,
            exempt: Vec::new(),
        }
    }
}

impl RateLimiting {
    /// True for a client that no rate counts for.
    pub fn exempts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.exempt.iter().any(|network| network.contains(&address))
    }
}

/// `attachments.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachments {
    /// Files may be shared.
    pub enabled: bool,
    /// Bytes of one file.
    pub max_size: u64,
    /// MIME types, `*` allowed after the slash.
    pub allowed_types: Vec<String>,
    /// Files of one account in a minute.
    pub uploads_per_minute: u32,
    /// Files kept per account; -1 for any number.
    pub max_attachments_per_user: i64,
    /// Subscriptions whose files are kept.
    pub permanent_tiers: Vec<String>,
    /// Days for which those are kept.
    pub permanent_expiration_days: u32,
    /// Days for which the others are kept, at most.
    pub free_tier_max_expiration_days: u32,
}

impl Default for Attachments {
    fn default() -> Self {
        Self {
            enabled: true,
            max_size: 104_857_600,
            allowed_types: ["image/*", "video/*", "audio/*", "application/pdf"].map(str::to_owned).to_vec(),
            uploads_per_minute: 10,
            max_attachments_per_user: -1,
            permanent_tiers: ["pro", "max"].map(str::to_owned).to_vec(),
            permanent_expiration_days: 365,
            free_tier_max_expiration_days: 7,
        }
    }
}

/// `modlog.*` (originchats.md 5.18)
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Modlog {
    /// Anything is kept at all.
    pub enabled: bool,
    /// For how long.
    pub retention: Retention,
}

impl Default for Modlog {
    fn default() -> Self {
        Self { enabled: true, retention: Retention::default() }
    }
}

/// `modlog.retention.*`: days for which entries of a category are kept.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// About people.
    pub user_moderation: u32,
    /// About roles.
    pub role_management: u32,
    /// About channels.
    pub channel_management: u32,
    /// About messages.
    pub message_moderation: u32,
    /// About the community itself.
    pub server_management: u32,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |category: AuditCategory| u32::try_from(category.days()).unwrap_or(u32::MAX);
        Self {
            user_moderation: days(AuditCategory::UserModeration),
            role_management: days(AuditCategory::RoleManagement),
            channel_management: days(AuditCategory::ChannelManagement),
            message_moderation: days(AuditCategory::MessageModeration),
            server_management: days(AuditCategory::ServerManagement),
        }
    }
}

impl Modlog {
    /// The rules for the core.
    pub fn rules(&self) -> AuditRules {
        let days = AuditCategory::ALL.map(|category| (category, i64::from(self.retention.of(category))));
        AuditRules { enabled: self.enabled, days: days.into() }
    }
}

impl Retention {
    /// Days for which entries of a category are kept.
    pub fn of(&self, category: AuditCategory) -> u32 {
        match category {
            AuditCategory::UserModeration => self.user_moderation,
            AuditCategory::RoleManagement => self.role_management,
            AuditCategory::ChannelManagement => self.channel_management,
            AuditCategory::MessageModeration => self.message_moderation,
            AuditCategory::ServerManagement => self.server_management,
        }
    }
}

/// `slash.*`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Slash {
    /// Permission that registering slash commands takes, by its name in this protocol; empty for none.
    #[serde(deserialize_with = "permission")]
    pub register_permission: String,
}

impl Slash {
    /// What registering slash commands takes.
    pub fn permission(&self) -> Option<(&'static str, Permissions)> {
        permissions::named(&self.register_permission)
    }
}

/// `welcome.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Welcome {
    /// Name of the channel in which it is said; empty for not at all.
    pub channel: String,
    /// The words; `{username}` stands for the name.
    pub template: String,
}

impl Default for Welcome {
    fn default() -> Self {
        let template = "Welcome {username}! Thanks for joining the server.".to_owned();
        Self { channel: String::new(), template }
    }
}

impl Attachments {
    /// True when files of this type may be shared.
    pub fn allows(&self, mime: &str) -> bool {
        self.allowed_types.iter().any(|pattern| commonroom_media::serving::mime_matches(pattern, mime))
    }
}

/// `uploads.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Uploads {
    /// File extensions that an emoji's picture may have.
    pub emoji_allowed_file_types: Vec<String>,
}

impl Default for Uploads {
    fn default() -> Self {
        Self { emoji_allowed_file_types: ["gif", "jpg", "jpeg", "png", "webp"].map(str::to_owned).to_vec() }
    }
}

impl Config {
    /// What these settings decide for the core, and so for every protocol.
    pub fn add_to(&self, rules: &mut Rules) {
        let Welcome { channel, template } = self.welcome.clone();
        rules.welcome =
            (!channel.is_empty()).then_some(commonroom_core::engine::Welcome { channel, template });
        rules.blocked_words = self.blocked_words.iter().map(|word| word.trim().to_lowercase()).collect();
        rules.blocked_words.retain(|word| !word.is_empty());
        rules.audit = self.modlog.rules();
    }

    /// Characters of a message that this protocol takes.
    pub fn post_content(&self) -> usize {
        self.limits.post_content.min(commonroom_core::limits::MESSAGE_CHARS)
    }

    /// Messages a minute, bounded.
    pub fn messages_per_minute(&self) -> usize {
        self.rate_limiting.messages_per_minute.min(limits::MESSAGES_PER_MINUTE_MAX) as usize
    }
}

/// Reads the name of a permission, or nothing.
fn permission<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name.is_empty() || permissions::named(&name).is_some() {
        Ok(name)
    } else {
        Err(serde::de::Error::custom(format!("{name:?} is no permission")))
    }
}

/// Reads a list of networks; a plain address is a network of one.
fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(deserializer)?
        .iter()
        .map(|text| {
            text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
                serde::de::Error::custom(format!("{text:?} is no network (10.0.0.0/8) or address"))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_specification() {
        let config: Config = serde_json::from_str("{}").expect("an empty table is a whole configuration");
        assert_eq!(config.auth_mode.word(), "cracked");
        assert_eq!(config.post_content(), 2_000);
        assert_eq!((config.rate_limiting.messages_per_minute, config.rate_limiting.burst_limit), (60, 10));
    }

    #[test]
    fn the_audit_log_is_kept_as_long_as_the_operator_says() {
        let text = r#"{"modlog":{"retention":{"message_moderation":7}}}"#;
        let config: Config = serde_json::from_str(text).expect("a retention");
        let rules = config.modlog.rules();
        assert!(rules.enabled);
        assert_eq!(rules.days.get(&AuditCategory::MessageModeration), Some(&7));
        assert_eq!(rules.days.get(&AuditCategory::UserModeration), Some(&365));
        let off: Config = serde_json::from_str(r#"{"modlog":{"enabled":false}}"#).expect("a switch");
        assert!(!off.modlog.rules().enabled);
    }

    #[test]
    fn unknown_keys_and_networks_that_are_none_are_errors() {
        assert!(serde_json::from_str::<Config>(r#"{"auth_modus":"rotur"}"#).is_err());
        assert!(serde_json::from_str::<Config>(r#"{"rate_limiting":{"exempt":["home"]}}"#).is_err());
        assert!(serde_json::from_str::<Config>(r#"{"slash":{"register_permission":"fly"}}"#).is_err());
    }

    #[test]
    fn what_everybody_is_subject_to_goes_to_the_core() {
        let text = r#"{"welcome":{"channel":"general"},"blocked_words":[" Spam ",""]}"#;
        let mut rules = Rules::default();
        serde_json::from_str::<Config>(text).expect("good").add_to(&mut rules);
        let welcome = rules.welcome.clone().expect("a welcome");
        assert_eq!((welcome.channel.as_str(), welcome.template.contains("{username}")), ("general", true));
        assert_eq!(rules.blocked_words, ["spam"]);
        Config::default().add_to(&mut rules);
        assert_eq!((rules.welcome, rules.blocked_words.len()), (None, 0));
    }

    #[test]
    fn an_exempt_network_holds_its_addresses_in_either_notation() {
        let text = r#"{"rate_limiting":{"exempt":["127.0.0.0/8","10.1.2.3"]}}"#;
        let config: Config = serde_json::from_str(text).expect("networks");
        let exempts = |text: &str| config.rate_limiting.exempts(text.parse().expect("an address"));
        assert!(exempts("127.0.0.1") && exempts("::ffff:127.0.0.1") && exempts("10.1.2.3"));
        assert!(!exempts("10.1.2.4") && !exempts("::1"));
    }
}
