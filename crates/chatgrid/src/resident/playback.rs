//! Pianos that play what they have recorded, in real time (chatgrid.md 4.8).

use super::tell_all;
use crate::encode::Scene;
use crate::items::piano;
use crate::limits;
use crate::song::{Key, Song};
use crate::wire::Frame;
use crate::world;
use commonroom_core::ItemId;
use commonroom_core::env::Timestamp;
use commonroom_hub::session::Context;
use std::collections::BTreeMap;

#[derive(Debug)]
struct Playback {
    song: Song,
    started: Timestamp,
    /// Notes played so far.
    played: usize,
    /// Keys that are down: their note and how it sounds.
    held: BTreeMap<String, (u8, usize)>,
    /// Octave and square as heard last, for keys that come up when the piano is gone.
    heard: (i64, (i32, i32)),
}

impl Playback {
    /// When the next note is due, or the end.
    fn deadline(&self) -> Timestamp {
        let last = self.song.notes.last().map_or(0, |note| note.at);
        let next = self.song.notes.get(self.played).map_or(self.song.length.max(last), |note| note.at);
        self.started.plus_millis(next)
    }

    fn send(&mut self, scene: Scene<'_>, item: ItemId, key: &Key, state: usize, cx: &mut Context<'_>) {
        if let Some(piano) = scene.state.directory.item(item) {
            self.heard = (piano::octave(piano), world::square_of(scene.config, scene.state, piano));
        }
        let Some(synth) = self.song.states.get(state) else { return };
        let (octave, (x, y)) = self.heard;
        let note = Frame::ItemPianoNote {
            item_id: &item.to_string(),
            sender_id: &format!("item:{item}:playback"),
            key_id: &key.id,
            midi: key.midi,
            on: key.on,
            synth,
            octave,
            x,
            y,
        };
        tell_all(scene.id(), note.json(), cx);
    }

    /// Plays what is due; true at the end.
    fn advance(&mut self, scene: Scene<'_>, item: ItemId, cx: &mut Context<'_>) -> bool {
        while self.deadline() <= cx.now {
            let Some(note) = self.song.notes.get(self.played).cloned() else { return true };
            self.played += 1;
            if note.key.on {
                self.held.insert(note.key.id.clone(), (note.key.midi, note.state));
            } else {
                self.held.remove(&note.key.id);
            }
            self.send(scene, item, &note.key, note.state, cx);
        }
        false
    }

    /// All keys come up.
    fn flush(&mut self, scene: Scene<'_>, item: ItemId, cx: &mut Context<'_>) {
        for (id, (midi, state)) in std::mem::take(&mut self.held) {
            self.send(scene, item, &Key { id, midi, on: false }, state, cx);
        }
    }
}

/// All pianos that play.
#[derive(Default, Debug)]
pub struct Playbacks(BTreeMap<ItemId, Playback>);

impl Playbacks {
    /// A piano begins its tune, or begins it again.
    pub fn begin(&mut self, scene: Scene<'_>, item: ItemId, cx: &mut Context<'_>) {
        self.end(scene, item, cx);
        let piano = scene.state.directory.item(item).filter(|item| item.space == scene.id());
        let song = piano.and_then(|piano| Song::read(piano.memory.as_deref()?));
        if let Some(song) = song.filter(|_| self.0.len() < limits::PLAYBACKS) {
            let (held, heard) = Default::default();
            self.0.insert(item, Playback { song, started: cx.now, played: 0, held, heard });
            self.tick(scene, cx);
        }
    }

    /// A piano falls silent.
    pub fn end(&mut self, scene: Scene<'_>, item: ItemId, cx: &mut Context<'_>) {
        if let Some(mut playback) = self.0.remove(&item) {
            playback.flush(scene, item, cx);
        }
    }

    /// When the next note is due.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.0.values().map(Playback::deadline).min()
    }

    /// Plays what is due.
    pub fn tick(&mut self, scene: Scene<'_>, cx: &mut Context<'_>) {
        let mut over = Vec::new();
        for (item, playback) in &mut self.0 {
            if playback.advance(scene, *item, cx) {
                over.push(*item);
            }
        }
        for item in over {
            self.end(scene, item, cx);
        }
    }
}
