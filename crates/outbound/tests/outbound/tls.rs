//! Secure connections are secure, or there are none.

use crate::site::{PUBLIC, Site, book, client_with, ok, options, public, redirect};
use commonroom_outbound::{Ask, Client, Trouble};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// The TLS side of a site called `site.test` and `push.test`, and its certificate, which is its own authority.
pub fn identity() -> (TlsAcceptor, Vec<u8>) {
    let names = ["site.test", "push.test"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .expect("key and certificate fit");
    (TlsAcceptor::from(Arc::new(config)), made.cert.der().to_vec())
}

/// A client that trusts this certificate too.
pub fn trusting(certificate: Vec<u8>) -> Client {
    let names = book(&[("site.test", PUBLIC), ("push.test", PUBLIC), ("other.test", PUBLIC)]);
    let mut options = options(&names);
    options.authorities = vec![certificate];
    Client::new(options).expect("a certificate")
}

#[tokio::test]
async fn only_a_trusted_certificate_of_the_right_name_will_do() {
    let (acceptor, certificate) = identity();
    let site = Site::tls(acceptor, |_| ok("secure")).await;
    let url = |name| site.url_of("https", name, "/");
    let client = trusting(certificate);
    let secure = Ask { https_only: true, ..public(url("site.test")) };
    assert_eq!(client.ask(secure).await.expect("trusted").body(), "secure");
    assert_eq!(client.ask(public(url("other.test"))).await.expect_err("another name"), Trouble::Insecure);
    let stranger = client_with(&book(&[("site.test", PUBLIC)]));
    assert_eq!(stranger.ask(public(url("site.test"))).await.expect_err("not trusted"), Trouble::Insecure);
    assert_eq!(site.requests().len(), 1, "nobody told the others anything");
}

#[tokio::test]
async fn a_site_without_tls_is_not_asked_in_plain() {
    let site = Site::at(PUBLIC, |_| ok("plain")).await;
    let (_, certificate) = identity();
    let ask = Ask { time: crate::site::SHORT, ..public(site.url_of("https", "site.test", "/")) };
    let trouble = trusting(certificate).ask(ask).await.expect_err("no TLS");
    // It waits for the end of a request line that never comes, or finds no TLS in the answer.
    assert!(matches!(trouble, Trouble::Insecure | Trouble::TimedOut), "{trouble}");
    assert!(site.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_out_of_https_is_followed_only_if_http_may_be_asked() {
    let plain = Site::at(PUBLIC, |_| ok("plain")).await;
    let (acceptor, certificate) = identity();
    let to = plain.url("/");
    let site = Site::tls(acceptor, move |_| redirect("302 Found", &to)).await;
    let client = trusting(certificate);
    let ask = public(site.url_of("https", "site.test", "/"));
    let strict = Ask { https_only: true, ..ask.clone() };
    assert_eq!(client.ask(strict).await.expect_err("http"), Trouble::NotHttps);
    assert!(plain.requests().is_empty());
    assert_eq!(client.ask(ask).await.expect("an answer").body(), "plain");
}
