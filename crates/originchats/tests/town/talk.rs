//! originchats.md 4.3, 4.9, 5.4, 14.7, 14.10: who may share, mention and delete what, and what hidden channels keep.

use crate::support::Town;
use commonroom_core::channel::{ChannelKind, Grant};
use commonroom_core::command::{Actor, ChannelSettings, Command, NewFile, NewMessage, RoleSettings};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::{Interaction, MessageKind, Persona, PersonaSource};
use commonroom_core::space::MentionRule;
use commonroom_core::{Permissions, Reply};

fn file(town: &mut Town, by: AccountId, channel: ChannelId) -> String {
    let new = NewFile {
        name: "a.png".to_owned(),
        mime: "image/png".to_owned(),
        size: 7,
        hash: "0".repeat(64),
        dimensions: Some((3, 4)),
        channel,
        expires_at: None,
        permanent: false,
        keep: None,
    };
    let reply = town.does(Actor::Account(by), Command::AddFile(new));
    let Reply::File(file) = reply else { panic!("{reply:?}") };
    file.id.to_string()
}

#[test]
fn files_are_shared_once_and_only_by_who_took_them_in() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("bob"));
    let general = town.general;
    let (one, two) = (file(&mut town, ann, general), file(&mut town, ann, general));
    town.play(&format!(
        r#"
ann drop
bob drop
bob > {{"cmd":"message_new","channel":"general","attachments":[{{"id":"{one}"}}]}}
bob < {{"cmd":"error","src":"message_new","val":"You can only attach your own uploads"}}
ann > {{"cmd":"message_new","channel":"general","attachments":[{{"id":"{one}"}}],"listener":"a"}}
ann < {{"cmd":"message_new","message":{{"id":$id,"content":"","attachments":[{{"id":"{one}","name":"a.png","mime_type":"image/png","size":7,"url":_,"expires_at":null,"permanent":false,"width":3,"height":4}}],...}},"listener":"a",...}}
bob < {{"cmd":"message_new","message":{{"attachments":[{{"id":"{one}",...}}],...}},...}}
ann > {{"cmd":"message_new","channel":"general","content":"x","attachments":[{{"id":"{one}"}}]}}
ann < {{"cmd":"error","src":"message_new","val":"Attachment {one} not found or expired"}}
ann > {{"cmd":"message_new","channel":"general","content":"x","attachments":[{{"id":"{two}"}},{{"id":"{one}"}}],"listener":"b"}}
ann < {{"cmd":"error","src":"message_new","val":"Attachment {one} not found or expired","listener":"b"}}
ann > {{"cmd":"message_new","channel":"general","content":"x","attachments":[{{"id":"00000000-0000-4000-8000-000000000000"}},{{"id":"{two}"}}]}}
ann < {{"cmd":"error","src":"message_new","val":"Attachment 00000000-0000-4000-8000-000000000000 not found or expired"}}
bob <nothing
ann > {{"cmd":"message_edit","channel":"general","id":"$id","content":""}}
ann < {{"cmd":"message_edit","content":"","message":{{"attachments":[_],...}},...}}
"#
    ));
}

#[test]
fn a_role_is_mentioned_by_whom_its_rule_lets() {
    let mut town = Town::new();
    let (ann, bob) = (town.enters("ann"), town.enters("bob"));
    town.give_role(bob, "moderator", true);
    let space = town.space;
    let moderator = {
        let found = town.world.state().directory.space(space).expect("the space").clone();
        found.role_named("moderator").expect("a role").id
    };
    for (name, mention) in [
        ("open", MentionRule::Anybody),
        ("some", MentionRule::Roles(vec![moderator])),
        ("shut", MentionRule::Nobody),
    ] {
        let settings =
            RoleSettings { name: Some(name.to_owned()), mention: Some(mention), ..RoleSettings::default() };
        let reply = town.does(Actor::System, Command::CreateRole { space, settings });
        let Reply::Role(role) = reply else { panic!("{reply:?}") };
        if name == "some" {
            town.does(Actor::System, Command::GiveRole { space, account: ann, role });
        }
    }
    town.play("+1s\nann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}\nbob drop");
    town.play(
        r#"
ann > {"cmd":"message_new","channel":"general","content":"@&open hi"}
ann < {"cmd":"message_new","message":{"pings":{"users":[],"roles":["open"],"replies":[]},...},...}
ann > {"cmd":"message_new","channel":"general","content":"@&SOME hi"}
ann < {"cmd":"error","src":"message_new","val":"You do not have permission to mention the '@&some' role"}
ann > {"cmd":"message_new","channel":"general","content":"@&open @&shut"}
ann < {"cmd":"error","src":"message_new","val":"You do not have permission to mention the '@&shut' role"}
ann > {"cmd":"message_new","channel":"general","content":"`@&shut` @&nobody"}
ann < {"cmd":"message_new","message":{"pings":{"users":[],"roles":[],"replies":[]},...},...}
bob > {"cmd":"message_new","channel":"general","content":"@&some hi"}
ann < {"cmd":"message_new","message":{"id":$id,"pings":{"users":[],"roles":["some"],"replies":[]},...},...}
ann > {"cmd":"pings_get"}
ann < {"cmd":"pings_get","messages":[{"id":$id,"channel":"general",...}],"offset":0,"limit":50,"total":1}
ann > {"cmd":"messages_get","channel":"general"}
ann ? {"cmd":"messages_get","messages":[_,_,{"id":$id,"pings":{"roles":["some"],...},...}],...}
"#,
    );
}

