//! Sound of other servers, handed on to clients that may not ask for it themselves (chatgrid.md 7.3). Who asks, for what
//! and what may come back is decided here; the asking is the server's, which refuses addresses that are not public.

use crate::http::{Helpers, base_of, from_own_page, may_resume, text, value};
use crate::limits;
use axum::body::Body;
use axum::extract::{OriginalUri, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use commonroom_core::ids::AccountId;
use commonroom_hub::fetch::{Fetch, Fetched, NotFetched};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What the path is called, after what it once was.
pub const PATH: &str = "media_proxy.php";

/// Types beside sound and film that are handed on: lists of streams, and what is not named.
const TYPES: [&str; 7] = [
    "application/ogg",
    "application/octet-stream",
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "application/mpegurl",
    "application/pls+xml",
    "application/xspf+xml",
];

/// Headers of the source that a client sees.
const PASSED: [header::HeaderName; 4] =
    [header::CONTENT_LENGTH, header::ACCEPT_RANGES, header::CONTENT_RANGE, header::CACHE_CONTROL];

/// How much is handed on to each account now.
#[derive(Clone, Default, Debug)]
pub struct Load(Arc<Mutex<BTreeMap<AccountId, u32>>>);

/// One resource on its way; counts until it is dropped.
struct OnItsWay {
    load: Load,
    account: AccountId,
}

impl Load {
    fn begin(&self, account: AccountId) -> Option<OnItsWay> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(account).or_default();
        if *count >= limits::MEDIA_PER_ACCOUNT {
            return None;
        }
        *count += 1;
        Some(OnItsWay { load: self.clone(), account })
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut counts = self.load.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.account);
            }
        }
    }
}

/// The checks in their order: origin, method, sign-in, address; then the source is asked.
pub(crate) async fn relay(
    State(helpers): State<Arc<Helpers>>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<Vec<(String, String)>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let headers = &headers;
    let origin = headers.get(header::ORIGIN).cloned();
    let response = match answer(&helpers, &uri, &query, &method, headers).await {
        Ok(response) => response,
        Err((status, why)) => text(status, why),
    };
    let trusted = origin.filter(|_| from_own_page(&helpers, headers));
    with_access(response, trusted)
}

type Failure = (StatusCode, &'static str);

async fn answer(
    helpers: &Helpers,
    uri: &Uri,
    query: &[(String, String)],
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    if headers.contains_key(header::ORIGIN) && !from_own_page(helpers, headers) {
        return Err((StatusCode::FORBIDDEN, "origin not allowed"));
    }
    let head = match *method {
        Method::OPTIONS => return Ok(text(StatusCode::NO_CONTENT, "")),
        Method::GET => false,
        Method::HEAD => true,
        _ => return Err((StatusCode::METHOD_NOT_ALLOWED, "method not allowed")),
    };
    let base = base_of(helpers, uri, PATH);
    let account =
        may_resume(helpers, headers, &base).ok_or((StatusCode::UNAUTHORIZED, "session required"))?;
    let url = query.iter().find(|(key, _)| key == "url").map(|(_, url)| url.trim()).unwrap_or_default();
    if url.is_empty() {
        return Err((StatusCode::BAD_REQUEST, "missing url query param"));
    }
    let url = checked(url, &helpers.config.media.allowed_hosts)?;
    let busy = (StatusCode::TOO_MANY_REQUESTS, "too many requests");
    let on_its_way = helpers.load.begin(account).ok_or(busy)?;
    let range = value(headers, "range").map(str::to_owned);
    match helpers.gateway.fetch(Fetch { url, head, range }).await {
        Ok(fetched) => handed_on(fetched, head, on_its_way),
        Err(NotFetched::Forbidden) => Err((StatusCode::FORBIDDEN, "resolved ip not allowed")),
        Err(NotFetched::Busy) => Err((StatusCode::SERVICE_UNAVAILABLE, "too many requests")),
        Err(NotFetched::Failed) => Err((StatusCode::BAD_GATEWAY, "upstream request failed")),
    }
}

/// An address that may be asked for as far as it tells itself.
fn checked(url: &str, allowed: &[String]) -> Result<String, Failure> {
    let invalid = (StatusCode::BAD_REQUEST, "invalid url");
    if url.len() > limits::MEDIA_URL_BYTES {
        return Err(invalid);
    }
    let (scheme, _) = url.split_once(':').ok_or(invalid)?;
    if !matches!(&*scheme.to_ascii_lowercase(), "http" | "https") {
        return Err((StatusCode::BAD_REQUEST, "unsupported scheme"));
    }
    let bare = url.split('#').next().unwrap_or(url);
    let parsed: Uri = bare.parse().map_err(|_| invalid)?;
    parsed.scheme().ok_or(invalid)?;
    let authority =
        parsed.authority().filter(|authority| !authority.as_str().contains('@')).ok_or(invalid)?;
    let host = authority.host().trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() {
        return Err(invalid);
    }
    if host == "localhost" || host.ends_with(".localhost") {
        return Err((StatusCode::FORBIDDEN, "forbidden host"));
    }
    let within = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    if !allowed.is_empty() && !allowed.iter().any(|end| within(end.trim_start_matches('.'))) {
        return Err((StatusCode::FORBIDDEN, "host not allowed"));
    }
    let dropbox = within("dropbox.com") || within("dropboxusercontent.com");
    Ok(if dropbox { raw(bare) } else { bare.to_owned() })
}

/// A link to a file instead of the page around it.
fn raw(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is = |pair: &&str, key: &str| pair.split('=').next() == Some(key);
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !is(pair, "dl") && !is(pair, "raw"));
    format!("{path}?{}", kept.chain(["raw=1"]).collect::<Vec<_>>().join("&"))
}

