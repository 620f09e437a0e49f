//! originchats.md 5.8, 5.10, 5.11, 6.6, 14.7, 14.16, 14.18: what changes is shown at once, to those who may see it.

use crate::support::Town;
use commonroom_core::Permissions;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, ChannelSettings, Command, SpaceSettings};
use commonroom_core::message::MessageKind;

#[test]
fn a_hidden_channel_lets_nothing_out() {
    let mut town = Town::new();
    let (ann, _) = (town.enters("ann"), town.enters("cat"));
    let staff = town.channel(ChannelKind::Text, "staff");
    town.give_role(ann, "moderator", true);
    town.hide(staff, Permissions::VIEW);
    let said = town.says(ann, staff, MessageKind::Said, "secret");
    town.play("cat drop\nann drop\ncat > {\"cmd\":\"ping\"}\ncat < {\"cmd\":\"pong\",...}");
    let id = said.id;
    town.play(&format!(
        r##"
ann > {{"cmd":"message_new","channel":"staff","content":"more"}}
ann < {{"cmd":"message_new","channel":"staff",...}}
ann > {{"cmd":"message_edit","channel":"staff","id":"{id}","content":"changed"}}
ann < {{"cmd":"message_edit",...}}
ann > {{"cmd":"message_react_add","channel":"staff","id":"{id}","emoji":"x"}}
ann < {{"cmd":"message_react_add",...}}
ann > {{"cmd":"typing","channel":"staff"}}
ann < {{"cmd":"typing",...}}
ann > {{"cmd":"message_delete","channel":"staff","id":"{id}"}}
ann < {{"cmd":"message_delete",...}}
cat <nothing
cat > {{"cmd":"channels_get"}}
cat < {{"cmd":"channels_get","val":[{{"name":"general",...}}]}}
cat > {{"cmd":"messages_get","channel":"staff"}}
cat < {{"cmd":"error","src":"messages_get","val":"Access denied to this channel"}}
cat > {{"cmd":"message_get","channel":"staff","id":"{id}"}}
cat < {{"cmd":"error","src":"message_get","val":"Access denied to this channel"}}
cat > {{"cmd":"messages_around","channel":"staff","around":"{id}"}}
cat < {{"cmd":"error","src":"messages_around","val":"Access denied to this channel"}}
cat > {{"cmd":"unreads_ack","channel":"staff"}}
cat < {{"cmd":"error","src":"unreads_ack","val":"Access denied to this channel"}}
cat > {{"cmd":"unreads_count","channel":"staff"}}
cat < {{"cmd":"error","src":"unreads_count","val":"Access denied to this channel"}}
cat > {{"cmd":"unreads_get"}}
cat < {{"cmd":"unreads_get","unreads":{{"general":_}}}}
cat > {{"cmd":"message_new","channel":"staff","content":"x"}}
cat < {{"cmd":"error","src":"message_new","val":"You do not have permission to send messages in this channel"}}
cat > {{"cmd":"message_edit","channel":"general","id":"{id}","content":"x"}}
cat < {{"cmd":"error","src":"message_edit","val":"Message not found or cannot be edited"}}
cat > {{"cmd":"message_delete","channel":"staff","id":"{id}"}}
cat < {{"cmd":"error","src":"message_delete","val":"You do not have permission to send messages in this channel"}}
cat > {{"cmd":"message_react_add","channel":"staff","id":"{id}","emoji":"x"}}
cat < {{"cmd":"error","src":"message_react_add","val":"You do not have permission to add reactions to this message"}}
cat > {{"cmd":"typing","channel":"staff"}}
cat < {{"cmd":"error","src":"typing","val":"You do not have permission to send messages in this channel"}}
"##
    ));
}

