//! What discovery pages and invitations show (originchats.md 7.1).

use super::{Site, based, not_found};
use crate::encode::{people, places};
use crate::permissions;
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use commonroom_hub::gateway::Peer;
use serde_json::{Value, json};

/// `GET /info`: what discovery pages and invitations show.
pub(super) async fn info(
    State(site): State<Site>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let state = site.gateway.state();
    let shared = based(&site.shared, &headers, peer);
    let config = &shared.config;
    let Some(view) = shared.view(&state) else { return not_found().await };
    let mut server: Value = places::server_signs(&shared, view.space);
    server["owner"] = json!({"name": config.owner.name});
    let (directory, space) = (view.directory, view.space);
    let is_member = |account| directory.member(space.id, account).is_some();
    let online = view
        .live
        .online()
        .filter(|id| is_member(*id))
        .filter(|id| directory.account(*id).is_some_and(|account| !people::is_hidden(account)))
        .count();
    let channels =
        directory.channels_of(space.id).filter(|channel| permissions::is_public(space, channel)).count();
    Json(json!({
        "server": server,
        "stats": {
            "total_users": directory.members(space.id).count(),
            "connected_users": view.live.sessions().filter(|session| is_member(session.account)).count(),
            "online_users": online,
            "total_channels": channels,
            "total_roles": space.roles.len(),
        },
    }))
    .into_response()
}

/// `GET /index.html`: what to do with this address, for who opens it in a browser.
pub(super) async fn landing(State(site): State<Site>) -> Response {
    let state = site.gateway.state();
    let Some(space) = site.shared.space(&state) else { return not_found().await };
    let name = plain(places::server_name(&site.shared.config, space));
    Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>{name}</title><h1>{name}</h1>\
         <p>This is an OriginChats server. Join it from an OriginChats client with the address of this page.</p></html>"
    ))
    .into_response()
}

/// A text that is no markup.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
