//! originchats.md 5.5, 5.12, 14.17, 13.1, 13.13: threads of a forum, and everything that is said in them.

use crate::support::Town;
use commonroom_core::Permissions;
use commonroom_core::channel::ChannelKind;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::{AccountId, ChannelId};
use commonroom_core::message::MessageKind;

/// Ann and Bob in a community with the forum `help`, and a thread of Ann's in it.
fn forum() -> (Town, ChannelId, ChannelId) {
    let mut town = Town::new();
    let ann = town.enters("ann");
    town.enters("bob");
    let forum = town.channel(ChannelKind::Forum, "help");
    let thread = open(&mut town, ann, forum, "First");
    town.play("ann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann < {\"cmd\":\"pong\",...}");
    (town, forum, thread)
}

fn open(town: &mut Town, by: AccountId, parent: ChannelId, name: &str) -> ChannelId {
    let command = Command::CreateThread { parent, name: name.to_owned(), root: None };
    let reply = town.does(Actor::Account(by), command);
    let commonroom_core::Reply::Channel { channel, .. } = reply else { panic!("{reply:?}") };
    channel
}

#[test]
fn a_thread_is_opened_named_put_away_and_deleted_before_everybody() {
    let (mut town, _, _) = forum();
    town.play(
        r#"
ann > {"cmd":"thread_create","channel":"help","name":"  How to  ","listener":"c"}
ann < {"cmd":"thread_create","thread":{"id":$t,"name":"How to","parent_channel":"help","created_by":"USR:local_ann","created_at":_,"locked":false,"archived":false,"participants":["USR:local_ann"],"last_message":null,"last_message_id":null},"channel":"help","global":true,"listener":"c"}
bob < {"cmd":"thread_create","thread":{"id":$t,"name":"How to",...},"channel":"help","global":true}
bob > {"cmd":"channels_get"}
bob < {"cmd":"channels_get","val":[{"name":"general",...},{"name":"help","type":"forum","threads":[{"name":"First",...},{"id":$t,...}],...}]}
bob > {"cmd":"thread_get","thread_id":"$t","listener":"g"}
bob < {"cmd":"thread_get","thread":{"id":$t,"name":"How to",...},"listener":"g"}
bob > {"cmd":"thread_update","thread_id":"$t","name":"Mine"}
bob < {"cmd":"error","src":"thread_update","val":"You do not have permission to modify this thread"}
bob > {"cmd":"thread_delete","thread_id":"$t"}
bob < {"cmd":"error","src":"thread_delete","val":"You do not have permission to modify this thread"}
ann > {"cmd":"thread_update","thread_id":"$t","name":" What to "}
ann < {"cmd":"thread_update","thread":{"name":"What to","locked":false,...},"channel":"help","global":true}
bob < {"cmd":"thread_update","thread":{"name":"What to",...},"channel":"help","global":true}
ann > {"cmd":"thread_update","thread_id":"$t","locked":true,"listener":"l"}
ann < {"cmd":"thread_update","thread":{"name":"What to","locked":false,...},"channel":"help","global":true,"listener":"l"}
bob <nothing
ann > {"cmd":"thread_update","thread_id":"$t","name":"  "}
ann < {"cmd":"error","src":"thread_update","val":"Thread name cannot be empty"}
ann > {"cmd":"thread_delete","thread_id":"$t","listener":"d"}
ann < {"cmd":"thread_delete","thread_id":$t,"channel":"help","global":true,"listener":"d"}
bob < {"cmd":"thread_delete","thread_id":$t,"channel":"help","global":true}
bob > {"cmd":"thread_get","thread_id":"$t"}
bob < {"cmd":"error","src":"thread_get","val":"Thread not found"}
ann > {"cmd":"thread_create","channel":"general","name":"x"}
ann < {"cmd":"error","src":"thread_create","val":"Threads can only be created in forum channels"}
ann > {"cmd":"thread_create","channel":"nowhere","name":"x"}
ann < {"cmd":"error","src":"thread_create","val":"Channel not found"}
ann > {"cmd":"thread_create","channel":"help","name":"   "}
ann < {"cmd":"error","src":"thread_create","val":"Thread name cannot be empty"}
ann > {"cmd":"thread_create","channel":"help"}
ann < {"cmd":"error","src":"thread_create","val":"Channel and thread name are required"}
ann <nothing
bob <nothing
"#,
    );
}

