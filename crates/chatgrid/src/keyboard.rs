//! Playing a piano: notes, and recording them (chatgrid.md 5.17 and 5.18). Playing a recording is the resident's.

use crate::Grid;
use crate::decode::Reel;
use crate::encode::{FOR_OTHERS, FOR_RESIDENT, Scene};
use crate::items::piano;
use crate::items::values::Complaint;
use crate::limits;
use crate::resident::Errand;
use crate::rights;
use crate::session::{Player, tag};
use crate::song::{Key, Recording, Song, Synth};
use crate::thing::{self, Place};
use crate::wire::Frame;
use crate::world;
use commonroom_core::ItemId;
use commonroom_core::command::{Actor, Command, ItemChange, ItemDeed};
use commonroom_core::item::{Item, Param, Params};
use commonroom_core::permission::Permissions;
use commonroom_hub::request::{Answer, Request};
use commonroom_hub::session::Context;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

const RECORDS_ALREADY: &str = "This piano is already recording.";

/// What somebody does with pianos.
#[derive(Default, Debug)]
pub struct Keyboard {
    /// Keys that are down, and how they sound.
    held: BTreeMap<(ItemId, String), Voice>,
    recording: Option<Recording>,
    /// Pianos whose tunes are being stored.
    saving: VecDeque<ItemId>,
}

/// A note as others hear it.
#[derive(Clone, Debug)]
struct Voice {
    midi: u8,
    synth: Synth,
    octave: i64,
    square: (i32, i32),
}

impl Keyboard {
    /// True when the fate of an item matters to what is played here.
    pub fn uses(&self, item: ItemId) -> bool {
        self.held.keys().any(|(held, _)| *held == item)
            || self.recording.as_ref().is_some_and(|recording| recording.piano == item)
    }

    /// When a recording ends by itself.
    pub fn deadline(&self) -> Option<commonroom_core::env::Timestamp> {
        self.recording.as_ref().and_then(Recording::full_at)
    }
}

/// How a piano sounds now.
fn voice(scene: Scene<'_>, item: &Item, midi: u8) -> Voice {
    let square = world::square_of(scene.config, scene.state, item);
    Voice { midi, synth: piano::synth(item), octave: piano::octave(item), square }
}

fn send(player: &Player, item: ItemId, key: &str, on: bool, voice: &Voice, cx: &mut Context<'_>) {
    let Voice { midi, synth, octave, square: (x, y) } = voice;
    let note = Frame::ItemPianoNote {
        item_id: &item.to_string(),
        sender_id: &cx.id.to_string(),
        key_id: key,
        midi: *midi,
        on,
        synth,
        octave: *octave,
        x: *x,
        y: *y,
    };
    thing::tell(player, FOR_OTHERS, note.json(), 0, cx);
}

/// 5.17: a key goes down or up. What may not sound is ignored; who plays hears themselves.
pub(crate) fn note(scene: Scene<'_>, player: &mut Player, item: &str, key: Key, cx: &mut Context<'_>) {
    let Ok(id) = item.parse::<ItemId>() else { return };
    let held = player.keyboard.held.contains_key(&(id, key.id.clone()));
    let rate = player.rates.notes.take(cx.now);
    // A key that is down can always come up.
    let freed = held && !key.on;
    let found = thing::find(scene, item).filter(|item| item.kind == piano::TYPE.word);
    let may = || {
        let rights = rights::held(&scene.state.directory, scene.space, player.account);
        let near =
            found.is_some_and(|item| matches!(thing::place(scene, player, item), Place::Mine | Place::Here));
        rate && rights.has(Permissions::ITEM_USE) && near
    };
    let hands_full = key.on && !held && player.keyboard.held.len() >= limits::HELD_KEYS;
    if hands_full || !(freed || may()) {
        return;
    }
    let before = player.keyboard.held.remove(&(id, key.id.clone()));
    let Some(voice) = found.map(|item| voice(scene, item, key.midi)).or(before) else { return };
    if let Some(recording) = player.keyboard.recording.as_mut().filter(|recording| recording.piano == id) {
        recording.record(&key, &voice.synth, cx.now);
    }
    send(player, id, &key.id, key.on, &voice, cx);
    if key.on {
        player.keyboard.held.insert((id, key.id), voice);
    }
}

/// 6.14.
pub(crate) fn status(item: ItemId, event: &str, recording_state: &str, cx: &mut Context<'_>) {
    let item_id = item.to_string();
    cx.send(&Frame::ItemPianoStatus { item_id: &item_id, event, recording_state }.json());
}

fn stopped(item: ItemId, cx: &mut Context<'_>) {
    status(item, "record_stopped", "idle", cx);
    thing::result(true, "use", "Recording stopped.", Some(item), cx);
}

fn ask(player: &Player, errand: &Errand, cx: &mut Context<'_>) {
    thing::tell(player, FOR_RESIDENT, errand.json(), 0, cx);
}

