//! Connections without a socket: what is said on them is taken, and they end with their client.

use commonroom_core::AccountId;
use commonroom_core::account::Protocol;
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::ids::SessionId;
use commonroom_hub::line::{LineInput, Lines, Taken};
use commonroom_hub::session::{Adapter, Happening, Opening, State};
use commonroom_hub::shard::{Batch, Shard};
use commonroom_testkit::World;
use commonroom_testkit::mirror::{Mirror, mark};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_000_000_000);

struct Room {
    shard: Shard,
    lines: Lines,
    adapters: Vec<Arc<dyn Adapter>>,
    env: Env,
}

impl Room {
    fn new(state: State) -> Self {
        let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Mirror)];
        let shard = Shard::new(0, adapters.clone(), state, Env::seeded(NOW, [1; 32]));
        Self { shard, lines: Lines::default(), adapters, env: Env::seeded(NOW, [2; 32]) }
    }

    fn open(&mut self, target: &str) -> SessionId {
        let id = SessionId(self.env.uuid());
        let opening = Opening {
            id,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            target: target.to_owned(),
            headers: Vec::new(),
            secure: false,
            now: NOW,
        };
        let open =
            LineInput::Open { protocol: Protocol::Together, opening: Box::new(opening), idle_seconds: 60 };
        self.lines.input(open, &self.adapters, &mut self.shard, NOW);
        id
    }

    fn take(&mut self, line: SessionId, now: Timestamp) -> Option<Vec<Taken>> {
        let (to, mut taken) = tokio::sync::oneshot::channel();
        self.lines.input(LineInput::Take { line, to }, &self.adapters, &mut self.shard, now);
        taken.try_recv().expect("answered at once")
    }
}

fn somebody(world: &mut World) -> AccountId {
    world.member("Ann")
}

#[test]
fn what_is_told_waits_on_the_line_until_it_is_taken() {
    let mut world = World::new();
    let ann = somebody(&mut world);
    let told: Vec<Happening> = world.told().iter().map(|event| Happening::Event(event.clone())).collect();
    let mut room = Room::new(world.state());
    let line = room.open(&format!("/{ann}"));
    assert_eq!(room.take(line, NOW), Some(Vec::new()));
    let last = told.last().expect("Ann has joined").clone();
    let wanted = Taken::Text(mark(&last));
    room.shard.batch(&Batch { happenings: vec![last], state: world.state() }, NOW);
    assert_eq!(room.take(line, NOW), Some(vec![wanted]));
    assert_eq!(room.take(line, NOW), Some(Vec::new()));
}

#[test]
fn a_line_ends_with_its_session_or_without_its_client() {
    let mut world = World::new();
    let ann = somebody(&mut world);
    let mut room = Room::new(world.state());
    let nobody = room.open("/nobody");
    assert_eq!(room.take(nobody, NOW), Some(vec![Taken::Closed(4001)]));
    assert_eq!(room.take(nobody, NOW), None);
    let line = room.open(&format!("/{ann}"));
    room.lines.sweep(&mut room.shard, NOW.plus_seconds(60));
    assert_eq!(room.take(line, NOW.plus_seconds(60)), Some(Vec::new()));
    room.lines.sweep(&mut room.shard, NOW.plus_seconds(121));
    assert_eq!(room.take(line, NOW.plus_seconds(121)), None);
    assert!(room.shard.is_empty());
}

#[test]
fn what_is_said_is_answered_with_what_waits() {
    let mut world = World::new();
    let ann = somebody(&mut world);
    let last = world.told().last().map(|event| Happening::Event(event.clone())).expect("Ann has joined");
    let mut room = Room::new(world.state());
    let exchange = |room: &mut Room, line: SessionId| {
        let (to, taken) = tokio::sync::oneshot::channel();
        let input = LineInput::Exchange { line, text: "hello".to_owned(), to };
        room.lines.input(input, &room.adapters, &mut room.shard, NOW);
        taken
    };
    let line = room.open(&format!("/{ann}"));
    let wanted = Taken::Text(mark(&last));
    room.shard.batch(&Batch { happenings: vec![last], state: world.state() }, NOW);
    assert_eq!(exchange(&mut room, line).try_recv(), Ok(Some(vec![wanted])));
    // One after the other, none is lost.
    let mut both = [exchange(&mut room, line), exchange(&mut room, line)];
    assert!(both.iter_mut().all(|taken| taken.try_recv() == Ok(Some(Vec::new()))));
    let unknown = SessionId(room.env.uuid());
    assert_eq!(exchange(&mut room, unknown).try_recv(), Ok(None));
}
