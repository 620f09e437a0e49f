//! Tunes: how one is recorded, kept and played again (chatgrid.md 4.8).

use crate::limits;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::ItemId;
use serde::{Deserialize, Serialize};

/// How an instrument sounds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Synth {
    /// Which instrument.
    pub instrument: String,
    /// `poly` or `mono`.
    pub voice_mode: String,
    /// How slowly a note begins.
    pub attack: i64,
    /// How slowly it settles.
    pub decay: i64,
    /// How slowly it ends.
    pub release: i64,
    /// How bright it is.
    pub brightness: i64,
    /// Squares within which it is heard.
    pub emit_range: i64,
}

/// A key going down or up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Which key of the keyboard.
    pub id: String,
    /// Which note, octave included.
    pub midi: u8,
    /// Down.
    pub on: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(flatten)]
    synth: Synth,
    recording_length_ms: i64,
}

/// `[instrument, voiceMode, attack, decay, release, brightness, emitRange]`.
type StateRow = (String, String, i64, i64, i64, i64, i64);

#[derive(Serialize, Deserialize)]
struct Kept {
    meta: Meta,
    keys: Vec<String>,
    states: Vec<StateRow>,
    /// `[timeMs, keyIndex, midi, on, stateIndex?]`.
    events: Vec<Vec<i64>>,
}

/// A tune being recorded.
#[derive(Debug)]
pub struct Recording {
    /// On which piano.
    pub piano: ItemId,
    first: Synth,
    keys: Vec<String>,
    states: Vec<Synth>,
    events: Vec<Vec<i64>>,
    /// Milliseconds before the last pause.
    before: i64,
    /// Since when it runs; `None` while it pauses.
    since: Option<Timestamp>,
}

impl Recording {
    /// One that begins.
    pub fn new(piano: ItemId, synth: Synth, now: Timestamp) -> Self {
        let (keys, states, events) = Default::default();
        Self { piano, first: synth, keys, states, events, before: 0, since: Some(now) }
    }

    /// Milliseconds recorded, pauses left out.
    fn millis(&self, now: Timestamp) -> i64 {
        let running = self.since.map_or(0, |since| (now.millis() - since.millis()).max(0));
        (self.before + running).min(limits::RECORDING_MILLIS)
    }

    /// True while it pauses.
    pub fn pauses(&self) -> bool {
        self.since.is_none()
    }

    /// Pauses, or goes on.
    pub fn toggle(&mut self, now: Timestamp) {
        self.before = self.millis(now);
        self.since = self.since.is_none().then_some(now);
    }

    /// When it ends by itself.
    pub fn full_at(&self) -> Option<Timestamp> {
        self.since.map(|since| since.plus_millis(limits::RECORDING_MILLIS - self.before))
    }

    /// Takes in a key. What is too much is left out.
    pub fn record(&mut self, key: &Key, synth: &Synth, now: Timestamp) {
        if self.pauses() || self.events.len() >= limits::RECORDING_EVENTS {
            return;
        }
        let Some(index) = place(&mut self.keys, &key.id, limits::RECORDING_KEYS) else { return };
        let Some(state) = place(&mut self.states, synth, limits::RECORDING_STATES) else { return };
        let row = vec![self.millis(now), index, i64::from(key.midi), i64::from(key.on), state];
        self.events.push(row);
    }

    /// The form in which it is kept; `None` when nothing was played.
    pub fn kept(&self, now: Timestamp) -> Option<String> {
        if self.events.is_empty() {
            return None;
        }
        let row = |synth: &Synth| {
            let Synth { instrument, voice_mode, attack, decay, release, brightness, emit_range } =
                synth.clone();
            (instrument, voice_mode, attack, decay, release, brightness, emit_range)
        };
        let kept = Kept {
            meta: Meta { synth: self.first.clone(), recording_length_ms: self.millis(now) },
            keys: self.keys.clone(),
            states: self.states.iter().map(row).collect(),
            events: self.events.clone(),
        };
        serde_json::to_string(&kept).ok()
    }
}

/// The place of a value in a list, at its end if it is new; `None` when the list is full.
fn place<T: Clone + PartialEq>(list: &mut Vec<T>, value: &T, most: usize) -> Option<i64> {
    let known = list.iter().position(|other| other == value);
    let at = match known {
        Some(at) => at,
        None if list.len() < most => {
            list.push(value.clone());
            list.len() - 1
        }
        None => return None,
    };
    i64::try_from(at).ok()
}

/// A key of a tune.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Milliseconds from the beginning.
    pub at: i64,
    /// Which key.
    pub key: Key,
    /// How it sounds: place in [`Song::states`].
    pub state: usize,
}

/// A tune to be played.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Song {
    /// Milliseconds of the whole.
    pub length: i64,
    /// How it sounds; the first one is for notes that do not say.
    pub states: Vec<Synth>,
    /// In their order.
    pub notes: Vec<Note>,
}

