//! The operator's settings: the table `[barertc]` (barertc.md 10.1, in snake case).

use crate::filters::MessageFilter;
use crate::limits;
use crate::site::Site;
use crate::token::Rules;
use crate::webhook;
use commonroom_core::name::NameKey;
use serde::Deserialize;

/// The table `[barertc]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Own listener, `address:port`; empty for none. Used by the server.
    pub listen: String,
    /// Name of the space that is shown; `main` is the default space.
    pub space: String,
    /// Directory of a built client to serve; empty for none.
    pub client_dir: String,
    /// Page title.
    pub title: String,
    /// HTML shown as the logo.
    pub branding: String,
    /// Base of relative avatar and profile addresses.
    pub website_url: String,
    /// Origins that may read the statistics, and open WebSockets.
    pub cors_hosts: Vec<String>,
    /// Secret shared with the website that signs tokens; empty switches tokens off.
    pub jwt_secret: String,
    /// What else is decided about tokens.
    pub jwt: Jwt,
    /// People without a token may enter.
    pub guests: bool,
    /// Key of the website for the HTTP API.
    pub api_key: String,
    /// Rates of barertc.md 9.1 apply.
    pub rate_limits: bool,
    /// Offers the controls for explicit cameras.
    pub permit_nsfw: bool,
    /// Who is banned while they are here keeps everybody of their address out until the ban is over.
    pub ban_addresses: bool,
    /// Operators can be blocked like everybody else.
    pub blockable_admins: bool,
    /// Pictures of other servers are shown and not only linked. They tell that server who reads.
    pub remote_images: bool,
    /// Pixels of the longer side of shared pictures; larger ones are made smaller.
    pub max_image_width: u32,
    /// Pixels of the longer side of a picture among messages.
    pub preview_image_width: u32,
    /// Days for which shared pictures are kept; 0 is for ever.
    pub picture_days: u32,
    /// Pictures may be shared in any direct message, not only with an operator.
    pub dm_photos: bool,
    /// Videos of YouTube that a message links to are shown below it.
    pub youtube_embeds: bool,
    /// What moderation asks of people by name.
    pub moderation_rules: Vec<ModerationRule>,
    /// Words that messages are searched for; the first that matches decides.
    pub message_filters: Vec<MessageFilter>,
    /// Who sends one link to many people is sent out.
    pub dm_link_spam: LinkSpam,
    /// Operators may end the server, so that a supervisor starts it anew.
    pub operator_shutdown: bool,
    /// People may read their direct messages again.
    pub dm_history: bool,
    /// HTML shown above direct messages.
    pub dm_disclaimer: String,
    /// Address that reports are sent to.
    pub report_webhook: String,
    /// Address that profiles are asked from.
    pub profile_webhook: String,
    /// Key sent to, and for signing what is told to, these addresses; empty is the one of the API.
    pub webhook_key: String,
    /// The API may end the server, for a supervisor to start it anew.
    pub api_shutdown: bool,
    /// Attempts to sign in per address and minute; 0 is no limit.
    pub logins_per_minute: u32,
    /// Guests of one address at once; 0 is no limit.
    pub guests_per_address: usize,
    /// Direct messages older than so many days are not read again; 0 is no limit.
    pub dm_retention_days: u32,
    /// What everything made from this configuration remembers together.
    #[serde(skip)]
    pub site: Site,
    /// What is said in public channels, as text files.
    pub logging: Logging,
    /// Servers that help cameras through firewalls.
    pub turn: Turn,
    /// What paying or long-standing members are called.
    pub vip: Vip,
    /// Texts of moderation rules.
    pub strings: Strings,
    /// The channels. `lobby` is the space's default channel, the others are channels named like their id.
    pub channels: Vec<Channel>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: String::new(),
            space: "main".to_owned(),
            client_dir: String::new(),
            title: "Commonroom".to_owned(),
            branding: "Commonroom".to_owned(),
            website_url: String::new(),
            cors_hosts: Vec::new(),
            jwt_secret: String::new(),
            jwt: Jwt::default(),
            guests: true,
            api_key: String::new(),
            rate_limits: true,
            permit_nsfw: false,
            ban_addresses: false,
            blockable_admins: false,
            remote_images: false,
            max_image_width: 1_280,
            preview_image_width: 360,
            picture_days: 30,
            dm_photos: false,
            youtube_embeds: true,
            moderation_rules: Vec::new(),
            message_filters: Vec::new(),
            dm_link_spam: LinkSpam::default(),
            operator_shutdown: false,
            dm_history: false,
            dm_disclaimer: String::new(),
            report_webhook: String::new(),
            profile_webhook: String::new(),
            webhook_key: String::new(),
            api_shutdown: false,
            logins_per_minute: 10,
            guests_per_address: 20,
            dm_retention_days: 90,
            site: Site::default(),
            logging: Logging::default(),
            turn: Turn::default(),
            vip: Vip::default(),
            strings: Strings::default(),
            channels: vec![Channel::lobby()],
        }
    }
}

