//! Servers (together.md 7.1).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::users::web_address;
use super::{App, Outcome, Problem, created, done, find, ok, templates};
use crate::encode::{View, server};
use crate::limits;
use crate::wire::request::{self, given_text};
use axum::extract::State;
use commonroom_core::account::Protocol;
use commonroom_core::command::{ChannelSettings, Command, SpaceSettings};
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::{Refusal, Reply, policy};
use serde::Serialize;
use std::cmp::Reverse;
use uuid::Uuid;

#[derive(Serialize)]
struct Joined {
    message: &'static str,
}

/// POST /servers
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(wanted): Body<request::NewServer>,
) -> Outcome {
    let template = match wanted.template_id {
        Some(id) => Some(templates::with_id(id).ok_or(Problem::bad("There is no such template"))?),
        None => None,
    };
    let settings = SpaceSettings {
        name: Some(wanted.name),
        description: given_text(wanted.description).map(Some),
        icon: wanted.icon_url.map(web_address).transpose()?.map(Some),
        public: wanted.is_public,
        require_invite: wanted.require_invite,
        ..SpaceSettings::default()
    };
    let Reply::Space(space) = app.command(caller.account, Command::CreateSpace { settings }).await? else {
        return Err(Refusal::Fault.into());
    };
    for channel in template.into_iter().flat_map(|template| template.channels) {
        let settings = ChannelSettings {
            name: Some(channel.name.to_owned()),
            topic: None,
            category: channel.category.map(|name| Some(name.to_owned())),
            ..ChannelSettings::default()
        };
        app.command(caller.account, Command::CreateChannel { space, kind: channel.kind, settings }).await?;
    }
    let state = app.state();
    let space = state.directory.space(space).ok_or(Refusal::NoSuchSpace)?;
    created(&server::server(View::of(&state, caller.account), space))
}

/// GET /servers
pub async fn list(State(app): State<App>, caller: Caller) -> Outcome {
    let state = app.state();
    ok(&server::servers_of(View::of(&state, caller.account), caller.account))
}

/// GET /servers/browse
pub async fn browse(State(app): State<App>, caller: Caller) -> Outcome {
    let state = app.state();
    let view = View::of(&state, caller.account);
    let public = state.directory.spaces().filter(|space| space.public);
    let mut spaces: Vec<_> = public.map(|space| (space, state.directory.members(space.id).count())).collect();
    spaces.sort_by_key(|(space, members)| Reverse((*members, space.created_at, space.id)));
    let servers: Vec<_> =
        spaces.into_iter().take(limits::BROWSE).map(|(space, _)| server::server(view, space)).collect();
    ok(&servers)
}

/// GET /servers/:id
pub async fn one(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    ok(&server::server(View::of(&state, caller.account), &space))
}

/// PATCH /servers/:id
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::ServerChange>,
) -> Outcome {
    find::server(&app.state(), caller, id)?;
    let settings = SpaceSettings {
        name: wanted.name,
        description: wanted.description,
        icon: wanted.icon_url.map(|url| url.map(web_address).transpose()).transpose()?,
        public: wanted.is_public,
        require_invite: wanted.require_invite,
        owner: wanted.owner_id.map(AccountId),
        ..SpaceSettings::default()
    };
    let nothing = settings == SpaceSettings::default();
    if nothing {
        let permission = commonroom_core::Permissions::MANAGE_SPACE;
        let actor = commonroom_core::Actor::Account(caller.account);
        policy::need(&app.state().directory, SpaceId(id), actor, permission)?;
    } else {
        app.command(caller.account, Command::ChangeSpace { space: SpaceId(id), settings }).await?;
    }
    one(State(app), caller, Ids(id)).await
}

/// DELETE /servers/:id
pub async fn remove(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    find::server(&app.state(), caller, id)?;
    app.command(caller.account, Command::DeleteSpace { space: SpaceId(id) }).await?;
    done()
}

/// POST /servers/:id/join
pub async fn join(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let space = SpaceId(id);
    app.command(caller.account, Command::JoinSpace { space, via: Protocol::Together }).await?;
    mark_read(&app, caller.account, space).await;
    created(&Joined { message: "Joined server" })
}

/// DELETE /servers/:id/leave
pub async fn leave(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    find::server(&app.state(), caller, id)?;
    let command = Command::LeaveSpace { space: SpaceId(id) };
    let left = app.gateway.command(commonroom_core::Actor::Account(caller.account), command).await;
    left.map_err(|refusal| {
        Problem::unless(refusal, Refusal::Owner, Problem::bad("The owner cannot leave the server"))
    })?;
    done()
}

/// What was said before somebody joined is not unread, what is said from now on is (4.4). That they joined stands
/// whether or not this works.
pub async fn mark_read(app: &App, account: AccountId, space: SpaceId) {
    let state = app.state();
    let directory = &state.directory;
    let visible =
        directory.channels_of(space).filter(|channel| policy::may_view(directory, channel, account));
    for channel in visible {
        let command = Command::MarkRead { channel: channel.id, message: None };
        if app.command(account, command).await.is_err() {
            return;
        }
    }
}
