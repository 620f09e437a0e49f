//! Who is told of what (together.md 6): each event is caused once, while everybody listens.

use crate::cast::Cast;
use crate::common::{all, open};
use crate::event_rows as rows;
use crate::need::{VIEW_CHANNEL, Who};
use std::collections::BTreeSet;
use std::path::Path;

const LISTENERS: [Who; 9] = [
    Who::Outsider,
    Who::Banned,
    Who::Member,
    Who::Blind,
    Who::Muted,
    Who::Moderator,
    Who::Admin,
    Who::Owner,
    Who::Target,
];

/// An audience.
#[derive(Clone, Copy)]
pub enum Heard {
    /// Members of the server.
    Members,
    /// Members who may view the channel.
    Viewers,
    /// These.
    By(&'static [Who]),
    /// Members and somebody who is none any more, or not yet.
    MembersAnd(Who),
    /// Viewers but for who did it.
    ViewersBut(Who),
    /// Who shares a server with who did it.
    AroundBut(Who),
}

impl Heard {
    fn includes(self, who: Who) -> bool {
        match self {
            Self::Members => who.belongs(),
            Self::Viewers => who.bits() & VIEW_CHANNEL != 0,
            Self::By(these) => these.contains(&who),
            Self::MembersAnd(other) => who.belongs() || who == other,
            Self::ViewersBut(other) => who != other && Self::Viewers.includes(who),
            Self::AroundBut(other) => who != other && who != Who::Outsider,
        }
    }
}

/// What is done, and the events it causes in their order.
pub struct Row {
    pub does: fn(&mut Cast),
    pub tells: &'static [(&'static str, Heard)],
}

/// What everybody has heard until now is forgotten.
pub fn hush(cast: &mut Cast) {
    for who in LISTENERS {
        all(&mut cast.world, &format!("{who:?}"));
    }
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let mut cast = Cast::of(&LISTENERS);
        for who in LISTENERS {
            let person = cast.person(who).expect("somebody");
            open(&mut cast.world, &format!("{who:?}"), &person);
        }
        hush(&mut cast);
        (row.does)(&mut cast);
        for who in LISTENERS {
            let heard: Vec<String> = all(&mut cast.world, &format!("{who:?}"))
                .iter()
                .map(|frame| frame["t"].as_str().unwrap_or("?").to_owned())
                .collect();
            let told = row.tells.iter().filter(|(_, heard)| heard.includes(who));
            let expected: Vec<&str> = told.map(|(name, _)| *name).collect();
            if heard != expected {
                wrong.push(format!("{who:?} heard {heard:?}, expected {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn talk_is_heard_by_who_sees_it() {
    check(&rows::talk());
    check(&rows::marks());
}

#[test]
fn people_are_seen_by_who_knows_them() {
    check(&rows::people());
}

#[test]
fn calls_are_seen_by_who_sees_their_channel() {
    check(&rows::calls());
    check(&rows::ends_of_calls());
}

#[test]
fn servers_are_their_members_affair() {
    check(&rows::servers());
}

#[test]
fn moderation_is_seen_by_all_members() {
    check(&rows::moderation());
}

/// Names of events in the sources: quoted, in capitals, with a line between words.
fn named(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            named(&path, names);
        } else {
            let source = std::fs::read_to_string(&path).expect("a source");
            let words = source.split('"');
            let event = |word: &&str| {
                word.contains('_') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            names.extend(words.filter(event).map(str::to_owned));
        }
    }
}

#[test]
fn every_event_has_a_row() {
    let mut names = BTreeSet::new();
    named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
    let rows = [
        rows::talk(),
        rows::marks(),
        rows::people(),
        rows::calls(),
        rows::ends_of_calls(),
        rows::servers(),
        rows::moderation(),
    ];
    let tells = rows.iter().flatten().flat_map(|row| row.tells);
    let known: BTreeSet<String> =
        tells.map(|(name, _)| (*name).to_owned()).chain(["HEARTBEAT_ACK".to_owned()]).collect();
    assert_eq!(names, known);
}