#[test]
fn lists_of_channels_follow_every_change() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    let news = town.channel(ChannelKind::Text, "news");
    town.play(
        r##"
ann < {"cmd":"channels_get","val":[{"name":"general",...},{"name":"news","type":"text","last_message":null,...}]}
ann <nothing
"##,
    );
    town.does(Actor::System, Command::MoveChannel { channel: news, position: 0 });
    town.play("ann < {\"cmd\":\"channels_get\",\"val\":[{\"name\":\"news\",...},{\"name\":\"general\",...}]}\nann <nothing");
    town.says(ann, news, MessageKind::Said, "kept");
    let rename = ChannelSettings { name: Some("olds".to_owned()), ..ChannelSettings::default() };
    town.does(Actor::System, Command::ChangeChannel { channel: news, settings: rename });
    town.play(
        r##"
ann < {"cmd":"message_new","channel":"news",...}
ann < {"cmd":"channels_get","val":[{"name":"olds",...},{"name":"general",...}]}
ann <nothing
ann > {"cmd":"messages_get","channel":"olds"}
ann ? {"cmd":"messages_get","channel":"olds","messages":[{"content":"kept",...}],...}
"##,
    );
    let topic = ChannelSettings { topic: Some(Some("about".to_owned())), ..ChannelSettings::default() };
    town.does(Actor::System, Command::ChangeChannel { channel: news, settings: topic });
    town.play("ann < {\"cmd\":\"channel_update\",\"channel\":\"olds\",\"current_name\":\"olds\",\"updated\":true}\nann <nothing");
    town.hide(news, Permissions::VIEW);
    town.play("ann ? {\"cmd\":\"channels_get\",\"val\":[{\"name\":\"general\",...}]}\nann <nothing");
    town.give_role(ann, "moderator", true);
    town.play(
        r##"
ann < {"cmd":"user_roles_get","user":"USR:local_ann","roles":["moderator","user"],"color":"#FFFF00","global":true}
ann < {"cmd":"channels_get","val":[{"name":"olds","permissions":{"view":["owner","admin","moderator"],...},...},{"name":"general",...}]}
ann <nothing
"##,
    );
    town.does(Actor::System, Command::DeleteChannel { channel: news });
    town.play("ann < {\"cmd\":\"channels_get\",\"val\":[{\"name\":\"general\",...}]}\nann <nothing");
}

#[test]
fn a_right_taken_from_somebody_is_gone_at_once() {
    let mut town = Town::new();
    let (ann, general) = (town.enters("ann"), town.general);
    town.hide(general, Permissions::SEND);
    town.play(
        r##"
ann drop
ann > {"cmd":"message_new","channel":"general","content":"x"}
ann < {"cmd":"error","src":"message_new","val":"You do not have permission to send messages in this channel"}
ann > {"cmd":"typing","channel":"general"}
ann < {"cmd":"error","src":"typing","val":"You do not have permission to send messages in this channel"}
"##,
    );
    town.give_role(ann, "moderator", true);
    town.play(
        r##"
ann < {"cmd":"user_roles_get","user":"USR:local_ann","roles":["moderator","user"],"color":"#FFFF00","global":true}
ann > {"cmd":"message_new","channel":"general","content":"x"}
ann < {"cmd":"message_new",...}
"##,
    );
}

#[test]
fn the_name_of_the_server_is_changed_for_everybody() {
    let mut town = Town::new();
    town.enters("ann");
    let settings = SpaceSettings { name: Some("The Pier".to_owned()), ..SpaceSettings::default() };
    let space = town.space;
    town.does(Actor::System, Command::ChangeSpace { space, settings });
    town.play(
        r##"
ann < {"cmd":"server_update","name":"The Pier","icon":null,"banner":null}
ann > {"cmd":"server_info"}
ann < {"cmd":"server_info","name":"The Pier","icon":null,"banner":null}
bob = originchats /
bob < {"cmd":"handshake","val":{"server":{"name":"The Pier","owner":{"name":"Admin"}},...}}
http originchats GET /info -> 200 {"server":{"name":"The Pier",...},...}
"##,
    );
}

#[test]
fn channels_without_messages_are_empty_and_take_none() {
    let mut town = Town::new();
    town.enters("ann");
    for (kind, name) in
        [(ChannelKind::Voice, "lounge"), (ChannelKind::Separator, "line"), (ChannelKind::Forum, "forum")]
    {
        town.channel(kind, name);
        town.play(&format!(
            r##"
ann drop
ann > {{"cmd":"messages_get","channel":"{name}"}}
ann < {{"cmd":"messages_get","channel":"{name}","messages":[],"range":{{"start":0,"end":100}}}}
ann > {{"cmd":"message_new","channel":"{name}","content":"x"}}
ann < {{"cmd":"error","src":"message_new","val":"Cannot send messages in this channel type"}}
"##
        ));
    }
    town.play(
        r##"
ann > {"cmd":"channels_get"}
ann < {"cmd":"channels_get","val":[{"type":"text",...},{"type":"voice","voice_state":[],...},{"type":"separator",...},{"type":"forum","threads":[],...}]}
"##,
    );
}