#[test]
fn a_locked_thread_is_read_and_not_written_in() {
    let (mut town, _, thread) = forum();
    let (ann, bob) = (town.account("ann"), town.account("bob"));
    town.says(ann, thread, MessageKind::Said, "before");
    town.give_role(bob, "moderator", true);
    town.play("ann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}\nbob drop");
    town.play(&format!(
        r#"
bob > {{"cmd":"thread_update","thread_id":"{thread}","locked":true}}
bob < {{"cmd":"thread_update","thread":{{"locked":true,...}},"channel":"help","global":true}}
ann < {{"cmd":"thread_update","thread":{{"locked":true,...}},"channel":"help","global":true}}
ann > {{"cmd":"message_new","thread_id":"{thread}","content":"x"}}
ann < {{"cmd":"error","src":"message_new","val":"This thread is locked"}}
ann > {{"cmd":"typing","thread_id":"{thread}"}}
ann < {{"cmd":"error","src":"typing","val":"This thread is locked"}}
ann > {{"cmd":"poll_create","thread_id":"{thread}","question":"q","options":["a","b"]}}
ann < {{"cmd":"error","src":"poll_create","val":"This thread is locked"}}
bob > {{"cmd":"thread_join","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_join","val":"This thread is locked"}}
ann > {{"cmd":"messages_get","thread_id":"{thread}"}}
ann < {{"cmd":"unreads_update","thread_id":"{thread}","last_read":_}}
ann < {{"cmd":"messages_get","channel":"help","thread_id":"{thread}","messages":[{{"content":"before",...}}],"range":{{"start":0,"end":100}}}}
ann < {{"cmd":"unreads_get","unreads":{{"thread/{thread}":{{"unread_count":0,...}}}}}}
ann > {{"cmd":"thread_messages","thread_id":"{thread}","listener":"m"}}
ann < {{"cmd":"thread_messages","thread_id":"{thread}","messages":[{{"content":"before",...}}],"listener":"m"}}
bob > {{"cmd":"thread_update","thread_id":"{thread}","locked":false}}
bob < {{"cmd":"thread_update","thread":{{"locked":false,...}},...}}
ann < {{"cmd":"thread_update","thread":{{"locked":false,...}},...}}
"#
    ));
}

#[test]
fn writing_takes_a_thread_out_of_the_archive_and_joins_it() {
    let (mut town, _, thread) = forum();
    town.play(&format!(
        r#"
ann > {{"cmd":"thread_update","thread_id":"{thread}","archived":true}}
ann < {{"cmd":"thread_update","thread":{{"archived":true,...}},...}}
bob < {{"cmd":"thread_update","thread":{{"archived":true,...}},...}}
bob > {{"cmd":"messages_get","thread_id":"{thread}","channel":"HELP"}}
bob < {{"cmd":"messages_get","channel":"help","thread_id":"{thread}","messages":[],...}}
bob > {{"cmd":"message_new","thread_id":"{thread}","channel":"help","content":"again","listener":"n"}}
bob < {{"cmd":"thread_update","thread":{{"archived":false,...}},"channel":"help","global":true}}
bob < {{"cmd":"thread_join","thread":{{"participants":["USR:local_ann","USR:local_bob"],...}},"thread_id":"{thread}","user":"USR:local_bob","channel":"help","global":true}}
bob < {{"cmd":"message_new","message":{{"content":"again",...}},"channel":"help","thread_id":"{thread}","global":true,"listener":"n"}}
bob <nothing
ann < {{"cmd":"thread_update","thread":{{"archived":false,...}},"channel":"help","global":true}}
ann < {{"cmd":"thread_join","user":"USR:local_bob",...}}
ann < {{"cmd":"message_new","message":{{"content":"again",...}},"channel":"help","thread_id":"{thread}","global":true}}
bob > {{"cmd":"thread_leave","thread_id":"{thread}","listener":"l"}}
bob < {{"cmd":"thread_leave","thread":{{"participants":["USR:local_ann"],...}},"thread_id":"{thread}","user":"USR:local_bob","channel":"help","global":true,"listener":"l"}}
ann < {{"cmd":"thread_leave","user":"USR:local_bob",...}}
bob > {{"cmd":"thread_leave","thread_id":"{thread}","listener":"again"}}
bob < {{"cmd":"thread_leave","thread":{{"participants":["USR:local_ann"],...}},"thread_id":"{thread}","user":"USR:local_bob","channel":"help","global":true,"listener":"again"}}
bob > {{"cmd":"thread_join","thread_id":"{thread}"}}
bob < {{"cmd":"thread_join","user":"USR:local_bob",...}}
ann < {{"cmd":"thread_join","user":"USR:local_bob",...}}
ann > {{"cmd":"thread_leave","thread_id":"{thread}"}}
ann < {{"cmd":"thread_leave","thread":{{"participants":["USR:local_ann","USR:local_bob"],...}},"user":"USR:local_ann",...}}
bob <nothing
"#
    ));
}

