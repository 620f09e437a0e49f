//! The REST side: each route reads its request, runs the same commands as everybody else, and words the answer.

mod attachments;
mod audit;
mod auth;
mod body;
mod caller;
mod channels;
mod dms;
mod emojis;
mod files;
mod find;
mod form;
mod go_live;
mod headers;
mod health;
mod invites;
mod members;
mod messages;
mod moderation;
mod pins;
mod polls;
mod problem;
mod reactions;
mod reset;
mod roles;
mod search;
mod servers;
mod table;
mod templates;
mod threads;
mod users;
mod voice;

use crate::config::Config;
use crate::limits;
use crate::rate::{Class, Limiter, Rate, Who};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use commonroom_core::Reply;
use commonroom_core::command::{Actor, Command};
use commonroom_core::ids::AccountId;
use commonroom_hub::Gateway;
use commonroom_hub::gateway::Peer;
use commonroom_hub::session::{Setup, State};
use commonroom_hub::throttle;
use problem::Problem;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use table::Table;

/// What a handler answers.
type Outcome = Result<Response, Problem>;

/// What handlers share.
#[derive(Clone)]
struct App(Arc<Shared>);

struct Shared {
    config: Config,
    setup: Setup,
    gateway: Gateway,
    limiter: Mutex<Limiter>,
    forms: form::Memory,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    fn state(&self) -> State {
        self.gateway.state()
    }

    /// Runs a command on behalf of an account.
    async fn command(&self, account: AccountId, command: Command) -> Result<Reply, Problem> {
        self.gateway.command(Actor::Account(account), command).await.map_err(Problem::from)
    }

    /// Counts a request towards its rate (together.md 9).
    fn count(&self, peer: Peer, who: Who, class: Class) -> Result<(), Problem> {
        let limits = &self.config.rate_limit;
        if limits.is_exempt(peer.address) {
            return Ok(());
        }
        let (per_second, burst) = match class {
            Class::Read => (limits.reads_per_second, limits.read_burst),
            Class::Write => (limits.writes_per_second, limits.write_burst),
            Class::Auth => (limits.auth_per_second, limits.auth_burst),
        };
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(who, class, Rate { per_second, burst }, self.gateway.now()).map_err(Problem::too_many)
    }

    fn address(peer: Peer) -> Who {
        Who::Address(throttle::network(peer.address))
    }
}

/// The routes under `/api/...` and `/...`.
pub fn router(config: Config, setup: Setup, gateway: Gateway) -> Router {
    let app = App(Arc::new(Shared {
        config,
        setup,
        gateway,
        limiter: Mutex::default(),
        forms: form::Memory::default(),
    }));
    let routes = table().router().layer(axum::middleware::from_fn_with_state(app.clone(), headers::add));
    let all = routes.merge(health().router());
    let under_api = all.clone().fallback(|| async { StatusCode::NOT_FOUND });
    all.nest("/api", under_api).with_state(app)
}

/// The path of every route, without the `/api` that may stand before it.
pub fn paths() -> Vec<String> {
    table().merge(health()).paths()
}

fn table() -> Table {
    Table::new()
        .merge(accounts())
        .merge(servers())
        .merge(channels())
        .merge(talk())
        .merge(files())
        .merge(conversations())
}

/// Routes without limits and without the headers of the others (7.22).
fn health() -> Table {
    Table::new()
        .route("/health", get(health::health))
        .route("/health/ready", get(health::ready))
        .route("/health/live", get(health::live))
}

fn accounts() -> Table {
    Table::new()
        .route("/auth/register", post(auth::register))
        .route("/auth/login", post(auth::login))
        .route("/auth/refresh", post(auth::refresh))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/forgot-password", post(reset::forgot))
        .route("/auth/reset-password", post(reset::reset))
        .route("/instance/registration-mode", get(auth::registration_mode))
        .route("/users/@me", get(users::me).patch(users::change))
        .route("/users/{user}", get(users::profile))
        .route("/ice-servers", get(voice::ice_servers))
        .route("/ws", get(gateway_without_upgrade))
        .route("/server-templates", get(templates::list))
}