#[test]
fn a_nickname_mentions_its_holder() {
    let mut town = Town::new();
    let (_, bob) = (town.enters("ann"), town.enters("bob"));
    let space = town.space;
    let nickname = Some("Bobby Tables".to_owned());
    town.does(Actor::Account(bob), Command::SetNickname { space, account: bob, nickname });
    town.play(
        r#"
ann drop
ann > {"cmd":"message_new","channel":"general","content":"@bobby tables: look"}
ann ? {"cmd":"message_new","message":{"pings":{"users":["USR:local_bob"],"roles":[],"replies":[]},...},...}
"#,
    );
}

#[test]
fn whoever_a_channels_list_names_deletes_what_others_wrote() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("bob"));
    let general = town.general;
    let space = town.space;
    let role = RoleSettings { name: Some("tidy".to_owned()), ..RoleSettings::default() };
    let Reply::Role(tidy) = town.does(Actor::System, Command::CreateRole { space, settings: role }) else {
        panic!("no role")
    };
    let said = town.says(ann, general, MessageKind::Said, "one").id;
    let grants = vec![Grant { permission: Permissions::MANAGE_MESSAGES, roles: vec![(tidy, true)] }];
    let settings = ChannelSettings { grants: Some(grants), ..ChannelSettings::default() };
    town.does(Actor::System, Command::ChangeChannel { channel: general, settings });
    town.play("ann drop\nbob drop\nbob > {\"cmd\":\"ping\"}\nbob ? {\"cmd\":\"pong\",...}");
    town.play(&format!(
        r#"
bob > {{"cmd":"message_delete","channel":"general","id":"{said}"}}
bob < {{"cmd":"error","src":"message_delete","val":"You do not have permission to delete this message"}}
"#
    ));
    town.give_role(town.account("bob"), "tidy", true);
    town.play(&format!(
        r#"
bob drop
bob > {{"cmd":"message_delete","channel":"general","id":"{said}"}}
bob ? {{"cmd":"message_delete","id":"{said}","channel":"general","global":true}}
ann ? {{"cmd":"message_delete","id":"{said}","channel":"general","global":true}}
"#
    ));
}