#[test]
fn every_frame_of_a_thread_says_channel_and_thread() {
    let (mut town, _, thread) = forum();
    let (ann, bob) = (town.account("ann"), town.account("bob"));
    town.give_role(bob, "moderator", true);
    let said = town.says(ann, thread, MessageKind::Said, "hello");
    let id = said.id;
    town.play("ann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}\nbob drop");
    town.play(&format!(
        r#"
ann > {{"cmd":"typing","thread_id":"{thread}"}}
ann < {{"cmd":"typing","channel":"help","user":"USR:local_ann","thread_id":"{thread}","global":true}}
bob < {{"cmd":"typing","channel":"help","user":"USR:local_ann","thread_id":"{thread}","global":true}}
ann > {{"cmd":"message_edit","thread_id":"{thread}","id":"{id}","content":"hullo"}}
ann < {{"cmd":"message_edit","id":"{id}","content":"hullo","message":_,"channel":"help","thread_id":"{thread}","global":true}}
bob < {{"cmd":"message_edit","channel":"help","thread_id":"{thread}",...}}
bob > {{"cmd":"message_pin","channel":"help","thread_id":"{thread}","id":"{id}"}}
bob < {{"cmd":"message_pin","id":"{id}","channel":"help","thread_id":"{thread}","pinned":true,"global":true}}
ann < {{"cmd":"message_pin","thread_id":"{thread}",...}}
ann > {{"cmd":"messages_pinned","thread_id":"{thread}"}}
ann < {{"cmd":"messages_pinned","channel":"help","thread_id":"{thread}","messages":[{{"id":"{id}",...}}]}}
ann > {{"cmd":"message_get","thread_id":"{thread}","id":"{id}"}}
ann < {{"cmd":"message_get","channel":"help","thread_id":"{thread}","message":{{"position":0,...}}}}
ann > {{"cmd":"messages_around","thread_id":"{thread}","around":"{id}"}}
ann < {{"cmd":"messages_around","channel":"help","thread_id":"{thread}","messages":[_],"range":{{"start":0,"end":1}}}}
ann > {{"cmd":"messages_search","channel":"help","query":"ULLO"}}
ann < {{"cmd":"messages_search","channel":"help","query":"ULLO","results":[{{"id":"{id}","channel":"help","thread_id":"{thread}",...}}]}}
ann > {{"cmd":"message_react_add","thread_id":"{thread}","id":"{id}","emoji":"👍"}}
ann < {{"cmd":"message_react_add","id":"{id}","emoji":"👍","from":"USR:local_ann","channel":"help","thread_id":"{thread}","global":true}}
bob < {{"cmd":"message_react_add","thread_id":"{thread}",...}}
bob > {{"cmd":"message_react_add","channel":"help","id":"{id}","emoji":"originChats://a.example/emojis/0"}}
bob < {{"cmd":"message_react_add","id":"{id}","emoji":"originChats://a.example/emojis/0","channel":"help","thread_id":"{thread}",...}}
ann < {{"cmd":"message_react_add","from":"USR:local_bob",...}}
bob > {{"cmd":"message_react_add","channel":"general","id":"{id}","emoji":"👍"}}
bob < {{"cmd":"error","src":"message_react_add","val":"Message not found"}}
bob > {{"cmd":"message_edit","thread_id":"{thread}","id":"{id}","content":"mine"}}
bob < {{"cmd":"error","src":"message_edit","val":"You do not have permission to edit this message"}}
ann > {{"cmd":"message_delete","channel":"help","id":"{id}"}}
ann < {{"cmd":"error","src":"message_delete","val":"Message not found or cannot be deleted"}}
bob > {{"cmd":"message_delete","thread_id":"{thread}","id":"{id}"}}
bob < {{"cmd":"message_delete","id":"{id}","channel":"help","thread_id":"{thread}","global":true}}
ann < {{"cmd":"message_delete","id":"{id}","channel":"help","thread_id":"{thread}","global":true}}
ann > {{"cmd":"message_new","channel":"general","thread_id":"{thread}","content":"x"}}
ann < {{"cmd":"error","src":"message_new","val":"Thread not found"}}
ann > {{"cmd":"message_new","channel":"help","content":"x"}}
ann < {{"cmd":"error","src":"message_new","val":"Cannot send messages in this channel type"}}
ann > {{"cmd":"poll_create","thread_id":"{thread}","question":"q","options":["a","b"]}}
ann < {{"cmd":"message_new","message":{{"id":$poll,...}},"channel":"help","thread_id":"{thread}","poll_id":$poll,"global":true}}
ann < {{"cmd":"poll_create","channel":"help","thread_id":"{thread}",...}}
bob > {{"cmd":"poll_vote","poll_id":"$poll","option_id":"0"}}
ann < {{"cmd":"poll_vote_update","channel":"help","thread_id":"{thread}",...}}
ann <nothing
"#
    ));
}

