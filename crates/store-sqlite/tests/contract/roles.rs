//! Roles that stand alone, roles that take the place of others, and who may give them.

use super::Open;
use super::community::{owner, role};
use super::world::World;
use commonroom_core::account::Protocol;
use commonroom_core::channel::OverrideTarget;
use commonroom_core::command::{Actor, Command, Reply, RoleSettings, SpaceSettings};
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

pub fn a_role_given_a_rank_keeps_it_below_the_owners(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let space = world.main();
    let ranked = |rank| RoleSettings { rank: Some(rank), ..RoleSettings::default() };
    let make = |name: &str, rank| Command::CreateRole {
        space,
        settings: RoleSettings {
            name: Some(name.to_owned()),
            permissions: Some(Permissions::MANAGE_ROLES),
            ..ranked(rank)
        },
    };
    let made = |world: &mut World, by, command| {
        let Reply::Role(role) = world.must(Actor::Account(by), command) else { panic!("a role") };
        role
    };
    let high = made(&mut world, olga, make("high", 400));
    let low = made(&mut world, olga, make("low", 7));
    let ranks = |world: &World| -> Vec<(String, i32)> {
        let directory = world.directory();
        let roles = &directory.space(space).expect("there").roles;
        roles.iter().map(|role| (role.name.clone(), role.rank)).collect()
    };
    let expected = [
        ("owner", 401),
        ("high", 400),
        ("admin", 200),
        ("moderator", 100),
        ("low", 7),
        ("user", 0),
        ("guest", 0),
    ];
    assert_eq!(ranks(&world), expected.map(|(name, rank)| (name.to_owned(), rank)));
    world.must(Actor::Account(olga), Command::GiveRole { space, account: ann, role: high });
    assert_eq!(world.run(Actor::Account(ann), make("equal", 400)), Err(Refusal::NotAllowed));
    let change = |role, rank| Command::ChangeRole { space, role, settings: ranked(rank) };
    assert_eq!(world.run(Actor::Account(ann), change(low, 400)), Err(Refusal::NotAllowed));
    assert_eq!(world.run(Actor::Account(olga), change(low, -1)), Err(Refusal::Invalid));
    world.must(Actor::Account(ann), change(low, 399));
    let everyone = world.directory().space(space).and_then(|space| space.everyone()).expect("one").id;
    assert_eq!(world.run(Actor::Account(olga), change(everyone, 1)), Err(Refusal::Invalid));
    world.must(Actor::Account(olga), Command::DeleteRole { space, role: high });
    assert_eq!(ranks(&world)[1], ("low".to_owned(), 399), "nobody else moves");
    world.check_load(open);
}

pub fn rules_about_a_member_end_with_the_membership(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let (space, general) = (world.main(), world.general());
    let rules = |world: &World| world.directory().channel(general).expect("there").overrides.len();
    let set =
        |target, allow| Command::SetOverride { channel: general, target, allow, deny: Permissions::NONE };
    let moderator = world.directory().space(space).and_then(|s| s.role_named("moderator")).expect("one").id;
    world.must(Actor::Account(olga), set(OverrideTarget::Member(ann), Permissions::MANAGE_CHANNELS));
    world.must(Actor::Account(olga), set(OverrideTarget::Role(moderator), Permissions::PIN));
    assert_eq!(rules(&world), 2);
    // Managing it here, ann may not touch what stands at or above herself.
    let lift = Command::ClearOverride { channel: general, target: OverrideTarget::Role(moderator) };
    assert_eq!(world.run(Actor::Account(ann), lift), Err(Refusal::NotAllowed));
    world.must(Actor::Account(olga), Command::Kick { space, account: ann, reason: None });
    assert_eq!(rules(&world), 1);
    world.check_load(open);
}

pub fn the_role_of_the_owner_goes_with_the_space(open: Open<'_>) {
    let mut world = World::start(open, 0);
    let (olga, ann) = (owner(&mut world), world.person("Ann"));
    let space = world.main();
    let give = |to| Command::ChangeSpace {
        space,
        settings: SpaceSettings { owner: Some(to), ..SpaceSettings::default() },
    };
    world.must(Actor::Account(olga), give(ann));
    let directory = world.directory();
    let main = directory.space(space).expect("there");
    assert!(policy::is_owner(&directory, main, ann) && !policy::is_owner(&directory, main, olga));
    assert_eq!(world.run(Actor::Account(olga), give(olga)), Err(Refusal::NotAllowed));
    // Only people can own a space: a guest's account ends with their visit.
    let enter = Command::EnterGuest { name: "gus".to_owned(), space, via: Protocol::ChatGrid };
    let Reply::Account(guest) = world.must(Actor::System, enter) else { panic!("an account") };
    assert_eq!(world.run(Actor::Account(ann), give(guest)), Err(Refusal::Invalid));
    world.check_load(open);
}