impl Config {
    /// True when tokens are accepted at all: a secret that can be guessed is no secret (barertc.md 13 D1).
    pub fn accepts_tokens(&self) -> bool {
        self.jwt_secret.len() >= limits::SECRET_BYTES
    }

    /// True when nobody enters without a token (barertc.md 3.1).
    pub fn is_strict(&self) -> bool {
        self.accepts_tokens() && self.jwt.strict.unwrap_or(!self.guests)
    }

    /// True when people without a token may enter.
    pub fn admits_guests(&self) -> bool {
        self.guests && !self.is_strict()
    }

    /// The key that goes along to webhooks and signs what they are told.
    pub fn webhook_key(&self) -> &str {
        if self.webhook_key.is_empty() { &self.api_key } else { &self.webhook_key }
    }

    /// What in these settings is likely not meant so, a sentence each.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let (have, need) = (self.jwt_secret.len(), limits::SECRET_BYTES);
        if have > 0 && have < need {
            doubts.push(format!(
                "jwt_secret has {have} bytes: no token is accepted until it has at least {need}"
            ));
        }
        if !self.admits_guests() && !self.accepts_tokens() {
            doubts.push("nobody can enter: there are neither guests nor a jwt_secret".to_owned());
        }
        if !self.api_key.is_empty() && self.api_key.len() < limits::KEY_BYTES {
            doubts.push(format!("api_key is shorter than {} bytes and can be guessed", limits::KEY_BYTES));
        }
        for (name, url) in
            [("report_webhook", &self.report_webhook), ("profile_webhook", &self.profile_webhook)]
        {
            if !url.is_empty() && !webhook::is_usable(url) {
                doubts.push(format!("{name} is no http(s) address and is not used"));
            } else if !url.is_empty() && self.webhook_key().is_empty() {
                doubts.push(format!("{name} is told things with an empty key: set webhook_key or api_key"));
            }
        }
        for url in &self.turn.urls {
            if url.starts_with("turns:") {
                doubts.push(format!(
                    "{url} is not given to browsers, which would refuse all: use turn:host:443?transport=tcp"
                ));
            } else if !url.starts_with("turn:") && !url.starts_with("stun:") {
                doubts.push(format!(
                    "{url} is neither a stun: nor a turn: address and is not given to browsers"
                ));
            }
        }
        let page = std::path::Path::new(&self.client_dir).join("index.html");
        if !self.client_dir.is_empty() && !page.is_file() {
            doubts.push(format!("there is no {}", page.display()));
        }
        doubts
    }

    /// The channels as shown: always with a lobby, since clients start there.
    pub(crate) fn shown(mut self) -> Self {
        if !self.channels.iter().any(|channel| channel.id == LOBBY) {
            self.channels.insert(0, Channel::lobby());
        }
        for channel in &mut self.channels {
            if channel.name.is_empty() {
                channel.name.clone_from(&channel.id);
            }
        }
        self
    }

    /// These settings in place of others while the server runs: what is only read at the start stays as it was, and the
    /// keys of which that is not what was meant.
    pub(crate) fn after(self, before: &Self) -> (Self, Vec<&'static str>) {
        let fixed = [
            ("listen", self.listen != before.listen),
            ("space", self.space != before.space),
            ("client_dir", self.client_dir != before.client_dir),
            ("cors_hosts", self.cors_hosts != before.cors_hosts),
            ("logging", self.logging != before.logging),
        ];
        let changed = fixed.into_iter().filter(|(_, changed)| *changed).map(|(key, _)| key).collect();
        let before = before.clone();
        let config = Self {
            listen: before.listen,
            space: before.space,
            client_dir: before.client_dir,
            cors_hosts: before.cors_hosts,
            logging: before.logging,
            site: before.site,
            ..self
        };
        (config, changed)
    }

    /// What the configuration asks of somebody.
    pub fn rules_of(&self, key: &NameKey) -> Rules {
        let meant = self.moderation_rules.iter().filter(|rule| NameKey::of(&rule.username) == *key);
        meant.fold(Rules::default(), |rules, rule| rules.and(rule.rules()))
    }

    /// The channel with an id.
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }
}

/// The id that clients know the first channel by.
pub const LOBBY: &str = "lobby";

/// One public channel.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channel {
    /// Its id on the wire.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Classes of an icon.
    pub icon: String,
    /// Only VIPs and operators read and write here.
    pub vip: bool,
    /// Pictures may be shared here.
    pub permit_photos: bool,
    /// Markdown told to everybody who joins.
    pub welcome_messages: Vec<String>,
    /// How many of the last messages who joins is shown.
    pub echo_messages_on_join: usize,
}

impl Channel {
    fn lobby() -> Self {
        Self {
            id: LOBBY.to_owned(),
            name: "Lobby".to_owned(),
            icon: "fa fa-gavel".to_owned(),
            echo_messages_on_join: 10,
            ..Self::default()
        }
    }
}

