//! Every sentence of the administration menu (chatgrid.md 5.19).

use commonroom_core::Refusal;

/// The right is missing, or what is asked for goes beyond the asker's own rights.
pub const NOT_AUTHORIZED: &str = "Not authorized.";
/// Faster than anybody can choose from a menu.
pub const TOO_FAST: &str = "Too many requests. Try again shortly.";
/// A role of that name is there.
pub const ROLE_EXISTS: &str = "Role already exists.";
/// No name.
pub const NAME_REQUIRED: &str = "Role name is required.";
/// A long name.
pub const NAME_LENGTH: &str = "Role name must be 32 characters or fewer.";
/// A name with other characters.
pub const NAME_CHARACTERS: &str =
    "Role name may include lowercase letters, numbers, underscores, and dashes only.";
/// The role with all rights keeps them.
pub const ADMIN_LOCKED: &str = "Admin role permissions are locked on.";
/// No such role.
pub const NO_ROLE: &str = "Role not found.";
/// Roles that must be there.
pub const LOCKED_ROLES: &str = "Admin and user roles cannot be deleted.";
/// The role of guests is nobody's who signs in here.
pub const GUEST_ROLE: &str = "The guest role belongs to guests. It cannot be given or deleted.";
/// A role cannot take its own place.
pub const SAME_ROLE: &str = "Replacement role must differ from deleted role.";
/// No such role to take its place.
pub const NO_REPLACEMENT: &str = "Replacement role not found.";
/// No such person.
pub const NO_USER: &str = "User not found.";
/// Who is kept out has no role.
pub const BANNED: &str = "This user is banned. Unban them first.";
/// The owner of the space stays its owner.
pub const OWNER: &str = "The owner cannot be changed from the grid.";
/// Somebody must be able to look after the space.
pub const LAST_ROLE: &str = "Cannot change role for the last active admin.";
/// The same for bans.
pub const LAST_BAN: &str = "Cannot disable the last active admin.";
/// The same for deletions.
pub const LAST_DELETE: &str = "Cannot delete the last active admin.";

/// What the core's refusal means here.
pub fn refused(refusal: Refusal) -> &'static str {
    if matches!(refusal, Refusal::NameTaken) {
        ROLE_EXISTS
    } else if matches!(refusal, Refusal::BadName) {
        NAME_CHARACTERS
    } else if matches!(refusal, Refusal::NoSuchRole) {
        NO_ROLE
    } else if matches!(refusal, Refusal::NoSuchAccount) {
        NO_USER
    } else if matches!(refusal, Refusal::Owner) {
        OWNER
    } else if matches!(refusal, Refusal::Full) {
        "There are too many roles."
    } else if matches!(refusal, Refusal::Busy | Refusal::Fault) {
        "The server could not do this. Try again."
    } else {
        NOT_AUTHORIZED
    }
}
