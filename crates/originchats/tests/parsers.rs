//! originchats.md 2.2, 4.7, 5.4 to 5.6: whatever a frame holds, it becomes a request within its limits or an error.

use commonroom_originchats::decode::talk::Ask as Talk;
use commonroom_originchats::decode::{Ask, commands, embed, envelope};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names that fields of some command have.
const FIELDS: [&str; 34] = [
    "channel",
    "thread_id",
    "id",
    "content",
    "embeds",
    "attachments",
    "reply_to",
    "ping",
    "pinned",
    "limit",
    "offset",
    "start",
    "query",
    "around",
    "bounds",
    "emoji",
    "name",
    "locked",
    "archived",
    "question",
    "options",
    "allow_multiselect",
    "expires_at",
    "duration_hours",
    "poll_id",
    "message_id",
    "option_id",
    "option_ids",
    "title",
    "type",
    "url",
    "fields",
    "text",
    "listener",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-5_i64..300).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["rich", "link", "image", "poll", "https://a.example/", "0", "1", "x\u{0}"])
            .prop_map(Value::from),
        (0_usize..7_000).prop_map(|count| Value::from("ä".repeat(count))),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 48, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..13).prop_map(Value::from),
            fields(inner).prop_map(Value::Object),
        ]
    })
}

fn fields(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Map<String, Value>> {
    let name = prop::sample::select(FIELDS.to_vec()).prop_map(str::to_owned);
    prop::collection::vec((name, value), 0..10).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    #[test]
    fn a_frame_is_a_request_or_an_error(
        cmd in prop::sample::select(commands().collect::<Vec<_>>()),
        mut frame in fields(any_json()),
    ) {
        frame.insert("cmd".to_owned(), json!(cmd));
        let envelope = envelope(&Value::Object(frame).to_string()).expect("an object that is not deep");
        match envelope.ask() {
            Ok(Ask::Post(new)) => {
                prop_assert!(!new.content.is_empty() || !new.attachments.is_empty() || !new.embeds.is_empty());
                prop_assert_eq!(new.content.trim(), &new.content);
            }
            Ok(Ask::Talk(Talk::CreatePoll(_, poll))) => {
                prop_assert!((2..=10).contains(&poll.options.len()));
                prop_assert!(!poll.question.is_empty() && poll.question.chars().count() <= 300);
                for (at, option) in poll.options.iter().enumerate() {
                    prop_assert!(!option.id.is_empty() && !option.text.is_empty());
                    prop_assert!(poll.options[..at].iter().all(|other| other.id != option.id));
                }
            }
            Ok(Ask::Talk(Talk::Replies(_, _, limit))) => prop_assert!((1..=200).contains(&limit)),
            Ok(Ask::Talk(Talk::Pings(limit, _))) => prop_assert!((1..=100).contains(&limit)),
            Ok(_) => {}
            Err(wrong) => prop_assert!(!wrong.to_string().is_empty()),
        }
    }

    #[test]
    fn embeds_that_are_taken_are_within_the_limits(raw in any_json()) {
        for value in [raw.clone(), Value::Array(vec![raw])] {
            let Ok(Some(embeds)) = embed::embeds(Some(&value)) else { continue };
            prop_assert!(embeds.len() <= 10);
            for embed in embeds {
                prop_assert!(embed.chars() <= 6_000 && embed.urls_are_web() && embed.fields.len() <= 25);
                prop_assert!(embed.title.is_none_or(|title| title.chars().count() <= 256));
            }
        }
    }
}
