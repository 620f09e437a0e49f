//! The cookie helpers and the branding file (chatgrid.md 7), and what an upgrade is answered with (2.3, 3.4).

mod support;

use commonroom_chatgrid::Config;
use commonroom_testkit::stage::{Response, Stage};
use support::Checked;

const OWN: [(&str, &str); 3] =
    [("host", "here.test"), ("x-chgrid-auth-client", "1"), ("sec-fetch-site", "same-origin")];

fn config(base: &str) -> Config {
    let mut config = Config::default();
    config.server.base_path = base.to_owned();
    config
}

fn token(stage: &mut Checked, name: &str) -> String {
    stage.open(name, "chatgrid", "/ws", &[]).expect("opens");
    stage.send(name, &format!(r#"{{"type":"auth_register","username":"{name}","password":"password1"}}"#));
    let frames = stage.all(name);
    frames[1]["sessionToken"].as_str().expect("a token").to_owned()
}

fn ask(stage: &mut Checked, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
    let headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    stage.http("chatgrid", method, target, &headers, b"").expect("a response")
}

fn own(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    OWN.iter().chain(more).copied().collect()
}

fn cookie(response: &Response) -> Option<&str> {
    response.headers.iter().find(|(name, _)| name == "set-cookie").map(|(_, value)| value.as_str())
}

fn body(response: &Response) -> &str {
    std::str::from_utf8(&response.body).expect("text")
}

#[test]
fn a_token_becomes_a_cookie() {
    let mut stage = Checked::new(config("/"));
    let token = token(&mut stage, "ann");
    let bearer = format!("bearer {token}");
    let headers: Vec<_> = OWN.into_iter().chain([("authorization", bearer.as_str())]).collect();
    for method in ["GET", "POST"] {
        let response = ask(&mut stage, method, "/auth/session/set", &headers);
        assert_eq!((response.status, body(&response)), (200, "ok"));
        let wanted = format!("chgrid_session_token={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600");
        assert_eq!(cookie(&response), Some(wanted.as_str()));
        let has = |name: &str, value: &str| response.headers.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("cache-control", "no-store") && has("content-type", "text/plain; charset=utf-8"));
    }
    assert_eq!(token.len(), 64);
}

#[test]
fn the_checks_come_in_their_order() {
    let mut stage = Checked::new(config("/"));
    let mut check = |target: &str, headers: &[(&str, &str)], status: u16, text: &str| {
        let response = ask(&mut stage, "GET", target, headers);
        assert_eq!((response.status, body(&response)), (status, text), "{target} {headers:?}");
        assert_eq!(cookie(&response), None);
    };
    check("/auth/session/fly", &[], 404, "not found");
    check("/auth/session/set", &[("host", "here.test")], 400, "missing client header");
    let client = [("host", "here.test"), ("x-chgrid-auth-client", "1")];
    check("/auth/session/set", &client, 403, "origin not allowed");
    let foreign = [client[0], client[1], ("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")];
    check("/auth/session/set", &foreign, 403, "origin not allowed");
    check("/auth/session/clear", &foreign, 403, "origin not allowed");
    let referred = [client[0], client[1], ("referer", "http://here.test/index.html")];
    check("/auth/session/set", &referred, 400, "missing bearer token");
    let origin = [client[0], client[1], ("origin", "http://here.test")];
    check("/auth/session/set", &origin, 400, "missing bearer token");
    check("/auth/session/set", &own(&[("authorization", "Basic abc")]), 400, "missing bearer token");
    check("/auth/session/set", &own(&[("authorization", "Bearer bad")]), 401, "invalid session");
    check("/auth/session/check", &own(&[]), 401, "missing session");
    check("/auth/session/check", &own(&[("cookie", "chgrid_session_token=bad")]), 401, "invalid session");
}

#[test]
fn a_head_request_sets_no_cookie() {
    let mut stage = Checked::new(config("/"));
    let token = token(&mut stage, "ann");
    let bearer = format!("Bearer {token}");
    let headers: Vec<_> = OWN.into_iter().chain([("authorization", bearer.as_str())]).collect();
    for endpoint in ["set", "clear", "check"] {
        let response = ask(&mut stage, "HEAD", &format!("/auth/session/{endpoint}"), &headers);
        assert_eq!(response.status, 405);
        assert_eq!(cookie(&response), None);
    }
}

#[test]
fn a_cookie_is_checked_under_either_name_and_extended() {
    let mut stage = Checked::new(config("/grid/"));
    let token = token(&mut stage, "ann");
    for name in ["chgrid_session_token", "chgrid_session_grid"] {
        stage.wait(13 * 24 * 3_600_000);
        let cookies = format!("a=b; {name}={token}");
        let headers: Vec<_> = OWN.into_iter().chain([("cookie", cookies.as_str())]).collect();
        for target in ["/auth/session/check", "/grid/auth/session/check"] {
            let response = ask(&mut stage, "GET", target, &headers);
            assert_eq!((response.status, body(&response)), (204, ""));
        }
    }
}

#[test]
fn a_cookie_is_taken_back_with_the_same_attributes() {
    let mut stage = Checked::new(config("/grid/"));
    let wanted = "chgrid_session_grid=; Path=/grid/; HttpOnly; SameSite=Lax; Max-Age=0";
    for target in ["/auth/session/clear", "/grid/auth/session/clear"] {
        let response = ask(&mut stage, "GET", target, &own(&[]));
        assert_eq!((response.status, body(&response)), (200, "cleared"));
        assert_eq!(cookie(&response), Some(wanted));
    }
}

#[test]
fn a_signed_out_token_makes_no_cookie() {
    let mut stage = Checked::new(config("/"));
    let token = token(&mut stage, "ann");
    stage.send("ann", r#"{"type":"auth_logout"}"#);
    let bearer = format!("Bearer {token}");
    let headers: Vec<_> = OWN.into_iter().chain([("authorization", bearer.as_str())]).collect();
    let response = ask(&mut stage, "GET", "/auth/session/set", &headers);
    assert_eq!((response.status, body(&response)), (401, "invalid session"));
}

#[test]
fn the_branding_comes_from_the_settings() {
    let mut config = Config::default();
    config.server.grid_name = "The Square".to_owned();
    config.server.welcome_message = "Be kind.".to_owned();
    let mut stage = Checked::new(config);
    let response = ask(&mut stage, "GET", "/client_branding.json", &[]);
    let found: serde_json::Value = serde_json::from_slice(&response.body).expect("JSON");
    assert_eq!(found, serde_json::json!({"gridName": "The Square", "welcomeMessage": "Be kind."}));
}

#[test]
fn an_upgrade_takes_back_a_stale_cookie_and_refuses_foreign_pages() {
    use commonroom_hub::session::Opening;
    let mut stage = Checked::new(Config::default());
    let token = token(&mut stage, "ann");
    let adapter = commonroom_chatgrid::adapter(Config::default(), stage.world.setup());
    let state = stage.world.state();
    let opening = |target: &str, headers: &[(&str, &str)]| Opening {
        id: commonroom_core::SessionId::MIN,
        address: std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        target: target.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        secure: true,
        now: commonroom_testkit::world::START.plus_seconds(1),
    };
    let host = ("host", "here.test");
    let page = ("origin", "https://here.test");
    let headers = |cookies: &str| {
        adapter.upgrade_headers(&opening("/chatgrid/ws", &[host, page, ("cookie", cookies)]), &state)
    };
    let gone = "chgrid_session_chatgrid=; Path=/chatgrid/; HttpOnly; SameSite=Lax; Max-Age=0; Secure";
    assert_eq!(headers("chgrid_session_chatgrid=stale"), [("set-cookie".to_owned(), gone.to_owned())]);
    assert_eq!(headers(&format!("chgrid_session_chatgrid={token}")), []);
    assert_eq!(headers("other=1"), []);
    assert_eq!(adapter.refuse(&opening("/ws", &[host, ("origin", "https://evil.test")])), Some(403));
    assert_eq!(adapter.refuse(&opening("/ws", &[host, ("origin", "null")])), Some(403));
    assert_eq!(adapter.refuse(&opening("/ws", &[host, page])), None);
    assert_eq!(adapter.refuse(&opening("/ws", &[host])), None);
}

// chatgrid.md 2.7.
#[test]
fn a_plain_request_for_the_socket_is_told_to_upgrade() {
    let mut stage = Checked::new(config("/chgrid/"));
    for path in ["/ws", "/chgrid/ws"] {
        let response = ask(&mut stage, "GET", path, &[]);
        assert_eq!((response.status, body(&response)), (426, "upgrade required"));
        assert!(response.headers.contains(&("upgrade".to_owned(), "websocket".to_owned())));
    }
}
