//! together.md 14.23, 14.25, 13 #2, #16: who gets in and who does not: modes of registration, accounts switched off,
//! sign-ins beyond the cap, the page behind an invitation.

mod common;

use common::{Person, all, call, header, join, must, open, raw, register, server, unlimited};
use commonroom_core::Command;
use commonroom_core::account::Protocol;
use commonroom_core::command::{AccessCommand, Actor, Registration as New};
use commonroom_core::engine::{Registration, Rules};
use commonroom_core::ids::AccountId;
use commonroom_testkit::stage::Received;
use commonroom_testkit::{Stage as _, World};
use commonroom_together::{Config, adapter, router};
use serde_json::{Value, json};

const NO: Value = Value::Null;

/// A world in which people register so; the first `names` are there already.
fn ruled(registration: Registration, names: &[&str]) -> (World, Vec<Person>) {
    let mut world = World::ruled(Rules { registration, ..Rules::default() });
    let mut config: Config =
        serde_json::from_value(json!({"rate_limit": {"exempt": ["127.0.0.0/8"]}})).expect("known settings");
    config.registration = Some(registration);
    let (setup, gateway) = (world.setup(), world.gateway());
    let routes = router(config.clone(), setup.clone(), gateway).merge(commonroom_together::invite_page());
    world.mount("together", adapter(config, setup), routes);
    let people = names.iter().map(|name| owner(&mut world, name)).collect();
    (world, people)
}

/// Somebody made by the operator, who signs in.
fn owner(world: &mut World, name: &str) -> Person {
    world.owner(name, "secret-password").expect("an owner");
    sign_in(world, name)
}

fn sign_in(world: &mut World, name: &str) -> Person {
    let body = json!({"username": name, "password": "secret-password"});
    let (status, answer) = call(world, None, "POST", "/auth/login", &body);
    assert_eq!(status, 200, "{answer}");
    common::person(&answer)
}

fn registers(world: &mut World, name: &str, code: Option<&str>) -> (u16, Value) {
    let body = json!({"username": name, "password": "secret-password", "invite_code": code});
    call(world, None, "POST", "/auth/register", &body)
}

fn says(answer: &Value, word: &str) -> bool {
    answer["error"].as_str().is_some_and(|text| text.contains(word))
}

fn invite(world: &mut World, who: &Person, server: &str, wanted: &Value) -> String {
    let answer = must(world, 201, who, "POST", &format!("/servers/{server}/invites"), wanted);
    let code = answer["code"].as_str().expect("a code").to_owned();
    assert!(code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{code}");
    code
}

#[test]
fn nobody_registers_where_it_is_closed() {
    let (mut world, _) = ruled(Registration::Closed, &[]);
    let (status, mode) = call(&mut world, None, "GET", "/api/instance/registration-mode", &NO);
    assert_eq!((status, &mode["registration_mode"]), (200, &json!("closed")));
    for code in [None, Some("nonsense")] {
        let (status, answer) = registers(&mut world, "ann", code);
        assert!(status == 403 && says(&answer, "closed"), "{answer}");
    }
}

#[test]
fn an_invitation_is_used_up_together_with_making_the_account() {
    let (mut world, people) = ruled(Registration::Invite, &["olga"]);
    let olga = &people[0];
    let (_, mode) = call(&mut world, None, "GET", "/instance/registration-mode", &NO);
    assert_eq!(mode["registration_mode"], "invite_only");
    let (server, text, _) = server(&mut world, olga);
    let code = invite(&mut world, olga, &server, &json!({"max_uses": 1}));
    must(&mut world, 201, olga, "POST", &format!("/channels/{text}/messages"), &json!({"content": "before"}));
    for (name, code) in [("ann", None), ("ann", Some("")), ("ann", Some("nonsense"))] {
        let (status, answer) = registers(&mut world, name, code);
        assert!(status == 400 && says(&answer, "invite"), "{answer}");
    }
    // What fails uses nothing.
    for name in ["olga", "a"] {
        assert!(matches!(registers(&mut world, name, Some(&code)).0, 400 | 409));
    }
    let preview = must(&mut world, 200, olga, "GET", &format!("/invites/{code}"), &NO);
    assert_eq!((&preview["server_name"], &preview["member_count"]), (&json!("Club"), &json!(1)));
    let (status, answer) = registers(&mut world, "ann", Some(&code));
    assert_eq!(status, 201, "{answer}");
    let ann = common::person(&answer);
    let list = must(&mut world, 200, &ann, "GET", "/servers", &NO);
    assert!(list.as_array().expect("a list").iter().any(|known| known["id"] == server.as_str()), "{list}");
    // What was said before is not unread, what is said from now on is.
    must(&mut world, 201, olga, "POST", &format!("/channels/{text}/messages"), &json!({"content": "after"}));
    let ready = open(&mut world, "ann", &ann);
    assert_eq!(ready["unread_counts"], json!([{"channel_id": text, "unread_count": 1}]));
    let (status, answer) = registers(&mut world, "bob", Some(&code));
    assert!(status == 400 && says(&answer, "invite"), "{answer}");
}

#[test]
fn where_anybody_may_register_no_invitation_is_used() {
    let (mut world, people) = ruled(Registration::Open, &["olga"]);
    let (server, ..) = server(&mut world, &people[0]);
    let code = invite(&mut world, &people[0], &server, &json!({"max_uses": 1}));
    assert_eq!(registers(&mut world, "ann", Some("nonsense")).0, 201);
    assert_eq!(registers(&mut world, "bob", Some(&code)).0, 201);
    must(&mut world, 200, &people[0], "GET", &format!("/invites/{code}"), &NO);
}

#[test]
fn registering_never_makes_anybody_an_administrator() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let me = must(&mut world, 200, &ann, "GET", "/users/@me", &NO);
    assert_eq!(me["is_admin"], false);
    let body = json!({"email": "x@example.org"});
    assert_eq!(call(&mut world, Some(&ann), "POST", "/auth/forgot-password", &body).0, 403);
}

