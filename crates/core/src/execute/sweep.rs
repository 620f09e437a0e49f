//! Taking away what has had its time.

use super::{house, push};
use crate::audit::{AuditAction, AuditCategory};
use crate::command::{Actor, Reply};
use crate::engine::{Step, Stop};
use crate::env::Timestamp;
use crate::event::{EventBody, Stream};
use crate::limits;
use crate::query::{Found, Query};
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
    house::sweep(step)?;
    for category in AuditCategory::ALL {
        sweep_audit(step, category)?;
    }
    Ok(Reply::Done)
}

fn sweep_audit(step: &mut Step<'_>, category: AuditCategory) -> Result<(), Stop> {
    let days = step.rules.audit.days.get(&category).copied().unwrap_or_else(|| category.days());
    let before = ago(step.env.now, days);
    let actions = AuditAction::ALL.iter().copied().filter(|action| action.category() == category).collect();
    if let Found::Spaces(spaces) = step.tx.find(&Query::OldAudits { actions, before })? {
        for space in spaces {
            step.emit(Stream::Space(space), EventBody::AuditSwept { space, category, before })?;
        }
    }
    Ok(())
}

fn ago(now: Timestamp, days: i64) -> Timestamp {
    now.plus_seconds(-days.saturating_mul(DAY))
}
