//! The reader and the pager: my shifts, who has it now, what paged me.

use crate::components::{AsidePart, PersonName, TimeForm, TimeOf};
use chrono_tz::Tz;
use engine::oncall::overview::{Mine, Rota, Turn};
use engine::paging::PageToMe;
use leptos::prelude::*;

/// Shifts that are shown at once.
const SHOWN: usize = 3;

#[component]
pub fn MyShifts(mine: Vec<Mine>, zone: Tz) -> impl IntoView {
    let none = mine.is_empty();
    let rows = mine
        .into_iter()
        .take(SHOWN)
        .map(|shift| view! { <MyShift shift zone /> })
        .collect_view();
    view! {
        <AsidePart title="Your turns">
            {none.then(|| view! { <p class="quiet">"You are not on call in the next four weeks."</p> })}
            <ul class="rows">{rows}</ul>
        </AsidePart>
    }
}

#[component]
fn MyShift(shift: Mine, zone: Tz) -> impl IntoView {
    let until =
        (!shift.open_ended).then(|| view! { " until " <TimeOf at=shift.to zone form=TimeForm::Short /> });
    let when = if shift.is_now {
        view! { <strong>"You have the pager"</strong> {until} }.into_any()
    } else {
        view! { "From " <TimeOf at=shift.from zone form=TimeForm::Short /> {until} }.into_any()
    };
    let class = if shift.is_now { "shift-now" } else { "shift-later" };
    view! { <li class=class>{when} <br /><span class="quiet small">{shift.schedule.name}</span></li> }
}

/// Who has the pager now, schedule by schedule.
#[component]
pub fn OnCallNow(schedules: Vec<Rota>, zone: Tz) -> impl IntoView {
    if schedules.is_empty() {
        return view! {
            <AsidePart title="On call now">
                <p class="quiet">"No schedule yet. " <a href="/on-call">"Make one"</a> ", so that pages reach somebody."</p>
            </AsidePart>
        }
        .into_any();
    }
    let rows = schedules
        .into_iter()
        .map(|rota| {
            let turn = rota.now().cloned();
            view! { <li><NowOn turn zone /><span class="quiet small">{rota.named.name}</span></li> }
        })
        .collect_view();
    view! {
        <AsidePart title="On call now">
            <ul class="rows">{rows}</ul>
            <p class="small"><a href="/on-call">"All schedules"</a></p>
        </AsidePart>
    }
    .into_any()
}

#[component]
fn NowOn(turn: Option<Turn>, zone: Tz) -> impl IntoView {
    if turn.as_ref().is_some_and(|turn| turn.is_planned) {
        return view! { <p class="quiet">"Nobody, as planned"</p> }.into_any();
    }
    let Some(turn) = turn.filter(|turn| !turn.people.is_empty()) else {
        return view! { <p class="late"><strong>"Nobody"</strong></p> }.into_any();
    };
    let until = (!turn.open_ended).then(|| {
        view! { <span class="quiet small">"until " <TimeOf at=turn.to zone form=TimeForm::Short /></span> }
    });
    let people = turn
        .people
        .into_iter()
        .map(|person| view! { <PersonName id=person.id.0 name=person.name /> })
        .collect_view();
    view! { <p class="spread"><span class="people">{people}</span> {until}</p> }.into_any()
}

#[component]
pub fn MyPages(pages: Vec<PageToMe>, zone: Tz) -> impl IntoView {
    let none = pages.is_empty();
    let rows = pages
        .into_iter()
        .map(|page| {
            view! {
                <li>
                    <a class="plain-link" href=format!("/incidents/{}", page.number)><bdi>{page.title}</bdi></a>
                    <br />
                    <span class="quiet small">{format!("INC-{}, ", page.number)} <TimeOf at=page.created_at zone form=TimeForm::Short /></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <AsidePart title="Pages to you, this week">
            {none.then(|| view! { <p class="quiet">"None."</p> })}
            <ul class="rows">{rows}</ul>
            <p class="small"><a href="/mail">"Mails to you"</a></p>
        </AsidePart>
    }
}
