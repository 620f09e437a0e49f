//! originchats.md, crossing.md C3: what people of the other protocols do looks native here.

use crate::support::Town;
use commonroom_core::account::{Protocol, Status, StatusKind};
use commonroom_core::command::{Actor, Command, NewMessage, ProfileChange};
use commonroom_core::event::Relation;
use commonroom_core::ids::{AccountId, SessionId};
use commonroom_core::message::MessageKind;
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_testkit::World;

/// A connection of another protocol.
fn attach(world: &mut World, account: AccountId, protocol: Protocol) -> SessionId {
    let id = SessionId(uuid::Uuid::from_u128(account.0.as_u128() ^ 1));
    let session = LiveSession::new(id, account, protocol, Scope::Account, commonroom_testkit::world::START);
    live(world, LiveCommand::Attach(Box::new(session)));
    id
}

/// Asks the hub as an HTTP handler does, and lets the world go on.
fn live(world: &mut World, command: LiveCommand) {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};
    let gateway = world.gateway();
    let mut asking = std::pin::pin!(gateway.live(command));
    let mut context = Context::from_waker(Waker::noop());
    assert!(asking.as_mut().poll(&mut context).is_pending());
    world.step();
    let Poll::Ready(answer) = asking.as_mut().poll(&mut context) else { panic!("no answer") };
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn messages_edits_replies_reactions_and_deletions_look_native() {
    let mut town = Town::new();
    town.enters("ann");
    let tom = town.world.member("Tom Ate");
    let general = town.general;
    town.play(r#"ann < {"cmd":"user_join","user":{"username":"USR:local_tom_ate","nickname":"Tom Ate","roles":["user"],"cracked":true,"pfp":null,...}}"#);
    let said = town.says(tom, general, MessageKind::Said, "hello **all**");
    town.play(r#"ann < {"cmd":"message_new","message":{"user":"USR:local_tom_ate","content":"hello **all**",...},"channel":"general","thread_id":null,"global":true}"#);
    let edit = Command::edit(said.id, "hello".to_owned());
    town.does(Actor::Account(tom), edit);
    town.play(r#"ann < {"cmd":"message_edit","id":_,"content":"hello","message":{"edited":true,"user":"USR:local_tom_ate",...},"channel":"general","global":true}"#);
    let answer = NewMessage { reply_to: Some(said.id), ..NewMessage::said(general, "to myself") };
    town.does(Actor::Account(tom), Command::PostMessage(answer));
    town.play(r#"ann < {"cmd":"message_new","message":{"reply_to":{"id":_,"user":"USR:local_tom_ate"},"pings":{"replies":["USR:local_tom_ate"],...},...},...}"#);
    let react = |on| Command::React { message: said.id, emoji: "👍".to_owned(), on };
    town.does(Actor::Account(tom), react(true));
    town.does(Actor::Account(tom), react(false));
    town.does(Actor::Account(tom), Command::DeleteMessage { message: said.id });
    town.play(
        r#"
ann < {"cmd":"message_react_add","id":_,"emoji":"👍","channel":"general","from":"USR:local_tom_ate","global":true}
ann < {"cmd":"message_react_remove","id":_,"emoji":"👍","channel":"general","from":"USR:local_tom_ate","global":true}
ann < {"cmd":"message_delete","id":_,"channel":"general","global":true}
ann <nothing
"#,
    );
}

#[test]
fn an_action_is_in_italics_and_stays_one_when_edited_here() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let general = town.general;
    town.says(ann, general, MessageKind::Action, "waves");
    town.play(
        r#"
ann < {"cmd":"message_new","message":{"id":$id,"user":"USR:local_ann","content":"*waves*",...},...}
ann > {"cmd":"message_edit","channel":"general","id":"$id","content":"*waves twice*"}
ann < {"cmd":"message_edit","content":"*waves twice*",...}
"#,
    );
}

#[test]
fn presence_of_other_protocols_is_shown() {
    let mut town = Town::new();
    town.enters("ann");
    let tom = town.world.member("tom");
    town.play("ann drop\nann > {\"cmd\":\"ping\"}\nann < {\"cmd\":\"pong\",...}");
    let session = attach(&mut town.world, tom, Protocol::Together);
    town.play(r#"ann < {"cmd":"user_connect","user":{"username":"USR:local_tom","status":{"status":"online","text":""},...}}"#);
    let away = Status { kind: StatusKind::Away, text: Some("lunch".to_owned()), activity: None };
    town.does(Actor::Account(tom), Command::SetStatus(away));
    town.play(r#"ann < {"cmd":"status_get","username":"USR:local_tom","status":{"status":"idle","text":"lunch"},"global":true}"#);
    live(&mut town.world, LiveCommand::Detach { session, grace_millis: 0 });
    town.play("ann < {\"cmd\":\"user_disconnect\",\"username\":\"USR:local_tom\"}\nann <nothing");
    attach(&mut town.world, tom, Protocol::Together);
    town.play(
        r#"
ann < {"cmd":"user_connect","user":{"username":"USR:local_tom","status":{"status":"idle","text":"lunch"},...}}
ann < {"cmd":"status_get","username":"USR:local_tom","status":{"status":"idle","text":"lunch"},"global":true}
ann > {"cmd":"users_online"}
ann < {"cmd":"users_online","users":[{"username":"USR:local_ann",...},{"username":"USR:local_tom",...}]}
"#,
    );
}

#[test]
fn names_changed_anywhere_are_changed_here() {
    let mut town = Town::new();
    town.enters("ann");
    let tom = town.world.member("tom");
    let space = town.space;
    town.play("ann ? {\"cmd\":\"user_join\",...}");
    town.does(Actor::Account(tom), Command::SetDisplayName { name: Some("Tommy".to_owned()) });
    town.play(r#"ann < {"cmd":"nickname_update","user":"USR:local_tom","username":"USR:local_tom","nickname":"Tommy"}"#);
    town.does(
        Actor::Account(tom),
        Command::SetNickname { space, account: tom, nickname: Some("Major".to_owned()) },
    );
    town.play(r#"ann < {"cmd":"nickname_update","user":"USR:local_tom","username":"USR:local_tom","nickname":"Major"}"#);
    town.play("ann < {\"cmd\":\"user_updated\",...}\nann < {\"cmd\":\"user_update\",...}");
    // The name in the space covers the other.
    town.does(Actor::Account(tom), Command::SetDisplayName { name: None });
    town.play("ann <nothing");
    town.does(Actor::Account(tom), Command::SetNickname { space, account: tom, nickname: None });
    town.play("ann < {\"cmd\":\"nickname_remove\",...}");
    town.play(r#"ann < {"cmd":"nickname_update","user":"USR:local_tom","username":"USR:local_tom","nickname":"tom"}"#);
    town.play("ann < {\"cmd\":\"user_updated\",...}\nann < {\"cmd\":\"user_update\",...}");
    let avatar = ProfileChange {
        avatar: Some(Some("https://a.example/t.png".to_owned())),
        ..ProfileChange::default()
    };
    town.does(Actor::Account(tom), Command::SetProfile(avatar));
    // Whoever is not here is not made to look so by a new picture.
    town.play("ann <nothing");
    attach(&mut town.world, tom, Protocol::ChatGrid);
    town.play(r#"ann < {"cmd":"user_connect","user":{"username":"USR:local_tom","pfp":"https://a.example/t.png",...}}"#);
}

#[test]
fn guests_come_and_go_and_what_they_said_stays_theirs() {
    let mut town = Town::new();
    town.enters("ann");
    let (guest, general) = (town.guest("visitor"), town.general);
    town.play(
        r#"ann < {"cmd":"user_join","user":{"username":"USR:local_visitor","roles":["guest","user"],...}}"#,
    );
    let session = attach(&mut town.world, guest, Protocol::BareRtc);
    town.says(guest, general, MessageKind::Said, "hi");
    live(&mut town.world, LiveCommand::Detach { session, grace_millis: 0 });
    town.play(
        r#"
ann < {"cmd":"user_connect","user":{"username":"USR:local_visitor",...}}
ann < {"cmd":"message_new","message":{"user":"USR:local_visitor",...},...}
ann < {"cmd":"user_disconnect","username":"USR:local_visitor"}
ann < {"cmd":"user_leave","username":"USR:local_visitor"}
ann <nothing
"#,
    );
    let other = town.guest("visitor");
    assert_ne!(guest, other);
    // The name is another's now: nobody is to take the old message for theirs.
    town.play(
        r#"
ann drop
ann > {"cmd":"messages_get","channel":"general"}
ann ? {"cmd":"messages_get","messages":[{"user":"USR:local_visitor~2","content":"hi",...}],...}
"#,
    );
}

#[test]
fn conversations_are_not_shown() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let tom = town.world.member("tom");
    town.play("ann ? {\"cmd\":\"user_join\",...}");
    let opened = town.does(Actor::Account(tom), Command::OpenConversation { with: ann });
    let commonroom_core::Reply::Channel { channel, .. } = opened else { panic!("{opened:?}") };
    town.says(tom, channel, MessageKind::Said, "psst");
    town.play(
        r#"
ann <nothing
ann > {"cmd":"channels_get"}
ann < {"cmd":"channels_get","val":[{"name":"general",...}]}
"#,
    );
}

#[test]
fn whoever_is_muted_is_neither_heard_nor_read() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let tom = town.world.member("tom");
    let general = town.general;
    let before = town.says(tom, general, MessageKind::Said, "before");
    town.play("ann ? {\"cmd\":\"message_new\",...}");
    town.does(Actor::Account(ann), Command::Relate { to: tom, relation: Relation::Mute, on: true });
    town.says(tom, general, MessageKind::Said, "after");
    town.play(&format!(
        r#"
ann <nothing
ann > {{"cmd":"messages_get","channel":"general"}}
ann ? {{"cmd":"messages_get","messages":[],...}}
ann > {{"cmd":"message_get","channel":"general","id":"{id}"}}
ann < {{"cmd":"error","src":"message_get","val":"Message not found"}}
"#,
        id = before.id
    ));
    // A moderator who muted the author takes a message back: the event is hidden, the answer is not.
    town.give_role(ann, "moderator", true);
    town.play(&format!(
        r#"
ann drop
ann > {{"cmd":"message_delete","channel":"general","id":"{id}","listener":"d"}}
ann < {{"cmd":"message_delete","id":"{id}","channel":"general","global":true,"listener":"d"}}
ann <nothing
"#,
        id = before.id
    ));
}

#[test]
fn a_person_of_another_protocol_signs_in_by_their_name_or_their_handle() {
    let mut town = Town::new();
    town.does(
        Actor::System,
        Command::CreateOwner { username: "Ann Lee".to_owned(), password: "plain".to_owned() },
    );
    town.play(
        r#"
owner olga secret-password
bob = originchats /
bob drop
bob > {"cmd":"login","username":"olga","password":"secret-password"}
bob < {"cmd":"auth_success",...}
cat = originchats /
cat drop
cat > {"cmd":"login","username":"Ann Lee","password":"no"}
cat < {"cmd":"auth_error","val":"Invalid password","src":"login"}
cat > {"cmd":"login","username":"ann_lee","password":"no"}
cat < {"cmd":"auth_error","val":"Invalid password","src":"login"}
cat > {"cmd":"register","username":"ann_lee","password":"abcd"}
cat < {"cmd":"auth_error","val":"Username already taken","src":"register"}
"#,
    );
}
