//! `/design`: every component in its states, to look at while one works on them. Mounted in development builds only.

use crate::components::*;
use crate::render;
use around::{Finding, Keys};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::Severity;
use domain::incidents::State;
use domain::people::Role;
use islands::{LiveTimeline, Ticker};
use leptos::prelude::*;
use lists::{Fields, Listed, Small};
use pictures::{Article, Board, Schedule};
use states::{Controls, Notices, Pictures, Tables, Times};
use uuid::Uuid;

mod around;
mod lists;
mod pictures;
mod states;

pub async fn show() -> Response {
    render::page(StatusCode::OK, frame(), || view! { <Sample /> })
}

/// One night at 03:10 in Berlin.
fn night() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_313_400, 0).unwrap_or_default()
}

const LENA: Uuid = Uuid::from_u128(7);
const BO: Uuid = Uuid::from_u128(2);
const MAI: Uuid = Uuid::from_u128(3);
const ZONE: Tz = Tz::Europe__Berlin;

fn frame() -> Frame {
    Frame {
        title: "Design".to_owned(),
        current: Some(Section::Incidents),
        person: Some(PersonBadge {
            id: LENA,
            name: "Lena Okafor".to_owned(),
            email: "lena@example.org".to_owned(),
            role: Role::Responder,
        }),
        banners: vec![
            Banner::mail_not_set_up(),
            Banner::new(Tone::Broken, "Nobody has INC-143 Payments API is down.")
                .with_link("#", "Look at it"),
        ],
        open_incidents: 2,
        ..Frame::default()
    }
}

/// The sections by name; `end2end/tests/design.test.mjs` compares each with a picture of before.
#[component]
fn Sample() -> impl IntoView {
    let sections = [
        ("An incident", view! { <Incident /> }.into_any()),
        ("Incidents in a list", view! { <Listed /> }.into_any()),
        ("What is expected next", view! { <Notices /> }.into_any()),
        ("Badges, people, times", view! { <Small /> }.into_any()),
        ("Times in their forms", view! { <Times /> }.into_any()),
        ("Pictures", view! { <Pictures /> }.into_any()),
        ("Fields", view! { <Fields /> }.into_any()),
        ("Other fields", view! { <Controls /> }.into_any()),
        ("A table", view! { <Tables /> }.into_any()),
        ("Postmortem", view! { <Article /> }.into_any()),
        ("Action items", view! { <Board /> }.into_any()),
        ("On call", view! { <Schedule /> }.into_any()),
        ("Finding", view! { <Finding /> }.into_any()),
        ("Shortcuts and theme", view! { <Keys /> }.into_any()),
        ("Nothing yet", view! { <Empty /> }.into_any()),
    ];
    sections
        .into_iter()
        .map(|(title, section)| {
            view! {
                <div class="part design-part">
                    <h2>{title}</h2>
                    {section}
                </div>
            }
        })
        .collect_view()
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <EmptyState
            title="No incidents in the last 30 days"
            actions=view! { <ButtonLink href="#">"Open an incident"</ButtonLink> }.into_any()
        >
            "When an alert comes in, or somebody opens one by hand, it appears here."
        </EmptyState>
    }
}

#[component]
fn Incident() -> impl IntoView {
    let over = view! {
        <span>"INC-142"</span>
        <SeverityBadge severity=Severity::Sev2 />
        <StateBadge state=State::Acknowledged />
        <span>"Checkout · Payments team"</span>
    };
    let actions = view! {
        <PostButton action="#">"Escalate"</PostButton>
        <FormDialog label="Post update" title="Post a status update" group="acts">
            <form class="form" method="post" action="#">
                <Field name="update" label="What customers should know" kind=FieldKind::Lines(3) />
                <Submit>"Post update"</Submit>
            </form>
        </FormDialog>
        <PostButton action="#">"Mark mitigated"</PostButton>
        <PostButton action="#">"Resolve"</PostButton>
    };
    let command = view! {
        <PostButton action="#" kind=ButtonKind::Primary>
            "Take command"
        </PostButton>
        <PostButton action="#">"Ask Bo"</PostButton>
    };
    view! {
        <Ticker now=night().timestamp() />
        <div class="incident">
            <PageHead title="Checkout: error rate above 5 %" over=over.into_any() actions=actions.into_any() />
            <Notice tone=Tone::Worked lead="Nobody is incident commander yet." actions=command.into_any()>
                "Three people are here; one of them should lead."
            </Notice>
            <Facts id="facts">
                <Fact label="Broken for">
                    <TickingSince since=night() - TimeDelta::minutes(23) now=night() />
                </Fact>
                <Fact label="Started">
                    <TimeOf at=night() - TimeDelta::minutes(23) zone=ZONE form=TimeForm::Clock />
                    " "
                    <span class="more">"(01:47 UTC)"</span>
                </Fact>
                <Fact label="Acknowledged">"by Lena after 2 min"</Fact>
                <Fact label="Changed just before">
                    <a href="#">"checkout v418 deployed"</a>
                    " "
                    <span class="more">"6 min earlier"</span>
                </Fact>
            </Facts>
            <div class="with-aside">
                <div>
                    <form class="form write" method="post" action="#">
                        <Field
                            name="note"
                            label="Note"
                            label_unseen=true
                            kind=FieldKind::Markdown(2)
                            placeholder="Write what you see"
                        />
                        <div class="buttons">
                            <Submit kind=ButtonKind::Normal>"Add note"</Submit>
                        </div>
                    </form>
                    <LiveTimeline address="/live/incidents/142".to_owned() after=6 zone=ZONE.name().to_owned()>
                        <Entries />
                    </LiveTimeline>
                </div>
                <aside aria-label="Beside the timeline">
                    <AsidePart title="People">
                        <ul class="pairs">
                            <li>"Incident commander" <span class="faint">"open"</span></li>
                            <li>"Communications" <PersonName id=LENA name="Lena" /></li>
                            <li>"Scribe" <span class="faint">"open"</span></li>
                        </ul>
                    </AsidePart>
                    <AsidePart title="Alerts, 1 firing">
                        <ul class="list alert-list">
                            <li>
                                <strong>"CheckoutErrorRate"</strong>
                                <p class="quiet small">"6.8 %, above 5 % · Alertmanager"</p>
                                <p class="labels">
                                    <span class="machine">"service=checkout"</span>
                                    " "
                                    <span class="machine">"region=eu-1"</span>
                                </p>
                            </li>
                        </ul>
                    </AsidePart>
                </aside>
            </div>
            <div class="buttons thumb">
                <PostButton action="#" kind=ButtonKind::Primary>
                    "Acknowledge"
                </PostButton>
                <PostButton action="#">"Escalate"</PostButton>
            </div>
        </div>
    }
}

