//! What commands and their answers are made of.

mod access;
mod actor;
mod house;
mod invite;
mod item;
mod new;
mod reply;
mod settings;

pub use access::AccessCommand;
pub use actor::Actor;
pub use house::HouseCommand;
pub use invite::InviteCommand;
pub use item::{ItemChange, ItemDeed};
pub use new::{NewFile, NewItem, NewMessage, OutsideProfile, Registration};
pub use reply::Reply;
pub use settings::{ChannelSettings, ProfileChange, RoleSettings, Silence, SpaceSettings, ThreadChange};
