//! The first words to somebody who has signed in: who they are, and the world as it is (chatgrid.md 6.4).

use crate::encode::Scene;
use crate::limits;
use crate::quirks;
use crate::session::{GridSession, Phase, Player};
use crate::texts;
use crate::wire::{Frame, ServerInfo, User, WelcomeAuth, WorldConfig};
use crate::{rights, roles, world};
use commonroom_core::account::Protocol;
use commonroom_core::ids::{AccountId, LoginId};
use commonroom_hub::live::{LiveCommand, LiveSession, Scope};
use commonroom_hub::session::Context;

impl GridSession {
    /// The world begins: what is told of it and what will be told follow each other without a gap (2.5).
    pub(super) fn enter(
        &mut self,
        scene: Scene<'_>,
        who: (AccountId, LoginId, bool),
        token: &str,
        cx: &mut Context<'_>,
    ) {
        let (account, login, by_cookie) = who;
        let directory = &scene.state.directory;
        let saved = directory.member(scene.id(), account).and_then(|member| member.square);
        let present = world::present(&self.grid.config, scene.state, scene.id(), account);
        let player = Player {
            id: cx.id,
            account,
            space: scene.id(),
            login,
            by_cookie,
            welcomed: cx.now,
            ready: false,
            leaving: false,
            square: world::spawn(&self.grid.config, saved, cx.env),
            saved,
            save_at: None,
            held: rights::held(directory, scene.space, account),
            role: roles::of(directory, scene.space, account),
            unready: present.unready.iter().copied().collect(),
            invisible: present.invisible.iter().copied().collect(),
            news: Default::default(),
            renaming: None,
            acting: None,
            administering: None,
            whispering: None,
            rebooting: None,
            keyboard: Default::default(),
            rates: Default::default(),
        };
        self.greet(scene, &player, &present.users, token, cx);
        cx.subscribe(account, Scope::Space(scene.id()));
        cx.limit(self.grid.config.network.max_message_bytes);
        let scope = Scope::Space(scene.id());
        cx.live(LiveCommand::Attach(Box::new(LiveSession {
            login: Some(login),
            ready: false,
            square: Some(player.square),
            ..LiveSession::new(cx.id, account, Protocol::ChatGrid, scope, cx.now)
        })));
        self.phase = Phase::In(Box::new(player));
    }

    fn greet(&self, scene: Scene<'_>, player: &Player, users: &[User], token: &str, cx: &mut Context<'_>) {
        let grid = &self.grid;
        let directory = &scene.state.directory;
        let username = directory.account(player.account).map_or("", |account| &*account.handle);
        let role = &player.role;
        let permissions = rights::words(player.held);
        let (which, menu) = rights::menu(player.held);
        let nickname = &*scene.name(player.account);
        let result = Frame::AuthResult {
            ok: true,
            message: texts::AUTHENTICATED,
            session_token: Some(token),
            username: Some(username),
            role: Some(role),
            permissions: Some(&permissions),
            admin_menu_actions: Some(&menu),
            nickname: Some(nickname),
            auth_policy: Some(grid.policy()),
        };
        cx.send(&result.json());
        let items: Vec<_> = directory
            .items(scene.id())
            .map(|item| crate::items::on_wire(item, &grid.config, scene.state))
            .collect();
        let user_id = world::number(directory, player.account);
        let (x, y) = player.square;
        let id = cx.id.to_string();
        let own = User { id: id.clone(), user_id: user_id.clone(), nickname: nickname.to_owned(), x, y };
        let welcome = Frame::Welcome {
            id: &id,
            player: &own,
            users,
            items: &items,
            world_config: WorldConfig {
                grid_size: grid.config.size(),
                movement_tick_ms: limits::STEP_MILLIS,
                movement_max_steps_per_tick: 1,
            },
            ui_definitions: &grid.definitions.with_menu(which, &menu),
            server_info: ServerInfo {
                instance_id: &grid.run,
                version: quirks::SEED_VERSION,
                release_version: grid.setup.version,
                server_version: grid.setup.version,
                grid_name: &grid.config.server.grid_name,
                welcome_message: &grid.config.server.welcome_message,
            },
            auth: WelcomeAuth {
                authenticated: true,
                user_id: &user_id,
                username,
                role,
                permissions: &permissions,
                admin_menu_actions: &menu,
                policy: grid.policy(),
            },
        };
        cx.send(&welcome.json());
    }
}
