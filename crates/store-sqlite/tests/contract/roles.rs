//! Roles that stand alone, roles that take the place of others, and who may give them.

use super::Open;
use super::community::{owner, role};
use super::world::World;
use commonroom_core::channel::OverrideTarget;
use commonroom_core::command::{Actor, Command, RoleSettings};
use commonroom_core::ids::RoleId;
use commonroom_core::permission::Permissions;
use commonroom_core::policy;
use commonroom_core::refusal::Refusal;

pub fn a_role_may_stand_alone_and_be_replaced(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann, bob) = (owner(&mut world), world.person("Ann"), world.person("Bob"));
    let space = world.main();
    let quiet = role(&mut world, olga, "quiet", Permissions::VIEW);
    let loud = role(&mut world, olga, "loud", Permissions::PIN);
    let set = |account, roles: &[RoleId]| Command::SetRoles { space, account, roles: roles.to_vec() };
    let may = |world: &World, who| policy::permissions_in_space(&world.directory(), space, who);
    world.must(Actor::Account(olga), set(ann, &[quiet]));
    assert_eq!(may(&world, ann), Permissions::MEMBER);
    let alone = RoleSettings { alone: Some(true), ..RoleSettings::default() };
    world.must(Actor::Account(olga), Command::ChangeRole { space, role: quiet, settings: alone.clone() });
    assert_eq!(may(&world, ann), Permissions::VIEW);
    let general = world.directory().space(space).and_then(|space| space.default_channel).expect("a channel");
    let hide = Command::SetOverride {
        channel: general,
        target: OverrideTarget::Role(
            world.directory().space(space).and_then(|s| s.everyone()).expect("one").id,
        ),
        allow: Permissions::NONE,
        deny: Permissions::VIEW,
    };
    world.must(Actor::Account(olga), hide);
    let directory = world.directory();
    let channel = directory.channel(general).expect("there");
    assert!(
        !policy::may_view(&directory, channel, ann),
        "what a channel denies everybody it denies them too"
    );
    world.must(Actor::Account(olga), set(ann, &[quiet, loud]));
    assert_eq!(may(&world, ann), Permissions::VIEW | Permissions::PIN);

    // Who only assigns roles stands above those that they give, and gives nothing that they lack.
    let giver = role(&mut world, olga, "giver", Permissions::ASSIGN_ROLES);
    let order = |world: &World| -> Vec<RoleId> {
        world.directory().space(space).expect("there").roles.iter().map(|role| role.id).collect()
    };
    let mut up = order(&world);
    let at = up.iter().position(|id| *id == giver).expect("there");
    up.remove(at);
    up.insert(1, giver);
    world.must(Actor::Account(olga), Command::ReorderRoles { space, roles: up.clone() });
    world.must(Actor::Account(olga), set(bob, &[giver]));
    assert_eq!(world.run(Actor::Account(bob), set(ann, &[])), Err(Refusal::NotAllowed), "they lack PIN");
    world.must(Actor::Account(bob), set(ann, &[loud]).clone());
    assert_eq!(world.run(Actor::Account(bob), set(ann, &[up[0]])), Err(Refusal::NotAllowed));

    let replace = |role, by| Command::ReplaceRole { space, role, by };
    assert_eq!(world.run(Actor::Account(olga), replace(loud, loud)), Err(Refusal::Invalid));
    assert_eq!(world.run(Actor::Account(bob), replace(loud, quiet)), Err(Refusal::NotAllowed));
    world.must(Actor::Account(olga), replace(loud, quiet));
    assert_eq!(world.directory().member(space, ann).expect("a member").roles, [quiet]);
    assert!(!order(&world).contains(&loud));
    world.check_load(open);
}
