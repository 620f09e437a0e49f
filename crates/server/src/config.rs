//! What the operator decides: defaults, then `commonroom.toml`, then `COMMONROOM_...` variables.

use anyhow::{Context as _, Result, bail};
use commonroom_core::engine::{Registration, Rules};
use ipnet::IpNet;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The usual address of the main listener.
const MAIN: &str = "127.0.0.1:8080";
/// Prefix of the variables.
const PREFIX: &str = "COMMONROOM_";
/// Suffix of variables that name a file with the value, for secrets.
const FILE: &str = "_FILE";
/// The commented defaults, as printed by `commonroom config default`.
pub const DEFAULTS: &str = include_str!("../assets/commonroom.toml");

/// All settings. Unknown keys are errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The main listener and what is common to all.
    pub server: Server,
    /// Where data is kept.
    pub storage: Storage,
    /// Many nodes.
    pub cluster: Cluster,
    /// Who may register.
    pub accounts: Accounts,
    /// Rates and sizes common to all protocols.
    pub limits: Limits,
    /// Certificates.
    pub tls: Tls,
    /// OriginChats.
    pub originchats: commonroom_originchats::Config,
    /// Chat Grid.
    pub chatgrid: commonroom_chatgrid::Config,
    /// BareRTC.
    pub barertc: commonroom_barertc::Config,
    /// Together.
    pub together: commonroom_together::Config,
}

/// `[server]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address of the main listener; empty switches it off. With a file the usual port is used only if the file names
    /// no listener at all.
    pub listen: String,
    /// Public base URL, without a trailing slash; empty when unknown.
    pub public_url: String,
    /// Proxies whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// `[storage]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// `sqlite:FILE`, relative to the data directory.
    pub url: String,
}

impl Default for Storage {
    fn default() -> Self {
        Self { url: "sqlite:commonroom.db".to_owned() }
    }
}

/// `[cluster]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// `nats://...` when there are many nodes.
    pub nats: String,
}

/// `[accounts]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// `open`, `invite` or `closed`.
    pub registration: RegistrationMode,
    /// Registering and signing in join the default space.
    pub auto_join: bool,
}

impl Default for Accounts {
    fn default() -> Self {
        Self { registration: RegistrationMode::Open, auto_join: true }
    }
}

/// Who may register.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationMode {
    /// Anybody.
    Open,
    /// Who has an invitation.
    Invite,
    /// Nobody.
    Closed,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Connections of one address that is not loopback.
    pub connections_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections_per_address: commonroom_hub::limits::CONNECTIONS_PER_ADDRESS }
    }
}

/// `[tls]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain in PEM; empty makes one for local use.
    pub cert_file: String,
    /// Private key in PEM.
    pub key_file: String,
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    ///
    /// # Errors
    /// For a file that cannot be read, a key that is not known, a value of the wrong form.
    pub fn load(file: Option<&Path>, variables: impl Iterator<Item = (String, String)>) -> Result<Self> {
        let mut table = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                let mut table: Table =
                    text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
                // Checked alone first, so that the message names the file.
                let config = read(&table).with_context(|| format!("in {}", path.display()))?;
                if config.listens_nowhere() {
                    set(&mut table, &["server", "listen"].map(str::to_owned), Value::String(MAIN.to_owned()));
                }
                table
            }
            None => default_listeners(),
        };
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX).filter(|key| !key.is_empty()) else { continue };
            apply(&mut table, key, &value).with_context(|| format!("in the variable {name}"))?;
        }
        read(&table)
    }

    fn listens_nowhere(&self) -> bool {
        let own =
            [&self.originchats.listen, &self.chatgrid.listen, &self.barertc.listen, &self.together.listen];
        self.server.listen.is_empty() && own.iter().all(|listen| listen.is_empty())
    }

    /// The core's part.
    pub fn rules(&self) -> Rules {
        let registration = match self.accounts.registration {
            RegistrationMode::Open => Registration::Open,
            RegistrationMode::Invite => Registration::Invite,
            RegistrationMode::Closed => Registration::Closed,
        };
        let mut rules = Rules { registration, auto_join: self.accounts.auto_join, ..Rules::default() };
        self.originchats.add_to(&mut rules);
        rules
    }

    /// The database file.
    ///
    /// # Errors
    /// For a kind of storage that this binary does not have.
    pub fn database(&self, data: &Path) -> Result<PathBuf> {
        match self.storage.url.strip_prefix("sqlite:") {
            Some(file) if !file.is_empty() => Ok(data.join(file.trim_start_matches("//"))),
            _ => bail!("storage.url: this binary stores in sqlite:FILE, not in {}", self.storage.url),
        }
    }
}

/// The usual ports, used when no file says where to listen.
fn default_listeners() -> Table {
    let own =
        [("server", 8080), ("originchats", 5613), ("chatgrid", 8765), ("barertc", 9000), ("together", 8081)];
    own.into_iter()
        .map(|(name, port)| {
            let mut table = Table::new();
            table.insert("listen".to_owned(), Value::String(format!("127.0.0.1:{port}")));
            (name.to_owned(), Value::Table(table))
        })
        .collect()
}

fn read(table: &Table) -> Result<Config> {
    let mut config = Config::deserialize(table.clone())?;
    config.together.registration = Some(config.rules().registration);
    Ok(config)
}

