//! Making, changing and retiring accounts.

use super::{invite, member};
use crate::account::{Account, AccountKind, ExternalId, Protocol, Status};
use crate::audit::AuditAction;
use crate::command::{Actor, OutsideProfile, ProfileChange, Registration, Reply};
use crate::embed;
use crate::engine::{self, Step, Stop};
use crate::event::{AccountChange, EventBody, Stream};
use crate::file;
use crate::ids::{AccountId, LoginId, SpaceId};
use crate::limits;
use crate::name::{self, NameKey};
use crate::permission::Permissions;
use crate::policy;
use crate::refusal::Refusal;
use crate::space::RoleKind;
use std::sync::Arc;

/// Highest suffix tried for a taken guest name.
const NAME_SUFFIXES: u32 = 9_999;
/// Highest small number tried for a taken handle.
const HANDLE_SUFFIXES: u32 = 9;

pub(super) fn register(step: &mut Step<'_>, new: &Registration) -> Result<Reply, Stop> {
    let invited = match (step.rules.registration, &new.invite) {
        (engine::Registration::Closed, _) => return Err(Refusal::RegistrationClosed.into()),
        (engine::Registration::Invite, None) => return Err(Refusal::InviteRequired.into()),
        (engine::Registration::Open | engine::Registration::Invite, code) => code.as_deref(),
    };
    if let Some(code) = invited {
        invite::check(step, code)?;
    }
    let username = name::username(&new.username)?;
    let email = new.email.as_deref().map(email_address).transpose()?;
    if email.as_deref().is_some_and(|email| step.directory.account_with_email(email).is_some()) {
        return Err(Refusal::EmailTaken.into());
    }
    let display_name = new.display_name.as_deref().map(name::nickname).transpose()?;
    let mut account = blank(step, username, AccountKind::Person, new.via)?;
    account.display_name = display_name;
    account.password = Some(new.password.clone());
    account.email = email;
    let id = create(step, account)?;
    if step.rules.auto_join {
        let space = step.default_space()?;
        member::admit(step, space, id, new.via)?;
    }
    if let Some(code) = invited {
        invite::used(step, code, id, new.via)?;
    }
    Ok(Reply::Account(id))
}

pub(super) fn enter_guest(
    step: &mut Step<'_>,
    wanted: &str,
    space: SpaceId,
    via: Protocol,
) -> Result<Reply, Stop> {
    let wanted = name::sanitised(wanted).unwrap_or_else(|| "anonymous".to_owned());
    let username = free_name(step, &wanted)?;
    let account = blank(step, username, AccountKind::Guest, via)?;
    let id = create(step, account)?;
    member::admit(step, space, id, via)?;
    Ok(Reply::Account(id))
}

pub(super) fn sign_in_outside(
    step: &mut Step<'_>,
    identity: &ExternalId,
    profile: &OutsideProfile,
    space: SpaceId,
    via: Protocol,
) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    let display_name = profile.display_name.as_deref().and_then(|shown| name::nickname(shown).ok());
    let known = step.directory.account_outside(identity).cloned();
    let id = match known {
        Some(known) => {
            if known.disabled {
                return Err(Refusal::Disabled.into());
            }
            let mut account = (*known).clone();
            account.display_name = display_name.or(account.display_name);
            account.avatar = profile.avatar.clone().or(account.avatar);
            if account != *known {
                put(step, account, AccountChange::Profile)?;
            }
            follow_name(step, known.id, &profile.username)?;
            known.id
        }
        None => {
            let username = name::username(&profile.username)?;
            if let Some(holder) = step.directory.account_named(&username).cloned() {
                if holder.kind != AccountKind::Guest {
                    return Err(Refusal::NameTaken.into());
                }
                retire(step, holder.id)?;
            }
            let mut account = blank(step, username, AccountKind::Person, via)?;
            account.display_name = display_name;
            account.avatar = profile.avatar.clone();
            account.external = Some(identity.clone());
            create(step, account)?
        }
    };
    member::admit(step, space, id, via)?;
    Ok(Reply::Account(id))
}

