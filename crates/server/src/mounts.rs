//! Which protocol is served where: on the main listener and on listeners of their own.

use crate::config::Config;
use crate::listener::SocketPath;
use crate::origin::Rule;
use crate::pictures;
use crate::web::{self, Door};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use commonroom_hub::Gateway;
use commonroom_hub::session::{Adapter, Setup};
use std::sync::Arc;
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

/// The path of Chat Grid on the main listener.
const GRID_BASE: &str = "/chatgrid/";

/// The adapters in the order of their numbers.
pub struct Adapters {
    /// All of them.
    pub all: Vec<Arc<dyn Adapter>>,
}

/// Numbers of the adapters.
const ORIGINCHATS: usize = 0;
const CHATGRID: usize = 1;
const BARERTC: usize = 2;
const TOGETHER: usize = 3;
const PEERJS: usize = 4;

/// One listener to be opened.
pub struct Mount {
    /// What it is called in the log.
    pub name: &'static str,
    /// The address from the configuration.
    pub listen: String,
    /// Where WebSockets go.
    pub sockets: Vec<SocketPath>,
    /// Where every other request goes.
    pub router: Router,
}

/// Makes the adapters.
pub fn adapters(config: &Config, setup: &Setup) -> Adapters {
    Adapters {
        all: vec![
            commonroom_originchats::adapter(config.originchats.clone(), setup.clone()),
            commonroom_chatgrid::adapter(config.chatgrid.clone(), setup.clone()),
            commonroom_barertc::adapter(config.barertc.clone(), setup.clone()),
            commonroom_together::adapter(config.together.clone(), setup.clone()),
            commonroom_peerjs::adapter(),
        ],
    }
}

/// Where each protocol can be reached, for the first page.
pub fn doors(config: &Config) -> Vec<Door> {
    let main = &config.server.listen;
    let own = |own: &str, mount: &str| if own.is_empty() { format!("{main}{mount}") } else { own.to_owned() };
    vec![
        Door { name: "OriginChats", address: own(&config.originchats.listen, "") },
        Door { name: "Chat Grid", address: own(&config.chatgrid.listen, GRID_BASE) },
        Door { name: "BareRTC", address: own(&config.barertc.listen, "/barertc/") },
        Door { name: "Together", address: own(&config.together.listen, "") },
    ]
}

