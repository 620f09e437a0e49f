//! Invitations.

use crate::wire::entity::{Invite, InvitePreview};
use crate::wire::{InviteGone, dispatch};
use commonroom_core::directory::Directory;
use commonroom_core::invite;

/// One of them, for those who may invite.
pub fn invite(known: &invite::Invite) -> Invite<'_> {
    Invite {
        id: known.id.0,
        server_id: known.space.0,
        code: &known.code,
        created_by: Some(known.by.0),
        max_uses: known.max_uses,
        uses: known.uses,
        expires_at: known.expires_at.map(|end| end.rfc3339()),
        created_at: known.created_at.rfc3339(),
    }
}

/// `INVITE_CREATE`.
pub fn made(known: &invite::Invite) -> String {
    dispatch("INVITE_CREATE", invite(known))
}

/// `INVITE_DELETE`.
pub fn gone(known: &invite::Invite) -> String {
    dispatch("INVITE_DELETE", InviteGone { server_id: known.space.0, invite_id: known.id.0 })
}

/// Where one leads, for who has the code.
pub fn preview<'a>(directory: &'a Directory, known: &'a invite::Invite) -> Option<InvitePreview<'a>> {
    let space = directory.space(known.space)?;
    Some(InvitePreview {
        code: &known.code,
        server_name: &space.name,
        server_icon_url: space.icon.as_deref(),
        member_count: directory.members(space.id).count(),
        expires_at: known.expires_at.map(|end| end.rfc3339()),
    })
}
