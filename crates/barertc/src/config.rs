//! The operator's settings: the table `[barertc]` (barertc.md 10.1, in snake case).

use crate::limits;
use commonroom_hub::session::Setup;
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
    /// Operators can be blocked like everybody else.
    pub blockable_admins: bool,
    /// Pictures of other servers are shown and not only linked. They tell that server who reads.
    pub remote_images: bool,
    /// People may read their direct messages again.
    pub dm_history: bool,
    /// HTML shown above direct messages.
    pub dm_disclaimer: String,
    /// Address that reports are sent to.
    pub report_webhook: String,
    /// Address that profiles are asked from.
    pub profile_webhook: String,
    /// Servers that help cameras through firewalls.
    pub turn: Turn,
    /// What paying or long-standing members are called.
    pub vip: Vip,
    /// Texts of moderation rules.
    pub strings: Strings,
    /// The channels. `lobby` is the space's default channel, the others are channels named like their id.
    pub channels: Vec<Channel>,
    /// Public base URL, without a trailing slash; empty when unknown. Not the operator's: set when the adapter is made.
    #[serde(skip)]
    pub base: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base: String::new(),
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
            blockable_admins: false,
            remote_images: false,
            dm_history: false,
            dm_disclaimer: String::new(),
            report_webhook: String::new(),
            profile_webhook: String::new(),
            turn: Turn::default(),
            vip: Vip::default(),
            strings: Strings::default(),
            channels: vec![Channel::lobby()],
        }
    }
}

impl Config {
    /// The same, knowing under which address this server is found.
    pub(crate) fn at(mut self, setup: &Setup) -> Self {
        self.base = setup.public_url.clone().unwrap_or_default();
        self
    }

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

/// `[barertc.jwt]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jwt {
    /// Nobody enters without a token. Unset: the opposite of `guests`.
    pub strict: Option<bool>,
    /// Where the page sends who has no token and needs one.
    pub landing_page_url: String,
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
