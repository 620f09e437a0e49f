//! The `[chatgrid]` table of the configuration file (chatgrid.md 10).

use crate::limits;
use commonroom_hub::session::Setup;
use serde::Deserialize;

/// Everything an operator may set.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Address of the own listener; empty for none.
    pub listen: String,
    /// Name of the space whose grid this is; `main` is the default space.
    pub space: String,
    /// Directory of a built upstream client to serve; empty for none.
    pub client_dir: String,
    /// Short form of `world.grid_size`.
    pub grid_size: Option<i32>,
    /// Names and paths.
    pub server: Server,
    /// The grid.
    pub world: World,
    /// What names and passwords may be.
    pub auth: Auth,
    /// Sizes on the wire.
    pub network: Network,
    /// Radios.
    pub radio: Radio,
    /// Sound of other servers.
    pub media: Media,
    /// People and news from the other protocols.
    pub crossing: Crossing,
    /// Public base URL, without a trailing slash; empty when unknown. Not the operator's: set when the adapter is made.
    #[serde(skip)]
    pub base: String,
}

/// `chatgrid.server`.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The public path of the instance, beginning and ending with `/`.
    pub base_path: String,
    /// What the grid is called.
    pub grid_name: String,
    /// What newcomers are told.
    pub welcome_message: String,
    /// Origins beside the server's own whose pages may use cookies.
    pub allowed_origins: Vec<String>,
}

/// `chatgrid.world`.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Squares on each side.
    pub grid_size: i32,
}

/// `chatgrid.auth`.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Fewest characters of a new user name.
    pub username_min_length: usize,
    /// Most characters of a new user name.
    pub username_max_length: usize,
    /// Fewest characters of a new password.
    pub password_min_length: usize,
    /// Most characters of a new password.
    pub password_max_length: usize,
    /// Registrations of one address in an hour; 0 for any number. This machine itself has no limit.
    pub registrations_per_hour: u32,
}

/// `chatgrid.network`.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    /// Bytes of the largest message accepted.
    pub max_message_bytes: usize,
}

/// `chatgrid.radio`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Radio {
    /// Host names or addresses that stations may have although they are not public.
    pub allow_private_hosts: Vec<String>,
}

/// `chatgrid.media`.
#[derive(Clone, PartialEq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Ends of the host names whose sound is handed on to clients; empty for all public hosts.
    pub allowed_hosts: Vec<String>,
}

/// `chatgrid.crossing`.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crossing {
    /// Lines about what people of other protocols do: they are spoken aloud.
    pub system_lines: bool,
    /// Where people of other protocols are shown to stand.
    pub parking_square: (i32, i32),
}

impl Default for Config {
    fn default() -> Self {
        Self {
            base: String::new(),
            listen: String::new(),
            space: "main".to_owned(),
            client_dir: String::new(),
            grid_size: None,
            server: Server::default(),
            world: World::default(),
            auth: Auth::default(),
            network: Network::default(),
            radio: Radio::default(),
            media: Media::default(),
            crossing: Crossing::default(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            base_path: "/".to_owned(),
            grid_name: "Chat Grid".to_owned(),
            welcome_message: String::new(),
            allowed_origins: Vec::new(),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self { grid_size: limits::GRID_SIZE }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            username_min_length: 2,
            username_max_length: 32,
            password_min_length: 8,
            password_max_length: 32,
            registrations_per_hour: limits::REGISTRATIONS_PER_HOUR,
        }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { max_message_bytes: limits::MESSAGE_BYTES }
    }
}

impl Default for Crossing {
    fn default() -> Self {
        Self { system_lines: true, parking_square: (0, 0) }
    }
}

impl Config {
    /// The same, knowing under which address this server is found.
    pub(crate) fn at(mut self, setup: &Setup) -> Self {
        self.base = setup.public_url.clone().unwrap_or_default();
        self
    }

    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn check(&self) -> Result<(), String> {
        if self.size() < 1 {
            return Err("chatgrid.world.grid_size must be at least 1".to_owned());
        }
        let pairs = [
            ("username", self.auth.username_min_length, self.auth.username_max_length),
            ("password", self.auth.password_min_length, self.auth.password_max_length),
        ];
        for (what, min, max) in pairs {
            if min < 1 || min > max {
                return Err(format!("chatgrid.auth.{what}_min_length must be from 1 to {what}_max_length"));
            }
        }
        if !self.server.base_path.starts_with('/') || !self.server.base_path.ends_with('/') {
            return Err("chatgrid.server.base_path must begin and end with /".to_owned());
        }
        Ok(())
    }

    /// Squares on each side of the grid.
    pub fn size(&self) -> i32 {
        self.grid_size.unwrap_or(self.world.grid_size)
    }

    /// True for a square of the grid.
    pub fn in_bounds(&self, (x, y): (i32, i32)) -> bool {
        let side = 0..self.size();
        side.contains(&x) && side.contains(&y)
    }

    /// The square itself, or the nearest one of the grid.
    pub fn clamped(&self, (x, y): (i32, i32)) -> (i32, i32) {
        let last = (self.size() - 1).max(0);
        (x.clamp(0, last), y.clamp(0, last))
    }
}
