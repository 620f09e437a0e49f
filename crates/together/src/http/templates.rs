//! Channels that a new server can begin with (together.md 7.1).

use super::caller::Caller;
use super::{App, Outcome, ok};
use crate::wire::entity;
use axum::extract::State;
use commonroom_core::channel::ChannelKind;
use commonroom_core::env::Timestamp;
use uuid::Uuid;

/// A built-in template.
pub struct Template {
    id: Uuid,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    /// Its channels in order.
    pub channels: &'static [Channel],
}

/// A channel of a template.
pub struct Channel {
    /// Name.
    pub name: &'static str,
    /// Text or voice.
    pub kind: ChannelKind,
    /// Group.
    pub category: Option<&'static str>,
}

const fn text(name: &'static str, category: Option<&'static str>) -> Channel {
    Channel { name, kind: ChannelKind::Text, category }
}

const fn voice(name: &'static str) -> Channel {
    Channel { name, kind: ChannelKind::Voice, category: None }
}

static TEMPLATES: [Template; 3] = [
    Template {
        id: Uuid::from_u128(0x6f1d_2c80_4b6a_4a3e_9d52_0000_0000_0001),
        name: "Gaming",
        description: "Announcements, talk and two voice rooms for people who play together",
        category: "gaming",
        channels: &[
            text("announcements", Some("Information")),
            text("general", None),
            text("looking-for-group", None),
            voice("Lobby"),
            voice("Squad"),
        ],
    },
    Template {
        id: Uuid::from_u128(0x6f1d_2c80_4b6a_4a3e_9d52_0000_0000_0002),
        name: "Community",
        description: "A place for a club, a neighbourhood or a project",
        category: "community",
        channels: &[
            text("welcome", Some("Information")),
            text("announcements", Some("Information")),
            text("general", None),
            text("off-topic", None),
            voice("Lounge"),
        ],
    },
    Template {
        id: Uuid::from_u128(0x6f1d_2c80_4b6a_4a3e_9d52_0000_0000_0003),
        name: "Study Group",
        description: "Questions, material and a room to learn together",
        category: "study",
        channels: &[
            text("general", None),
            text("questions", None),
            text("resources", None),
            voice("Study Room"),
        ],
    },
];

/// When the templates were made: 2026-01-01T00:00:00Z.
const MADE: Timestamp = Timestamp(1_767_225_600_000_000);

/// A template by its id.
pub fn with_id(id: Uuid) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

/// GET /server-templates
pub async fn list(State(_): State<App>, _: Caller) -> Outcome {
    let mut templates: Vec<entity::Template> = TEMPLATES.iter().map(shown).collect();
    templates.sort_by_key(|template| template.name);
    ok(&templates)
}

fn shown(template: &Template) -> entity::Template {
    let channel = |(position, channel): (usize, &Channel)| entity::TemplateChannel {
        name: channel.name,
        kind: if channel.kind == ChannelKind::Voice { "voice" } else { "text" },
        category: channel.category,
        position,
    };
    entity::Template {
        id: template.id,
        name: template.name,
        description: template.description,
        category: template.category,
        channels: template.channels.iter().enumerate().map(channel).collect(),
        is_builtin: true,
        created_at: MADE.rfc3339(),
    }
}