#[test]
fn a_hidden_channel_answers_no_look_up() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("cat"));
    let staff = town.channel(ChannelKind::Text, "staff");
    town.give_role(ann, "moderator", true);
    town.hide(staff, Permissions::VIEW);
    let id = town.says(ann, staff, MessageKind::Said, "secret @cat").id;
    town.play("cat drop\nann drop\ncat > {\"cmd\":\"ping\"}\ncat ? {\"cmd\":\"pong\",...}");
    for (request, src) in [
        (format!(r#""embeds_list","channel":"staff","id":"{id}""#), "embeds_list"),
        (r#""messages_pinned","channel":"staff""#.to_owned(), "messages_pinned"),
        (format!(r#""message_replies","channel":"staff","id":"{id}""#), "message_replies"),
        (r#""messages_search","channel":"staff","query":"secret""#.to_owned(), "messages_search"),
    ] {
        town.play(&format!(
            "cat > {{\"cmd\":{request}}}\n\
             cat < {{\"cmd\":\"error\",\"src\":\"{src}\",\"val\":\"Access denied to this channel\"}}"
        ));
    }
    town.play(&format!(
        r#"
cat > {{"cmd":"message_pin","channel":"staff","id":"{id}"}}
cat < {{"cmd":"error","src":"message_pin","val":"You do not have permission to pin messages in this channel"}}
cat > {{"cmd":"message_pin","channel":"general","id":"{id}"}}
cat < {{"cmd":"error","src":"message_pin","val":"Message not found"}}
cat > {{"cmd":"embeds_list","channel":"general","id":"{id}"}}
cat < {{"cmd":"error","src":"embeds_list","val":"Message not found"}}
cat > {{"cmd":"message_replies","channel":"general","id":"{id}"}}
cat < {{"cmd":"message_replies","channel":"general","message_id":"{id}","replies":[]}}
cat > {{"cmd":"pings_get"}}
cat < {{"cmd":"pings_get","messages":[],"offset":0,"limit":50,"total":0}}
cat > {{"cmd":"poll_create","channel":"staff","question":"q","options":["a","b"]}}
cat < {{"cmd":"error","src":"poll_create","val":"You do not have permission to send messages in this channel"}}
ann > {{"cmd":"message_pin","channel":"staff","id":"{id}"}}
ann ? {{"cmd":"message_pin","pinned":true,...}}
cat <nothing
"#
    ));
}

#[test]
fn what_services_and_commands_say_is_the_servers() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let general = town.general;
    let persona = Persona {
        name: "Builds".to_owned(),
        avatar: None,
        source: PersonaSource::Service("github".to_owned()),
    };
    let new = NewMessage { persona: Some(Box::new(persona)), ..NewMessage::said(general, "green") };
    town.does(Actor::System, Command::PostMessage(new));
    let interaction = Interaction { command: "nick".to_owned(), by: ann };
    let new = NewMessage { interaction: Some(Box::new(interaction)), ..NewMessage::said(general, "done") };
    town.does(Actor::System, Command::PostMessage(new));
    town.play(
        r#"
ann ? {"cmd":"message_new","message":{"user":"originChats","content":"green","interaction":null,"webhook":{"id":"github","name":"Builds","avatar":null},...},...}
ann < {"cmd":"message_new","message":{"user":"originChats","content":"done","interaction":{"command":"nick","username":"USR:local_ann"},...},...}
"#,
    );
}

#[test]
fn a_poll_of_somebody_muted_is_none() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("bob"));
    let bob = town.account("bob");
    town.play(
        r#"
ann drop
bob > {"cmd":"poll_create","channel":"general","question":"q","options":["a","b"]}
ann ? {"cmd":"message_new","message":{"id":_,...},...}
"#,
    );
    use commonroom_core::event::Relation;
    town.does(Actor::Account(ann), Command::Relate { to: bob, relation: Relation::Mute, on: true });
    town.play(
        r#"
ann > {"cmd":"messages_get","channel":"general"}
ann ? {"cmd":"messages_get","messages":[],...}
ann drop
bob > {"cmd":"messages_get","channel":"general"}
bob ? {"cmd":"messages_get","messages":[{"id":$poll,...}],...}
ann > {"cmd":"poll_vote","poll_id":"$poll","option_id":"0"}
ann < {"cmd":"error","src":"poll_vote","val":"Poll not found"}
"#,
    );
}

#[test]
fn only_text_channels_take_messages_and_others_are_read_as_empty() {
    let mut town = Town::new();
    town.enters("ann");
    for (kind, name) in
        [(ChannelKind::Voice, "lounge"), (ChannelKind::Separator, "line"), (ChannelKind::Forum, "help")]
    {
        town.channel(kind, name);
        town.play(&format!(
            r#"
ann drop
ann > {{"cmd":"message_new","channel":"{name}","content":"x"}}
ann < {{"cmd":"error","src":"message_new","val":"Cannot send messages in this channel type"}}
ann > {{"cmd":"poll_create","channel":"{name}","question":"q","options":["a","b"]}}
ann < {{"cmd":"error","src":"poll_create","val":"Cannot send messages in this channel type"}}
ann > {{"cmd":"messages_get","channel":"{name}"}}
ann < {{"cmd":"messages_get","channel":"{name}","messages":[],"range":{{"start":0,"end":100}}}}
ann > {{"cmd":"messages_search","channel":"{name}","query":"x"}}
ann < {{"cmd":"messages_search","channel":"{name}","query":"x","results":[]}}
"#
        ));
    }
}