#[test]
fn calls_show_peer_ids_to_participants_only() {
    let mut town = Town::new();
    for name in ["ann", "bob", "cat"] {
        town.enters(name);
    }
    town.channel(ChannelKind::Voice, "lounge");
    town.play(
        r##"
ann drop
bob drop
cat drop
ann > {"cmd":"voice_join","channel":"lounge","peer_id":"pa","listener":"v"}
ann < {"cmd":"voice_user_joined","type":"voice_user_joined","channel":"lounge","user":{"id":"USR:local_ann","username":"USR:local_ann","muted":false},"global":true}
ann < {"cmd":"voice_join","type":"voice_join","channel":"lounge","participants":[],"listener":"v"}
bob < {"cmd":"voice_user_joined","type":"voice_user_joined","channel":"lounge","user":{"id":"USR:local_ann","username":"USR:local_ann","muted":false},"global":true}
cat > {"cmd":"voice_join","channel":"lounge","peer_id":"pc"}
cat ? {"cmd":"voice_join","type":"voice_join","channel":"lounge","participants":[{"id":"USR:local_ann","username":"USR:local_ann","muted":false,"peer_id":"pa"}]}
ann < {"cmd":"voice_user_joined","type":"voice_user_joined","channel":"lounge","user":{"id":"USR:local_cat","username":"USR:local_cat","muted":false,"peer_id":"pc"},"global":true}
bob < {"cmd":"voice_user_joined","type":"voice_user_joined","channel":"lounge","user":{"id":"USR:local_cat","username":"USR:local_cat","muted":false},"global":true}
ann > {"cmd":"voice_mute"}
ann < {"cmd":"voice_user_updated","type":"voice_user_updated","channel":"lounge","user":{"id":"USR:local_ann","username":"USR:local_ann","muted":true},"global":true}
ann < {"cmd":"voice_mute","type":"voice_mute","channel":"lounge","muted":true}
cat < {"cmd":"voice_user_updated","type":"voice_user_updated","channel":"lounge","user":{"id":"USR:local_ann","username":"USR:local_ann","muted":true,"peer_id":"pa"},"global":true}
bob drop
bob > {"cmd":"voice_state","channel":"lounge"}
bob < {"cmd":"voice_state","type":"voice_state","channel":"lounge","participants":[{"id":"USR:local_ann","username":"USR:local_ann","muted":true},{"id":"USR:local_cat","username":"USR:local_cat","muted":false}]}
bob > {"cmd":"channels_get"}
bob < {"cmd":"channels_get","val":[_,{"voice_state":[{"username":"USR:local_ann","muted":true,"pfp":null},{"username":"USR:local_cat","muted":false,"pfp":null}],...}]}
cat > {"cmd":"voice_state","channel":"lounge"}
cat < {"cmd":"voice_state","type":"voice_state","channel":"lounge","participants":[{"id":"USR:local_ann","username":"USR:local_ann","muted":true,"peer_id":"pa"},{"id":"USR:local_cat","username":"USR:local_cat","muted":false}]}
cat close
ann ? {"cmd":"voice_user_left","type":"voice_user_left","channel":"lounge","username":"USR:local_cat","global":true}
bob ? {"cmd":"voice_user_left","type":"voice_user_left","channel":"lounge","username":"USR:local_cat","global":true}
ann drop
ann > {"cmd":"voice_leave","channel":"general"}
ann < {"cmd":"error","src":"voice_leave","val":"You are not in this voice channel"}
ann > {"cmd":"voice_leave"}
ann < {"cmd":"voice_user_left","type":"voice_user_left","channel":"lounge","username":"USR:local_ann","global":true}
ann < {"cmd":"voice_leave","type":"voice_leave","channel":"lounge"}
"##,
    );
}

#[test]
fn a_seat_belongs_to_the_connection_that_took_it_last() {
    let mut town = Town::new();
    town.enters("ann");
    town.enters("bob");
    town.channel(ChannelKind::Voice, "lounge");
    town.play(
        r##"
two = originchats /
two > {"cmd":"login","username":"ann","password":"abcd"}
ann > {"cmd":"voice_join","channel":"lounge","peer_id":"p1"}
two > {"cmd":"voice_join","channel":"lounge","peer_id":"p2"}
bob drop
ann close
bob <nothing
bob > {"cmd":"voice_state","channel":"lounge"}
bob < {"cmd":"voice_state","participants":[{"username":"USR:local_ann",...}],...}
two close
bob < {"cmd":"voice_user_left","type":"voice_user_left","channel":"lounge","username":"USR:local_ann","global":true}
bob < {"cmd":"user_disconnect","username":"USR:local_ann"}
"##,
    );
}

