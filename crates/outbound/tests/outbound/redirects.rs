//! Every hop is judged like a first address, and tells the next one nothing.

use crate::forms::{PRIVATE, SPELLINGS};
use crate::site::{
    After, PUBLIC, Sentinel, Site, answer, book, client, client_with, ok, operator, public, redirect,
};
use commonroom_outbound::{Ask, Guard, Trouble, limits};
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION, COOKIE};
use std::net::{Ipv4Addr, SocketAddr};

/// A site that redirects every path to where its query says.
async fn signpost(ip: &str) -> Site {
    Site::at(ip, |request| match request.path.split_once("?to=") {
        Some((path, to)) => redirect(path.trim_start_matches('/'), to),
        None => ok("here"),
    })
    .await
}

#[tokio::test]
async fn redirects_are_followed_to_where_they_lead() {
    let (first, second) = (signpost(PUBLIC).await, Site::at(PUBLIC, |_| ok("there")).await);
    for status in [301, 302, 303, 307, 308] {
        let to = second.url("/goal");
        let reply = client().ask(public(first.url(&format!("/{status}?to={to}")))).await.expect("an answer");
        assert_eq!((reply.body().as_ref(), reply.url()), (&b"there"[..], to.as_str()), "{status}");
    }
    let relative = client().ask(public(first.url("/302?to=goal"))).await.expect("an answer");
    assert_eq!((relative.body().as_ref(), relative.url()), (&b"here"[..], first.url("/goal").as_str()));
}

#[tokio::test]
async fn a_redirect_to_what_is_private_is_refused() {
    let sentinel = Sentinel::everywhere();
    let site = signpost(PUBLIC).await;
    let client = client_with(&book(&[("inner.test", "127.0.0.1"), ("site.test", PUBLIC)]));
    let literals = PRIVATE.map(|text| if text.contains(':') { format!("[{text}]") } else { text.to_owned() });
    // Header fields are ASCII.
    let spellings = SPELLINGS.iter().filter(|text| text.is_ascii()).map(|text| (*text).to_owned());
    for host in literals.into_iter().chain(spellings).chain(["inner.test".to_owned()]) {
        for scheme in ["http:", "https:", ""] {
            let to = format!("{scheme}//{host}:{}/", sentinel.port);
            let refused = client.ask(public(site.url(&format!("/302?to={to}")))).await.expect_err(&to);
            assert_eq!(refused, Trouble::Forbidden, "{to}");
        }
    }
    assert!(!sentinel.was_reached());
}

#[tokio::test]
async fn a_redirect_to_no_web_address_is_refused() {
    let site = signpost(PUBLIC).await;
    for (to, trouble) in [
        ("file:///etc/passwd", Trouble::BadUrl),
        ("gopher://127.0.0.1:70/", Trouble::BadUrl),
        ("data:text/plain,x", Trouble::BadUrl),
        ("http://", Trouble::BadRedirect),
        ("http://[::1", Trouble::BadRedirect),
        ("http://user:word@site.test/", Trouble::Credentials),
        ("http://site.test:25/", Trouble::Forbidden),
    ] {
        let refused = client().ask(public(site.url(&format!("/302?to={to}")))).await.expect_err(to);
        assert_eq!(refused, trouble, "{to}");
    }
    let binary = Site::at(PUBLIC, |_| {
        (b"HTTP/1.1 302 Found\r\nlocation: /\xff\r\ncontent-length: 0\r\n\r\n".to_vec(), After::Keep)
    })
    .await;
    assert_eq!(client().ask(public(binary.url("/"))).await.expect_err("no text"), Trouble::BadRedirect);
}

#[tokio::test]
async fn the_operators_word_covers_the_host_it_names() {
    let site = signpost("127.0.0.1").await;
    let other = Sentinel::on(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 3), 0))).expect("a free port");
    let same = site.url(&format!("/302?to={}", site.url("/goal")));
    assert_eq!(client().ask(operator(same)).await.expect("an answer").body(), "here");
    let to = format!("http://127.0.0.3:{}/", other.port);
    let elsewhere = client().ask(operator(site.url(&format!("/302?to={to}")))).await;
    assert_eq!(elsewhere.expect_err("not named by the operator"), Trouble::Forbidden);
    assert!(!other.was_reached());
    // The control: named by the operator, it is reached.
    other.expect(client().ask(operator(to))).await;
}

#[tokio::test]
async fn hops_are_counted() {
    let circle = Site::at(PUBLIC, |_| redirect("302 Found", "/")).await;
    for (redirects, asked) in [(1, 2), (3, 4), (u8::MAX, usize::from(limits::REDIRECTS) + 1)] {
        let before = circle.requests().len();
        let ask = Ask { redirects, ..public(circle.url("/")) };
        assert_eq!(client().ask(ask).await.expect_err("a circle"), Trouble::TooManyRedirects);
        assert_eq!(circle.requests().len() - before, asked);
    }
}

#[tokio::test]
async fn without_hops_and_for_other_methods_the_redirect_is_the_answer() {
    let site = signpost(PUBLIC).await;
    let url = site.url("/307?to=/goal");
    let none = client().ask(Ask { redirects: 0, ..public(url.as_str()) }).await.expect("an answer");
    assert_eq!((none.status().as_u16(), none.header("Location")), (307, Some("/goal")));
    let mut post = Ask::post(url.as_str(), Guard::Public, "text/plain", "body");
    post.redirects = 3;
    let posted = client().ask(post).await.expect("an answer");
    assert_eq!(posted.status().as_u16(), 307);
    assert_eq!(site.requests().len(), 2);
    assert_eq!(site.requests()[1].body, b"body");
}

#[tokio::test]
async fn another_origin_does_not_learn_who_asks() {
    let (first, second) = (signpost(PUBLIC).await, Site::at(PUBLIC, |_| ok("there")).await);
    let secret = |url: String| {
        let mut ask = public(url);
        ask.headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer canary"));
        ask.headers.insert("x-own", HeaderValue::from_static("canary"));
        ask.headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
        ask
    };
    client().ask(secret(first.url("/302?to=/goal"))).await.expect("an answer");
    let same = first.requests()[1].clone();
    assert_eq!(same.header("authorization"), Some("bearer canary"), "the same origin may know");

    let to = second.url("/");
    client().ask(secret(first.url(&format!("/302?to={to}")))).await.expect("an answer");
    let other = second.requests()[0].clone();
    assert!(!other.head.contains("canary") && !other.head.contains("referer"), "{}", other.head);
    assert_eq!(other.header("accept"), Some("text/html"));
}

#[tokio::test]
async fn cookies_are_neither_kept_nor_sent() {
    let site = Site::at(PUBLIC, |_| answer("200 OK", "set-cookie: a=canary; path=/\r\n", "")).await;
    let client = client();
    for _ in 0..2 {
        let mut ask = public(site.url("/"));
        ask.headers.insert(COOKIE, HeaderValue::from_static("b=canary"));
        client.ask(ask).await.expect("an answer");
    }
    for request in site.requests() {
        assert_eq!(request.header("cookie"), None);
        assert_eq!(request.header("host"), Some(site.address.to_string().as_str()));
    }
}
