//! What happens on the grid by itself, whether or not anybody is there: wheels come to rest, tunes play, clocks strike,
//! radios learn what their station plays, bans end what was saved. A session without a client ([`commonroom_hub::session::Adapter::resident`]).

mod clocks;
mod playback;
mod spins;
mod stations;

use crate::Grid;
use crate::encode::{FOR_ALL, FOR_RESIDENT, Scene};
use commonroom_core::ItemId;
use commonroom_core::account::LoginKind;
use commonroom_core::command::{Actor, Command};
use commonroom_core::env::Timestamp;
use commonroom_core::event::EventBody;
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_hub::live::{Effect, LiveCommand, LiveEvent};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::{Context, Happening, Inbound, Session, Show, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Seconds until the space of the grid is looked for again.
const SEARCH_SECONDS: i64 = 1;

/// What a connection asks the resident to do: the body of an effect for [`FOR_RESIDENT`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Errand {
    /// A wheel spins and will land on a word.
    Land {
        /// Which wheel.
        item: ItemId,
        /// Where it lands.
        word: String,
    },
    /// A piano plays what it has recorded, from the beginning.
    Play {
        /// Which piano.
        item: ItemId,
    },
    /// A piano plays no more.
    Silence {
        /// Which piano.
        item: ItemId,
    },
}

impl Errand {
    /// The errand as text.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("errands have string keys")
    }
}

/// The resident of the grid.
#[derive(Debug)]
pub struct Resident {
    grid: Arc<Grid>,
    space: Option<SpaceId>,
    clocks: clocks::Clocks,
    spins: spins::Spins,
    playbacks: playback::Playbacks,
    stations: stations::Stations,
}

impl Resident {
    /// The resident of a grid.
    pub fn new(grid: Arc<Grid>) -> Self {
        let (spins, playbacks, stations) = Default::default();
        Self { grid, space: None, clocks: clocks::Clocks::default(), spins, playbacks, stations }
    }

    fn settle(&mut self, cx: &mut Context<'_>) {
        let scene = Scene::new(&self.grid.config, cx.state);
        self.space = scene.map(|scene| scene.id());
        if let Some(space) = self.space {
            cx.watch(space);
            self.clocks = clocks::Clocks::new(cx.now);
            self.stations = stations::Stations::new(cx.now);
        }
    }

    fn errand(&mut self, scene: Scene<'_>, errand: Errand, cx: &mut Context<'_>) {
        match errand {
            Errand::Land { item, word } => self.spins.begin(item, word, cx.now),
            Errand::Play { item } => self.playbacks.begin(scene, item, cx),
            Errand::Silence { item } => self.playbacks.end(scene, item, cx),
        }
    }

    fn rest(&self, cx: &mut Context<'_>) {
        let due: Option<Timestamp> = match self.space {
            None => Some(cx.now.plus_seconds(SEARCH_SECONDS)),
            Some(_) => [
                Some(self.clocks.deadline()),
                self.spins.deadline(),
                self.playbacks.deadline(),
                self.stations.deadline(),
            ]
            .into_iter()
            .flatten()
            .min(),
        };
        if let Some(due) = due {
            cx.wake_at(due);
        }
    }
}

/// Ends what was saved of somebody's sign-ins, wherever the ban was made, so that lifting it brings no old token back
/// (3.2, defect 21).
fn sign_out(account: AccountId, cx: &mut Context<'_>) {
    let directory = cx.state.directory.clone();
    for login in directory.logins_of(account).filter(|login| login.kind == LoginKind::Session) {
        cx.run(0, Request::Command(Actor::System, Command::EndLogin { login: login.id }));
    }
}

/// Tells a frame to everybody on the grid.
fn tell_all(space: SpaceId, body: String, cx: &mut Context<'_>) {
    cx.live(LiveCommand::Effect(Box::new(Effect { space, by: None, word: FOR_ALL, body })));
}

impl Session for Resident {
    fn opened(&mut self, cx: &mut Context<'_>) {
        self.settle(cx);
        self.rest(cx);
    }

    fn frame(&mut self, _: Inbound<'_>, _: &mut Context<'_>) {}

    fn answer(&mut self, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        if let Some(scene) = Scene::new(&self.grid.config, cx.state) {
            self.stations.answered(scene, tag, answer, cx);
        }
        self.rest(cx);
    }

    fn show(&mut self, happening: &Happening, _: &State) -> Show {
        let mine = match happening {
            Happening::Event(event) => {
                matches!(event.body, EventBody::ItemGone { .. } | EventBody::Banned { .. })
            }
            Happening::Live(event) => {
                matches!(&**event, LiveEvent::Effect { effect } if effect.word == FOR_RESIDENT)
            }
        };
        if mine { Show::Private } else { Show::Nothing }
    }

    fn tell(&mut self, happening: &Happening, cx: &mut Context<'_>) {
        let grid = self.grid.clone();
        let Some(scene) = Scene::new(&grid.config, cx.state) else { return };
        match happening {
            Happening::Event(event) => {
                if let EventBody::ItemGone { item, .. } = event.body {
                    self.playbacks.end(scene, item, cx);
                } else if let EventBody::Banned { ban } = &event.body
                    && ban.space == scene.id()
                {
                    sign_out(ban.account, cx);
                }
            }
            Happening::Live(event) => {
                if let LiveEvent::Effect { effect } = &**event
                    && let Ok(errand) = serde_json::from_str(&effect.body)
                {
                    self.errand(scene, errand, cx);
                }
            }
        }
        self.rest(cx);
    }

    fn tick(&mut self, cx: &mut Context<'_>) {
        if self.space.is_none() {
            self.settle(cx);
        }
        if let Some(scene) = Scene::new(&self.grid.config, cx.state) {
            self.clocks.tick(scene, cx);
            self.spins.tick(scene, cx);
            self.playbacks.tick(scene, cx);
            self.stations.tick(scene, cx);
        }
        self.rest(cx);
    }

    fn closed(&mut self, _: &mut Context<'_>) {}
}