fn servers() -> Table {
    Table::new()
        .route("/servers", get(servers::list).post(servers::create))
        .route("/servers/browse", get(servers::browse))
        .route("/servers/{server}", get(servers::one).patch(servers::change).delete(servers::remove))
        .route("/servers/{server}/join", post(servers::join))
        .route("/servers/{server}/leave", delete(servers::leave))
        .route("/servers/{server}/members", get(members::list))
        .route("/servers/{server}/members/{user}", patch(members::change))
        .route("/servers/{server}/roles", get(roles::list).post(roles::create))
        .route("/servers/{server}/roles/{role}", patch(roles::change).delete(roles::remove))
        .route("/servers/{server}/members/{user}/roles/{role}", put(roles::give).delete(roles::take))
        .route("/servers/{server}/invites", get(invites::list).post(invites::create))
        .route("/servers/{server}/invites/{invite}", delete(invites::revoke))
        .route("/invites/{code}", get(invites::preview))
        .route("/invites/{code}/accept", post(invites::accept))
        .route("/servers/{server}/audit-logs", get(audit::list))
        .route("/servers/{server}/members/{user}/kick", post(moderation::kick))
        .route("/servers/{server}/members/{user}/ban", post(moderation::ban))
        .route(
            "/servers/{server}/members/{user}/timeout",
            post(moderation::timeout).delete(moderation::end_timeout),
        )
        .route("/servers/{server}/members/{user}/voice", patch(voice::silence))
        .route("/servers/{server}/bans", get(moderation::bans))
        .route("/servers/{server}/bans/{user}", delete(moderation::unban))
        .route("/servers/{server}/channels", get(channels::list).post(channels::create))
        .route(
            "/servers/{server}/channels/{channel}",
            get(channels::one).patch(channels::change).delete(channels::remove),
        )
}

fn channels() -> Table {
    Table::new()
        .route("/channels/{channel}/overrides", get(channels::rules).put(channels::put_rule))
        .route("/channels/{channel}/overrides/{rule}", delete(channels::remove_rule))
        .route("/channels/{channel}/ack", post(channels::ack))
        .route(
            "/channels/{channel}/voice",
            get(voice::list).post(voice::join).patch(voice::change).delete(voice::leave),
        )
        .route("/channels/{channel}/go-live", get(go_live::one).post(go_live::start).delete(go_live::stop))
}

fn talk() -> Table {
    let message = |rest: &str| format!("/channels/{{channel}}/messages/{{message}}{rest}");
    Table::new()
        .route("/channels/{channel}/messages", get(messages::list).post(messages::post))
        .route(&message(""), get(messages::one))
        .route(&message("/thread"), get(threads::list).post(threads::reply))
        .route(&message("/reactions"), get(reactions::list))
        .route(&message("/reactions/{emoji}"), put(reactions::add).delete(reactions::remove))
        .route(&message("/pin"), post(pins::add).delete(pins::remove))
        .route("/channels/{channel}/pinned-messages", get(pins::list))
        .route("/channels/{channel}/polls", post(polls::create))
        .route("/channels/{channel}/events", post(polls::announce))
        .route("/polls/{poll}", get(polls::one))
        .route("/polls/{poll}/vote", post(polls::vote))
        .route("/servers/{server}/events", get(polls::coming))
        .route("/servers/{server}/search", get(search::search))
        .route("/messages/{message}", patch(messages::edit).delete(messages::remove))
}

fn files() -> Table {
    let uploads = get(attachments::list).post(attachments::add);
    let emojis = get(emojis::list).post(emojis::create);
    Table::new()
        .route("/messages/{message}/attachments", uploads.layer(DefaultBodyLimit::max(limits::UPLOAD_BYTES)))
        .route("/files/{message}/{name}", get(files::file))
        .route("/servers/{server}/emojis", emojis.layer(DefaultBodyLimit::max(limits::BODY_BYTES)))
        .route("/servers/{server}/emojis/{emoji}", delete(emojis::remove))
        .route("/emojis/{emoji}", get(emojis::image))
}

fn conversations() -> Table {
    Table::new()
        .route("/dm-channels", get(dms::list).post(dms::open))
        .route("/dm-channels/{channel}/messages", get(dms::messages).post(dms::post))
        .route("/dm-channels/{channel}/ack", post(dms::ack))
}

/// GET /ws without the wish to become a WebSocket; with it a request never comes here (2.3).
async fn gateway_without_upgrade() -> Problem {
    Problem::bad("This is the gateway: open a WebSocket here")
}

/// A JSON answer.
fn json<T: Serialize>(status: StatusCode, value: &T) -> Outcome {
    let kind = [(axum::http::header::CONTENT_TYPE, "application/json")];
    Ok((status, kind, crate::wire::text(value)).into_response())
}

fn ok<T: Serialize>(value: &T) -> Outcome {
    json(StatusCode::OK, value)
}

fn created<T: Serialize>(value: &T) -> Outcome {
    json(StatusCode::CREATED, value)
}

fn done() -> Outcome {
    Ok(StatusCode::NO_CONTENT.into_response())
}
