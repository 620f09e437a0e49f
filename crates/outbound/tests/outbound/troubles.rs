//! Whatever goes wrong has a name, and its text tells no secret.

use crate::site::{After, PUBLIC, Site, book, client, client_with, ok, operator, public};
use commonroom_outbound::{Ask, BadAuthority, Client, Guard, Options, Trouble, limits};
use std::net::TcpListener;

#[tokio::test]
async fn what_is_no_web_address_is_not_asked() {
    let long = format!("http://site.test/{}", "x".repeat(limits::URL_BYTES));
    for guard in [Guard::Public, Guard::Operator] {
        for url in [
            "",
            "site.test",
            "//site.test/",
            "/path",
            "http://",
            "http://:80/",
            "http://[::1",
            "http://a b/",
            "http://site.test:99999/",
            "http://1.2.3.4.5/",
            "http://256.256.256.256/",
            "ftp://site.test/",
            "file:///etc/passwd",
            "gopher://site.test/",
            "data:,x",
            "javascript:0",
            "ws://site.test/",
            "unix:/run/x.sock",
            long.as_str(),
        ] {
            let refused = client().ask(Ask::get(url, guard)).await.expect_err(url);
            assert_eq!(refused, Trouble::BadUrl, "{url}");
        }
        for url in ["http://user@site.test/", "http://:word@site.test/", "https://user:word@site.test/"] {
            let refused = client().ask(Ask::get(url, guard)).await.expect_err(url);
            assert_eq!(refused, Trouble::Credentials, "{url}");
        }
        let plain = Ask { https_only: true, ..Ask::get("http://site.test/", guard) };
        assert_eq!(client().ask(plain).await.expect_err("not https"), Trouble::NotHttps);
    }
}

#[tokio::test]
async fn a_host_without_address_or_listener_is_told_apart() {
    let names = book(&[]);
    names.set("empty.test", &[&[]]);
    for name in ["unknown.test", "empty.test"] {
        let ask = public(format!("http://{name}/"));
        assert_eq!(client_with(&names).ask(ask).await.expect_err("nowhere"), Trouble::NoSuchHost, "{name}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let ask = operator(format!("http://{closed}/"));
    assert_eq!(client().ask(ask).await.expect_err("nobody listens"), Trouble::Unreachable);
}

#[tokio::test]
async fn what_is_no_whole_http_is_no_answer() {
    for bytes in [
        "",
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        "HTTP/1.1 999999 Odd\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let site = Site::at(PUBLIC, move |_| (bytes.into(), After::Close)).await;
        assert_eq!(client().ask(public(site.url("/"))).await.expect_err(bytes), Trouble::BadReply, "{bytes}");
    }
}

#[tokio::test]
async fn any_status_is_an_answer() {
    let site = Site::at(PUBLIC, |request| {
        let status = request.path.trim_start_matches('/');
        crate::site::answer(status, "content-type: text/html; charset=utf-8\r\nicy-name: Größe\r\n", "words")
    })
    .await;
    for status in [200, 404, 410, 429, 500] {
        let reply = client().ask(public(site.url(&format!("/{status}")))).await.expect("an answer");
        assert_eq!((reply.status().as_u16(), reply.body().as_ref()), (status, &b"words"[..]));
        assert_eq!(reply.header("Content-Type"), Some("text/html; charset=utf-8"));
        assert_eq!((reply.header("icy-name"), reply.header("icy-url")), (Some("Größe"), None));
    }
}

#[tokio::test]
async fn a_post_carries_its_body_and_type() {
    let site = Site::at(PUBLIC, |_| ok("")).await;
    let ask = Ask::post(site.url("/hook"), Guard::Public, "application/json", r#"{"a":1}"#);
    client().ask(ask).await.expect("an answer");
    let seen = &site.requests()[0];
    assert!(seen.head.starts_with("post /hook http/1.1\r\n"), "{}", seen.head);
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.body, br#"{"a":1}"#);
    let agent = seen.header("user-agent").expect("a name");
    assert!(agent.starts_with("commonroom/"), "{agent}");
}

#[tokio::test]
async fn no_text_quotes_the_url() {
    let site = Site::at(PUBLIC, |_| (b"nonsense".to_vec(), After::Close)).await;
    for url in [
        "canary".to_owned(),
        "http://canary@site.test/".to_owned(),
        "http://canary.test/".to_owned(),
        "http://127.0.0.1/canary".to_owned(),
        site.url("/canary"),
    ] {
        let trouble = client().ask(public(url)).await.expect_err("in trouble");
        let text = format!("{trouble} {trouble:?}");
        assert!(!text.contains("canary"), "{text}");
    }
}

#[test]
fn an_authority_that_is_no_certificate_is_named() {
    let options = Options { authorities: vec![b"no certificate".to_vec()], ..Options::default() };
    let bad = Client::new(options).err().expect("no certificate");
    assert_eq!(bad, BadAuthority { index: 0 });
    assert_eq!(bad.to_string(), "certificate authority number 1 is no certificate");
}
