//! What is asked ends: in bytes, in time and in number.

use crate::site::{After, PUBLIC, SHORT, Site, answer, client, client_with, ok, public};
use commonroom_outbound::{Ask, Client, Found, Names, Options, Overflow, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

const CHUNKS: &str = "HTTP/1.1 200 OK\r\nicy-metaint: 1000\r\n\r\n";

async fn endless() -> Site {
    Site::at(PUBLIC, |_| (CHUNKS.into(), After::Endless)).await
}

#[tokio::test]
async fn an_endless_body_is_refused_or_cut() {
    let site = endless().await;
    let mut ask = public(site.url("/"));
    ask.max_bytes = 100_000;
    assert_eq!(client().ask(ask.clone()).await.expect_err("no end"), Trouble::TooLarge);
    ask.overflow = Overflow::Cut;
    let reply = client().ask(ask).await.expect("its beginning");
    assert_eq!((reply.body().len(), reply.is_cut()), (100_000, true));
    assert!(reply.body().iter().all(|byte| *byte == b'x'));
}

#[tokio::test]
async fn the_header_tells_how_much_of_a_stream_is_wanted() {
    // It sends what is wanted and then nothing: waiting for more would run out of time.
    let bytes = format!("{CHUNKS}{}", "x".repeat(1017));
    let site = Site::at(PUBLIC, move |_| (bytes.clone().into_bytes(), After::Hold)).await;
    let tell = |headers: &http::HeaderMap| {
        let interval =
            headers.get("icy-metaint").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        interval.map_or(0, |interval| interval + 17)
    };
    let mut ask = public(site.url("/"));
    ask.overflow = Overflow::CutAt(tell);
    let reply = client().ask(ask.clone()).await.expect("an answer");
    assert_eq!((reply.body().len(), reply.is_cut()), (1017, true));
    assert_eq!(reply.header("Icy-MetaInt"), Some("1000"));
    ask.max_bytes = 500;
    assert_eq!(client().ask(ask).await.expect("an answer").body().len(), 500);
}

#[tokio::test]
async fn a_body_of_just_the_size_passes_and_one_byte_more_does_not() {
    let site = Site::at(PUBLIC, |_| ok("12345")).await;
    for overflow in [Overflow::Refuse, Overflow::Cut] {
        let ask = |max_bytes| Ask { max_bytes, overflow, ..public(site.url("/")) };
        let whole = client().ask(ask(5)).await.expect("an answer");
        assert_eq!((whole.body().as_ref(), whole.is_cut()), (&b"12345"[..], false));
        match overflow {
            Overflow::Refuse => {
                assert_eq!(client().ask(ask(4)).await.expect_err("too large"), Trouble::TooLarge);
            }
            Overflow::Cut | Overflow::CutAt(_) => {
                let cut = client().ask(ask(4)).await.expect("an answer");
                assert_eq!((cut.body().as_ref(), cut.is_cut()), (&b"1234"[..], true));
            }
        }
    }
}

#[tokio::test]
async fn a_size_that_is_announced_is_believed_when_too_large() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n";
    let site = Site::at(PUBLIC, move |_| (head.into(), After::Hold)).await;
    assert_eq!(client().ask(public(site.url("/"))).await.expect_err("10 GB"), Trouble::TooLarge);
    let mut head = public(site.url("/"));
    head.method = http::Method::HEAD;
    assert_eq!(
        client().ask(head).await.expect("no body at all").header("content-length"),
        Some("10000000000")
    );
}

#[tokio::test]
async fn time_covers_everything() {
    let mute = Site::at(PUBLIC, |_| (Vec::new(), After::Hold)).await;
    let half = Site::at(PUBLIC, |_| (format!("{CHUNKS}xx").into_bytes(), After::Hold)).await;
    let (to_mute, to_half) = (mute.url("/"), half.url("/"));
    let redirecting = Site::at(PUBLIC, move |_| crate::site::redirect("302 Found", &to_mute)).await;
    for url in [mute.url("/"), to_half, redirecting.url("/")] {
        let ask = Ask { time: SHORT, ..public(url) };
        assert_eq!(client().ask(ask).await.expect_err("too slow"), Trouble::TimedOut);
    }

    struct Never;
    impl Names for Never {
        fn find(&self, _: &str) -> Found {
            Box::pin(std::future::pending())
        }
    }
    let client =
        Client::new(Options { names: Arc::new(Never), ..Options::default() }).expect("no certificates");
    let ask = Ask { time: SHORT, ..public("http://site.test/") };
    assert_eq!(client.ask(ask).await.expect_err("no lookup ends"), Trouble::TimedOut);
}

