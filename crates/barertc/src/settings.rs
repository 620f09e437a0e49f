//! The operator's settings in force, and how others take their place while people are here (barertc.md 5.17, 10.1).

use crate::Shared;
use crate::config::{Config, LOBBY};
use crate::orders::Order;
use crate::world;
use arc_swap::ArcSwapOption;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command};
use commonroom_hub::Gateway;
use commonroom_hub::session::Setup;
use std::sync::Arc;

/// What sessions and routes of one server have in common.
#[derive(Default, Debug)]
pub struct Settings(ArcSwapOption<Shared>);

impl Settings {
    /// The settings of a server, begun with these when there are none yet.
    pub(crate) fn begin(config: Config, setup: &Setup) -> Arc<Self> {
        let settings = setup.commons.of::<Self>();
        if settings.0.load().is_none() {
            settings.0.store(Some(Arc::new(Shared::new(config, setup))));
        }
        settings
    }

    /// Those in force.
    ///
    /// # Panics
    /// Before they have begun: whoever makes an adapter or its routes begins them.
    pub(crate) fn now(&self) -> Arc<Shared> {
        self.0.load_full().expect("nobody has settings before they have begun")
    }

    /// Puts others in force, except for what is only read at the start: the names of such keys that were changed.
    fn replace(&self, config: Config) -> Vec<&'static str> {
        let before = self.now();
        let (config, later) = config.shown().after(&before.config);
        self.0.store(Some(Arc::new(before.under(config))));
        later
    }

    /// Puts others in force, makes the channels that they name, and lets everybody who is here follow them. The keys that
    /// were changed and need a restart.
    ///
    /// # Panics
    /// When no adapter was made of these settings.
    pub async fn change(&self, config: Config, gateway: &Gateway) -> Vec<&'static str> {
        let later = self.replace(config);
        let shared = self.now();
        let space = world::space(&gateway.state(), &shared.config).map(|space| space.id);
        for known in shared.config.channels.iter().filter(|known| known.id != LOBBY) {
            let missing =
                space.filter(|space| gateway.state().directory.channel_named(*space, &known.id).is_none());
            if let Some(space) = missing {
                let settings = ChannelSettings { name: Some(known.id.clone()), ..ChannelSettings::default() };
                let create = Command::CreateChannel { space, kind: ChannelKind::Text, settings };
                // A name that no channel may have leaves the channel out, as it does at the start.
                let _ = gateway.command(Actor::System, create).await;
            }
        }
        for session in gateway.state().live.sessions().filter(|session| world::is_own(session)) {
            // Who goes at this moment needs no news.
            let _ = gateway.live(Order::Follow.to(session)).await;
        }
        later
    }
}
