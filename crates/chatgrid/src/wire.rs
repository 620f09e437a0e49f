//! What goes over the wire to a client (chatgrid.md 6). Optional fields are left out, never null: the client drops a
//! whole frame for one null (2.2).

use crate::song::Synth;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What names and passwords may be (3.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// Fewest characters of a name.
    pub username_min_length: usize,
    /// Most characters of a name.
    pub username_max_length: usize,
    /// Fewest characters of a password.
    pub password_min_length: usize,
    /// Most characters of a password.
    pub password_max_length: usize,
}

/// One entry of a menu.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct MenuAction {
    /// What the client switches on.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// A sentence about it.
    pub tooltip: &'static str,
}

/// Somebody on the grid (4.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct User {
    /// Connection id; the account id of who is here over another protocol.
    pub id: String,
    /// Account number.
    #[serde(rename = "userId")]
    pub user_id: String,
    /// Name shown.
    pub nickname: String,
    /// East.
    pub x: i32,
    /// North.
    pub y: i32,
}

/// How the world works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorldConfig {
    /// Squares on each side.
    pub grid_size: i32,
    /// Milliseconds between two steps.
    pub movement_tick_ms: i64,
    /// Steps in that time.
    pub movement_max_steps_per_tick: i32,
}

/// Which server this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo<'a> {
    /// Another one after every start.
    pub instance_id: &'a str,
    /// Always `unknown`: anything else may make an old client reload for ever (11).
    pub version: &'static str,
    /// Version of the software.
    pub release_version: &'a str,
    /// The same, only displayed.
    pub server_version: &'a str,
    /// What the grid is called.
    pub grid_name: &'a str,
    /// What newcomers are told.
    pub welcome_message: &'a str,
}

/// Who the receiver is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WelcomeAuth<'a> {
    /// Always true here.
    pub authenticated: bool,
    /// Account number.
    pub user_id: &'a str,
    /// Login name.
    pub username: &'a str,
    /// The one role shown.
    pub role: &'a str,
    /// Sorted.
    pub permissions: &'a [&'static str],
    /// Entries of the administration menu.
    pub admin_menu_actions: &'a [MenuAction],
    /// What names and passwords may be.
    pub policy: Policy,
}

/// Something on the grid (4.2).
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its type's word.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// East.
    pub x: i32,
    /// North.
    pub y: i32,
    /// Owner's account number.
    pub created_by: String,
    /// Owner's name.
    pub created_by_name: String,
    /// Account number, or `system`.
    pub updated_by: String,
    /// That one's name.
    pub updated_by_name: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    /// Milliseconds since 1970.
    pub updated_at: i64,
    /// Counts changes, from 1.
    pub version: i64,
    /// What may be done with it.
    pub capabilities: &'static [&'static str],
    /// Sound of its use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_sound: Option<&'static str>,
    /// Sound it makes by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emit_sound: Option<&'static str>,
    /// Its properties.
    pub params: BTreeMap<String, commonroom_core::item::Param>,
    /// The connection that carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier_id: Option<String>,
    /// How properties read.
    pub display: BTreeMap<&'static str, String>,
}

/// A role in the administration menu.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRow {
    /// Always the same number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// It cannot be deleted.
    pub is_system: bool,
    /// How many have it.
    pub user_count: usize,
    /// Sorted.
    pub permissions: Vec<&'static str>,
}

/// Somebody in the administration menu.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserRow {
    /// Account number.
    pub id: String,
    /// Login name.
    pub username: String,
    /// The one role shown.
    pub role: String,
    /// `active` or `disabled`.
    pub status: &'static str,
}

/// Somebody to whom an item can be given (5.16).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferTarget {
    /// Account number.
    pub user_id: String,
    /// Login name.
    pub username: String,
    /// Is here, over any protocol.
    pub online: bool,
}

