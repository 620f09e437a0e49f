//! One file a noun: what each command checks, and which events it becomes.

mod account;
mod channel;
mod item;
mod login;
mod member;
mod message;
mod moderation;
mod space;

use crate::command::{Command, Reply};
use crate::engine::{Step, Stop};

pub(crate) use space::found;

/// Carries out one command.
pub(crate) fn execute(step: &mut Step<'_>, command: &Command) -> Result<Reply, Stop> {
    match command {
        Command::Register(registration) => account::register(step, registration),
        Command::EnterGuest { name, space, via } => account::enter_guest(step, name, *space, *via),
        Command::Retire { account } => account::retire(step, *account),
        Command::SignInOutside { identity, profile, space, via } => {
            account::sign_in_outside(step, identity, profile, *space, *via)
        }
        Command::CreateOwner { username, password } => account::create_owner(step, username, password),
        Command::SetPassword { account, password } => account::set_password(step, *account, password),
        Command::SetDisplayName { name } => account::set_display_name(step, name.as_deref()),
        Command::SetProfile(change) => account::set_profile(step, change),
        Command::SetStatus(status) => account::set_status(step, status),
        Command::BeginLogin { kind, token, expires_at } => login::begin(step, *kind, *token, *expires_at),
        Command::RenewLogin { login, token, expires_at, grace_until } => {
            login::renew(step, *login, *token, *expires_at, *grace_until)
        }
        Command::EndLogin { login } => login::end(step, *login),
        Command::CreateSpace { settings } => space::create(step, settings),
        Command::ChangeSpace { space, settings } => space::change(step, *space, settings),
        Command::DeleteSpace { space } => space::delete(step, *space),
        Command::JoinSpace { space, via } => member::join(step, *space, *via),
        Command::LeaveSpace { space } => member::leave(step, *space),
        Command::SetNickname { space, nickname } => member::set_nickname(step, *space, nickname.as_deref()),
        Command::GiveRole { space, account, role } => {
            member::change_role(step, *space, *account, *role, true)
        }
        Command::TakeRole { space, account, role } => {
            member::change_role(step, *space, *account, *role, false)
        }
        Command::SetSquare { space, square } => member::set_square(step, *space, *square),
        Command::CreateChannel { space, kind, settings } => channel::create(step, *space, *kind, settings),
        Command::ChangeChannel { channel, settings } => channel::change(step, *channel, settings),
        Command::MoveChannel { channel, position } => channel::shift(step, *channel, *position),
        Command::DeleteChannel { channel } => channel::delete(step, *channel),
        Command::SetOverride { channel, target, allow, deny } => {
            channel::set_override(step, *channel, *target, *allow, *deny)
        }
        Command::ClearOverride { channel, target } => channel::clear_override(step, *channel, *target),
        Command::OpenConversation { with } => channel::open_conversation(step, *with),
        Command::PostMessage(new) => message::post(step, new),
        Command::EditMessage { message, text } => message::edit(step, *message, text),
        Command::DeleteMessage { message } => message::delete(step, *message),
        Command::React { message, emoji, on } => message::react(step, *message, emoji, *on),
        Command::MarkRead { channel, message } => message::mark_read(step, *channel, *message),
        Command::Relate { to, relation, on } => moderation::relate(step, *to, *relation, *on),
        Command::Kick { space, account, reason } => {
            moderation::kick(step, *space, *account, reason.as_deref())
        }
        Command::Ban { space, account, reason, until } => {
            moderation::ban(step, *space, *account, reason.as_deref(), *until)
        }
        Command::Unban { space, account } => moderation::unban(step, *space, *account),
        Command::Timeout { space, account, until, reason } => {
            moderation::timeout(step, *space, *account, *until, reason.as_deref())
        }
        Command::PlaceItem(new) => item::place(step, new),
        Command::ChangeItem { item, change } => item::change(step, *item, change),
        Command::RemoveItem { item } => item::remove(step, *item),
    }
}