pub(super) fn create_owner(step: &mut Step<'_>, username: &str, password: &str) -> Result<Reply, Stop> {
    if step.actor != Actor::System {
        return Err(Refusal::NotAllowed.into());
    }
    let space_id = step.default_space()?;
    let mut known = step.directory.account_named(username).cloned();
    if let Some(guest) = known.take_if(|known| known.kind == AccountKind::Guest) {
        retire(step, guest.id)?;
    }
    let id = match known {
        Some(known) => {
            // Whoever signed in under this name before is out: their sign-ins end here, their connections with the event.
            end_logins(step, known.id)?;
            let mut account = (*known).clone();
            account.password = Some(password.to_owned());
            account.admin = true;
            put(step, account, AccountChange::Access)?;
            known.id
        }
        None => {
            let username = name::username(username)?;
            let mut account = blank(step, username, AccountKind::Person, Protocol::OriginChats)?;
            account.password = Some(password.to_owned());
            account.admin = true;
            create(step, account)?
        }
    };
    member::admit(step, space_id, id, Protocol::OriginChats)?;
    let owner_role = step
        .directory
        .space(space_id)
        .and_then(|space| space.roles.iter().find(|role| role.kind == RoleKind::Owner).map(|role| role.id));
    if let Some(role) = owner_role
        && step.directory.member(space_id, id).is_some_and(|member| !member.roles.contains(&role))
    {
        member::change_role(step, space_id, id, role, true)?;
    }
    super::space::name_owner(step, space_id, id)?;
    Ok(Reply::Account(id))
}

pub(super) fn rename(step: &mut Step<'_>, id: AccountId, wanted: &str) -> Result<Reply, Stop> {
    let space = step.default_space()?;
    if step.actor != Actor::System {
        policy::need(step.directory, space, step.actor, Permissions::MANAGE_MEMBERS)?;
        if step.actor != Actor::Account(id) {
            policy::outranks(step.directory, space, step.actor, id)?;
        }
    }
    let before = set_username(step, id, wanted)?;
    let target = step.audited_account(id);
    step.audit(space, AuditAction::UserUpdate, target, &[("username_before", before)])?;
    Ok(Reply::Done)
}

/// Gives an account another username; says which it had.
fn set_username(step: &mut Step<'_>, id: AccountId, wanted: &str) -> Result<String, Stop> {
    let username = name::username(wanted)?;
    let known = step.directory.account(id).filter(|known| !known.retired).cloned();
    let known = known.ok_or(Refusal::NoSuchAccount)?;
    if known.kind == AccountKind::Server {
        return Err(Refusal::NotAllowed.into());
    }
    if step.directory.account_named(&username).is_some_and(|holder| holder.id != id) {
        return Err(Refusal::NameTaken.into());
    }
    let mut account = (*known).clone();
    let (before, handle) = (account.username.clone(), account.handle.clone());
    if before == username {
        return Ok(before);
    }
    if name::handle(&username) != name::handle(&before) {
        account.handle = free_handle(step, &username)?;
    }
    account.key = NameKey::of(&username);
    account.username = username;
    put(step, account, AccountChange::Username { before: before.clone(), handle })?;
    Ok(before)
}

/// Who is called otherwise elsewhere is called so here too, if nobody else is.
fn follow_name(step: &mut Step<'_>, id: AccountId, name: &str) -> Result<(), Stop> {
    match set_username(step, id, name) {
        Ok(_) | Err(Stop::Refused(_)) => Ok(()),
        Err(failed) => Err(failed),
    }
}

/// The account under which the server itself speaks, made when it is needed first.
pub(super) fn server(step: &mut Step<'_>) -> Result<AccountId, Stop> {
    if let Some(known) = step.directory.server_account() {
        return Ok(known.id);
    }
    let account = blank(step, name::SERVER.to_owned(), AccountKind::Server, Protocol::OriginChats)?;
    create(step, account)
}