/// A frame to a client.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Frame<'a> {
    /// 6.1: nobody is signed in yet.
    AuthRequired {
        /// `Authentication required.`
        message: &'a str,
        /// What names and passwords may be.
        auth_policy: Policy,
        /// What the grid is called.
        grid_name: &'a str,
        /// What newcomers are told.
        welcome_message: &'a str,
        /// Version of the software.
        release_version: &'a str,
        /// The same, only displayed.
        server_version: &'a str,
    },
    /// 6.2: a sign-in worked.
    AuthResult {
        /// It worked.
        ok: bool,
        /// What is shown.
        message: &'a str,
        /// The token for the next time.
        #[serde(skip_serializing_if = "Option::is_none")]
        session_token: Option<&'a str>,
        /// Login name.
        #[serde(skip_serializing_if = "Option::is_none")]
        username: Option<&'a str>,
        /// The one role shown.
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<&'a str>,
        /// Sorted.
        #[serde(skip_serializing_if = "Option::is_none")]
        permissions: Option<&'a [&'static str]>,
        /// Entries of the administration menu.
        #[serde(skip_serializing_if = "Option::is_none")]
        admin_menu_actions: Option<&'a [MenuAction]>,
        /// Name in force.
        #[serde(skip_serializing_if = "Option::is_none")]
        nickname: Option<&'a str>,
        /// What names and passwords may be.
        #[serde(skip_serializing_if = "Option::is_none")]
        auth_policy: Option<Policy>,
    },
    /// 6.3: what the receiver may do has changed.
    AuthPermissions {
        /// The one role shown.
        role: &'a str,
        /// Sorted.
        permissions: &'a [&'static str],
        /// Entries of the administration menu.
        admin_menu_actions: &'a [MenuAction],
    },
    /// 6.4: the world.
    Welcome {
        /// The receiver's connection.
        id: &'a str,
        /// The receiver.
        player: &'a User,
        /// Everybody else.
        users: &'a [User],
        /// Everything on the grid.
        items: &'a [Item],
        /// How the world works.
        world_config: WorldConfig,
        /// What items are and what menus offer.
        ui_definitions: &'a RawValue,
        /// Which server this is.
        server_info: ServerInfo<'a>,
        /// Who the receiver is.
        auth: WelcomeAuth<'a>,
    },
    /// 6.5: where somebody stands.
    UpdatePosition {
        /// Who.
        id: &'a str,
        /// East.
        x: i32,
        /// North.
        y: i32,
    },
    /// 6.6: somebody has landed.
    TeleportComplete {
        /// Who.
        id: &'a str,
        /// East.
        x: i32,
        /// North.
        y: i32,
    },
    /// 6.7: without body: somebody is here.
    Signal {
        /// Who.
        sender_id: &'a str,
        /// Their name.
        sender_nickname: &'a str,
        /// East.
        x: i32,
        /// North.
        y: i32,
        /// Session description.
        #[serde(skip_serializing_if = "Option::is_none")]
        sdp: Option<&'a RawValue>,
        /// Candidate.
        #[serde(skip_serializing_if = "Option::is_none")]
        ice: Option<&'a RawValue>,
    },
    /// 6.8: somebody's name.
    UpdateNickname {
        /// Who.
        id: &'a str,
        /// The name.
        nickname: &'a str,
    },
    /// 6.9: what became of a wish for a name.
    NicknameResult {
        /// It is so.
        accepted: bool,
        /// What was wished.
        requested_nickname: &'a str,
        /// What is in force.
        effective_nickname: &'a str,
        /// Why not.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    /// 6.10: somebody is gone.
    UserLeft {
        /// Who.
        id: &'a str,
    },
    /// 6.11: a line of chat.
    ChatMessage {
        /// The words.
        message: &'a str,
        /// Who says it.
        #[serde(skip_serializing_if = "Option::is_none")]
        sender_id: Option<&'a str>,
        /// Their name.
        #[serde(skip_serializing_if = "Option::is_none")]
        sender_nickname: Option<&'a str>,
        /// The server says it.
        system: bool,
        /// Shown verbatim.
        action: bool,
    },
    /// 6.12: the answer to a ping.
    Pong {
        /// The number of the ping.
        client_sent_at: &'a serde_json::Number,
    },
    /// 6.15: an item as it is now.
    ItemUpsert {
        /// It.
        item: &'a Item,
    },
    /// 6.16: an item is gone.
    ItemRemove {
        /// Which.
        item_id: &'a str,
    },
    /// 6.17: what became of an action.
    ItemActionResult {
        /// It worked.
        ok: bool,
        /// Which action.
        action: &'a str,
        /// What is shown.
        message: &'a str,
        /// Which item.
        #[serde(skip_serializing_if = "Option::is_none")]
        item_id: Option<&'a str>,
    },
    /// 6.19: an item sounds.
    ItemUseSound {
        /// Which.
        item_id: &'a str,
        /// The sound.
        sound: &'a str,
        /// East.
        x: i32,
        /// North.
        y: i32,
        /// Squares within which it is heard; without it clients play nothing.
        range: i32,
    },
    /// 6.20: a clock says something.
    ItemClockAnnounce {
        /// Which.
        item_id: &'a str,
        /// The words, as sounds in a row.
        sounds: &'a [String],
        /// East.
        x: i32,
        /// North.
        y: i32,
        /// Squares within which it is heard.
        range: i32,
    },
    /// 6.13: a key of a piano goes down or up.
    ItemPianoNote {
        /// Which piano.
        item_id: &'a str,
        /// Who plays: a connection, or `item:<id>:playback`.
        sender_id: &'a str,
        /// Which key.
        key_id: &'a str,
        /// Which note.
        midi: u8,
        /// Down.
        on: bool,
        /// How it sounds.
        #[serde(flatten)]
        synth: &'a Synth,
        /// Octaves up or down.
        octave: i64,
        /// East.
        x: i32,
        /// North.
        y: i32,
    },
    /// 6.14: what the piano does for the receiver.
    ItemPianoStatus {
        /// Which piano.
        item_id: &'a str,
        /// What has just happened.
        event: &'a str,
        /// What it does now.
        recording_state: &'a str,
    },
    /// 6.18: to whom an item can be given.
    ItemTransferTargets {
        /// Which item.
        item_id: &'a str,
        /// To whom.
        targets: &'a [TransferTarget],
    },
    /// 6.21: all roles.
    AdminRolesList {
        /// Most powerful first.
        roles: &'a [RoleRow],
        /// All keys.
        permission_keys: &'a [&'static str],
        /// A sentence about each.
        permission_tooltips: &'a BTreeMap<&'static str, &'static str>,
    },
    /// 6.22: people.
    AdminUsersList {
        /// By login name.
        users: &'a [UserRow],
    },
    /// 6.23: what became of an administrator's action.
    AdminActionResult {
        /// It worked.
        ok: bool,
        /// Which action.
        action: &'a str,
        /// What is shown.
        message: &'a str,
    },
}

impl Frame<'_> {
    /// The frame as text.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("frames have string keys and finite numbers")
    }

    /// A line that the server says.
    pub fn line(message: &str) -> String {
        Frame::ChatMessage { message, sender_id: None, sender_nickname: None, system: true, action: false }
            .json()
    }
}
