//! Who calls: an account by its access token, or anybody; each within their rate.

use super::{App, Problem, Shared, files};
use crate::limits;
use crate::rate::{Class, Who};
use crate::token::{Access, Denied};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use commonroom_core::ids::{AccountId, LoginId};
use commonroom_hub::gateway::Peer;
use serde::de::DeserializeOwned;
use std::net::{IpAddr, Ipv4Addr};

/// A signed-in account.
#[derive(Clone, Copy)]
pub struct Caller {
    /// Who.
    pub account: AccountId,
    /// By which sign-in.
    pub login: LoginId,
}

/// Who loads a file: by access token, or by the cookie of a browser.
pub struct Loader(pub Caller);

/// Where a request comes from.
#[derive(Clone, Copy)]
pub struct CalledFrom(pub Peer);

/// Anybody, on a route of `/auth`.
#[derive(Clone, Copy)]
pub struct Visitor {
    /// From where.
    pub peer: Peer,
}

/// The ids of a path: any spelling of a UUID, 400 for what is none.
pub struct Ids<T>(pub T);

/// A short text of a path.
pub struct Name(pub String);

/// The query of a URL, 400 for what does not fit.
pub struct Query<T>(pub T);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = peer(parts);
        let class = class(&parts.method);
        match access(app, &parts.headers) {
            Ok(access) => {
                app.count(peer, Who::Account(access.account), class)?;
                Ok(Self { account: access.account, login: access.login })
            }
            Err(problem) => {
                app.count(peer, Shared::address(peer), class)?;
                Err(problem)
            }
        }
    }
}

impl FromRequestParts<App> for Loader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION)
            && let Some(caller) = files::cookie_caller(app, &parts.headers)
        {
            app.count(peer(parts), Who::Account(caller.account), class(&parts.method))?;
            return Ok(Self(caller));
        }
        Caller::from_request_parts(parts, app).await.map(Self)
    }
}

impl FromRequestParts<App> for CalledFrom {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(peer(parts)))
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let peer = peer(parts);
        app.count(peer, Shared::address(peer), Class::Auth)?;
        Ok(Self { peer })
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Ids<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ids = Path::<T>::from_request_parts(parts, app).await;
        ids.map(|Path(ids)| Self(ids)).map_err(|_| Problem::bad("The address holds an id that is none"))
    }
}

impl FromRequestParts<App> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let name = Path::<String>::from_request_parts(parts, app).await;
        let name = name.ok().filter(|Path(name)| name.len() <= limits::CODE_BYTES);
        name.map(|Path(name)| Self(name)).ok_or(Problem::not_found("Invite not found"))
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|_| Problem::bad("The query of the address is not valid"))
    }
}

/// The access token of a request, checked against the directory.
pub fn access(app: &App, headers: &HeaderMap) -> Result<Access, Problem> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let header = header.ok_or(Problem::unauthorized("Missing authorization header"))?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if scheme.eq_ignore_ascii_case("bot") {
        return Err(Problem::unauthorized("Invalid bot token"));
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Problem::unauthorized("Authorization must be a bearer token"));
    }
    let now = app.gateway.now();
    let access = Access::read(app.gateway.signer(), token.trim()).filter(|access| access.expires_at > now);
    let access = access.ok_or(Problem::unauthorized("Invalid or expired token"))?;
    match access.account(&app.state().directory, now) {
        Ok(_) => Ok(access),
        Err(Denied::Ended) => Err(Problem::unauthorized("The session has ended")),
        Err(Denied::Disabled) => Err(Problem::unauthorized("This account is disabled")),
    }
}

fn peer(parts: &Parts) -> Peer {
    let unknown = Peer { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), secure: false };
    parts.extensions.get::<Peer>().copied().unwrap_or(unknown)
}

fn class(method: &Method) -> Class {
    if *method == Method::GET || *method == Method::HEAD { Class::Read } else { Class::Write }
}