pub(super) fn retire(step: &mut Step<'_>, id: AccountId) -> Result<Reply, Stop> {
    if step.actor != Actor::System && step.actor != Actor::Account(id) {
        let space = step.default_space()?;
        policy::need(step.directory, space, step.actor, Permissions::DELETE_ACCOUNTS)?;
        policy::outranks(step.directory, space, step.actor, id)?;
        let target = step.audited_account(id);
        step.audit(space, AuditAction::UserDelete, target, &[])?;
    }
    let known = step.directory.account(id).cloned().ok_or(Refusal::NoSuchAccount)?;
    if known.retired {
        return Ok(Reply::Done);
    }
    let browsers: Vec<String> =
        step.directory.pushes_of(id).map(|subscription| subscription.endpoint.clone()).collect();
    for endpoint in browsers {
        step.emit(Stream::Instance, EventBody::PushGone { account: id, endpoint })?;
    }
    let spaces: Vec<SpaceId> = step.directory.spaces_of(id).map(|space| space.id).collect();
    for space in spaces {
        member::remove(step, space, id, crate::event::Departure::Retired, None)?;
    }
    end_logins(step, id)?;
    let mut account = (*known).clone();
    account.retired = true;
    account.password = None;
    account.email = None;
    // The identity elsewhere stays: what was written goes on to be shown under the name it has there.
    put(step, account, AccountChange::Retired)?;
    Ok(Reply::Done)
}

/// Ends every sign-in of an account.
pub(super) fn end_logins(step: &mut Step<'_>, id: AccountId) -> Result<(), Stop> {
    let logins: Vec<LoginId> = step.directory.logins_of(id).map(|login| login.id).collect();
    for login in logins {
        step.emit(Stream::Instance, EventBody::LoginEnded { login, account: id })?;
    }
    Ok(())
}

pub(super) fn set_password(step: &mut Step<'_>, id: AccountId, password: &str) -> Result<Reply, Stop> {
    if step.actor != Actor::System && step.actor != Actor::Account(id) {
        return Err(Refusal::NotAllowed.into());
    }
    let mut account = (**step.directory.account(id).ok_or(Refusal::NoSuchAccount)?).clone();
    if account.retired {
        return Err(Refusal::NoSuchAccount.into());
    }
    account.password = Some(password.to_owned());
    account.reset = None;
    end_logins(step, id)?;
    put(step, account, AccountChange::Access)?;
    Ok(Reply::Done)
}

pub(super) fn set_display_name(step: &mut Step<'_>, wanted: Option<&str>) -> Result<Reply, Stop> {
    let mut account = own(step)?;
    let before = account.shown_name().to_owned();
    account.display_name = wanted.map(name::nickname).transpose()?;
    if account.shown_name() == before {
        return Ok(Reply::Done);
    }
    let shown = NameKey::of(account.shown_name());
    let anothers =
        step.directory.account_named(account.shown_name()).is_some_and(|holder| holder.id != account.id);
    if anothers && shown != account.key {
        return Err(Refusal::NameTaken.into());
    }
    put(step, account, AccountChange::Renamed { before })?;
    Ok(Reply::Done)
}

pub(super) fn set_profile(step: &mut Step<'_>, change: &ProfileChange) -> Result<Reply, Stop> {
    let mut account = own(step)?;
    if let Some(avatar) = &change.avatar {
        account.avatar = avatar.as_deref().map(web_address).transpose()?;
    }
    if let Some(bio) = &change.bio {
        account.bio = bio.as_deref().map(|text| short(text, limits::BIO_CHARS)).transpose()?;
    }
    if let Some(pronouns) = &change.pronouns {
        account.pronouns = pronouns.as_deref().map(|text| short(text, 40)).transpose()?;
    }
    put(step, account, AccountChange::Profile)?;
    Ok(Reply::Done)
}

pub(super) fn set_status(step: &mut Step<'_>, status: &Status) -> Result<Reply, Stop> {
    let mut account = own(step)?;
    let fits =
        |text: &Option<String>| text.as_ref().is_none_or(|text| text.chars().count() <= limits::STATUS_CHARS);
    if !fits(&status.text) || !fits(&status.activity) {
        return Err(Refusal::TooLong.into());
    }
    if account.status == *status {
        return Ok(Reply::Done);
    }
    account.status = status.clone();
    put(step, account, AccountChange::Status)?;
    Ok(Reply::Done)
}