/// Lets an ask go as far as it can without waiting.
async fn begin(ask: &mut Pin<Box<impl Future>>) {
    std::future::poll_fn(|context| {
        assert!(ask.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn asks_under_way_and_waiting_are_counted() {
    let mute = Site::at(PUBLIC, |_| (Vec::new(), After::Hold)).await;
    let site = Site::at(PUBLIC, |_| ok("hello")).await;
    let mut options = crate::site::options(&crate::site::book(&[]));
    (options.running, options.waiting) = (1, 1);
    let client = Client::new(options).expect("no certificates");
    let clone = client.clone();
    let mut running = Box::pin(clone.ask(public(mute.url("/"))));
    begin(&mut running).await;
    let mut waiting = Box::pin(client.ask(public(site.url("/"))));
    begin(&mut waiting).await;
    assert_eq!(client.ask(public(site.url("/"))).await.expect_err("no place"), Trouble::Busy);
    assert_eq!(site.connections(), 0);
    drop(running);
    assert_eq!(waiting.await.expect("an answer").body(), "hello");
    assert_eq!(client.ask(public(site.url("/"))).await.expect("places are free again").body(), "hello");
}

#[tokio::test]
async fn a_wait_for_a_place_takes_from_the_time_of_the_ask() {
    let mute = Site::at(PUBLIC, |_| (Vec::new(), After::Hold)).await;
    let mut options = crate::site::options(&crate::site::book(&[]));
    options.running = 1;
    let client = Client::new(options).expect("no certificates");
    let mut running = Box::pin(client.ask(public(mute.url("/"))));
    begin(&mut running).await;
    let waiting = Ask { time: SHORT, ..public(mute.url("/")) };
    assert_eq!(client.ask(waiting).await.expect_err("no turn"), Trouble::TimedOut);
}

#[tokio::test]
async fn connections_are_kept_only_for_asks_that_want_it() {
    const ASKS: usize = 10;
    for keep in [true, false] {
        let site = Site::at(PUBLIC, |_| ok("hello")).await;
        let client = client_with(&crate::site::book(&[]));
        for _ in 0..ASKS {
            client.ask(Ask { keep, ..public(site.url("/")) }).await.expect("an answer");
        }
        assert_eq!(site.connections() < ASKS, keep);
    }
}

#[tokio::test]
async fn an_answer_with_too_many_fields_is_none() {
    let answer =
        |fields: usize| Site::at(PUBLIC, move |_| answer("200 OK", &"x-y: z\r\n".repeat(fields), ""));
    let (few, many) = (answer(90).await, answer(101).await);
    client().ask(public(few.url("/"))).await.expect("an answer");
    assert_eq!(client().ask(public(many.url("/"))).await.expect_err("too many"), Trouble::BadReply);
}

#[tokio::test]
async fn a_stream_is_read_as_it_comes_and_holds_its_place() {
    let site = endless().await;
    let mut options = crate::site::options(&crate::site::book(&[("site.test", PUBLIC)]));
    (options.running, options.waiting) = (1, 0);
    let client = Client::new(options).expect("no certificates");
    let mut stream = client.open(public(site.url("/"))).await.expect("its beginning");
    assert_eq!(stream.header("Icy-MetaInt"), Some("1000"));
    let piece = stream.piece(SHORT).await.expect("no trouble").expect("no end");
    assert!(!piece.is_empty() && piece.iter().all(|byte| *byte == b'x'));
    assert_eq!(client.open(public(site.url("/"))).await.expect_err("no place"), Trouble::Busy);
    drop(stream);
    client.open(public(site.url("/"))).await.expect("a place again");
}

#[tokio::test]
async fn a_silent_stream_is_given_up() {
    let bytes = "HTTP/1.1 200 OK\r\n\r\nabc";
    let site = Site::at(PUBLIC, move |_| (bytes.into(), After::Hold)).await;
    let mut stream = client().open(public(site.url("/"))).await.expect("its beginning");
    assert_eq!(stream.piece(SHORT).await.expect("no trouble").as_deref(), Some(&b"abc"[..]));
    assert_eq!(stream.piece(SHORT).await.expect_err("nothing comes"), Trouble::TimedOut);
}
