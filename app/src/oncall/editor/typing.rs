//! What a schedule comes to while it is typed: the preview alone, without the page around it.

use super::acts::Act;
use super::loaded::{everybody, see_what_comes};
use super::preview::Preview;
use super::typed::Typed;
use super::yours::{AllYours, Clock};
use crate::answer::Failure;
use crate::form::check_lengths;
use crate::render::fragment;
use axum::response::{IntoResponse, Response};
use chrono_tz::Tz;
use domain::ids::ScheduleId;
use domain::oncall::wall;
use domain::people::Permission;
use engine::oncall::schedules;
use engine::{Acting, Error};
use leptos::prelude::*;
use url::form_urlencoded;

/// The preview of what is typed, for whoever may come to its editor, and what its windows are in the zone of whoever reads. What went
/// wrong is an answer of its own.
///
/// # Errors
/// It is longer than any form, the schedule is not there, or it is not for whoever asks.
pub(crate) async fn schedule_preview(
    acting: &Acting,
    reader: Tz,
    schedule: &str,
    fields: &str,
) -> Result<String, Response> {
    if let Some(refusal) = check_lengths(fields.as_bytes()) {
        return Err(refusal);
    }
    let fields: Vec<(String, String)> = form_urlencoded::parse(fields.as_bytes()).into_owned().collect();
    let drawn = draw(acting, reader, schedule, Typed::read(fields)).await;
    drawn.map_err(|error| Failure::from(error).into_response())
}

async fn draw(acting: &Acting, reader: Tz, schedule: &str, mut typed: Typed) -> Result<String, Error> {
    let mut tx = acting.read().await?;
    let id: Option<ScheduleId> = match schedule {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound("schedule"))?),
    };
    let wanted = match id {
        Some(id) => Permission::ChangeTeam(schedules::find(&mut tx, id).await?.team_id),
        None => Permission::ActOnIncident,
    };
    tx.authorize(wanted).await?;
    let people = everybody(&mut tx).await?;
    typed.add_typed_names(&people);
    let (zone, now): (Tz, _) = (typed.time_zone.parse().unwrap_or(chrono_tz::UTC), tx.now());
    typed.act(&Act::Preview, wall::reading(zone, now).date());
    let seen = see_what_comes(&mut tx, id, &typed, &people).await?;
    drop(tx);
    let clock = Clock { zone: reader, now };
    Ok(fragment(
        move || view! { <Preview seen people zone now /> <AllYours typed clock /> },
    ))
}
