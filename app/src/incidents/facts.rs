//! Facts in one line, and the instants with their corrections.

use super::page::Seen;
use crate::components::{
    AsidePart, ButtonKind, Duration, Fact, Facts, FactsForm, Field, FieldKind, FormDialog, Submit,
    TickingSince, TimeForm, TimeOf, Tone,
};
use crate::zoned::moment_value;
use chrono::{DateTime, Utc};
use domain::incidents::instants::Correction;
use leptos::prelude::*;

#[component]
pub fn FactsPart(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    let (now, zone) = (seen.now, seen.zone);
    let counted = incident.instants().counted_from();
    let (from_words, from) = counted.map_or(("from opening", incident.opened_at), |(from, at)| {
        (from.label(), at)
    });
    let end = incident.mitigated_at.or(incident.resolved_at);
    let broken = match end {
        Some(end) => view! { <Duration seconds=(end - from).num_seconds() /> }.into_any(),
        None => view! { <TickingSince since=from now /> }.into_any(),
    };
    let took = move |label: &'static str, seconds: Option<i64>| {
        seconds
            .map(|seconds| view! { <Fact label=format!("{label}, {from_words}")><Duration seconds /></Fact> })
    };
    view! {
        <Facts id="facts">
            <Fact label=if end.is_some() { "Was broken for" } else { "Broken for" } tone=if end.is_some() { Tone::Mended } else { Tone::Broken }>
                {broken}
            </Fact>
            <Fact label="Since">
                <TimeOf at=from zone form=TimeForm::Short />
                " "
                <span class="quiet small">{format!("({} UTC)", from.format("%H:%M"))}</span>
            </Fact>
            {took("To acknowledge", incident.seconds_to_acknowledge)}
            {took("To mitigate", incident.seconds_to_mitigate)}
            {took("To resolve", incident.seconds_to_resolve)}
            <Fact label="Noticed by">{noticed(incident.noticed_by)}</Fact>
        </Facts>
    }
}

fn noticed(by: domain::incidents::NoticedBy) -> &'static str {
    match by {
        domain::incidents::NoticedBy::Alert => "an alert",
        domain::incidents::NoticedBy::Staff => "one of us",
        domain::incidents::NoticedBy::Customer => "a customer",
    }
}

#[component]
pub fn InstantsPart(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    let rows = [
        (Correction::ImpactStart, incident.impact_started_at),
        (Correction::Detected, incident.detected_at),
        (Correction::Acknowledged, incident.acknowledged_at),
        (Correction::Mitigated, incident.mitigated_at),
        (Correction::Resolved, incident.resolved_at),
    ]
    .map(|(which, at)| view! { <Instant seen=seen.clone() which at /> })
    .collect_view();
    let problem = seen.returned.problems("instant");
    let forms = Correction::ALL
        .iter()
        .map(|which| view! { <CorrectionForm seen=seen.clone() which=*which /> })
        .collect_view();
    view! {
        <AsidePart title="Instants" id="instants">
            <Facts form=FactsForm::Listed>{rows}</Facts>
            {seen.may_act.then(|| view! {
                <FormDialog label="Correct an instant" kind=ButtonKind::Small in_place=true open=!problem.is_empty()>
                    {problem.whole.clone().map(|sentence| view! { <p class="field-error" role="alert">{sentence}</p> })}
                    <p class="quiet small">{format!("Times are in your zone, {}. Empty means unknown.", seen.zone)}</p>
                    {forms}
                </FormDialog>
            })}
        </AsidePart>
    }
}

#[component]
fn Instant(seen: Seen, which: Correction, at: Option<DateTime<Utc>>) -> impl IntoView {
    view! {
        <Fact label=which.label()>
            {match at {
                Some(at) => view! { <TimeOf at zone=seen.zone form=TimeForm::Short /> }.into_any(),
                None => view! { <span class="quiet">"unknown"</span> }.into_any(),
            }}
        </Fact>
    }
}

#[component]
fn CorrectionForm(seen: Seen, which: Correction) -> impl IntoView {
    let incident = &seen.story.incident;
    let at = match which {
        Correction::ImpactStart => incident.impact_started_at,
        Correction::Detected => incident.detected_at,
        Correction::Acknowledged => incident.acknowledged_at,
        Correction::Mitigated => incident.mitigated_at,
        Correction::Resolved => incident.resolved_at,
    };
    let value = at.map_or_else(String::new, |at| moment_value(at, seen.zone));
    view! {
        <form class="form inline" method="post" action=format!("/incidents/{}/instants/{which}", incident.number)>
            <Field name="at" label=which.label() kind=FieldKind::Moment value id=format!("field-{which}") />
            <Submit kind=ButtonKind::Small>"Save"</Submit>
        </form>
    }
}
