//! A protocol without words: each happening shown becomes one frame that says which it was. For the simulator.

use commonroom_core::account::Protocol;
use commonroom_core::ids::AccountId;
use commonroom_hub::live::{LiveCommand, LiveEvent, LiveSession, Scope};
use commonroom_hub::request::Answer;
use commonroom_hub::session::{
    Adapter, Context, Frames, Happening, Inbound, Opening, Session, Show, State, Variant,
};

/// The adapter. A connection's target is `/ACCOUNT-ID`; it is signed in from the start.
pub struct Mirror;

struct MirrorSession {
    account: Option<AccountId>,
}

/// How a happening is written: stream and number of an event, or `live`.
pub fn mark(happening: &Happening) -> String {
    match happening {
        Happening::Event(event) => format!("{:?}#{}", event.stream, event.seq),
        Happening::Live(_) => "live".to_owned(),
    }
}

impl Adapter for Mirror {
    fn protocol(&self) -> Protocol {
        Protocol::Together
    }

    fn open(&self, opening: &Opening) -> Box<dyn Session> {
        Box::new(MirrorSession { account: opening.target.trim_start_matches('/').parse().ok() })
    }

    fn render(&self, happening: &Happening, _: Variant, _: &State, frames: &mut Frames) {
        frames.text(&mark(happening));
    }

    fn first_limit(&self) -> usize {
        1 << 16
    }
}

impl Session for MirrorSession {
    fn opened(&mut self, cx: &mut Context<'_>) {
        let Some(account) = self.account else { return cx.close(4001, "who?") };
        cx.subscribe(account, Scope::Account);
        let session = LiveSession::new(cx.id, account, Protocol::Together, Scope::Account, cx.now);
        cx.live(LiveCommand::Attach(Box::new(session)));
    }

    fn frame(&mut self, _: Inbound<'_>, _: &mut Context<'_>) {}

    fn answer(&mut self, _: u32, _: Answer, _: &mut Context<'_>) {}

    fn show(&mut self, happening: &Happening, _: &State) -> Show {
        match happening {
            Happening::Event(_) => Show::Shared(0),
            Happening::Live(event) if matches!(**event, LiveEvent::Displaced { .. }) => Show::Private,
            Happening::Live(_) => Show::Nothing,
        }
    }

    fn tell(&mut self, _: &Happening, cx: &mut Context<'_>) {
        cx.close(4001, "somebody else is here");
    }

    fn tick(&mut self, _: &mut Context<'_>) {}

    fn closed(&mut self, cx: &mut Context<'_>) {
        let session = cx.id;
        cx.live(LiveCommand::Detach { session, grace_millis: 0 });
    }
}
