//! Incidents in a list, the small parts, and fields.

use super::pictures::seam;
use super::{BO, LENA, MAI, ZONE, night};
use crate::components::*;
use domain::Severity;
use domain::incidents::State;
use leptos::prelude::*;

#[component]
pub(super) fn Listed() -> impl IntoView {
    let rows = [
        (
            "INC-143",
            "Payments API is down",
            Severity::Sev1,
            State::Triggered,
            [5.0, 0.0, 0.0],
        ),
        (
            "INC-142",
            "Checkout: error rate above 5 %",
            Severity::Sev2,
            State::Acknowledged,
            [2.0, 21.0, 0.0],
        ),
        (
            "INC-141",
            "Search is slow in Lisbon",
            Severity::Sev3,
            State::Mitigated,
            [4.0, 20.0, 30.0],
        ),
        (
            "INC-140",
            "Nightly report was late",
            Severity::Sev4,
            State::Resolved,
            [1.0, 40.0, 60.0],
        ),
    ]
    .into_iter()
    .map(|(number, title, severity, state, weights)| {
        view! {
            <li>
                <span class="incident-number quiet">{number}</span>
                <div class="incident-what">
                    <a class="incident-title" href="#">
                        {title}
                    </a>
                    <p class="incident-more">
                        <SeverityBadge severity />
                        <StateBadge state />
                        <span>"Checkout · Payments"</span>
                    </p>
                </div>
                <Seam parts=seam(weights) />
                <span class="incident-when">
                    <TimeOf at=night() zone=ZONE />
                </span>
            </li>
        }
    })
    .collect_view();
    let tabs = [
        ("Open", Some(2), true),
        ("Resolved", None, false),
        ("All", None, false),
    ]
    .map(|(label, count, current)| Tab {
        href: "#".to_owned(),
        label: label.to_owned(),
        count,
        current,
    });
    view! {
        <Tabs label="Which incidents" tabs=tabs.to_vec() />
        <ul class="incident-list">{rows}</ul>
    }
}

#[component]
pub(super) fn Small() -> impl IntoView {
    let severities = Severity::ALL
        .map(|severity| view! { <SeverityBadge severity /> })
        .collect_view();
    let states = State::ALL
        .iter()
        .map(|state| view! { <StateBadge state=*state /> })
        .collect_view();
    view! {
        <div class="stack">
            <p class="row">{severities}</p>
            <p class="row">
                {states} <Badge>"prevent"</Badge> <Badge tone=Tone::Mended>"detect"</Badge> <Badge
                    tone=Tone::Well
                    shape=Some(Shape::Dot)
                >
                    "Well"
                </Badge>
            </p>
            <p class="row">
                <Avatar id=LENA name="Lena Okafor" />
                <Avatar id=BO name="Bo Lindqvist" small=true />
                <PersonName id=MAI name="Mai Kimura" />
                <TimeOf at=night() zone=ZONE form=TimeForm::Full />
                <Duration seconds=4320 />
            </p>
            <div class="buttons">
                <PostButton action="#" kind=ButtonKind::Primary>
                    "Primary"
                </PostButton>
                <PostButton action="#">"Normal"</PostButton>
                <PostButton action="#" kind=ButtonKind::Plain>
                    "Plain"
                </PostButton>
                <PostButton action="#" kind=ButtonKind::Danger>
                    "Remove"
                </PostButton>
                <PostButton action="#" kind=ButtonKind::Small>
                    "Page someone"
                </PostButton>
            </div>
            <Fold label="Words folded away">"They can be read without JavaScript."</Fold>
            <DataTable caption="Pages sent" headers=vec!["Who", "When", "What became of it"]>
                <tr>
                    <td>
                        <PersonName id=LENA name="Lena Okafor" />
                    </td>
                    <td>
                        <TimeOf at=night() zone=ZONE />
                    </td>
                    <td>"accepted by mx1: 250 2.0.0 Ok"</td>
                </tr>
            </DataTable>
        </div>
    }
}

#[component]
pub(super) fn Fields() -> impl IntoView {
    let mut problems = Problems::default();
    problems.add("title", "Give it a title that a person recognises at 3 am.");
    problems.add("due", "The due date lies in the past.");
    let severities: Vec<_> = Severity::ALL
        .map(|s| Choice::new(s, format!("{s} {}", s.word())))
        .to_vec();
    let noticed = vec![
        Choice::new("alert", "An alert"),
        Choice::new("staff", "One of us"),
        Choice::new("customer", "A customer"),
    ];
    view! {
        <form class="form measure" method="post" action="#">
            <FormProblem problems=problems.clone() />
            <Field name="title" label="Title" value="x" required=true error=problems.of("title") />
            <div class="form-row">
                <Field name="severity" label="Severity" kind=FieldKind::Select(severities) value="SEV3" />
                <Field name="due" label="Due" kind=FieldKind::Date value="2026-11-01" error=problems.of("due") />
            </div>
            <Field name="noticed" label="Who noticed it first" kind=FieldKind::Radio(noticed) value="staff" />
            <Field
                name="proof"
                label="How will we know it worked?"
                kind=FieldKind::Markdown(3)
                hint="A graph, an alert that stays quiet, a deploy that is refused."
                value="No alert of this kind in **30 days**."
            />
            <Field name="tell" label="Tell the team by mail" kind=FieldKind::Check value="on" hint="One mail, now." />
            <div class="buttons">
                <Submit>"Save"</Submit>
                <ButtonLink href="#" kind=ButtonKind::Plain>
                    "Back"
                </ButtonLink>
            </div>
        </form>
    }
}