/// Sets one key from a variable. Underscores stand for dots and for themselves: the way to cut that gives known keys is
/// the one meant.
fn apply(table: &mut Table, name: &str, raw: &str) -> Result<()> {
    let (name, raw) = match name.strip_suffix(FILE) {
        Some(stem) if !is_known(table, name) => (
            stem,
            std::fs::read_to_string(raw).with_context(|| format!("cannot read {raw}"))?.trim().to_owned(),
        ),
        _ => (name, raw.to_owned()),
    };
    let words: Vec<String> = name.to_lowercase().split('_').map(str::to_owned).collect();
    let mut why = anyhow::anyhow!("no such setting");
    for path in cuts(&words) {
        for value in readings(&raw) {
            let mut trial = table.clone();
            if !set(&mut trial, &path, value) {
                continue;
            }
            match read(&trial) {
                Ok(_) => {
                    *table = trial;
                    return Ok(());
                }
                Err(error) if !error.to_string().contains("unknown field") => why = error,
                Err(_) => {}
            }
        }
    }
    Err(why)
}

fn is_known(table: &Table, name: &str) -> bool {
    let words: Vec<String> = name.to_lowercase().split('_').map(str::to_owned).collect();
    cuts(&words).iter().any(|path| {
        let mut trial = table.clone();
        set(&mut trial, path, Value::String(String::new()))
            && read(&trial).map_or_else(|error| !error.to_string().contains("unknown field"), |_| true)
    })
}

/// What a variable's text may mean: a TOML value, or the text itself.
fn readings(raw: &str) -> Vec<Value> {
    let typed = format!("value = {raw}").parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    typed.into_iter().chain([Value::String(raw.to_owned())]).collect()
}

/// All ways to join neighbouring words with `_`, fewest keys last.
fn cuts(words: &[String]) -> Vec<Vec<String>> {
    let Some((first, rest)) = words.split_first() else { return vec![Vec::new()] };
    if rest.is_empty() {
        return vec![vec![first.clone()]];
    }
    let mut all = Vec::new();
    for tail in cuts(rest) {
        let mut apart = vec![first.clone()];
        apart.extend(tail.iter().cloned());
        let mut joined = tail;
        joined[0] = format!("{first}_{}", joined[0]);
        all.push(apart);
        all.push(joined);
    }
    all
}

fn set(table: &mut Table, path: &[String], value: Value) -> bool {
    match path {
        [] => false,
        [key] => {
            table.insert(key.clone(), value);
            true
        }
        [key, rest @ ..] => {
            let inner = table.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
            inner.as_table_mut().is_some_and(|inner| set(inner, rest, value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commonroom_core::audit::AuditCategory;

    fn with(variables: &[(&str, &str)]) -> Result<Config> {
        Config::load(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn without_a_file_every_protocol_listens() {
        let config = with(&[]).expect("the defaults are good");
        assert_eq!(config.server.listen, "127.0.0.1:8080");
        assert_eq!(config.originchats.listen, "127.0.0.1:5613");
        assert_eq!(config.together.listen, "127.0.0.1:8081");
    }

    #[test]
    fn variables_set_nested_keys() {
        let config = with(&[
            ("COMMONROOM_SERVER_LISTEN", "127.0.0.1:1"),
            ("COMMONROOM_SERVER_TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
            ("COMMONROOM_ACCOUNTS_REGISTRATION", "closed"),
            ("COMMONROOM_CHATGRID_WORLD_GRID_SIZE", "11"),
            ("OTHER_SERVER_LISTEN", "x"),
        ])
        .expect("all known");
        assert_eq!(config.server.listen, "127.0.0.1:1");
        assert_eq!(config.server.trusted_proxies.len(), 1);
        assert_eq!(config.accounts.registration, RegistrationMode::Closed);
    }

    #[test]
    fn unknown_keys_are_errors() {
        assert!(with(&[("COMMONROOM_SERVER_LISTENS", "x")]).is_err());
        assert!(with(&[("COMMONROOM_ACCOUNTS_REGISTRATION", "maybe")]).is_err());
        let table: Table = "[server]\nlisten = \"x\"\nlissten = \"y\"".parse().expect("TOML");
        assert!(read(&table).is_err());
    }

    #[test]
    fn what_is_kept_of_who_did_what_reaches_the_core() {
        let rules = with(&[
            ("COMMONROOM_ORIGINCHATS_MODLOG_ENABLED", "false"),
            ("COMMONROOM_ORIGINCHATS_MODLOG_RETENTION_MESSAGE_MODERATION", "7"),
        ]);
        let audit = rules.expect("known keys").rules().audit;
        assert!(!audit.enabled);
        assert_eq!(audit.days.get(&AuditCategory::MessageModeration), Some(&7));
        assert_eq!(audit.days.get(&AuditCategory::UserModeration), Some(&365));
    }

    #[test]
    fn the_printed_defaults_are_the_defaults() {
        let table: Table = DEFAULTS.parse().expect("the printed defaults are TOML");
        let printed = read(&table).expect("the printed defaults are known keys");
        assert_eq!(format!("{printed:?}"), format!("{:?}", with(&[]).expect("the defaults are good")));
    }
}
