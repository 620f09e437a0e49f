//! Who somebody is: as the website says, or as their account here does (barertc.md 7.8).

use super::Desk;
use super::call::{Made, Outcome, failure};
use super::mail;
use crate::webhook::{self, Profile, ProfileField};
use crate::world;
use axum::http::StatusCode;
use commonroom_core::Reply;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    username: String,
}

pub(super) async fn profile(desk: &Desk, made: &Made) -> Outcome {
    let claims = made.of_member(desk)?;
    let asked: Asked = made.fields()?;
    let state = desk.gateway.state();
    let me = mail::caller(desk, &state, &claims)?;
    let known = state.directory.account_named(&asked.username);
    let known = known.filter(|known| !world::blocked(&state, me.id, known.id));
    let Some(known) = known else {
        return Err(failure(StatusCode::NOT_FOUND, "There is nobody of that name."));
    };
    let config = &desk.shared.config;
    let trouble = |text: String| failure(StatusCode::INTERNAL_SERVER_ERROR, text);
    let profile = if config.profile_webhook.is_empty() {
        let facts = known.pronouns.iter();
        Profile {
            headline: known.bio.clone().unwrap_or_default(),
            profile_fields: facts
                .map(|fact| ProfileField { name: "Pronouns".to_owned(), value: fact.clone() })
                .collect(),
        }
    } else {
        let request = webhook::profile(config, &known.username)
            .ok_or_else(|| trouble("the profile webhook has no usable address".to_owned()))?;
        match desk.gateway.request(request).await {
            Ok(Reply::Outside(answer)) => webhook::read_profile(&answer).map_err(trouble)?,
            Ok(_) | Err(_) => return Err(trouble("the website does not answer".to_owned())),
        }
    };
    Ok(json!({ "Headline": profile.headline, "ProfileFields": profile.profile_fields }))
}