/// 5.18.
///
/// # Errors
/// What who asked is told.
pub(crate) fn reel(
    grid: &Grid,
    player: &mut Player,
    item: &Arc<Item>,
    reel: Reel,
    cx: &mut Context<'_>,
) -> Result<(), Complaint> {
    let id = item.id;
    let recorder = grid.world.recorder(id);
    let own = recorder == Some(cx.id);
    let others = recorder.is_some() && !own;
    let (event, state, message) = match reel {
        Reel::Toggle | Reel::Stop if others => return Err(RECORDS_ALREADY.to_owned()),
        Reel::Toggle if own => {
            let Some(recording) = &mut player.keyboard.recording else { return Ok(()) };
            recording.toggle(cx.now);
            if recording.pauses() {
                ("record_paused", "paused", "Recording paused.")
            } else {
                ("record_resumed", "recording", "Recording resumed.")
            }
        }
        Reel::Toggle => {
            finish(grid, player, true, cx);
            if !grid.world.begin_recording(id, cx.id) {
                return Err(RECORDS_ALREADY.to_owned());
            }
            player.keyboard.recording = Some(Recording::new(id, piano::synth(item), cx.now));
            ask(player, &Errand::Silence { item: id }, cx);
            ("record_started", "recording", "Recording started.")
        }
        Reel::Stop if own => {
            finish(grid, player, true, cx);
            return Ok(());
        }
        Reel::Stop => ("record_stopped", "idle", "Recording stopped."),
        Reel::Play if recorder.is_some() => return Err("Stop recording before playback.".to_owned()),
        Reel::Play => {
            let song = item.memory.as_deref().and_then(Song::read);
            song.ok_or("No recording saved on this piano.")?;
            ask(player, &Errand::Play { item: id }, cx);
            ("playback_started", "playback", "Playback started.")
        }
        Reel::StopPlaying => {
            ask(player, &Errand::Silence { item: id }, cx);
            ("playback_stopped", "idle", "Playback stopped.")
        }
    };
    status(id, event, state, cx);
    thing::result(true, "use", message, Some(id), cx);
    Ok(())
}

/// Ends a recording and stores what was played; `told` when its player is still there to hear of it.
fn finish(grid: &Grid, player: &mut Player, told: bool, cx: &mut Context<'_>) {
    let Some(recording) = player.keyboard.recording.take() else { return };
    let item = recording.piano;
    grid.world.end_recording(item, cx.id);
    let Some(kept) = recording.kept(cx.now) else {
        if told {
            stopped(item, cx);
        }
        return;
    };
    let song = Param::Text(format!("item:{item}:recording"));
    let change = ItemChange {
        params: Params::from([("songId".to_owned(), song)]),
        memory: Some(kept.into()),
        ..ItemChange::default()
    };
    if told {
        player.keyboard.saving.push_back(item);
    }
    let tag = if told { tag::SONG } else { 0 };
    cx.run(tag, Request::Command(Actor::System, Command::Item { item, deed: ItemDeed::Change(change) }));
}

/// The answer to a tune that was to be stored.
pub(crate) fn saved(player: &mut Player, answer: &Answer, cx: &mut Context<'_>) {
    let Some(item) = player.keyboard.saving.pop_front() else { return };
    match answer {
        Ok(_) => stopped(item, cx),
        Err(_) => {
            status(item, "record_stopped", "idle", cx);
            thing::result(false, "use", "The recording could not be saved.", Some(item), cx);
        }
    }
}

/// Ends a recording whose time is over.
pub(crate) fn tick(grid: &Grid, player: &mut Player, cx: &mut Context<'_>) {
    if player.keyboard.deadline().is_some_and(|due| due <= cx.now) {
        finish(grid, player, true, cx);
    }
}

/// Lets go of what is out of reach now: keys come up, a recording ends (defects 19 and 20).
pub(crate) fn recheck(grid: &Grid, player: &mut Player, cx: &mut Context<'_>) {
    let Some(scene) = Scene::of(&grid.config, cx.state, player.space) else { return };
    let known = |id: ItemId| scene.state.directory.item(id);
    let near = |player: &Player, id: ItemId| {
        known(id).is_some_and(|item| matches!(thing::place(scene, player, item), Place::Mine | Place::Here))
    };
    let lost: Vec<(ItemId, String)> =
        player.keyboard.held.keys().filter(|(item, _)| !near(player, *item)).cloned().collect();
    let record = player.keyboard.recording.as_ref().map(|recording| recording.piano);
    for key in lost {
        let_go(player, key, cx);
    }
    match record {
        Some(piano) if known(piano).is_none() => {
            player.keyboard.recording = None;
            grid.world.end_recording(piano, cx.id);
        }
        Some(piano) if !near(player, piano) => finish(grid, player, true, cx),
        Some(_) | None => {}
    }
}

fn let_go(player: &mut Player, key: (ItemId, String), cx: &mut Context<'_>) {
    if let Some(voice) = player.keyboard.held.remove(&key) {
        send(player, key.0, &key.1, false, &voice, cx);
    }
}

/// Somebody goes: keys come up and a recording is stored.
pub(crate) fn leave(grid: &Grid, player: &mut Player, cx: &mut Context<'_>) {
    let held: Vec<(ItemId, String)> = player.keyboard.held.keys().cloned().collect();
    for key in held {
        let_go(player, key, cx);
    }
    finish(grid, player, false, cx);
}