fn may_pass(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("audio/") || kind.starts_with("video/") || TYPES.contains(&&*kind)
}

fn handed_on(fetched: Fetched, head: bool, on_its_way: OnItsWay) -> Result<Response, Failure> {
    let status = StatusCode::from_u16(fetched.status).map_err(|_| (StatusCode::BAD_GATEWAY, "bad status"))?;
    if !status.is_success() {
        // The words of a page that says no are nobody's.
        return Err((status, "upstream request failed"));
    }
    let kind = fetched.header("content-type").unwrap_or("application/octet-stream").to_owned();
    if !may_pass(&kind) {
        return Err((StatusCode::BAD_GATEWAY, "unsupported media type"));
    }
    let mut builder = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::CONTENT_SECURITY_POLICY, "sandbox");
    for name in PASSED {
        let passed = fetched.header(name.as_str()).map(str::to_owned);
        let fallback = || (name == header::CACHE_CONTROL).then(|| "no-store".to_owned());
        if let Some(passed) = passed.or_else(fallback) {
            builder = builder.header(name, passed);
        }
    }
    let pieces = futures_util::stream::unfold((fetched.body, on_its_way), |(mut body, on_its_way)| async {
        let piece = body.recv().await?;
        Some((piece, (body, on_its_way)))
    });
    let body = if head { Body::empty() } else { Body::from_stream(pieces) };
    builder.body(body).map_err(|_| (StatusCode::BAD_GATEWAY, "bad headers"))
}

fn with_access(mut response: Response, trusted: Option<HeaderValue>) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = trusted {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let methods = HeaderValue::from_static("GET, HEAD, OPTIONS");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Range"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_before_anybody_is_asked() {
        let check = |url: &str| checked(url, &[]).map_err(|(status, why)| (status.as_u16(), why));
        for good in ["http://a.example/x?y=%20", "HTTPS://A.example:8000/", "http://[2001:db8::1]/"] {
            assert_eq!(check(good).as_deref(), Ok(good));
        }
        assert_eq!(check("http://a.example/x#part").as_deref(), Ok("http://a.example/x"));
        for bad in
            ["a.example", "http:", "http://", "http:///x", "http://u:p@a.example/", "http://a b/", "/x"]
        {
            assert_eq!(check(bad), Err((400, "invalid url")), "{bad}");
        }
        for bad in ["ftp://a.example/", "file:///etc/passwd", "javascript:x", "data:audio/ogg,x"] {
            assert_eq!(check(bad), Err((400, "unsupported scheme")), "{bad}");
        }
        for bad in ["http://localhost/", "http://LOCALHOST.:80/", "http://a.localhost/"] {
            assert_eq!(check(bad), Err((403, "forbidden host")), "{bad}");
        }
        let listed = ["example.org".to_owned(), ".radio.test".to_owned()];
        let within = |url: &str| checked(url, &listed).is_ok();
        assert!(
            within("http://example.org/")
                && within("http://a.Example.org/")
                && within("http://x.radio.test/")
        );
        assert!(!within("http://badexample.org/") && !within("http://example.org.evil.test/"));
        assert_eq!(checked("http://evil.test/", &listed), Err((StatusCode::FORBIDDEN, "host not allowed")));
    }

    #[test]
    fn links_to_shared_files_are_made_direct() {
        let check = |url: &str| checked(url, &[]).expect("good");
        assert_eq!(
            check("https://www.dropbox.com/s/a/b.mp3?dl=0"),
            "https://www.dropbox.com/s/a/b.mp3?raw=1"
        );
        assert_eq!(
            check("https://dl.dropboxusercontent.com/a?rlkey=k&dl=1&st=s"),
            "https://dl.dropboxusercontent.com/a?rlkey=k&st=s&raw=1"
        );
        assert_eq!(check("https://notdropbox.com/a?dl=0"), "https://notdropbox.com/a?dl=0");
    }

    #[test]
    fn only_sound_and_film_pass() {
        for good in ["audio/mpeg", "Video/MP4; codecs=x", "application/ogg", "audio/x-scpls"] {
            assert!(may_pass(good), "{good}");
        }
        for bad in ["text/html", "application/javascript", "image/svg+xml", "application/pdf", ""] {
            assert!(!may_pass(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_on_its_way_to_one_account_is_counted() {
        let load = Load::default();
        let ways: Vec<_> = (0..limits::MEDIA_PER_ACCOUNT).map(|_| load.begin(AccountId::MIN)).collect();
        assert!(ways.iter().all(Option::is_some) && load.begin(AccountId::MIN).is_none());
        drop(ways);
        assert!(load.begin(AccountId::MIN).is_some());
        assert!(load.0.lock().expect("not poisoned").is_empty());
    }
}
