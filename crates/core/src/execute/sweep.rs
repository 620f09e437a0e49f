//! Taking away what has had its time.

use super::push;
use crate::audit::AuditCategory;
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::{EventBody, Stream};
use crate::ids::SpaceId;
use crate::limits;
use crate::query::{AuditFilter, Found, Query};
use crate::refusal::Refusal;

/// Seconds of a day.
const DAY: i64 = 86_400;

pub(super) fn sweep(step: &mut Step<'_>) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    if let Found::Files(files) = step.tx.find(&Query::StaleFiles { now: step.env.now })? {
        for file in files {
            step.emit(Stream::Instance, EventBody::FileGone { file })?;
        }
    }
    let oldest = ago(step.env.now, limits::PUSH_DAYS);
    let unused: Vec<_> = step
        .directory
        .pushes()
        .filter(|subscription| subscription.used_at < oldest)
        .take(limits::SWEEP)
        .map(|subscription| (subscription.account, subscription.endpoint.clone()))
        .collect();
    for (account, endpoint) in unused {
        push::gone(step, account, endpoint)?;
    }
    let spaces: Vec<SpaceId> = step.directory.spaces().map(|space| space.id).collect();
    for space in spaces {
        sweep_audit(step, space)?;
    }
    Ok(Reply::Done)
}

fn sweep_audit(step: &mut Step<'_>, space: SpaceId) -> Result<(), Stop> {
    for category in AuditCategory::ALL {
        let days = step.rules.audit.days.get(&category).copied().unwrap_or_else(|| category.days());
        let before = ago(step.env.now, days);
        let actions = crate::audit::AuditAction::ALL
            .iter()
            .copied()
            .filter(|action| action.category() == category)
            .collect();
        let filter = AuditFilter { actions, before: Some(before), ..AuditFilter::default() };
        let query = Query::Audit { space, filter, skip: 0, limit: 1 };
        if let Found::Audit { total: 1.., .. } = step.tx.find(&query)? {
            step.emit(Stream::Space(space), EventBody::AuditSwept { space, category, before })?;
        }
    }
    Ok(())
}

fn ago(now: Timestamp, days: i64) -> Timestamp {
    now.plus_seconds(-days.saturating_mul(DAY))
}
