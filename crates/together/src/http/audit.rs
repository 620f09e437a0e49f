//! Who did what in a server (together.md 7.14).

use super::caller::{Caller, Ids, Query};
use super::{App, Outcome, Problem, ok};
use crate::encode::audit::{self, Kind};
use crate::limits;
use crate::wire::request::AuditQuery;
use axum::extract::State;
use commonroom_core::audit::{AuditAction, AuditEntry};
use commonroom_core::command::Actor;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::query::{self, AuditFilter, Found};
use commonroom_core::{Permissions, Refusal, Reply, policy};
use commonroom_hub::request::Request;
use std::sync::Arc;
use uuid::Uuid;

/// GET /servers/:id/audit-logs
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<Uuid>,
    Query(wanted): Query<AuditQuery>,
) -> Outcome {
    let space = may_read(&app, caller, id)?;
    let (usual, most) = limits::AUDIT_PAGE;
    let limit = match wanted.limit {
        Some(limit) => usize::try_from(limit).unwrap_or(0).min(most),
        None => usual,
    };
    if limit == 0 {
        return Err(Problem::bad("A page has at least one entry"));
    }
    let moment = |text: &str| Timestamp::parse(text).ok_or(Problem::bad("before is a time as in RFC 3339"));
    let before = wanted.before.as_deref().map(moment).transpose()?;
    let action = wanted.action.as_deref();
    let kind = match wanted.target_type.as_deref() {
        Some(word) => match Kind::with_word(word) {
            Some(kind) => Some(kind),
            None => return ok(&[(); 0]),
        },
        None => None,
    };
    let fits = |known: &AuditAction| {
        action.is_none_or(|word| audit::words(*known).contains(&word))
            && kind.is_none_or(|kind| audit::kind(*known) == kind)
    };
    let any = action.is_none() && kind.is_none();
    let actions: Vec<AuditAction> =
        if any { Vec::new() } else { AuditAction::ALL.iter().copied().filter(fits).collect() };
    if !any && actions.is_empty() {
        return ok(&[(); 0]);
    }
    let filter =
        AuditFilter { actions, by: wanted.actor_id.map(AccountId), before, ..AuditFilter::default() };
    let entries = page(&app, space, filter, limit, action).await?;
    let state = app.state();
    ok(&entries.iter().map(|entry| audit::entry(&state.directory, entry)).collect::<Vec<_>>())
}

/// The newest entries that fit. Some actions of the core are two here, so that more may have to be read than is shown;
/// until there is one at least, because a page without any says that there are no more.
async fn page(
    app: &App,
    space: SpaceId,
    mut filter: AuditFilter,
    limit: usize,
    action: Option<&str>,
) -> Result<Vec<Arc<AuditEntry>>, Problem> {
    let mut found: Vec<Arc<AuditEntry>> = Vec::new();
    let mut reads = 0;
    loop {
        let read = commonroom_core::limits::AUDIT_PAGE;
        let query = query::Query::Audit { space, filter: filter.clone(), skip: 0, limit: read };
        let Reply::Found(Found::Audit { entries, .. }) = app.gateway.request(Request::Query(query)).await?
        else {
            return Err(Refusal::Fault.into());
        };
        reads += 1;
        // By time, not by number: the log grows meanwhile. Of the actions that are two here no command enters several.
        filter.before = entries.last().map(|entry| entry.at);
        let last = entries.len() < read;
        found
            .extend(entries.into_iter().filter(|entry| action.is_none_or(|word| audit::word(entry) == word)));
        if last || found.len() >= limit || (reads >= limits::PAGE_READS && !found.is_empty()) {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// Strangers get 403 here, not 404: known test code calls this as one (7.0).
fn may_read(app: &App, caller: Caller, id: Uuid) -> Result<SpaceId, Problem> {
    let state = app.state();
    let space = state.directory.space(SpaceId(id)).ok_or(Refusal::NoSuchSpace)?.id;
    let either = [Permissions::MANAGE_SPACE, Permissions::VIEW_AUDIT];
    match policy::need_one_of(&state.directory, space, Actor::Account(caller.account), &either) {
        Ok(()) => Ok(space),
        Err(_) => Err(Refusal::NotAllowed.into()),
    }
}
