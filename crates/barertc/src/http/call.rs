//! What all calls of `/api` have in common: how they are read, who may make them, how they are answered (barertc.md 7).

use super::Desk;
use super::{about, mail, website};
use crate::limits;
use crate::token::{self, Claims};
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use commonroom_core::secret::TokenHash;
use commonroom_hub::gateway::Peer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::net::{IpAddr, Ipv4Addr};

/// A call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Call {
    Authenticate,
    Blocklist,
    BlockNow,
    DisconnectNow,
    AmendJwt,
    Shutdown,
    Profile,
    History,
    Usernames,
    Clear,
}

/// Where they are; one has two names.
pub(crate) const CALLS: [(&str, Call); 11] = [
    ("/api/authenticate", Call::Authenticate),
    ("/api/authentication", Call::Authenticate),
    ("/api/blocklist", Call::Blocklist),
    ("/api/block/now", Call::BlockNow),
    ("/api/disconnect/now", Call::DisconnectNow),
    ("/api/amend-jwt", Call::AmendJwt),
    ("/api/shutdown", Call::Shutdown),
    ("/api/profile", Call::Profile),
    ("/api/message/history", Call::History),
    ("/api/message/usernames", Call::Usernames),
    ("/api/message/clear", Call::Clear),
];

/// Why a call fails.
pub(crate) struct Failure {
    status: StatusCode,
    text: String,
}

pub(crate) fn failure(status: StatusCode, text: impl Into<String>) -> Failure {
    Failure { status, text: text.into() }
}

/// What a successful call answers besides `OK`.
pub(crate) type Outcome = Result<Value, Failure>;

impl Call {
    /// The fields of an answer that has nothing to say.
    fn zero(self) -> Value {
        match self {
            Self::Authenticate => json!({ "JWT": "" }),
            Self::DisconnectNow => json!({ "Removed": 0 }),
            Self::Profile => json!({ "Headline": "", "ProfileFields": [] }),
            Self::History => json!({ "Messages": [], "Remaining": 0 }),
            Self::Usernames => json!({ "Usernames": [], "Count": 0, "Pages": 0 }),
            Self::Clear => json!({ "MessagesErased": 0 }),
            Self::Blocklist | Self::BlockNow | Self::AmendJwt | Self::Shutdown => json!({}),
        }
    }
}

/// A call that has been read, and who makes it.
pub(crate) struct Made {
    fields: Map<String, Value>,
    address: IpAddr,
}

#[derive(Deserialize)]
struct Key {
    #[serde(default)]
    apikey: String,
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    jwttoken: String,
}

impl Made {
    /// The fields of a call. Names are those of the wire in lower case: they compare so.
    pub(crate) fn fields<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(Value::Object(self.fields.clone()))
            .map_err(|error| failure(StatusCode::BAD_REQUEST, error.to_string()))
    }

    /// Lets the website pass. An empty key opens nothing; hashes are compared, which tells nothing of how far a wrong
    /// key is right.
    pub(crate) fn of_website(&self, desk: &Desk) -> Result<(), Failure> {
        let config = &desk.shared.config;
        self.may_try(desk)?;
        let key: Key = self.fields()?;
        let right = TokenHash::of(&key.apikey) == TokenHash::of(&config.api_key);
        if right && !config.api_key.is_empty() {
            return Ok(());
        }
        config.site.failed(self.address, desk.gateway.now());
        Err(failure(StatusCode::UNAUTHORIZED, "Authentication denied."))
    }

    /// Lets somebody with a token pass.
    pub(crate) fn of_member(&self, desk: &Desk) -> Result<Claims, Failure> {
        let config = &desk.shared.config;
        let now = desk.gateway.now();
        if !config.accepts_tokens() {
            return Err(failure(StatusCode::BAD_REQUEST, "JWT authentication is not available."));
        }
        self.may_try(desk)?;
        let token: Token = self.fields()?;
        let claims = token::read(&config.jwt_secret, &token.jwttoken, now).map_err(|error| {
            config.site.failed(self.address, now);
            failure(StatusCode::BAD_REQUEST, error.to_string())
        })?;
        if config.rate_limits && !config.site.may_call(self.address, &claims.sub, now) {
            return Err(failure(StatusCode::TOO_MANY_REQUESTS, "Too many calls. Please wait a minute."));
        }
        Ok(claims)
    }

    /// True when a call comes with a field that is not empty.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.fields.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    }

    fn may_try(&self, desk: &Desk) -> Result<(), Failure> {
        let config = &desk.shared.config;
        if config.rate_limits && !config.site.may_try(self.address, desk.gateway.now()) {
            return Err(failure(StatusCode::TOO_MANY_REQUESTS, "Too many failures. Please wait a minute."));
        }
        Ok(())
    }
}

/// Answers a call.
pub(crate) async fn serve(call: Call, desk: Desk, request: Request) -> Response {
    let outcome = match read(request).await {
        Ok(made) => run(call, &desk, &made).await,
        Err(failure) => Err(failure),
    };
    let mut body = call.zero();
    let status = match outcome {
        Ok(fields) => {
            body["OK"] = json!(true);
            if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
                body.extend(fields);
            }
            StatusCode::OK
        }
        Err(Failure { status, text }) => {
            body["OK"] = json!(false);
            body["Error"] = json!(text);
            status
        }
    };
    super::private((status, Json(body)).into_response())
}

async fn run(call: Call, desk: &Desk, made: &Made) -> Outcome {
    match call {
        Call::Authenticate => website::authenticate(desk, made),
        Call::Blocklist => website::blocklist(desk, made).await,
        Call::BlockNow => website::block_now(desk, made).await,
        Call::DisconnectNow => website::disconnect_now(desk, made).await,
        Call::AmendJwt => website::amend_jwt(desk, made).await,
        Call::Shutdown => website::shutdown(desk, made).await,
        Call::Profile => about::profile(desk, made).await,
        Call::History => mail::history(desk, made).await,
        Call::Usernames => mail::usernames(desk, made),
        Call::Clear => mail::clear(desk, made).await,
    }
}

async fn read(request: Request) -> Result<Made, Failure> {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.address);
    let body = json_body(request, limits::API_BYTES).await.map_err(|(status, text)| failure(status, text))?;
    let fields: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| failure(StatusCode::BAD_REQUEST, error.to_string()))?;
    let fields = fields.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
    Ok(Made { fields, address: peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) })
}

/// The body of a request that must be posted JSON.
pub(crate) async fn json_body(
    request: Request,
    most: usize,
) -> Result<axum::body::Bytes, (StatusCode, &'static str)> {
    posted_json(&request)?;
    body_of(request.into_body(), most).await
}

/// Whether a request is posted JSON; parameters of its type are fine.
pub(crate) fn posted_json(request: &Request) -> Result<(), (StatusCode, &'static str)> {
    if request.method() != Method::POST {
        return Err((StatusCode::BAD_REQUEST, "Only POST methods allowed"));
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let essence = kind.split(';').next().unwrap_or("").trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err((StatusCode::BAD_REQUEST, "Only application/json content-types allowed"))
    }
}

async fn body_of(body: Body, most: usize) -> Result<axum::body::Bytes, (StatusCode, &'static str)> {
    axum::body::to_bytes(body, most).await.map_err(|_| (StatusCode::PAYLOAD_TOO_LARGE, "That is too large."))
}

/// The server has no time.
pub(crate) fn busy() -> Failure {
    failure(StatusCode::SERVICE_UNAVAILABLE, "The chat server is busy. Please try again in a moment.")
}
