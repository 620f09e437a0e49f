//! What the operator may set in `[together]` (together.md 10.1).

use commonroom_core::engine::Registration;
use ipnet::IpNet;
use serde::Deserialize;

/// The table `[together]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of a listener of its own; empty for none. Read by the server.
    pub listen: String,
    /// A built web client to serve; empty for none. Read by the server.
    pub client_dir: String,
    /// Origins of pages elsewhere that may call the REST API; `*` is all.
    pub allowed_origins: Vec<String>,
    /// STUN servers told to callers.
    pub stun: Vec<String>,
    /// A TURN server told to callers.
    pub turn: TurnConfig,
    /// `@everyone` mentions everybody only when who writes it manages messages. Read by the server: for all protocols.
    pub limit_everyone: bool,
    /// Presence.
    pub presence: PresenceConfig,
    /// Connections.
    pub gateway: GatewayConfig,
    /// Calls.
    pub voice: VoiceConfig,
    /// Lives of tokens.
    pub tokens: TokensConfig,
    /// Rate limits.
    pub rate_limit: RateLimitConfig,
    /// Webhooks.
    pub webhooks: WebhooksConfig,
    /// Who may register: filled in by the server from `[accounts]`, no key of this table.
    #[serde(skip)]
    pub registration: Option<Registration>,
}

/// `turn.*`
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TurnConfig {
    /// `turn:host:port`, or several with commas between them; empty for none.
    pub url: String,
    /// The secret shared with it.
    pub secret: String,
}

impl std::fmt::Debug for TurnConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnConfig").field("url", &self.url).finish_non_exhaustive()
    }
}

/// `presence.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PresenceConfig {
    /// Seconds after the last connection until somebody is offline and out of voice.
    pub grace_seconds: u32,
}

impl Default for PresenceConfig {
    fn default() -> Self {
        Self { grace_seconds: 5 }
    }
}

/// `gateway.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// Seconds between WebSocket pings.
    pub ping_seconds: u32,
    /// Seconds without any inbound frame or pong until a connection is closed.
    pub idle_seconds: u32,
    /// An expired token may reconnect a connection that it has opened before (together.md 2.6).
    pub reconnect_grace: bool,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self { ping_seconds: 30, idle_seconds: 300, reconnect_grace: true }
    }
}

/// `voice.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoiceConfig {
    /// Milliseconds from joining a call until the newcomer is told who is there: the browser app needs them to open its
    /// microphone.
    pub settle_millis: u32,
}

impl Default for VoiceConfig {
    fn default() -> Self {
        Self { settle_millis: 1_000 }
    }
}

/// `tokens.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokensConfig {
    /// Seconds of an access token.
    pub access_seconds: u32,
    /// Seconds of a refresh token.
    pub refresh_seconds: u32,
}

impl Default for TokensConfig {
    fn default() -> Self {
        Self { access_seconds: 900, refresh_seconds: 7 * 24 * 3_600 }
    }
}

/// `rate_limit.*` (together.md 9)
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitConfig {
    /// Addresses without any rate limit.
    pub exempt: Vec<IpNet>,
    /// Reading requests a second, per account or address.
    pub reads_per_second: u32,
    /// Reading requests at once.
    pub read_burst: u32,
    /// Other requests a second, per account or address.
    pub writes_per_second: u32,
    /// Other requests at once.
    pub write_burst: u32,
    /// Requests to `/auth/*` a second, per address.
    pub auth_per_second: u32,
    /// Requests to `/auth/*` at once.
    pub auth_burst: u32,
    /// Wrong passwords a minute, per address and name.
    pub login_failures_per_minute: u32,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self {
            exempt: Vec::new(),
            reads_per_second: 50,
            read_burst: 300,
            writes_per_second: 20,
            write_burst: 120,
            auth_per_second: 2,
            auth_burst: 20,
            login_failures_per_minute: 10,
        }
    }
}

impl RateLimitConfig {
    /// True for an address without limits.
    pub fn is_exempt(&self, address: std::net::IpAddr) -> bool {
        let address = address.to_canonical();
        self.exempt.iter().any(|network| network.contains(&address))
    }
}

/// `webhooks.*`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Webhooks may target loopback and private addresses.
    pub allow_private: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Result<Config, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_keys_of_the_spec_are_known_and_others_are_errors() {
        let known = r#"{"listen":"127.0.0.1:8081","client_dir":"","allowed_origins":["https://a.example"],
            "presence":{"grace_seconds":1},"gateway":{"ping_seconds":2,"idle_seconds":3},"tokens":{"access_seconds":4},
            "rate_limit":{"exempt":["127.0.0.0/8","::1/128"]},"webhooks":{"allow_private":true},
            "turn":{"url":"turn:t.example","secret":"x"}}"#;
        let parsed = config(known).expect("all keys are known");
        assert_eq!(parsed.tokens.access_seconds, 4);
        assert!(parsed.rate_limit.is_exempt("127.9.9.9".parse().expect("an address")));
        assert!(parsed.rate_limit.is_exempt("::ffff:127.0.0.1".parse().expect("an address")));
        assert!(!parsed.rate_limit.is_exempt("10.0.0.1".parse().expect("an address")));
        assert!(config(r#"{"gateway":{"idle":3}}"#).is_err());
        assert!(!format!("{parsed:?}").contains("\"x\""), "secrets are not printed");
    }
}
