//! Channels of a server and what they allow whom (together.md 7.2, 7.3).

use super::body::Body;
use super::caller::{Caller, Ids};
use super::roles::bits;
use super::{App, Outcome, Problem, created, done, find, ok};
use crate::encode::{View, place, server};
use crate::quirks;
use crate::wire::request::{self, ChannelType, given_text};
use axum::extract::State;
use axum::http::StatusCode;
use commonroom_core::channel::{ChannelKind, OverrideTarget};
use commonroom_core::command::{Actor, ChannelSettings, Command};
use commonroom_core::ids::{AccountId, ChannelId, RoleId};
use commonroom_core::limits::CHANNEL_PLACE_MOST;
use commonroom_core::query::{Found, Query};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::request::Request;
use uuid::Uuid;

/// GET /servers/:id/channels
pub async fn list(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?;
    ok(&server::channels(View::of(&state, caller.account), &space))
}

/// POST /servers/:id/channels
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::NewChannel>,
) -> Outcome {
    let state = app.state();
    let space = find::server(&state, caller, id)?.id;
    let settings = ChannelSettings {
        name: Some(quirks::free_channel_name(&state.directory, space, &wanted.name)),
        topic: wanted.topic.map(Some),
        category: given_text(wanted.category).map(Some),
        ..ChannelSettings::default()
    };
    let kind = match wanted.kind {
        ChannelType::Text => ChannelKind::Text,
        ChannelType::Voice => ChannelKind::Voice,
    };
    let reply = named(
        app.gateway
            .command(Actor::Account(caller.account), Command::CreateChannel { space, kind, settings })
            .await,
    )?;
    let Reply::Channel { channel, .. } = reply else { return Err(Refusal::Fault.into()) };
    let state = app.state();
    let channel = state.directory.channel(channel).ok_or(Refusal::NoSuchChannel)?;
    created(&server::channel(View::of(&state, caller.account), channel))
}

/// GET /servers/:id/channels/:cid
pub async fn one(
    State(app): State<App>,
    caller: Caller,
    Ids((server, channel)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    let state = app.state();
    let channel = find::channel_of(&state, caller, server, channel)?;
    let shown = server::channel(View::of(&state, caller.account), &channel);
    ok(&shown.ok_or(Refusal::NoSuchChannel)?)
}

/// PATCH /servers/:id/channels/:cid
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Ids((server, channel)): Ids<(Uuid, Uuid)>,
    Body(wanted): Body<request::ChannelChange>,
) -> Outcome {
    let id = find::channel_of(&app.state(), caller, server, channel)?.id;
    let place = wanted.position.map(u32::try_from).transpose();
    let place = place.ok().filter(|place| place.is_none_or(|place| place <= CHANNEL_PLACE_MOST));
    let settings = ChannelSettings {
        name: wanted.name,
        topic: wanted.topic,
        category: wanted.category.map(given_text),
        place: place.ok_or(Problem::bad("A position is a number from 0 to 1000000"))?,
        ..ChannelSettings::default()
    };
    if settings == ChannelSettings::default() {
        may_manage(&app, caller, id)?;
    } else {
        let command = Command::ChangeChannel { channel: id, settings };
        named(app.gateway.command(Actor::Account(caller.account), command).await)?;
    }
    one(State(app), caller, Ids((server, channel))).await
}

/// DELETE /servers/:id/channels/:cid
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids((server, channel)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    let id = find::channel_of(&app.state(), caller, server, channel)?.id;
    app.command(caller.account, Command::DeleteChannel { channel: id }).await?;
    done()
}

/// POST /channels/:cid/ack
pub async fn ack(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?.id;
    app.command(caller.account, Command::MarkRead { channel, message: None }).await?;
    read_threads(&app, caller, channel).await?;
    done()
}

/// The threads of a channel are read with it: here they have no mark of their own (4.4).
async fn read_threads(app: &App, caller: Caller, channel: ChannelId) -> Result<(), Problem> {
    let threads: Vec<ChannelId> =
        place::threads(&app.state().directory, channel).into_iter().map(|thread| thread.id).collect();
    if threads.is_empty() {
        return Ok(());
    }
    let query = Query::Unreads { account: caller.account, channels: threads, written_is_read: false };
    let Reply::Found(Found::Unreads(unreads)) = app.gateway.request(Request::Query(query)).await? else {
        return Err(Refusal::Fault.into());
    };
    for unread in unreads.iter().filter(|unread| unread.unread > 0) {
        let command = Command::MarkRead { channel: unread.channel, message: None };
        app.command(caller.account, command).await?;
    }
    Ok(())
}

/// GET /channels/:cid/overrides
pub async fn rules(State(app): State<App>, caller: Caller, Ids(id): Ids<Uuid>) -> Outcome {
    ok(&server::rules(&*find::channel(&app.state(), caller, id)?))
}

/// PUT /channels/:cid/overrides
pub async fn put_rule(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Body(wanted): Body<request::PutOverride>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, id)?;
    may_manage(&app, caller, channel.id)?;
    let target = match (wanted.role_id, wanted.user_id) {
        (Some(role), None) => OverrideTarget::Role(RoleId(role)),
        (None, Some(user)) => OverrideTarget::Member(AccountId(user)),
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::bad("Exactly one of role_id and user_id is required"));
        }
    };
    let (allow, deny) = (bits(wanted.allow)?, bits(wanted.deny)?);
    let before = channel.overrides.iter().find(|rule| rule.target == target);
    let (old_allow, old_deny) = before.map_or_else(Default::default, |rule| (rule.allow, rule.deny));
    let command = Command::SetOverride {
        channel: channel.id,
        target,
        allow: quirks::merged(old_allow, allow),
        deny: quirks::merged(old_deny, deny),
    };
    let Reply::Override(rule) = app.command(caller.account, command).await? else {
        return Err(Refusal::Fault.into());
    };
    ok(&server::rule(&channel, &rule))
}

/// DELETE /channels/:cid/overrides/:oid
pub async fn remove_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((channel, rule)): Ids<(Uuid, Uuid)>,
) -> Outcome {
    let channel = find::channel(&app.state(), caller, channel)?;
    may_manage(&app, caller, channel.id)?;
    let rule = channel.overrides.iter().find(|known| known.id == rule);
    let target = rule.ok_or(Problem::not_found("Override not found"))?.target;
    app.command(caller.account, Command::ClearOverride { channel: channel.id, target }).await?;
    done()
}

fn may_manage(app: &App, caller: Caller, channel: ChannelId) -> Result<(), Problem> {
    let state = app.state();
    let channel = state.directory.channel(channel).ok_or(Refusal::NoSuchChannel)?;
    let held = policy::permissions_in(&state.directory, channel, caller.account);
    if held.has(Permissions::MANAGE_CHANNELS) { Ok(()) } else { Err(Refusal::NotAllowed.into()) }
}

fn named(answer: commonroom_hub::request::Answer) -> Result<Reply, Problem> {
    answer.map_err(|refusal| {
        let taken = Problem::new(StatusCode::CONFLICT, "A channel of this name exists already");
        Problem::unless(refusal, Refusal::NameTaken, taken)
    })
}
