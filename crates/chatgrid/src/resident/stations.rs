//! Radios learn what their station plays, while somebody is near (chatgrid.md 4.7). When a station is asked is decided
//! here; how, by the server.

use crate::encode::Scene;
use crate::items::radio::{self, PLAYING_CHARS, STATION_CHARS};
use crate::items::{values, whole};
use crate::limits;
use crate::world;
use commonroom_core::Reply;
use commonroom_core::command::{Actor, Command, ItemChange, ItemDeed};
use commonroom_core::env::Timestamp;
use commonroom_core::item::{Item, Param, Params};
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A station that did not answer.
#[derive(Clone, Copy, Debug)]
struct Failing {
    /// How often in a row.
    times: u32,
    /// When it is asked again.
    until: Timestamp,
}

/// The stations of all radios.
#[derive(Default, Debug)]
pub struct Stations {
    /// When the next round begins; `None` while one is under way.
    next: Option<Timestamp>,
    waiting: VecDeque<String>,
    asked: BTreeMap<u32, String>,
    failing: BTreeMap<String, Failing>,
    last_tag: u32,
}

impl Stations {
    /// Stations that are asked soon.
    pub fn new(now: Timestamp) -> Self {
        Self { next: Some(now.plus_seconds(limits::STATION_SECONDS)), ..Self::default() }
    }

    /// When the next round begins.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.next
    }

    /// Begins a round when it is time: every address once, however many radios are tuned to it.
    pub fn tick(&mut self, scene: Scene<'_>, cx: &mut Context<'_>) {
        if self.next.is_none_or(|next| next > cx.now) {
            return;
        }
        self.next = None;
        let urls: BTreeSet<String> = heard(scene).collect();
        self.failing.retain(|url, failing| urls.contains(url) || failing.until > cx.now);
        let rests = |url: &String| self.failing.get(url).is_some_and(|failing| failing.until > cx.now);
        self.waiting = urls.into_iter().filter(|url| !rests(url)).take(limits::STATIONS).collect();
        self.ask(cx);
    }

    fn ask(&mut self, cx: &mut Context<'_>) {
        while self.asked.len() < limits::STATIONS_AT_ONCE
            && let Some(url) = self.waiting.pop_front()
        {
            self.last_tag = self.last_tag.checked_add(1).unwrap_or(1);
            cx.run(self.last_tag, Request::Station { url: url.clone() });
            self.asked.insert(self.last_tag, url);
        }
        if self.asked.is_empty() {
            self.next = Some(cx.now.plus_seconds(limits::STATION_SECONDS));
        }
    }

    /// A station has answered, or not.
    pub fn answered(&mut self, scene: Scene<'_>, tag: u32, answer: Answer, cx: &mut Context<'_>) {
        let Some(url) = self.asked.remove(&tag) else { return };
        if let Ok(Reply::Station { name, title }) = answer {
            self.failing.remove(&url);
            tune(scene, &url, &clean(&name, STATION_CHARS), &clean(&title, PLAYING_CHARS), cx);
        } else {
            let times = self.failing.get(&url).map_or(1, |failing| failing.times.saturating_add(1));
            let rest = limits::STATION_SECONDS.saturating_mul(1 << times.min(16));
            let until = cx.now.plus_seconds(rest.min(limits::STATION_REST_SECONDS));
            // What was known stays for a while: stations stumble.
            if times >= limits::STATION_FAILURES {
                tune(scene, &url, "", "", cx);
            }
            self.failing.insert(url, Failing { times, until });
        }
        self.ask(cx);
    }
}

/// Radios that are switched on, with the station they are tuned to.
fn radios(scene: Scene<'_>) -> impl Iterator<Item = (Item, String)> {
    let radios = scene.state.directory.items(scene.id()).filter(|item| item.kind == radio::TYPE.word);
    radios.map(|item| whole(item)).filter_map(|item| {
        let url = values::text_of(&item.params, "streamUrl");
        let asks = values::is_on(&item.params, "enabled") && url.contains("://");
        let url = asks.then(|| url.to_owned())?;
        Some((item, url))
    })
}

/// The stations of radios with somebody in their range.
fn heard(scene: Scene<'_>) -> impl Iterator<Item = String> {
    let walkers = scene.state.live.sessions();
    let squares: BTreeSet<(i32, i32)> = walkers
        .filter(|session| session.ready && world::on_grid(session, scene.id()))
        .filter_map(|session| session.square)
        .collect();
    radios(scene).filter_map(move |(item, url)| {
        let (x, y) = world::square_of(scene.config, scene.state, &item);
        let range = world::range_of(&item);
        let near = squares.iter().any(|square| (square.0 - x).abs().max((square.1 - y).abs()) <= range);
        near.then_some(url)
    })
}

/// Writes what a station plays on all radios tuned to it.
fn tune(scene: Scene<'_>, url: &str, station: &str, playing: &str, cx: &mut Context<'_>) {
    for (item, _) in radios(scene).filter(|(_, own)| own == url) {
        let text = |key| values::text_of(&item.params, key);
        if (text("stationName"), text("nowPlaying")) == (station, playing) {
            continue;
        }
        let params = Params::from([
            ("stationName".to_owned(), Param::Text(station.to_owned())),
            ("nowPlaying".to_owned(), Param::Text(playing.to_owned())),
        ]);
        let change = ItemChange { params, ..ItemChange::default() };
        cx.run(
            0,
            Request::Command(Actor::System, Command::Item { item: item.id, deed: ItemDeed::Change(change) }),
        );
    }
}

fn clean(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect::<String>().trim().to_owned()
}
