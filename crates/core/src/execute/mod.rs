//! One file a noun: what each command checks, and which events it becomes.

mod access;
mod account;
mod channel;
mod emoji;
mod file;
mod house;
mod invite;
mod item;
mod login;
mod member;
mod message;
mod moderation;
mod poll;
mod push;
mod role;
mod space;
mod sweep;
mod thread;
mod webhook;

use crate::command::{Command, Reply};
use crate::engine::{Step, Stop};

pub(crate) use message::silence;
pub(crate) use space::found;

/// Carries out one command.
#[expect(clippy::too_many_lines, reason = "one line a command, and every command is here")]
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
        Command::Access(access) => access::carry_out(step, access),
        Command::Rename { account, username } => account::rename(step, *account, username),
        Command::SetDisplayName { name } => account::set_display_name(step, name.as_deref()),
        Command::SetProfile(change) => account::set_profile(step, change),
        Command::SetStatus(status) => account::set_status(step, status),
        Command::BeginLogin { kind, token, expires_at } => login::begin(step, *kind, *token, *expires_at),
        Command::RenewLogin { login, token, expires_at, grace_until } => {
            login::renew(step, *login, *token, *expires_at, *grace_until)
        }
        Command::EndLogin { login } => login::end(step, *login),
        Command::SubscribePush { endpoint, p256dh, auth } => push::subscribe(step, endpoint, p256dh, auth),
        Command::UnsubscribePush { account, endpoint } => push::unsubscribe(step, *account, endpoint),
        Command::Sweep => sweep::sweep(step),
        Command::CreateSpace { settings } => space::create(step, settings),
        Command::ChangeSpace { space, settings } => space::change(step, *space, settings),
        Command::Invite(invite) => invite::carry_out(step, invite),
        Command::DeleteSpace { space } => space::delete(step, *space),
        Command::JoinSpace { space, via } => member::join(step, *space, *via),
        Command::LeaveSpace { space } => member::leave(step, *space),
        Command::SetNickname { space, account, nickname } => {
            member::set_nickname(step, *space, *account, nickname.as_deref())
        }
        Command::GiveRole { space, account, role } => {
            member::change_role(step, *space, *account, *role, true)
        }
        Command::TakeRole { space, account, role } => {
            member::change_role(step, *space, *account, *role, false)
        }
        Command::SetRoles { space, account, roles } => member::set_roles(step, *space, *account, roles),
        Command::ChooseRole { space, role, on } => member::choose_role(step, *space, *role, *on),
        Command::CreateRole { space, settings } => role::create(step, *space, settings),
        Command::ChangeRole { space, role, settings } => role::change(step, *space, *role, settings),
        Command::DeleteRole { space, role } => role::delete(step, *space, *role, None),
        Command::ReplaceRole { space, role, by } => role::delete(step, *space, *role, Some(*by)),
        Command::ReorderRoles { space, roles } => role::reorder(step, *space, roles),
        Command::SetSquare { space, square } => member::set_square(step, *space, *square),
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
        Command::SilenceMember(silence) => moderation::silence(step, silence),
        Command::AddEmoji { space, name, picture } => emoji::add(step, *space, name, picture),
        Command::ChangeEmoji { space, number, name, picture } => {
            emoji::change(step, *space, *number, name.as_deref(), picture.as_ref())
        }
        Command::RemoveEmoji { space, number } => emoji::remove(step, *space, *number),
        Command::House(command) => house::carry_out(step, command),
        Command::PlaceItem(new) => item::place(step, new),
        Command::Item { item, deed } => item::act(step, *item, deed),
        Command::CreateChannel { space, kind, settings } => channel::create(step, *space, *kind, settings),
        Command::ChangeChannel { channel, settings } => channel::change(step, *channel, settings),
        Command::MoveChannel { channel, position } => channel::shift(step, *channel, *position),
        Command::DeleteChannel { channel } => channel::delete(step, *channel),
        Command::SetOverride { channel, target, allow, deny } => {
            channel::set_override(step, *channel, *target, *allow, *deny)
        }
        Command::ClearOverride { channel, target } => channel::clear_override(step, *channel, *target),
        Command::OpenConversation { with } => channel::open_conversation(step, *with),
        Command::CreateThread { parent, name, root } => thread::create(step, *parent, name, *root),
        Command::ChangeThread { thread, change } => thread::change(step, *thread, change),
        Command::FollowThread { thread, on } => thread::follow(step, *thread, *on),
        Command::PostMessage(new) => message::post(step, new),
        Command::EditMessage { message, text, embeds } => {
            message::edit(step, *message, text, embeds.as_deref())
        }
        Command::DeleteMessage { message } => message::delete(step, *message),
        Command::React { message, emoji, on } => message::react(step, *message, emoji, *on),
        Command::Pin { message, on } => message::pin(step, *message, *on),
        Command::Vote { message, options } => poll::vote(step, *message, options),
        Command::EndPoll { message } => poll::end(step, *message),
        Command::AddFile(new) => file::add(step, new),
        Command::ShareFiles { message, files } => file::share(step, *message, files),
        Command::RemoveFile { file } => file::remove(step, *file),
        Command::CreateWebhook { channel, name, avatar } => {
            webhook::create(step, *channel, name, avatar.as_deref())
        }
        Command::ChangeWebhook { webhook, name, avatar, renew } => {
            webhook::change(step, *webhook, name.as_deref(), avatar.as_ref(), *renew)
        }
        Command::DeleteWebhook { webhook } => webhook::delete(step, *webhook),
        Command::MarkRead { channel, message } => message::mark_read(step, *channel, *message),
    }
}
