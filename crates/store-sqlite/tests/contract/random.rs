//! Commands without plan or sense, from a seed: what is loaded is what was applied, whatever it was.

use super::Open;
use super::world::{World, post, register};
use commonroom_core::account::Protocol;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command, NewMessage, RoleSettings, SpaceSettings};
use commonroom_core::env::{Env, Timestamp};
use commonroom_core::event::{EventBody, Relation};
use commonroom_core::ids::{AccountId, ChannelId, MessageId, SpaceId};
use commonroom_core::poll::{Poll, PollOption};
use commonroom_core::query::{Found, Query};

/// What there may be to act on; some of it is gone.
#[derive(Default)]
struct Known {
    accounts: Vec<AccountId>,
    spaces: Vec<SpaceId>,
    channels: Vec<ChannelId>,
    messages: Vec<MessageId>,
}

impl Known {
    fn note(&mut self, body: &EventBody) {
        if let EventBody::Account { account, .. } = body {
            self.accounts.push(account.id);
        } else if let EventBody::Space { space, .. } = body {
            self.spaces.push(space.id);
        } else if let EventBody::Channel { channel, .. } | EventBody::ConversationOpened { channel } = body {
            self.channels.push(channel.id);
        } else if let EventBody::MessagePosted { message } = body {
            self.messages.push(message.id);
        }
    }
}

pub fn any_commands_load_as_they_were_applied(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let mut dice = Env::seeded(Timestamp(0), [1; 32]);
    let mut known = Known::default();
    known.spaces.push(world.main());
    known.channels.push(world.general());
    for name in ["Ann", "Bob", "Cleo"] {
        known.accounts.push(world.person(name));
    }
    for round in 1..=120 {
        let batch = (0..=dice.below(12)).map(|_| command(&mut dice, &known)).collect();
        let (committed, fault) = world.batch(batch);
        assert_eq!(fault, None);
        for event in &committed.events {
            known.note(&event.body);
        }
        world.check_load(open);
        if round % 30 == 0 {
            drop(world);
            world = World::start(open, round);
        }
    }
    assert!(known.messages.len() > 40, "too few commands did anything: {}", known.messages.len());
    for channel in world.directory().spaces().flat_map(|space| space.channels.clone()) {
        let page = commonroom_core::query::Page::Newest { skip: 0 };
        let found = world.find(&Query::History { channel, page, limit: 200 });
        let Found::Messages { messages, total, .. } = found else { panic!("{found:?}") };
        assert_eq!(messages.len() as u64, total);
    }
}

fn command(dice: &mut Env, known: &Known) -> (Actor, Command) {
    let account = pick(dice, &known.accounts);
    let other = pick(dice, &known.accounts);
    let space = pick(dice, &known.spaces);
    let channel = pick(dice, &known.channels);
    let message = if known.messages.is_empty() { MessageId::MIN } else { pick(dice, &known.messages) };
    let me = Actor::Account(account);
    let number = dice.below(6);
    let name = Some(format!("name {number}"));
    match dice.below(52) {
        0 => (Actor::System, register(&format!("person {number}"))),
        1 => (Actor::System, Command::EnterGuest { name: "guest".to_owned(), space, via: Protocol::BareRtc }),
        2 if number == 0 => (me, Command::Retire { account }),
        3 => (me, Command::CreateSpace { settings: SpaceSettings { name, ..SpaceSettings::default() } }),
        4 if number < 2 => (Actor::System, Command::DeleteSpace { space }),
        5 => (me, Command::JoinSpace { space, via: Protocol::ChatGrid }),
        6 if number < 2 => (me, Command::LeaveSpace { space }),
        7 | 8 => {
            let settings = ChannelSettings { name, ..ChannelSettings::default() };
            (Actor::System, Command::CreateChannel { space, kind: ChannelKind::Text, settings })
        }
        9 => (Actor::System, Command::DeleteChannel { channel }),
        10 => {
            let settings = ChannelSettings { name, ..ChannelSettings::default() };
            (Actor::System, Command::ChangeChannel { channel, settings })
        }
        11 => (me, Command::OpenConversation { with: other }),
        12 => (me, Command::edit(message, "edited @everyone".to_owned())),
        13 => (Actor::System, Command::DeleteMessage { message }),
        14 => (me, Command::React { message, emoji: "🎉".to_owned(), on: number > 1 }),
        15 => (me, Command::MarkRead { channel, message: None }),
        16 => (me, Command::Relate { to: other, relation: Relation::Mute, on: number > 1 }),
        17 if number < 2 => (Actor::System, Command::Kick { space, account, reason: None }),
        18 => (Actor::System, Command::Unban { space, account }),
        19 => (Actor::System, Command::Ban { space, account, reason: None, until: Some(Timestamp(1)) }),
        20 => (Actor::System, Command::SetPassword { account, password: "new".to_owned() }),
        21 => (me, Command::SetNickname { space, account, nickname: name }),
        22 => (
            Actor::System,
            Command::CreateRole { space, settings: RoleSettings { name, ..RoleSettings::default() } },
        ),
        23 => {
            let settings = ChannelSettings { name, ..ChannelSettings::default() };
            (Actor::System, Command::CreateChannel { space, kind: ChannelKind::Forum, settings })
        }
        24 => (me, Command::CreateThread { parent: channel, name: format!("thread {number}"), root: None }),
        25 => (
            me,
            Command::CreateThread { parent: channel, name: format!("aside {number}"), root: Some(message) },
        ),
        26 => (me, Command::FollowThread { thread: channel, on: number > 1 }),
        27 => (Actor::System, Command::Pin { message, on: number > 1 }),
        28 => (me, ask(channel)),
        29 => (me, Command::Vote { message, options: vec!["a".to_owned()] }),
        30 => (Actor::System, Command::EndPoll { message }),
        31 => (
            me,
            Command::SubscribePush {
                endpoint: format!("https://push/{number}"),
                p256dh: "k".to_owned(),
                auth: "a".to_owned(),
            },
        ),
        32 => (me, Command::UnsubscribePush { account, endpoint: format!("https://push/{number}") }),
        33 => (Actor::System, Command::Sweep),
        _ => (me, post(channel, &format!("hello @person {number}"))),
    }
}

fn pick<T: Copy>(dice: &mut Env, from: &[T]) -> T {
    let at = dice.below(u32::try_from(from.len()).expect("a short list"));
    from[usize::try_from(at).expect("fits")]
}

/// A question that ends by itself.
fn ask(channel: ChannelId) -> Command {
    let option =
        |id: &str| PollOption { id: id.to_owned(), text: id.to_owned(), emoji: None, by: Vec::new() };
    let poll = Poll {
        question: "which?".to_owned(),
        options: vec![option("a"), option("b")],
        multiple: false,
        expires_at: Some(Timestamp(4_000_000_000_000_000)),
        ended_at: None,
    };
    Command::PostMessage(NewMessage { poll: Some(Box::new(poll)), ..NewMessage::said(channel, "") })
}
