//! The page over HTTP (barertc.md 11.1), with a client's template in a directory of its own.

mod common;

use commonroom_barertc::Config;
use commonroom_testkit::stage::Stage;

const TEMPLATE: &str = "{{define \"index\"}}\n<!DOCTYPE html>\n<script>\nconst UserJWTToken = {{.JWTTokenString}};\n\
    const UserJWTValid = {{if .JWTAuthOK}}true{{else}}false{{end}};\nconst UserJWTClaims = {{.JWTClaims.ToJSON}};\n\
    const CachedBlocklist = {{.CachedBlocklist}};\n</script>\n{{end}}\n";
/// {"sub":"ann","nick":"</script>"}
const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbm4iLCJuaWNrIjoiPC9zY3JpcHQ-In0.u3PfFrCFyxn9K72LKwRCtSCg0-xQiKY4i0q44XlWoL4";

#[test]
fn the_page_of_a_client_is_filled_and_kept_by_nobody() {
    let directory = std::env::temp_dir().join(format!("barertc-page-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::write(directory.join("index.html"), TEMPLATE).expect("a template");
    let config = Config {
        client_dir: directory.to_string_lossy().into_owned(),
        jwt_secret: common::SECRET.to_owned(),
        ..Config::default()
    };
    let mut world = common::world(&config);
    std::fs::remove_dir_all(&directory).expect("the directory goes");
    let form = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let by_query = world.http("barertc", "GET", &format!("/?jwt={TOKEN}"), &[], b"").expect("a page");
    let by_form =
        world.http("barertc", "POST", "/", &form, format!("a=b&jwt={TOKEN}").as_bytes()).expect("a page");
    assert_eq!(by_query.body, by_form.body);
    let page = String::from_utf8(by_query.body).expect("text");
    assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    assert!(page.contains(&format!("const UserJWTToken = \"{TOKEN}\";")), "{page}");
    assert!(page.contains("const UserJWTValid = true;"), "{page}");
    assert!(page.contains("\"nick\":\"\\u003c/script\\u003e\""), "{page}");
    assert_eq!(page.matches("</script>").count(), 1);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        let found = by_query.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(found, Some(value), "{name}");
    }
    let guest = world.http("barertc", "GET", "/", &[], b"").expect("a page");
    let guest = String::from_utf8(guest.body).expect("text");
    assert!(
        guest.contains("const UserJWTToken = \"\";\nconst UserJWTValid = false;\nconst UserJWTClaims = {};")
    );
}

#[test]
fn the_block_list_of_the_website_stands_in_the_page_of_whom_it_is_for() {
    let directory = std::env::temp_dir().join(format!("barertc-blocklist-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::write(directory.join("index.html"), TEMPLATE).expect("a template");
    let config = Config {
        client_dir: directory.to_string_lossy().into_owned(),
        jwt_secret: common::SECRET.to_owned(),
        api_key: "a key of the website".to_owned(),
        ..Config::default()
    };
    let mut world = common::world(&config);
    std::fs::remove_dir_all(&directory).expect("the directory goes");
    let json = vec![("content-type".to_owned(), "application/json".to_owned())];
    let list = br#"{"APIKey":"a key of the website","Username":"Ann","Blocklist":["bob","</script>"]}"#;
    let told = world.http("barertc", "POST", "/api/blocklist", &json, list).expect("an answer");
    assert_eq!(told.status, 200);
    let page = world.http("barertc", "GET", &format!("/?jwt={TOKEN}"), &[], b"").expect("a page");
    let page = String::from_utf8(page.body).expect("text");
    assert!(page.contains(r#"const CachedBlocklist = ["bob","\u003c/script\u003e"];"#), "{page}");
    let guest = world.http("barertc", "GET", "/", &[], b"").expect("a page");
    assert!(String::from_utf8(guest.body).expect("text").contains("const CachedBlocklist = [];"));
}

#[test]
fn a_bad_token_is_named_and_a_missing_client_explained() {
    let mut world = common::world(&Config { jwt_secret: common::SECRET.to_owned(), ..Config::default() });
    let bad = world.http("barertc", "GET", "/?jwt=nonsense", &[], b"").expect("an answer");
    assert_eq!(
        (bad.status, bad.body.as_slice()),
        (403, b"Error parsing your JWT token: token is invalid".as_slice())
    );
    let page = world.http("barertc", "GET", "/", &[], b"").expect("a page");
    assert!(String::from_utf8_lossy(&page.body).contains("client_dir"));
}

#[test]
fn statistics_are_readable_by_known_sites_only() {
    let mut world =
        common::world(&Config { cors_hosts: vec!["https://site.example/".to_owned()], ..Config::default() });
    let mut allowed = |origin: &str| {
        let headers = [("origin".to_owned(), origin.to_owned())];
        let response = world.http("barertc", "GET", "/api/statistics", &headers, b"").expect("statistics");
        let found = response.headers.into_iter().find(|(name, _)| name == "access-control-allow-origin");
        found.map(|(_, value)| value)
    };
    assert_eq!(allowed("https://site.example"), Some("https://site.example".to_owned()));
    assert_eq!(allowed("https://evil.example"), None);
}