/// All listeners. `first` holds the routes of the main listener that come before every protocol.
pub fn mounts(config: &Config, setup: &Setup, gateway: &Gateway, first: Router) -> Vec<Mount> {
    let signalling = || {
        if config.originchats.peerjs { commonroom_peerjs::router(gateway.clone()) } else { Router::new() }
    };
    let originchats = || {
        commonroom_originchats::router(config.originchats.clone(), setup.clone(), gateway.clone())
            .merge(signalling())
    };
    let chatgrid = || commonroom_chatgrid::router(config.chatgrid.clone(), setup.clone(), gateway.clone());
    let barertc = || commonroom_barertc::router(config.barertc.clone(), setup.clone(), gateway.clone());
    let together = || commonroom_together::router(config.together.clone(), setup.clone(), gateway.clone());
    let page = || web::routes(gateway.clone(), doors(config));
    // Links to invitations are the app's where there is one.
    let invited = || page().merge(commonroom_together::invite_page());
    let with_pictures = |router: Router| router.merge(pictures::routes(gateway.clone()));
    let grid_rule = || Rule::SameHostOr(Vec::new());
    let same_host = Rule::SameHostOr(config.barertc.cors_hosts.clone());
    let socket =
        |path: &str, adapter: usize, origins: Rule| SocketPath { path: path.to_owned(), adapter, origins };
    // Peers have no account and no cookie: any page may introduce itself.
    let peers = config.originchats.peerjs.then(|| socket("/peerjs", PEERJS, Rule::Any));
    let community: Vec<SocketPath> = [socket("/", ORIGINCHATS, Rule::Any)].into_iter().chain(peers).collect();
    let others = [socket("/ws", TOGETHER, Rule::Any), socket("/chatgrid/ws", CHATGRID, grid_rule())];
    let grid_files = files(&config.chatgrid.client_dir, Files::Plain);
    let main = invited()
        .merge(first)
        .nest_service("/chatgrid", chatgrid().fallback_service(grid_files))
        .nest_service("/barertc", barertc())
        .fallback_service(by_emoji(together(), originchats()));
    let base = format!("{}ws", config.chatgrid.server.base_path);
    vec![
        Mount {
            name: "main",
            listen: config.server.listen.clone(),
            sockets: community.iter().cloned().chain(others).collect(),
            router: with_pictures(main),
        },
        Mount {
            name: "OriginChats",
            listen: config.originchats.listen.clone(),
            sockets: community,
            router: with_pictures(if config.originchats.client_dir.is_empty() {
                // What is not there is said in its own words.
                originchats().merge(page())
            } else {
                own(originchats(), &config.originchats.client_dir, Files::App, page())
            }),
        },
        Mount {
            name: "Chat Grid",
            listen: config.chatgrid.listen.clone(),
            sockets: vec![socket("/ws", CHATGRID, grid_rule()), socket(&base, CHATGRID, grid_rule())],
            router: with_pictures(own(
                chatgrid().merge(under_base(&config.chatgrid)),
                &config.chatgrid.client_dir,
                Files::Plain,
                page(),
            )),
        },
        Mount {
            name: "BareRTC",
            listen: config.barertc.listen.clone(),
            sockets: vec![socket("/ws", BARERTC, same_host)],
            router: with_pictures(
                barertc().fallback_service(files(&config.barertc.client_dir, Files::Plain)),
            ),
        },
        Mount {
            name: "Together",
            listen: config.together.listen.clone(),
            sockets: vec![socket("/ws", TOGETHER, Rule::Any)],
            router: with_pictures(own(together(), &config.together.client_dir, Files::App, invited())),
        },
    ]
}

/// Together before OriginChats, except for `/emojis/...`, which both have: the one names an emoji by a UUID, the other by
/// its number or file.
fn by_emoji(together: Router, originchats: Router) -> Router {
    let second = originchats.clone();
    together.fallback_service(originchats).layer(middleware::from_fn(move |request: Request, next: Next| {
        let second = second.clone();
        async move {
            let name = request.uri().path().strip_prefix("/emojis/");
            if name.is_some_and(|name| uuid::Uuid::parse_str(name).is_err()) {
                second.oneshot(request).await.into_response()
            } else {
                next.run(request).await
            }
        }
    }))
}

/// The client's files once more under the grid's base path, for proxies that do not take the prefix off.
fn under_base(config: &commonroom_chatgrid::Config) -> Router {
    match config.server.base_path.trim_end_matches('/') {
        "" => Router::new(),
        base => Router::new().nest_service(base, files(&config.client_dir, Files::Plain)),
    }
}

/// A protocol's own listener: its routes, then its client's files, or the first page when there is no client.
fn own(router: Router, client_dir: &str, kind: Files, page: Router) -> Router {
    if client_dir.is_empty() {
        router.fallback_service(page)
    } else {
        router.fallback_service(files(client_dir, kind))
    }
}

/// How a client's files are served.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Files {
    /// Unknown paths are not found.
    Plain,
    /// Unknown paths are the app's own: `index.html`.
    App,
}

fn files(directory: &str, kind: Files) -> Router {
    if directory.is_empty() {
        return Router::new();
    }
    let plain = ServeDir::new(directory);
    let router = match kind {
        Files::Plain => Router::new().fallback_service(plain),
        Files::App => {
            let index = ServeFile::new(std::path::Path::new(directory).join("index.html"));
            Router::new().fallback_service(plain.fallback(index))
        }
    };
    router.layer(middleware::from_fn(client_headers))
}

/// API paths are never the app's; pages are never kept, so that a new client is seen at once.
async fn client_headers(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let hashed = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let keep =
        if hashed { "public, max-age=31536000, immutable" } else { "no-store, no-cache, must-revalidate" };
    let headers = response.headers_mut();
    headers.insert(axum::http::header::CACHE_CONTROL, axum::http::HeaderValue::from_static(keep));
    response
}
