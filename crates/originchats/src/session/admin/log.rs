//! The audit log (originchats.md 4.10, 5.18).

use super::super::requests::Asked;
use super::super::{OriginSession, plain};
use crate::decode::admin::server::Log;
use crate::encode::{people, seconds};
use crate::wire;
use crate::wording::{Deed, Wrong, refusal, text};
use commonroom_core::audit::{AuditAction, AuditCategory, AuditEntry};
use commonroom_core::directory::Directory;
use commonroom_core::env::Timestamp;
use commonroom_core::ids::{AccountId, SpaceId};
use commonroom_core::query::{AuditFilter, Found, Query};
use commonroom_core::{Permissions, Reply};
use commonroom_hub::request::Request;
use commonroom_hub::session::Context;
use serde_json::{Map, Value, json};

/// Details that are numbers.
const NUMBERS: [&str; 2] = ["timeout", "position"];

impl OriginSession {
    /// `modlog_get`
    pub(super) fn log(&mut self, log: &Log, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        let space = self.may_read_log(cx)?;
        let page = (log.offset, log.limit);
        let Some(filter) = filter(&cx.state.directory, space, log) else {
            self.reply_log(&[], 0, page, asked, cx);
            return Ok(());
        };
        let query = Query::Audit { space, filter, skip: log.offset, limit: log.limit };
        self.request(
            asked.clone(),
            Request::Query(query),
            move |session, asked, answer, cx| match answer {
                Ok(Reply::Found(Found::Audit { entries, total })) => {
                    let shown: Vec<Value> =
                        entries.iter().map(|entry| shape(&cx.state.directory, entry)).collect();
                    session.reply_log(&shown, total, page, &asked, cx);
                }
                Ok(_) => session.refuse(&asked, &plain(text::FAULT), cx),
                Err(why) => session.refuse(&asked, &plain(refusal(why, Deed::Other)), cx),
            },
            cx,
        );
        Ok(())
    }

    fn reply_log(
        &mut self,
        entries: &[Value],
        total: u64,
        (offset, limit): (u64, usize),
        asked: &Asked,
        cx: &mut Context<'_>,
    ) {
        let body = json!({"entries": entries, "total": total, "offset": offset, "limit": limit});
        self.reply(asked, body, cx);
    }

    /// `modlog_summary`
    pub(super) fn log_summary(&mut self, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        let space = self.may_read_log(cx)?;
        self.request(
            asked.clone(),
            Request::Query(Query::AuditCounts { space }),
            |session, asked, answer, cx| match answer {
                Ok(Reply::Found(Found::AuditCounts(counts))) => session.reply(&asked, summary(&counts), cx),
                Ok(_) => session.refuse(&asked, &plain(text::FAULT), cx),
                Err(why) => session.refuse(&asked, &plain(refusal(why, Deed::Other)), cx),
            },
            cx,
        );
        Ok(())
    }

    fn may_read_log(&self, cx: &Context<'_>) -> Result<SpaceId, Wrong> {
        self.needs(&[Permissions::VIEW_AUDIT, Permissions::MANAGE_MEMBERS], "view_audit_log", cx)?;
        self.here()
    }
}

/// What is asked of the store; `None` when nothing can fit.
fn filter(directory: &Directory, space: SpaceId, log: &Log) -> Option<AuditFilter> {
    let action = log.action.as_deref();
    let category = log.category.as_deref();
    let fits = |known: &AuditAction| {
        action.is_none_or(|word| known.word() == word)
            && category.is_none_or(|word| known.category().word() == word)
    };
    let any = action.is_none() && category.is_none();
    let actions: Vec<AuditAction> =
        if any { Vec::new() } else { AuditAction::ALL.iter().copied().filter(fits).collect() };
    if !any && actions.is_empty() {
        return None;
    }
    let by = match &log.actor {
        Some(name) => Some(people::find(directory, name)?.id),
        None => None,
    };
    let after = log.after.map(|after| {
        // The cast saturates, and no entry is that late.
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        Timestamp((after * 1e6) as i64)
    });
    let target = log.target.as_deref().map(|target| target_id(directory, space, target));
    Some(AuditFilter { actions, by, target, after, before: None })
}

/// The id under which something that has a name is kept.
fn target_id(directory: &Directory, space: SpaceId, name: &str) -> String {
    let account = || people::find(directory, name).map(|account| account.id.to_string());
    let role = || directory.space(space)?.role_named(name).map(|role| role.id.to_string());
    let channel = || directory.channel_named(space, name).map(|channel| channel.id.to_string());
    account().or_else(role).or_else(channel).unwrap_or_else(|| name.to_owned())
}

fn shape(directory: &Directory, entry: &AuditEntry) -> Value {
    let actor = entry.by.map_or_else(|| wire::SERVER_USER.to_owned(), |by| people::username(directory, by));
    let details: Map<String, Value> = entry
        .details
        .iter()
        .map(|(name, value)| {
            let number = NUMBERS.contains(&name.as_str()).then(|| value.parse::<i64>().ok()).flatten();
            (name.clone(), number.map_or_else(|| Value::String(value.clone()), Value::from))
        })
        .collect();
    let target = entry.target.as_deref().map(|target| shown_target(directory, target));
    json!({
        "id": format!("{}-{actor}", entry.at.0 / 1_000),
        "action": entry.action.word(),
        "category": entry.action.category().word(),
        "actor_id": actor,
        "actor_name": if entry.by.is_some() { entry.by_name.as_str() } else { wire::SERVER_USER },
        "target_id": target,
        "target_name": entry.target_name,
        "details": details,
        "timestamp": seconds(entry.at),
    })
}

/// People are known by their usernames here; everything else by its id.
fn shown_target(directory: &Directory, target: &str) -> String {
    let account = target.parse().ok().map(AccountId);
    match account.filter(|id| directory.account(*id).is_some()) {
        Some(id) => people::username(directory, id),
        None => target.to_owned(),
    }
}

fn summary(counts: &[(AuditAction, u64)]) -> Value {
    let mut actions = Map::new();
    for (action, count) in counts {
        actions.insert(format!("{}.{}", action.category().word(), action.word()), Value::from(*count));
    }
    let total_of = |category: AuditCategory| -> u64 {
        counts.iter().filter(|(action, _)| action.category() == category).map(|(_, count)| count).sum()
    };
    let totals: Map<String, Value> = AuditCategory::ALL
        .iter()
        .map(|category| (category.word().to_owned(), total_of(*category)))
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| (word, Value::from(count)))
        .collect();
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    json!({"action_counts": actions, "category_totals": totals, "total": total})
}
