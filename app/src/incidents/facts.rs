//! What stands at the left of an incident, and first on a phone: how long, since when, who is the responder, who is paged next.

use super::view::Seen;
use crate::components::{
    AsidePart, ButtonKind, Duration, Fact, Facts, FactsForm, FormDialog, PersonName, PostButton, Submit,
    TickingSince, TimeForm, TimeOf, Tone,
};
use crate::zoned::{Moment, MomentField, zone_words};
use chrono::{DateTime, Utc};
use domain::incidents::instants::{Correction, spoken};
use domain::incidents::{Incident, NoticedBy, State};
use engine::incidents::Here;
use leptos::prelude::*;

#[component]
pub fn FactsPart(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    view! {
        <Facts id="facts">
            <HowLong seen=seen.clone() />
            <WhoHasIt seen=seen.clone() />
            <HeldUntil seen=seen.clone() />
            <PagedNext seen=seen.clone() />
            <Times incident=incident.clone() />
            <Fact label="Noticed by">{noticed(incident.noticed_by)}</Fact>
        </Facts>
    }
}

#[component]
fn HowLong(seen: Seen) -> impl IntoView {
    let incident = &seen.story.incident;
    let zone = seen.reader.zone;
    let from = counted_from(incident).1;
    let end = incident.mitigated_at.or(incident.resolved_at);
    let (label, tone) = match end {
        Some(_) => ("Was broken for", Tone::Mended),
        None => ("Broken for", Tone::Broken),
    };
    let broken = match end {
        Some(end) => view! { <Duration seconds=(end - from).num_seconds() /> }.into_any(),
        None => view! { <TickingSince since=from now=seen.now /> }.into_any(),
    };
    let utc = (zone != chrono_tz::UTC).then(|| {
        view! { " " <span class="more unbroken">{format!("({} UTC)", from.format("%H:%M"))}</span> }
    });
    view! {
        <Fact label tone class="how-long">{broken}</Fact>
        <Fact label="Since"><TimeOf at=from zone form=TimeForm::Short /> {utc}</Fact>
    }
}

#[component]
fn WhoHasIt(seen: Seen) -> impl IntoView {
    let label = "Responder";
    let triggered = seen.story.incident.state == State::Triggered;
    match seen.story.has_it.clone() {
        Some(holder) if !triggered => {
            view! { <Fact label><PersonName id=holder.person_id.0 name=holder.name /></Fact> }.into_any()
        }
        _ if triggered => view! { <Fact label tone=Tone::Broken>"nobody yet"</Fact> }.into_any(),
        _ => view! { <Fact label><span class="quiet">"nobody by name"</span></Fact> }.into_any(),
    }
}

/// An acknowledgement that holds for a time: whoever has it says that they still do, or is paged.
#[component]
fn HeldUntil(seen: Seen) -> impl IntoView {
    let incident = &seen.story.incident;
    let Some(until) = seen.story.held_until else {
        return ().into_any();
    };
    let is_mine = seen
        .story
        .has_it
        .as_ref()
        .is_some_and(|holder| seen.reader.is(holder.person_id));
    let action = format!("/incidents/{}/acknowledgement", incident.number);
    let fields = seen.drawn();
    view! {
        <Fact label="Asked again">
            <TimeOf at=until zone=seen.reader.zone form=TimeForm::Short />
            {is_mine.then(|| view! { " " <PostButton action kind=ButtonKind::Small fields>"I still have it"</PostButton> })}
        </Fact>
    }
    .into_any()
}

/// Who is paged when nobody answers: at 3 am one wants to know how long one has, and who is next.
#[component]
fn PagedNext(seen: Seen) -> impl IntoView {
    let Here::Running { next_at: Some(at) } = seen.story.paging else {
        return ().into_any();
    };
    let names = seen.paged_next();
    let who = if names.is_empty() {
        "nobody is left to page".to_owned()
    } else {
        names.join(", ")
    };
    let in_how_long = spoken((at - seen.now).num_seconds());
    view! { <Fact label="Paged next">{who} " " <span class="more unbroken">{format!("in {in_how_long}")}</span></Fact> }.into_any()
}

#[component]
fn Times(incident: Incident) -> impl IntoView {
    let from = counted_from(&incident).0;
    [
        ("To acknowledge", incident.seconds_to_acknowledge),
        ("To mitigate", incident.seconds_to_mitigate),
        ("To resolve", incident.seconds_to_resolve),
    ]
    .into_iter()
    .filter_map(|(label, seconds)| Some((label, seconds?)))
    .map(|(label, seconds)| {
        view! { <Fact label><Duration seconds /> " " <span class="more unbroken">{from}</span></Fact> }
    })
    .collect_view()
}

/// From what the times to … count, and that instant.
fn counted_from(incident: &Incident) -> (&'static str, DateTime<Utc>) {
    let counted = incident.instants().counted_from();
    counted.map_or(("from opening", incident.opened_at), |(from, at)| {
        (from.label(), at)
    })
}

fn noticed(by: NoticedBy) -> &'static str {
    match by {
        NoticedBy::Alert => "an alert",
        NoticedBy::Staff => "one of us",
        NoticedBy::Customer => "a customer",
    }
}

#[component]
pub fn InstantsPart(seen: Seen) -> impl IntoView {
    let incident = seen.story.incident.clone();
    let rows = Correction::ALL
        .iter()
        .map(|which| view! { <Instant seen=seen.clone() which=*which at=which.of(&incident.instants()) /> })
        .collect_view();
    let problem = seen.returned.problems("instant");
    let forms = Correction::ALL
        .iter()
        .map(|which| view! { <CorrectionForm seen=seen.clone() which=*which /> })
        .collect_view();
    view! {
        <AsidePart title="Key times" id="instants">
            <Facts form=FactsForm::Listed>{rows}</Facts>
            {seen.reader.may_act.then(|| view! {
                <FormDialog label="Correct a time" kind=ButtonKind::Small in_place=true open=!problem.is_empty()>
                    <p class="quiet small">{format!("Times are in your zone, {}. Empty means unknown.", zone_words(seen.reader.zone.name()))}</p>
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
                Some(at) => view! { <TimeOf at zone=seen.reader.zone form=TimeForm::Short /> }.into_any(),
                None => view! { <span class="quiet">"unknown"</span> }.into_any(),
            }}
        </Fact>
    }
}

#[component]
fn CorrectionForm(seen: Seen, which: Correction) -> impl IntoView {
    let incident = &seen.story.incident;
    let returned = seen
        .returned
        .moment
        .clone()
        .filter(|(returned, _)| *returned == which);
    let error = returned.is_some().then(|| seen.returned.problem.sentence.clone());
    let moment = match returned {
        Some((_, typed)) => typed,
        None => Moment::drawn(which.of(&incident.instants()), seen.reader.zone),
    };
    view! {
        <form class="form inline" method="post" action=format!("/incidents/{}/instants/{which}", incident.number)>
            <MomentField name="at" label=which.label() moment id=format!("field-{which}") error />
            <Submit kind=ButtonKind::Small>"Save"</Submit>
        </form>
    }
}
