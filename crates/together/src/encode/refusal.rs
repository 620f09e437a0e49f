//! Why not, in HTTP and in words (together.md 7.0). Known test code looks for some of the words.

use axum::http::StatusCode;
use commonroom_core::Refusal;
use std::borrow::Cow;

/// Status and text of a refusal where the request gives it no other meaning.
pub fn refusal(refusal: Refusal) -> (StatusCode, Cow<'static, str>) {
    use StatusCode as S;
    let (status, text) = match refusal {
        Refusal::NoSuchAccount => (S::NOT_FOUND, "User not found"),
        Refusal::NoSuchSpace => (S::NOT_FOUND, "Server not found"),
        Refusal::NoSuchChannel => (S::NOT_FOUND, "Channel not found"),
        Refusal::NoSuchMessage => (S::NOT_FOUND, "Message not found"),
        Refusal::NoSuchReplyTarget => (S::NOT_FOUND, "The message replied to was not found"),
        Refusal::NoSuchRole => (S::NOT_FOUND, "Role not found"),
        Refusal::NoSuchItem => (S::NOT_FOUND, "Not found"),
        Refusal::NoSuchFile => (S::NOT_FOUND, "File not found"),
        Refusal::NoSuchEmoji => (S::NOT_FOUND, "Emoji not found"),
        Refusal::NoSuchWebhook => (S::NOT_FOUND, "Webhook not found"),
        Refusal::NoSuchInvite => (S::NOT_FOUND, "Invite not found"),
        Refusal::InviteOver => (S::BAD_REQUEST, "This invite has expired"),
        Refusal::InviteUsedUp => (S::BAD_REQUEST, "This invite has been used up"),
        Refusal::NoSuchOption => (S::BAD_REQUEST, "The poll has no such option"),
        Refusal::PollOver => (S::BAD_REQUEST, "The poll is over"),
        Refusal::MayNotShare => (S::FORBIDDEN, "You do not have permission to attach files in this channel"),
        Refusal::Unreachable => (S::BAD_GATEWAY, "A service could not be reached"),
        Refusal::Locked => (S::FORBIDDEN, "This thread is locked"),
        Refusal::BlockedWord => (S::BAD_REQUEST, "Your message contains a blocked word"),
        Refusal::NoSuchLogin => (S::UNAUTHORIZED, "The session has ended"),
        Refusal::MayNotView => (S::FORBIDDEN, "You do not have permission to view this channel"),
        Refusal::MayNotSend => (S::FORBIDDEN, "You do not have permission to send messages in this channel"),
        Refusal::NotAllowed => (S::FORBIDDEN, "You do not have permission to do this"),
        Refusal::NotAuthor => (S::FORBIDDEN, "You do not have permission to change this message"),
        Refusal::WrongChannelKind => (S::BAD_REQUEST, "This channel is of another kind"),
        Refusal::Banned => (S::FORBIDDEN, "You are banned from this server"),
        Refusal::Disabled => (S::FORBIDDEN, "This account is disabled"),
        Refusal::TimedOut { until } => {
            return (S::FORBIDDEN, format!("You are timed out until {}", until.rfc3339()).into());
        }
        Refusal::Blocked => (S::FORBIDDEN, "You do not have permission to write to this person"),
        Refusal::NameTaken => (S::CONFLICT, "This name is already taken"),
        Refusal::EmailTaken => (S::CONFLICT, "Email already registered"),
        Refusal::BadName => (S::BAD_REQUEST, "This name is not allowed"),
        Refusal::BadCredentials => (S::UNAUTHORIZED, "Invalid username or password"),
        Refusal::TooMany => (S::TOO_MANY_REQUESTS, "Too many attempts, try again later"),
        Refusal::RegistrationClosed => (S::FORBIDDEN, "Registration is closed"),
        Refusal::InviteRequired => (S::FORBIDDEN, "This server can only be joined with an invite"),
        Refusal::Empty => (S::BAD_REQUEST, "The text is empty"),
        Refusal::TooLong => (S::BAD_REQUEST, "The text is too long"),
        Refusal::Invalid => (S::BAD_REQUEST, "A value is not allowed"),
        Refusal::Already => (S::CONFLICT, "It is so already"),
        Refusal::Owner => (S::FORBIDDEN, "This cannot be done to the owner"),
        Refusal::Full => (S::BAD_REQUEST, "A limit is reached"),
        Refusal::Busy => (S::SERVICE_UNAVAILABLE, "The server is busy, try again"),
        Refusal::Fault => (S::INTERNAL_SERVER_ERROR, "Something went wrong"),
    };
    (status, Cow::Borrowed(text))
}
