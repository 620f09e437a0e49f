//! Asks for everything as everybody, and looks whether anything was left out.

use crate::cast::Cast;
use crate::common::form::form;
use crate::common::{Person, header, json_of, raw, unlimited};
use crate::need::{EVERYBODY, Who};
use crate::row::{Row, Sent};
use crate::rows;
use commonroom_testkit::stage::Response;
use std::collections::BTreeSet;

/// Puts ids in the places of names.
fn filled(cast: &Cast, row: &Row, who: Who, text: &str) -> String {
    let mut filled = text.to_owned();
    for (name, other) in &row.named {
        filled = filled.replace(&format!("{{{name}}}"), &cast.name(other));
    }
    if row.own
        && let Some((_, said)) = cast.people.get(&who)
    {
        filled = filled.replace("{message}", said);
    }
    for (name, id) in &cast.names {
        filled = filled.replace(&format!("{{{name}}}"), id);
    }
    filled
}

fn ask(
    cast: &mut Cast,
    person: Option<&Person>,
    method: &str,
    path: &str,
    kind: &str,
    body: &[u8],
) -> Response {
    let bearer = person.map(|person| format!("Bearer {}", person.token));
    let mut headers: Vec<(&str, &str)> =
        bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
    if !kind.is_empty() {
        headers.push(("content-type", kind));
    }
    raw(&mut cast.world, method, path, &headers, body)
}

/// The status of a row for somebody; what is said with it is looked at here.
fn status(cast: &mut Cast, row: &Row, who: Who) -> u16 {
    let person = cast.person(who);
    if let Some((method, path)) = row.first {
        let path = filled(cast, row, who, path);
        ask(cast, person.as_ref(), method, &path, "", b"");
    }
    let path = filled(cast, row, who, row.path) + row.query;
    let (kind, body) = match &row.sent {
        Sent::Nothing => (String::new(), Vec::new()),
        Sent::Json(json) => {
            ("application/json".to_owned(), filled(cast, row, who, &json.to_string()).into_bytes())
        }
        Sent::Form(parts) => {
            (format!("multipart/form-data; boundary={}", crate::common::form::BOUNDARY), form(parts))
        }
    };
    let response = ask(cast, person.as_ref(), row.method, &path, &kind, &body);
    let place = format!("{} {} as {who:?}", row.method, row.path);
    let json = header(&response, "content-type") == Some("application/json");
    if response.status >= 400 {
        let said_why = json && json_of(&response)["error"].as_str().is_some_and(|text| !text.is_empty());
        assert!(said_why, "{place}: {} without a reason", response.status);
    } else {
        assert_eq!(response.status == 204, response.body.is_empty(), "{place}: {}", response.status);
    }
    response.status
}

fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    let more: BTreeSet<Who> = rows.iter().flat_map(|row| row.need.more()).collect();
    let mut quiet = Cast::of(&EVERYBODY.into_iter().chain(more).collect::<Vec<_>>());
    for row in rows {
        for who in EVERYBODY.into_iter().chain(row.need.more()) {
            let expected = row.expected(who);
            let changes_nothing = row.first.is_none() && (row.method == "GET" || expected >= 400);
            let found = if changes_nothing {
                status(&mut quiet, row, who)
            } else {
                // Each in a world of its own: none depends on what another has done.
                status(&mut Cast::of(&[who]), row, who)
            };
            if found != expected {
                wrong.push(format!("{} {} as {who:?}: {found}, expected {expected}", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn accounts() {
    check(&rows::accounts());
}

#[test]
fn servers_and_channels() {
    check(&rows::servers());
}

#[test]
fn messages() {
    check(&rows::messages());
}

#[test]
fn polls_events_files_and_conversations() {
    check(&rows::more_talk());
}

#[test]
fn calls() {
    check(&rows::calls());
}

#[test]
fn invitations() {
    check(&rows::invitations());
}

#[test]
fn roles_and_moderation() {
    check(&rows::moderation());
}

#[test]
fn every_route_has_a_row() {
    let all = [
        rows::accounts(),
        rows::servers(),
        rows::messages(),
        rows::more_talk(),
        rows::calls(),
        rows::invitations(),
        rows::moderation(),
    ];
    let rows: BTreeSet<(String, String)> =
        all.iter().flatten().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let mut world = unlimited();
    let mut routes = BTreeSet::new();
    for path in commonroom_together::paths() {
        // The router itself says which methods a path has.
        let response = raw(&mut world, "OPTIONS", &path.replace(['{', '}'], ""), &[], b"");
        assert_eq!(response.status, 405, "{path}");
        let methods = header(&response, "allow").expect("a path has methods").to_owned();
        let methods = methods.split(',').filter(|method| *method != "HEAD");
        routes.extend(methods.map(|method| (method.to_owned(), path.clone())));
    }
    assert!(routes.len() > 70, "{}", routes.len());
    assert_eq!(
        routes.difference(&rows).collect::<Vec<_>>(),
        [].iter().collect::<Vec<_>>(),
        "routes without a row"
    );
    assert_eq!(
        rows.difference(&routes).collect::<Vec<_>>(),
        [].iter().collect::<Vec<_>>(),
        "rows without a route"
    );
}
