//! Whether the server works (together.md 7.22).

use super::{App, Outcome, json, ok};
use axum::extract::State;
use axum::http::StatusCode;
use commonroom_core::query::Query;
use commonroom_hub::request::Request;
use serde::Serialize;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
    version: &'static str,
    uptime_secs: i64,
    database: Database,
    connections: Connections,
}

#[derive(Serialize)]
struct Database {
    status: &'static str,
    latency_ms: i64,
}

#[derive(Serialize)]
struct Connections {
    websocket: usize,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    checks: Checks,
}

#[derive(Serialize)]
struct Checks {
    database: Check,
}

#[derive(Serialize)]
struct Check {
    ok: bool,
}

#[derive(Serialize)]
struct Live {
    alive: bool,
}

/// GET /health
pub async fn health(State(app): State<App>) -> Outcome {
    let before = app.gateway.now();
    let works = database_works(&app).await;
    let now = app.gateway.now();
    let (status, word) =
        if works { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "degraded") };
    let health = Health {
        status: word,
        service: "together-server",
        version: app.setup.version,
        uptime_secs: now.seconds() - app.setup.started.seconds(),
        database: Database {
            status: if works { "ok" } else { "error" },
            latency_ms: now.millis() - before.millis(),
        },
        connections: Connections { websocket: app.state().live.sessions().count() },
    };
    json(status, &health)
}

/// GET /health/ready
pub async fn ready(State(app): State<App>) -> Outcome {
    let works = database_works(&app).await;
    let status = if works { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &Ready { ready: works, checks: Checks { database: Check { ok: works } } })
}

/// GET /health/live
pub async fn live() -> Outcome {
    ok(&Live { alive: true })
}

async fn database_works(app: &App) -> bool {
    app.gateway.request(Request::Query(Query::Counts)).await.is_ok()
}