#[test]
fn an_account_that_is_gone_has_no_connections() {
    let mut town = Town::new();
    let ann = town.enters("ann");
    town.enters("bob");
    town.does(Actor::System, Command::Retire { account: ann });
    town.play(
        r##"
ann ? {"cmd":"disconnect","reason":"Your account was deleted"}
ann <close 1000
bob < {"cmd":"user_disconnect","username":"USR:local_ann"}
bob < {"cmd":"user_leave","username":"USR:local_ann"}
bob <nothing
"##,
    );
}

#[test]
fn a_kick_ends_the_connection_and_a_return_is_a_joining() {
    let mut town = Town::new();
    let bob = town.enters("bob");
    let space = town.space;
    let kick = Command::Kick { space, account: bob, reason: None };
    town.does(Actor::System, kick);
    town.play(
        r##"
bob < {"cmd":"disconnect","reason":"You have been kicked"}
bob <close 1000
bob = originchats /
bob > {"cmd":"login","username":"bob","password":"abcd"}
bob ? {"cmd":"ready",...}
bob < {"cmd":"user_join",...}
bob < {"cmd":"user_connect",...}
"##,
    );
}

#[test]
fn a_call_takes_the_right_to_connect() {
    let mut town = Town::new();
    town.enters("ann");
    let lounge = town.channel(ChannelKind::Voice, "lounge");
    town.hide(lounge, Permissions::CONNECT);
    town.play(
        r##"
ann drop
ann > {"cmd":"voice_join","channel":"lounge","peer_id":"p"}
ann < {"cmd":"error","src":"voice_join","val":"You do not have permission to access this voice channel"}
ann > {"cmd":"voice_state","channel":"lounge"}
ann < {"cmd":"voice_state","type":"voice_state","channel":"lounge","participants":[]}
"##,
    );
}

#[test]
fn a_move_to_another_call_is_a_leaving_and_a_joining() {
    let mut town = Town::new();
    town.enters("ann");
    town.enters("bob");
    town.channel(ChannelKind::Voice, "one");
    town.channel(ChannelKind::Voice, "two");
    town.play(
        r##"
bob drop
ann > {"cmd":"voice_join","channel":"one","peer_id":"p"}
ann > {"cmd":"voice_join","channel":"two","peer_id":"p"}
bob < {"cmd":"voice_user_joined","channel":"one",...}
bob < {"cmd":"voice_user_left","channel":"one","username":"USR:local_ann",...}
bob < {"cmd":"voice_user_joined","channel":"two",...}
bob <nothing
"##,
    );
}

#[test]
fn slash_commands_reach_neither_hidden_nor_read_only_channels() {
    let mut town = Town::new();
    for name in ["ann", "bot"] {
        town.enters(name);
    }
    let staff = town.channel(ChannelKind::Text, "staff");
    town.hide(staff, Permissions::VIEW);
    let news = town.channel(ChannelKind::Text, "news");
    town.hide(news, Permissions::SEND);
    let quiet = town.channel(ChannelKind::Text, "quiet");
    town.hide(quiet, Permissions::SLASH_COMMANDS);
    let team = town.channel(ChannelKind::Text, "team");
    town.hide(team, Permissions::VIEW);
    let ann = town.account("ann");
    town.play(
        r##"
bot > {"cmd":"slash_register","commands":[{"name":"roll"}]}
bot ? {"cmd":"slash_register",...}
bot drop
ann drop
ann > {"cmd":"slash_call","channel":"staff","command":"roll"}
ann < {"cmd":"error","src":"slash_call","val":"You do not have permission to send messages in this channel"}
ann > {"cmd":"slash_call","channel":"staff","command":"nick","args":{"nickname":"x"}}
ann < {"cmd":"error","src":"slash_call","val":"You do not have permission to send messages in this channel"}
ann > {"cmd":"slash_call","channel":"news","command":"roll"}
ann < {"cmd":"error","src":"slash_call","val":"You do not have permission to send messages in this channel"}
ann > {"cmd":"slash_call","channel":"quiet","command":"roll"}
ann < {"cmd":"error","src":"slash_call","val":"Access denied: 'use_slash_commands' permission required"}
bot <nothing
"##,
    );
    // A bot that may not see the channel hears nothing of it.
    town.give_role(ann, "moderator", true);
    town.play(
        r##"
bot drop
ann drop
ann > {"cmd":"slash_call","channel":"team","command":"roll"}
ann < {"cmd":"error","src":"slash_call","val":"Command handler for /roll is not currently connected"}
bot <nothing
"##,
    );
}
