//! What the community is called, and plugins, of which there are none (originchats.md 5.18).

use super::super::requests::Asked;
use super::super::{OriginSession, view};
use crate::decode::admin::server::{Ask, Face};
use crate::encode::places;
use crate::wording::{Admin, Deed, Wrong};
use commonroom_core::Permissions;
use commonroom_core::command::{Command, SpaceSettings};
use commonroom_hub::session::Context;
use serde_json::json;

impl OriginSession {
    pub(super) fn about_server(
        &mut self,
        ask: Ask,
        asked: &Asked,
        cx: &mut Context<'_>,
    ) -> Result<(), Wrong> {
        match ask {
            Ask::Update(face) => self.update_server(face, asked, cx),
            Ask::Log(log) => self.log(&log, asked, cx),
            Ask::Summary => self.log_summary(asked, cx),
            Ask::Plugins => {
                self.needs_owner(cx)?;
                self.reply(asked, json!({"plugins": {}}), cx);
                Ok(())
            }
            Ask::Reload(plugin) => {
                self.needs_owner(cx)?;
                if let Some(plugin) = plugin {
                    return Err(Wrong::Said(format!("Failed to reload plugin '{plugin}'")));
                }
                self.reply(asked, json!({"val": "All plugins reloaded successfully"}), cx);
                Ok(())
            }
        }
    }

    fn update_server(&mut self, face: Face, asked: &Asked, cx: &mut Context<'_>) -> Result<(), Wrong> {
        self.needs(&[Permissions::MANAGE_SPACE], "manage_server", cx)?;
        let settings = SpaceSettings {
            // A community without a name of its own is shown under the configured one.
            name: face.name.map(|name| name.unwrap_or_else(|| places::UNNAMED.to_owned())),
            icon: face.icon,
            banner: face.banner,
            ..SpaceSettings::default()
        };
        self.command(
            asked.clone(),
            Command::ChangeSpace { space: self.here()?, settings },
            |session, asked, answer, cx| match answer {
                Ok(_) => {
                    let Some(view) = view(&session.shared, cx) else { return };
                    let server = places::server(&session.shared.config, view.space);
                    session.reply(&asked, server, cx);
                }
                Err(why) => session.refused(&asked, why, Deed::Admin(Admin::Server), cx),
            },
            cx,
        );
        Ok(())
    }
}