#[test]
fn unread_messages_of_threads_are_counted_and_cleared() {
    let (mut town, _, thread) = forum();
    let ann = town.account("ann");
    let one = town.says(ann, thread, MessageKind::Said, "one").id;
    let two = town.says(ann, thread, MessageKind::Said, "two").id;
    town.play("ann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}\nbob drop");
    town.play(&format!(
        r#"
more = originchats /
more > {{"cmd":"login","username":"bob","password":"abcd"}}
more drop
bob drop
bob > {{"cmd":"unreads_get"}}
bob < {{"cmd":"unreads_get","unreads":{{"general":_,"thread/{thread}":{{"last_read":null,"unread_count":2,"total_messages":2,"parent_channel":"help"}}}}}}
bob > {{"cmd":"unreads_count","thread_id":"{thread}"}}
bob < {{"cmd":"unreads_count","thread_id":"{thread}","last_read":null,"unread_count":2,"total_messages":2}}
bob > {{"cmd":"unreads_ack","thread_id":"{thread}","message_id":"{one}"}}
bob < {{"cmd":"unreads_update","thread_id":"{thread}","last_read":"{one}"}}
bob < {{"cmd":"unreads_ack","thread_id":"{thread}","last_read":"{one}"}}
bob < {{"cmd":"unreads_get","unreads":{{"thread/{thread}":{{"last_read":"{one}","unread_count":1,"total_messages":2,"parent_channel":"help"}}}}}}
more < {{"cmd":"unreads_update","thread_id":"{thread}","last_read":"{one}"}}
more < {{"cmd":"unreads_get","unreads":{{"thread/{thread}":{{"unread_count":1,...}}}}}}
more > {{"cmd":"unreads_ack","thread_id":"{thread}","listener":"a"}}
more < {{"cmd":"unreads_update","thread_id":"{thread}","last_read":"{two}"}}
more < {{"cmd":"unreads_ack","thread_id":"{thread}","last_read":"{two}","listener":"a"}}
more < {{"cmd":"unreads_get","unreads":{{"thread/{thread}":{{"last_read":"{two}","unread_count":0,"total_messages":2,"parent_channel":"help"}}}}}}
bob < {{"cmd":"unreads_update","thread_id":"{thread}","last_read":"{two}"}}
bob < {{"cmd":"unreads_get","unreads":{{"thread/{thread}":{{"unread_count":0,...}}}}}}
bob > {{"cmd":"unreads_ack","thread_id":"{thread}"}}
bob < {{"cmd":"unreads_ack","thread_id":"{thread}","last_read":"{two}"}}
bob <nothing
more <nothing
ann <nothing
"#
    ));
}