#[test]
fn who_is_switched_off_is_out_at_once_and_comes_back_when_switched_on() {
    let (mut world, people) = ruled(Registration::Open, &["olga"]);
    let (server, text, _) = server(&mut world, &people[0]);
    let bob = register(&mut world, "bob");
    join(&mut world, &bob, &server);
    open(&mut world, "bob", &bob);
    let account = |person: &Person| AccountId(person.id.parse().expect("an id"));
    let (admin, bob_id) = (account(&people[0]), account(&bob));
    let switch = |disabled| Command::Access(AccessCommand::SetDisabled { account: bob_id, disabled });
    assert!(world.command(Actor::Account(bob_id), switch(true)).is_err(), "not by themselves");
    all(&mut world, "bob");
    world.command(Actor::Account(admin), switch(true)).expect("an administrator may");
    assert!(matches!(world.receive("bob"), Some(Received::Close(4001))));
    let path = format!("/channels/{text}/messages");
    assert_eq!(call(&mut world, Some(&bob), "POST", &path, &json!({"content": "x"})).0, 401);
    assert_eq!(call(&mut world, Some(&bob), "GET", "/users/@me", &NO).0, 401);
    let again = json!({"refresh_token": bob.refresh});
    assert!(matches!(call(&mut world, None, "POST", "/auth/refresh", &again).0, 401 | 403));
    let login = json!({"username": "bob", "password": "secret-password"});
    let (status, answer) = call(&mut world, None, "POST", "/auth/login", &login);
    assert!(status == 403 && says(&answer, "disabled"), "{answer}");
    let wrong = json!({"username": "bob", "password": "wrong-password"});
    assert_eq!(
        call(&mut world, None, "POST", "/auth/login", &wrong).0,
        401,
        "nothing is told to who guesses"
    );
    must(&mut world, 404, &people[0], "GET", &format!("/users/{}", bob.id), &NO);
    world.command(Actor::Account(admin), switch(false)).expect("an administrator may");
    let bob = sign_in(&mut world, "bob");
    must(&mut world, 201, &bob, "POST", &path, &json!({"content": "back"}));
}

#[test]
fn the_oldest_of_more_than_ten_sign_ins_ends() {
    let mut world = unlimited();
    let first = register(&mut world, "ann");
    let rest: Vec<Person> = (0..10).map(|_| sign_in(&mut world, "ann")).collect();
    assert_eq!(call(&mut world, Some(&first), "GET", "/users/@me", &NO).0, 401);
    let again = json!({"refresh_token": first.refresh});
    assert_eq!(call(&mut world, None, "POST", "/auth/refresh", &again).0, 401);
    for person in &rest {
        must(&mut world, 200, person, "GET", "/users/@me", &NO);
    }
}

#[test]
fn the_link_of_an_invitation_leads_to_a_page_with_its_code() {
    let (mut world, _) = ruled(Registration::Open, &[]);
    let page = raw(&mut world, "GET", "/invite/AbCd2345", &[], b"");
    assert_eq!((page.status, header(&page, "content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(header(&page, "content-security-policy").is_some_and(|policy| policy.contains("'none'")));
    assert!(String::from_utf8_lossy(&page.body).contains("AbCd2345"));
    for bad in ["/invite/%3Cscript%3E", "/invite/a.b", &format!("/invite/{}", "a".repeat(65))] {
        assert_eq!(raw(&mut world, "GET", bad, &[], b"").status, 404, "{bad}");
    }
}

#[test]
fn the_last_use_of_an_invitation_lets_one_in() {
    let mut world = unlimited();
    let ann = register(&mut world, "ann");
    let (server, ..) = server(&mut world, &ann);
    let code = invite(&mut world, &ann, &server, &json!({"max_uses": 1}));
    let via = Protocol::Together;
    let mut let_in = 0;
    for name in ["bob", "cid"] {
        let new = New {
            username: name.to_owned(),
            display_name: None,
            email: None,
            password: "x".to_owned(),
            invite: Some(code.clone()),
            via,
        };
        let_in += usize::from(world.command(Actor::System, Command::Register(new)).is_ok());
    }
    assert_eq!(let_in, 1);
    let list = must(&mut world, 200, &ann, "GET", &format!("/servers/{server}/invites"), &NO);
    assert_eq!(list[0]["uses"], 1);
}
