//! Sound of other servers, handed on (chatgrid.md 7.3).

mod support;

use commonroom_chatgrid::Config;
use commonroom_testkit::stage::{Response, Stage};
use support::Checked;

const HOST: (&str, &str) = ("host", "here.test");

struct Listener {
    stage: Checked,
    cookie: String,
}

impl Listener {
    fn new(config: Config) -> Self {
        let mut stage = Checked::new(config);
        stage.open("ann", "chatgrid", "/ws", &[]).expect("opens");
        stage.send("ann", r#"{"type":"auth_register","username":"ann","password":"password1"}"#);
        let frames = stage.all("ann");
        let cookie = format!("chgrid_session_token={}", frames[1]["sessionToken"].as_str().expect("a token"));
        Self { stage, cookie }
    }

    fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> Response {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.stage.http("chatgrid", method, target, &headers, b"").expect("a response")
    }

    fn get(&mut self, url: &str) -> Response {
        let cookie = self.cookie.clone();
        let url = url.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
        self.ask("GET", &format!("/media_proxy.php?url={url}&chgrid_start=5"), &[HOST, ("cookie", &cookie)])
    }

    fn refused(&mut self, url: &str, status: u16, why: &str) {
        let response = self.get(url);
        let words = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!((response.status, &*words), (status, why), "{url}");
    }
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

const SOUND: &str = "/media_proxy.php?url=http%3A%2F%2Fmedia.test%2Fding-dong%3Ftype%3Daudio%2Fogg";

#[test]
fn sound_is_handed_on_with_the_headers_that_matter() {
    let mut ann = Listener::new(Config::default());
    let response = ann.get("http://media.test/ding-dong?type=audio/ogg");
    assert_eq!((response.status, &*response.body), (200, &b"ding-dong"[..]));
    for (name, value) in [
        ("content-type", "audio/ogg"),
        ("content-length", "9"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox"),
        ("vary", "Origin"),
    ] {
        assert_eq!(header(&response, name), Some(value));
    }
    assert_eq!(header(&response, "set-cookie"), None, "nothing else of theirs passes");
    assert_eq!(header(&response, "access-control-allow-origin"), None);
    let unnamed = ann.get("http://media.test/ding");
    assert_eq!(header(&unnamed, "content-type"), Some("application/octet-stream"));
}

#[test]
fn a_part_is_asked_for_and_a_head_has_no_body() {
    let mut ann = Listener::new(Config::default());
    let cookie = ann.cookie.clone();
    let with = [HOST, ("cookie", cookie.as_str()), ("range", "bytes=0-8")];
    let part = ann.ask("GET", SOUND, &with);
    assert_eq!((part.status, header(&part, "content-range")), (206, Some("bytes 0-8")));
    let head = ann.ask("HEAD", SOUND, &with[..2]);
    assert_eq!((head.status, head.body.len(), header(&head, "content-length")), (200, 0, Some("9")));
}

#[test]
fn the_checks_come_in_their_order() {
    let mut ann = Listener::new(Config::default());
    let cookie = ann.cookie.clone();
    let mut check = |method: &str, target: &str, headers: &[(&str, &str)], status: u16, why: &str| {
        let response = ann.ask(method, target, headers);
        let words = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!((response.status, &*words), (status, why), "{method} {target} {headers:?}");
        response
    };
    let (own, foreign) = (("origin", "http://here.test"), ("origin", "http://evil.test"));
    let signed = ("cookie", cookie.as_str());
    check("OPTIONS", SOUND, &[HOST, foreign], 403, "origin not allowed");
    check("GET", SOUND, &[HOST, foreign, signed], 403, "origin not allowed");
    let allowed = check("OPTIONS", SOUND, &[HOST, own], 204, "");
    assert_eq!(header(&allowed, "access-control-allow-origin"), Some("http://here.test"));
    assert_eq!(header(&allowed, "access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(header(&allowed, "access-control-allow-headers"), Some("Range"));
    check("POST", SOUND, &[HOST, own, signed], 405, "method not allowed");
    check("GET", SOUND, &[HOST], 401, "session required");
    check("GET", SOUND, &[HOST, ("cookie", "chgrid_session_token=stale")], 401, "session required");
    check("GET", "/media_proxy.php", &[HOST, signed], 400, "missing url query param");
    check("GET", "/media_proxy.php?url=", &[HOST, signed], 400, "missing url query param");
    check("GET", SOUND, &[HOST, own, signed], 200, "ding-dong");
}

#[test]
fn what_must_not_be_asked_is_refused_with_its_reason() {
    let mut ann = Listener::new(Config::default());
    ann.refused("nonsense", 400, "invalid url");
    ann.refused("http://u:p@media.test/", 400, "invalid url");
    ann.refused("ftp://media.test/", 400, "unsupported scheme");
    ann.refused("http://localhost/", 403, "forbidden host");
    ann.refused("http://inside.private/", 403, "resolved ip not allowed");
    ann.refused("http://nowhere.test/", 502, "upstream request failed");
    ann.refused("http://media.test/page?type=text/html", 502, "unsupported media type");
    let mut config = Config::default();
    config.media.allowed_hosts = vec!["radio.test".to_owned()];
    Listener::new(config).refused("http://media.test/ding", 403, "host not allowed");
}

#[test]
fn it_is_there_under_the_base_path_too() {
    let mut config = Config::default();
    config.server.base_path = "/chgrid/".to_owned();
    let mut ann = Listener::new(config);
    let cookie = ann.cookie.replace("chgrid_session_token", "chgrid_session_chgrid");
    let response = ann.ask("GET", &format!("/chgrid{SOUND}"), &[HOST, ("cookie", &cookie)]);
    assert_eq!(response.status, 200);
}