#[test]
fn a_thread_of_a_hidden_forum_lets_nothing_out() {
    let (mut town, forum, thread) = forum();
    let ann = town.account("ann");
    town.give_role(ann, "moderator", true);
    town.hide(forum, Permissions::VIEW);
    let said = town.says(ann, thread, MessageKind::Said, "secret").id;
    town.play("ann drop\nbob drop\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}\nbob drop");
    town.play(&format!(
        r#"
ann > {{"cmd":"poll_create","thread_id":"{thread}","question":"q","options":["a","b"]}}
ann ? {{"cmd":"message_new","message":{{"id":$poll,...}},...}}
ann > {{"cmd":"thread_create","channel":"help","name":"more"}}
ann > {{"cmd":"thread_update","thread_id":"{thread}","name":"x"}}
ann > {{"cmd":"poll_vote","poll_id":"$poll","option_id":"0"}}
ann ? {{"cmd":"poll_vote",...}}
ann > {{"cmd":"poll_end","poll_id":"$poll"}}
ann ? {{"cmd":"poll_end",...}}
bob <nothing
bob > {{"cmd":"thread_get","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_get","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"thread_messages","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_messages","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"messages_get","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"messages_get","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"message_new","thread_id":"{thread}","content":"x"}}
bob < {{"cmd":"error","src":"message_new","val":"You do not have permission to send messages in this thread"}}
bob > {{"cmd":"thread_join","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_join","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"thread_update","thread_id":"{thread}","name":"x"}}
bob < {{"cmd":"error","src":"thread_update","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"thread_delete","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_delete","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"thread_create","channel":"help","name":"x"}}
bob < {{"cmd":"error","src":"thread_create","val":"Access denied to this channel"}}
bob > {{"cmd":"embeds_list","thread_id":"{thread}","id":"{said}"}}
bob < {{"cmd":"error","src":"embeds_list","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"unreads_ack","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"unreads_ack","val":"You do not have permission to view this thread"}}
bob > {{"cmd":"unreads_get"}}
bob < {{"cmd":"unreads_get","unreads":{{"general":_}}}}
bob > {{"cmd":"messages_search","channel":"help","query":"secret"}}
bob < {{"cmd":"error","src":"messages_search","val":"Access denied to this channel"}}
bob > {{"cmd":"message_react_add","channel":"general","id":"{said}","emoji":"x"}}
bob < {{"cmd":"error","src":"message_react_add","val":"Message not found"}}
bob > {{"cmd":"poll_vote","poll_id":"$poll","option_id":"1"}}
bob < {{"cmd":"error","src":"poll_vote","val":"You do not have permission to view this poll"}}
bob > {{"cmd":"poll_results","poll_id":"$poll"}}
bob < {{"cmd":"error","src":"poll_results","val":"You do not have permission to view this poll"}}
bob > {{"cmd":"poll_get","poll_id":"$poll"}}
bob < {{"cmd":"error","src":"poll_get","val":"You do not have permission to view this poll"}}
bob > {{"cmd":"poll_end","poll_id":"$poll"}}
bob < {{"cmd":"error","src":"poll_end","val":"You do not have permission to view this poll"}}
bob > {{"cmd":"message_pin","thread_id":"{thread}","id":"{said}"}}
bob < {{"cmd":"error","src":"message_pin","val":"You do not have permission to pin messages in this thread"}}
bob > {{"cmd":"pings_get"}}
bob < {{"cmd":"pings_get","messages":[],...}}
"#
    ));
}

#[test]
fn a_thread_id_is_an_id_and_nothing_else() {
    let (mut town, forum, thread) = forum();
    let general = town.general;
    for id in [
        "../users".to_owned(),
        "x".repeat(5_000),
        general.to_string(),
        forum.to_string(),
        thread.to_string() + "/",
    ] {
        for cmd in [
            "thread_get",
            "thread_messages",
            "thread_update",
            "thread_delete",
            "thread_join",
            "thread_leave",
            "messages_get",
            "messages_pinned",
            "unreads_ack",
            "unreads_count",
            "typing",
        ] {
            town.play(&format!(
                r#"
ann > {{"cmd":"{cmd}","thread_id":"{id}","name":"x"}}
ann < {{"cmd":"error","src":"{cmd}","val":"Thread not found"}}
"#
            ));
            town.play("+1s\nann > {\"cmd\":\"ping\"}\nann ? {\"cmd\":\"pong\",...}");
        }
    }
    town.play("bob drop\nbob > {\"cmd\":\"ping\"}\nbob < {\"cmd\":\"pong\",...}");
}

#[test]
fn what_the_web_client_finds_empty_is_shown_in_a_thread_too() {
    let (mut town, _, thread) = forum();
    town.play(&format!(
        r#"
bob > {{"cmd":"unreads_get"}}
bob < {{"cmd":"unreads_get",...}}
bob > {{"cmd":"messages_get","thread_id":"{thread}"}}
bob < {{"cmd":"messages_get","messages":[],...}}
ann > {{"cmd":"message_new","thread_id":"{thread}","content":"hi"}}
bob < {{"cmd":"message_new",...}}
bob < {{"cmd":"messages_get","channel":"help","thread_id":"{thread}","messages":[{{"content":"hi",...}}],"range":{{"start":0,"end":1}}}}
bob <nothing
"#
    ));
}

#[test]
fn a_deleted_forum_takes_its_threads_along() {
    let (mut town, forum, thread) = forum();
    let ann = town.account("ann");
    town.says(ann, thread, MessageKind::Said, "gone soon");
    town.does(Actor::System, Command::DeleteChannel { channel: forum });
    town.play(&format!(
        r#"
bob ? {{"cmd":"channels_get","val":[{{"name":"general",...}}]}}
bob <nothing
bob > {{"cmd":"thread_get","thread_id":"{thread}"}}
bob < {{"cmd":"error","src":"thread_get","val":"Thread not found"}}
bob > {{"cmd":"unreads_get"}}
bob < {{"cmd":"unreads_get","unreads":{{"general":_}}}}
bob > {{"cmd":"pings_get"}}
bob < {{"cmd":"pings_get","messages":[],...}}
"#
    ));
}

#[test]
fn opening_threads_and_asking_questions_counts_as_writing() {
    let (mut town, _, thread) = forum();
    for number in 0..5 {
        town.play(&format!(
            r#"
bob > {{"cmd":"thread_create","channel":"help","name":"t{number}"}}
bob < {{"cmd":"thread_create",...}}
bob > {{"cmd":"poll_create","thread_id":"{thread}","question":"q","options":["a","b"]}}
bob ? {{"cmd":"poll_create",...}}
"#
        ));
    }
    town.play(&format!(
        r#"
ann ? {{"cmd":"message_new",...}}
bob > {{"cmd":"thread_create","channel":"help","name":"one more","listener":"l"}}
bob < {{"cmd":"rate_limit","reason":"Burst limit exceeded. You're in cooldown for 30 seconds","length":30000,"listener":"l"}}
bob > {{"cmd":"poll_create","thread_id":"{thread}","question":"q","options":["a","b"]}}
bob < {{"cmd":"rate_limit",...}}
"#
    ));
}