/// `[[barertc.moderation_rules]]`: what is asked of one person (barertc.md 8.3).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)]
pub struct ModerationRule {
    /// Of whom.
    pub username: String,
    /// The camera is always explicit.
    pub camera_always_nsfw: bool,
    /// May not share a camera.
    pub no_broadcast: bool,
    /// May not watch or share cameras.
    pub no_video: bool,
    /// May not share pictures.
    pub no_image: bool,
    /// Exempt from the client's cut of dark cameras.
    pub no_dark_video: bool,
}

impl ModerationRule {
    fn rules(&self) -> Rules {
        Rules {
            no_video: self.no_video,
            no_image: self.no_image,
            no_broadcast: self.no_broadcast || self.no_video,
            red_camera: self.camera_always_nsfw,
            no_dark_video: self.no_dark_video,
        }
    }
}

/// `[barertc.dm_link_spam]` (barertc.md 10.4)
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinkSpam {
    /// It is watched for.
    pub enabled: bool,
    /// People to whom the same link may be sent.
    pub max_threads: usize,
    /// Seconds in which they are counted.
    pub time_limit: i64,
    /// Hours of the ban for who goes on.
    pub ban_hours: i64,
}

impl Default for LinkSpam {
    fn default() -> Self {
        Self { enabled: true, max_threads: 5, time_limit: 3_600, ban_hours: 24 }
    }
}

/// `[barertc.jwt]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jwt {
    /// Nobody enters without a token. Unset: the opposite of `guests`.
    pub strict: Option<bool>,
    /// Where the page sends who has no token and needs one.
    pub landing_page_url: String,
}

/// `[barertc.logging]`
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logging {
    /// They are written.
    pub enabled: bool,
    /// Folder, absolute or in the data directory.
    pub directory: String,
    /// Ids of the channels that are kept so.
    pub channels: Vec<String>,
}

impl Default for Logging {
    fn default() -> Self {
        Self { enabled: false, directory: "barertc-logs".to_owned(), channels: Vec::new() }
    }
}

/// `[barertc.turn]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// `stun:` and `turn:` addresses. A `turns:` address makes browsers refuse them all and is left out.
    pub urls: Vec<String>,
    /// User name for `turn:` addresses.
    pub username: String,
    /// Password for `turn:` addresses.
    pub credential: String,
    /// Secret shared with the `turn:` servers: every load of the page gets a name and a password of its own, good for
    /// [`limits::TURN_SECONDS`], in place of the fixed ones.
    pub secret: String,
}

/// `[barertc.vip]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vip {
    /// What they are called.
    pub name: String,
    /// HTML for it.
    pub branding: String,
    /// Classes of an icon.
    pub icon: String,
    /// Only VIPs see who else is one.
    pub mutually_secret: bool,
}

impl Default for Vip {
    fn default() -> Self {
        Self {
            name: "VIP".to_owned(),
            branding: "VIP".to_owned(),
            icon: "fa fa-circle".to_owned(),
            mutually_secret: false,
        }
    }
}

/// `[barertc.strings]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Strings {
    /// To somebody whose camera is always explicit.
    pub mod_rule_error_camera_always_nsfw: String,
    /// To somebody who may not broadcast.
    pub mod_rule_error_no_broadcast: String,
    /// To somebody who may not watch.
    pub mod_rule_error_no_video: String,
    /// To somebody who may not share pictures.
    pub mod_rule_error_no_image: String,
}

impl Default for Strings {
    fn default() -> Self {
        let rule = "A chat server moderation rule is currently in place which";
        let contact = "Please contact a chat operator for more information.";
        Self {
            mod_rule_error_camera_always_nsfw: format!(
                "{rule} forces your camera to stay marked as Explicit. {contact}"
            ),
            mod_rule_error_no_broadcast: format!(
                "{rule} restricts your ability to share your webcam. {contact}"
            ),
            mod_rule_error_no_video: format!(
                "{rule} restricts your ability to watch or share webcams. {contact}"
            ),
            mod_rule_error_no_image: format!("{rule} restricts your ability to share images. {contact}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_secret_is_none() {
        let mut config = Config { jwt_secret: "x".repeat(31), guests: false, ..Config::default() };
        assert!(!config.accepts_tokens() && !config.is_strict() && !config.admits_guests());
        config.jwt_secret.push('x');
        assert!(config.accepts_tokens() && config.is_strict());
    }

    #[test]
    fn guests_beside_tokens_is_the_mixed_mode_unless_strict_is_asked_for() {
        let mut config = Config { jwt_secret: "x".repeat(32), ..Config::default() };
        assert!(!config.is_strict() && config.admits_guests());
        config.jwt.strict = Some(true);
        assert!(config.is_strict() && !config.admits_guests());
    }

    #[test]
    fn there_is_always_a_lobby() {
        let other = Channel { id: "offtopic".to_owned(), ..Channel::default() };
        let config = Config { channels: vec![other], ..Config::default() }.shown();
        assert_eq!(config.channels[0].id, LOBBY);
        assert_eq!(config.channels[1].name, "offtopic");
    }
}