fn own(step: &Step<'_>) -> Result<Account, Stop> {
    let id = step.account()?;
    let account = step.directory.account(id).ok_or(Refusal::NoSuchAccount)?;
    if account.disabled || account.retired {
        return Err(Refusal::Disabled.into());
    }
    Ok((**account).clone())
}

/// An account with that name and nothing else yet.
fn blank(step: &mut Step<'_>, username: String, kind: AccountKind, via: Protocol) -> Result<Account, Stop> {
    if step.directory.account_named(&username).is_some() {
        return Err(Refusal::NameTaken.into());
    }
    let handle = free_handle(step, &username)?;
    Ok(Account {
        id: AccountId(step.env.uuid()),
        number: step.directory.next_account_number(),
        kind,
        key: NameKey::of(&username),
        username,
        handle,
        display_name: None,
        password: None,
        email: None,
        avatar: None,
        bio: None,
        pronouns: None,
        status: Status::default(),
        admin: false,
        disabled: false,
        reset: None,
        retired: false,
        origin: via,
        external: None,
        created_at: step.env.now,
    })
}

fn create(step: &mut Step<'_>, account: Account) -> Result<AccountId, Stop> {
    let id = account.id;
    put(step, account, AccountChange::Created)?;
    Ok(id)
}

pub(super) fn put(step: &mut Step<'_>, account: Account, change: AccountChange) -> Result<(), Stop> {
    step.emit(Stream::Instance, EventBody::Account { account: Arc::new(account), change })
}

fn free_name(step: &Step<'_>, wanted: &str) -> Result<String, Stop> {
    if !name::is_reserved(wanted) && step.directory.account_named(wanted).is_none() {
        return Ok(wanted.to_owned());
    }
    for number in 2..=NAME_SUFFIXES {
        let suffix = format!(" {number}");
        let room = limits::USERNAME_CHARS - suffix.len();
        let stem: String = wanted.chars().take(room).collect();
        let candidate = format!("{}{suffix}", stem.trim_end());
        if step.directory.account_named(&candidate).is_none() {
            return Ok(candidate);
        }
    }
    Err(Refusal::NameTaken.into())
}

/// A free handle like the name: itself, with a small number, or with the account's own number.
fn free_handle(step: &Step<'_>, username: &str) -> Result<String, Stop> {
    let wanted = name::handle(username);
    let own = format!("{}", step.directory.next_account_number());
    let suffixes = (2..=HANDLE_SUFFIXES).map(|number| number.to_string()).chain([own]);
    let numbered = suffixes.map(|number| {
        let suffix = format!("_{number}");
        let stem: String = wanted.chars().take(limits::USERNAME_CHARS - suffix.len()).collect();
        format!("{stem}{suffix}")
    });
    [wanted.clone()]
        .into_iter()
        .chain(numbered)
        .find(|candidate| step.directory.account_with_handle(candidate).is_none())
        .ok_or(Stop::Refused(Refusal::NameTaken))
}

fn email_address(raw: &str) -> Result<String, Refusal> {
    let address = raw.trim().to_lowercase();
    let plausible = address.len() <= 254
        && !address.contains(char::is_whitespace)
        && address.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && host.contains('.')
                && !host.starts_with('.')
                && !host.ends_with('.')
                && !host.contains('@')
        });
    if plausible { Ok(address) } else { Err(Refusal::Invalid) }
}

/// Checks a URL that others' clients will load: absolute http(s), bounded, or the path of a picture kept here.
pub(super) fn web_address(raw: &str) -> Result<String, Refusal> {
    let own = raw.starts_with(file::PICTURES) && file::picture_hash(raw).is_some();
    if own || embed::is_web(raw) { Ok(raw.to_owned()) } else { Err(Refusal::Invalid) }
}

/// Checks a short text: no NUL, at most `chars` characters.
pub(super) fn short(raw: &str, chars: usize) -> Result<String, Refusal> {
    if raw.chars().count() > chars {
        return Err(Refusal::TooLong);
    }
    if raw.contains('\0') { Err(Refusal::Invalid) } else { Ok(raw.to_owned()) }
}