#[component]
fn Entries() -> impl IntoView {
    let at = |minutes| night() - TimeDelta::minutes(minutes);
    let by = |id, name: &str, kind: &str| {
        Some(Written {
            id,
            name: name.to_owned(),
            kind: kind.to_owned(),
        })
    };
    view! {
        <Timeline>
            <TimelineEntry seq=8 at=at(1) zone=ZONE phase=Phase::Mended marker=Marker::Dot>
                <strong>"Bo Lindqvist"</strong>
                " mitigated it "
                <span class="entry-more">"· 22 min from impact start"</span>
            </TimelineEntry>
            <TimelineEntry seq=7 at=at(3) zone=ZONE phase=Phase::Worked written=by(BO, "Bo Lindqvist", "note")>
                <p>
                    "Connection pool of " <code>"checkout-db"</code>
                    " is at its limit since 02:44. v418 doubled the worker count; the pool was not raised with it."
                </p>
                <p>"Rolling back v418 now."</p>
            </TimelineEntry>
            <TimelineEntry seq=6 at=at(9) zone=ZONE phase=Phase::Worked marker=Marker::Bubble written=by(LENA, "Lena Okafor", "status update")>
                <p>"About one payment in fifteen fails. We know where it comes from and are rolling back the last change."</p>
            </TimelineEntry>
            <TimelineEntry seq=5 at=at(15) zone=ZONE phase=Phase::Worked>
                "Severity raised from SEV3 to " <strong>"SEV2"</strong> " "
                <span class="entry-by">"by Lena Okafor"</span>
            </TimelineEntry>
            <TimelineEntry seq=4 at=at(21) zone=ZONE phase=Phase::Worked>
                <strong>"Lena Okafor"</strong>
                " acknowledged "
                <span class="entry-more">"from the mail, 2 min after the page"</span>
            </TimelineEntry>
            <TimelineEntry seq=3 at=at(23) zone=ZONE phase=Phase::Broken marker=Marker::Diamond>
                "Paged " <strong>"Lena Okafor"</strong> ", primary on call for Payments "
                <span class="entry-more">"· mail accepted by mx1 in 0.3 s"</span>
            </TimelineEntry>
            <TimelineEntry seq=2 at=at(23) zone=ZONE phase=Phase::Broken marker=Marker::Diamond>
                "Alert " <strong>"CheckoutErrorRate"</strong> " is firing "
                <span class="entry-more">"· 6.8 % over 5 min"</span>
                <p class="machine">"service=checkout region=eu-1 env=prod"</p>
            </TimelineEntry>
            <TimelineEntry seq=1 at=at(29) zone=ZONE phase=Phase::Before marker=Marker::Dashed>
                <span class="quiet">"checkout " <strong>"v418"</strong> " deployed to prod by the release pipeline"</span>
            </TimelineEntry>
        </Timeline>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        render::page_text(frame(), || view! { <Sample /> })
    }

    #[test]
    fn a_page_with_islands_is_rendered_whole() {
        let page = page();
        assert!(
            page.starts_with("<!DOCTYPE html><html lang=\"en-GB\">"),
            "{}",
            &page[..200]
        );
        assert!(page.contains("<leptos-island data-component=\"LiveTimeline"));
        assert!(page.contains("<leptos-children>"));
        assert!(page.ends_with("</html>"));
        if let Ok(path) = std::env::var("KINTSUGI_DESIGN_PAGE") {
            std::fs::write(path, page).unwrap();
        }
    }

    #[test]
    fn a_page_keeps_to_the_content_security_policy() {
        let page = page();
        assert!(!page.contains(" style="), "a style attribute");
        assert!(!page.contains("<style"), "an inline style sheet");
        for script in page.split("<script").skip(1) {
            assert!(
                script.contains("src=") && script.contains("></script>"),
                "an inline script: {}",
                &script[..80]
            );
        }
        for attribute in [" onclick=", " onload=", " onsubmit=", "javascript:"] {
            assert!(!page.contains(attribute), "{attribute}");
        }
    }

    #[test]
    fn an_error_is_tied_to_its_field() {
        let page = page();
        assert!(page.contains("aria-describedby=\"field-title-error\""));
        assert!(page.contains("id=\"field-title-error\""));
        assert!(page.contains("aria-invalid=\"true\""));
        let ids: Vec<_> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "an id stands twice");
    }
}
