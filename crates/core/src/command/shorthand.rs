//! Short ways to make and finish commands.

use super::{AccessCommand, Command};
use crate::ids::MessageId;

impl Command {
    /// Changes the text of the actor's message and leaves its cards.
    pub fn edit(message: MessageId, text: impl Into<String>) -> Self {
        Self::EditMessage { message, text: text.into(), embeds: None }
    }

    /// The command with its plain password replaced by what `hash` makes of it; other commands as they are.
    ///
    /// # Errors
    /// What `hash` says.
    pub fn hashed<E>(mut self, hash: impl FnOnce(&str) -> Result<String, E>) -> Result<Self, E> {
        if let Self::SetPassword { password, .. }
        | Self::Access(AccessCommand::ResetPassword { password, .. })
        | Self::CreateOwner { password, .. } = &mut self
        {
            *password = hash(password)?;
        }
        Ok(self)
    }
}
