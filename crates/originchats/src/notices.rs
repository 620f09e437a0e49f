//! Whom a message tells by push although they are not here (originchats.md 5.17): those whom it mentions or answers, who
//! may view its channel, are connected over no protocol, and have a browser that takes pushes.

use crate::Shared;
use crate::encode::{View, people};
use crate::limits;
use commonroom_core::Permissions;
use commonroom_core::channel::Home;
use commonroom_core::ids::{AccountId, RoleId};
use commonroom_core::message::{self, Message};
use commonroom_core::policy;
use commonroom_hub::session::State;
use serde_json::json;
use std::collections::BTreeMap;

/// What one account is to be told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Whom.
    pub account: AccountId,
    /// JSON for the client's service worker.
    pub payload: String,
}

/// Why somebody is told, the best reason first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Reason {
    Mentioned,
    RoleMentioned(RoleId),
    Answered,
}

/// The notices of a message that was just posted, each account once.
pub fn notices(shared: &Shared, message: &Message, state: &State) -> Vec<Notice> {
    let Some(view) = shared.view(state) else { return Vec::new() };
    let Some(channel) = view.directory.channel(message.channel) else { return Vec::new() };
    if channel.space() != Some(view.space.id) {
        return Vec::new();
    }
    let told = reasons(&view, message).into_iter().filter(|(account, _)| {
        *account != message.author
            && !view.live.is_online(*account)
            && view.directory.pushes_of(*account).next().is_some()
            && policy::may_view(view.directory, channel, *account)
            && !policy::hidden_from(view.directory, *account, message.author)
    });
    let place = match channel.home {
        Home::Thread { parent, .. } => {
            view.directory.channel(parent).map_or(channel.name.as_str(), |parent| parent.name.as_str())
        }
        Home::Space(_) | Home::Conversation(..) => channel.name.as_str(),
    };
    let sender = sender(&view, message);
    let body = message::excerpt(&message.text, limits::NOTICE_CHARS);
    told.take(limits::NOTICES)
        .map(|(account, reason)| {
            let title = match reason {
                Reason::Mentioned => format!("#{place} — {sender}"),
                Reason::RoleMentioned(role) => {
                    let role = view.space.role(role).map_or("everyone", |role| role.name.as_str());
                    format!("#{place} — {sender} mentioned @{role}")
                }
                Reason::Answered => format!("#{place} — {sender} replied"),
            };
            let payload = json!({"title": title, "body": body, "channelName": place}).to_string();
            Notice { account, payload }
        })
        .collect()
}

fn reasons(view: &View<'_>, message: &Message) -> BTreeMap<AccountId, Reason> {
    let mut found = BTreeMap::new();
    let mut put = |account: AccountId, reason: Reason| {
        let known = found.entry(account).or_insert(reason);
        *known = reason.min(*known);
    };
    for account in &message.mentions {
        put(*account, Reason::Mentioned);
    }
    if let Some(answered) = message.reply_to.filter(|answered| answered.ping) {
        put(answered.author, Reason::Answered);
    }
    let may = policy::permissions_in_space(view.directory, view.space.id, message.author)
        .has(Permissions::MENTION_EVERYONE);
    let everyone = view.space.everyone().filter(|_| message.mention_everyone && may).map(|role| role.id);
    let roles: Vec<RoleId> = message.mention_roles.iter().copied().chain(everyone).collect();
    if !roles.is_empty() {
        // Whoever takes no pushes need not be looked at.
        for subscription in view.directory.pushes() {
            let Some(member) = view.directory.member(view.space.id, subscription.account) else { continue };
            let held = policy::roles_of(view.directory, view.space, member);
            if let Some(role) = roles.iter().find(|role| held.iter().any(|held| held.id == **role)) {
                put(subscription.account, Reason::RoleMentioned(*role));
            }
        }
    }
    found
}

/// Who speaks, by the name that people read.
fn sender(view: &View<'_>, message: &Message) -> String {
    if let Some(persona) = &message.persona {
        return persona.name.clone();
    }
    let account = view.directory.account(message.author);
    let member = view.directory.member(view.space.id, message.author);
    account.map_or_else(String::new, |account| people::shown_name(account, member.map(|member| &**member)))
}