impl Song {
    /// Reads a kept tune; `None` when it is none. Rows that make no sense are left out.
    pub fn read(kept: &str) -> Option<Self> {
        let kept: Kept = serde_json::from_str(kept).ok()?;
        let synth = |(instrument, voice_mode, attack, decay, release, brightness, emit_range): StateRow| {
            Synth { instrument, voice_mode, attack, decay, release, brightness, emit_range }
        };
        let states: Vec<Synth> =
            std::iter::once(kept.meta.synth).chain(kept.states.into_iter().map(synth)).collect();
        let note = |row: &Vec<i64>| {
            let [at, key, midi, on, rest @ ..] = row.as_slice() else { return None };
            let state = rest.first().map_or(Some(0), |state| usize::try_from(*state).ok()?.checked_add(1))?;
            let id = kept.keys.get(usize::try_from(*key).ok()?)?.clone();
            let midi = u8::try_from(*midi).ok().filter(|midi| *midi < 128)?;
            (state < states.len()).then_some(Note { at: *at, key: Key { id, midi, on: *on != 0 }, state })
        };
        let mut notes: Vec<Note> = kept.events.iter().filter_map(note).collect();
        notes.sort_by_key(|note| note.at);
        Some(Self { length: kept.meta.recording_length_ms, states, notes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synth(instrument: &str) -> Synth {
        Synth {
            instrument: instrument.to_owned(),
            voice_mode: "poly".to_owned(),
            attack: 15,
            decay: 45,
            release: 35,
            brightness: 55,
            emit_range: 15,
        }
    }

    fn key(id: &str, on: bool) -> Key {
        Key { id: id.to_owned(), midi: 60, on }
    }

    const START: Timestamp = Timestamp(1_795_262_400_000_000);

    fn recording() -> Recording {
        Recording::new(ItemId(Default::default()), synth("piano"), START)
    }

    #[test]
    fn a_tune_is_kept_as_it_was_played() {
        let mut take = recording();
        take.record(&key("KeyA", true), &synth("piano"), START.plus_millis(1_008));
        take.record(&key("KeyA", false), &synth("piano"), START.plus_millis(1_109));
        take.toggle(START.plus_millis(1_200));
        take.record(&key("KeyB", true), &synth("piano"), START.plus_millis(2_000));
        take.toggle(START.plus_millis(9_200));
        take.record(&key("KeyS", true), &synth("bass"), START.plus_millis(9_672));
        let kept = take.kept(START.plus_millis(9_770)).expect("something was played");
        assert_eq!(
            kept,
            concat!(
                r#"{"meta":{"instrument":"piano","voiceMode":"poly","attack":15,"decay":45,"release":35,"#,
                r#""brightness":55,"emitRange":15,"recordingLengthMs":1770},"keys":["KeyA","KeyS"],"#,
                r#""states":[["piano","poly",15,45,35,55,15],["bass","poly",15,45,35,55,15]],"#,
                r#""events":[[1008,0,60,1,0],[1109,0,60,0,0],[1672,1,60,1,1]]}"#
            )
        );
        let song = Song::read(&kept).expect("a tune");
        assert_eq!((song.length, song.notes.len()), (1_770, 3));
        assert_eq!(song.states[song.notes[2].state], synth("bass"));
        assert_eq!(song.notes[0], Note { at: 1_008, key: key("KeyA", true), state: 1 });
    }

    #[test]
    fn rows_without_a_state_sound_like_the_beginning_and_nonsense_is_left_out() {
        let kept = r#"{"meta":{"instrument":"organ","voiceMode":"poly","attack":1,"decay":2,"release":3,"brightness":4,
            "emitRange":9,"recordingLengthMs":50},"keys":["KeyA"],"states":[],
            "events":[[30,0,60,0],[10,0,60,1],[1],[1,5,60,1],[1,0,300,1],[1,0,60,1,7],[1,0,60,1,-1]]}"#;
        let song = Song::read(kept).expect("a tune");
        assert_eq!(song.notes.iter().map(|note| note.at).collect::<Vec<_>>(), [10, 30]);
        assert_eq!(song.states[song.notes[0].state].instrument, "organ");
        assert_eq!(Song::read("{}"), None);
    }

    #[test]
    fn the_longest_tune_fits() {
        let mut take = recording();
        let long = "\u{1}".repeat(32);
        for event in 0..10_000 {
            let id = format!("{event:04}{}", &long[4..]);
            let mut played = synth("electric_piano");
            played.attack = event % 101;
            played.decay = event / 101 % 101;
            take.record(&Key { id, midi: 127, on: true }, &played, START.plus_millis(29_000));
            take.record(&key("KeyA", true), &synth("piano"), START.plus_millis(29_000));
        }
        assert_eq!(take.events.len(), limits::RECORDING_EVENTS);
        let kept = take.kept(START.plus_seconds(60)).expect("something was played");
        assert!(kept.len() <= commonroom_core::limits::ITEM_MEMORY_BYTES, "{}", kept.len());
        assert_eq!(Song::read(&kept).map(|song| song.length), Some(limits::RECORDING_MILLIS));
    }

    #[test]
    fn a_pause_does_not_count() {
        let mut take = recording();
        assert_eq!(take.full_at(), Some(START.plus_seconds(30)));
        take.toggle(START.plus_seconds(10));
        assert_eq!(take.full_at(), None);
        take.toggle(START.plus_seconds(100));
        assert_eq!(take.full_at(), Some(START.plus_seconds(120)));
        assert_eq!(take.kept(START.plus_seconds(101)), None);
    }
}
