//! What has a shape: the postmortem with its seam, promises on a board, a schedule.

use super::{BO, LENA, MAI};
use crate::components::*;
use leptos::prelude::*;
use uuid::Uuid;

pub(super) fn seam(weights: [f64; 3]) -> Vec<SeamPart> {
    [Phase::Broken, Phase::Worked, Phase::Mended]
        .into_iter()
        .zip(weights)
        .map(|(phase, weight)| SeamPart { phase, weight })
        .collect()
}

#[component]
pub(super) fn Article() -> impl IntoView {
    let point = |at, time: &str, words: &str, phase| SeamPoint {
        at,
        time: time.to_owned(),
        words: words.to_owned(),
        phase,
    };
    let mut parts = seam([6.0, 60.0, 27.0]);
    parts.insert(
        0,
        SeamPart {
            phase: Phase::Before,
            weight: 7.0,
        },
    );
    let points = vec![
        point(0.02, "02:41", "v418 deployed", Phase::Before),
        point(0.09, "02:47", "alert, page", Phase::Broken),
        point(0.16, "02:49", "acknowledged", Phase::Worked),
        point(0.73, "03:25", "rolled back", Phase::Mended),
        point(1.0, "03:38", "resolved", Phase::Mended),
    ];
    let span = |from, to, words: &str| Span {
        from,
        to,
        words: words.to_owned(),
    };
    let mark = |at, words: &str, phase| Mark {
        at,
        words: words.to_owned(),
        href: "#".to_owned(),
        phase,
    };
    let lane = |name: &str, spans, marks| Lane {
        name: name.to_owned(),
        spans,
        marks,
    };
    let lanes = vec![
        lane(
            "Alerts",
            vec![
                span(0.08, 0.8, "Checkout: error rate above 5 %"),
                span(0.12, 0.7, "checkout-db: connections"),
            ],
            vec![],
        ),
        lane("Pages", vec![], vec![mark(0.09, "paged Lena", Phase::Broken)]),
        lane("Changes", vec![], vec![mark(0.4, "decision", Phase::Worked)]),
    ];
    let ticks = [(0.1, "02:50"), (0.45, "03:10"), (0.8, "03:30")]
        .map(|(at, words)| (at, words.to_owned()))
        .to_vec();
    view! {
        <div class="article">
            <nav aria-label="Contents">
                <ul class="contents">
                    <li class="written">
                        <a href="#">"Summary"</a>
                    </li>
                    <li class="written">
                        <a href="#">"Impact"</a>
                    </li>
                    <li>
                        <a href="#">"What surprised us"</a>
                    </li>
                </ul>
            </nav>
            <div class="stack">
                <Facts form=FactsForm::Boxed>
                    <Fact label="To acknowledge, from the page">"2 min"</Fact>
                    <Fact label="To mitigate, from impact start">"41 min"</Fact>
                    <Fact label="To resolve, from impact start">"54 min"</Fact>
                </Facts>
                <IncidentFigure parts points lanes ticks />
                <section>
                    <h2>"What happened"</h2>
                    <div class="prose read">
                        <p>
                            "Version 418 doubled the number of checkout workers to shorten the queue on sale days. Each worker
                            holds a database connection; the pool’s size lives in another repository and stayed at one hundred."
                        </p>
                    </div>
                </section>
                <Meter share=0.6 label="5 of 8 sections written" tone=Tone::Mended />
            </div>
            <aside class="article-aside" aria-label="Beside the text">
                <Card>
                    <h3>"A question for this sentence"</h3>
                    <p class="quiet">"What did the deploy look like at the time, and what would have shown the pool?"</p>
                </Card>
            </aside>
        </div>
    }
}

#[component]
pub(super) fn Board() -> impl IntoView {
    let card =
        |title: &'static str, kind: &'static str, edge: Option<Phase>, age: &'static str, share: f64| {
            let tone = if share > 0.9 { Tone::Broken } else { Tone::Plain };
            let inside = view! {
                <a class="promise-title" href="#">
                    {title}
                </a>
                <p class="promise-line">
                    <Badge>{kind}</Badge>
                    "INC-142"
                </p>
                <Meter share label=format!("{age} old, of 30 days") tone />
                <p class="promise-line">
                    <Avatar id=LENA name="Lena Okafor" small=true />
                    {age}
                    <span class="push">"due 4 Dec"</span>
                </p>
            };
            view! {
                <li>
                    <Card class="promise" edge>
                        {inside}
                    </Card>
                </li>
            }
        };
    view! {
        <div class="board">
            <section class="board-column">
                <header>
                    <h2>"To do"</h2>
                    <span class="board-count">"1"</span>
                </header>
                <ul class="cards-list">{card("One source for pool sizes", "prevent", None, "29 days", 0.97)}</ul>
            </section>
            <section class="board-column">
                <header>
                    <h2>"Doing"</h2>
                    <span class="board-count over-limit">"4 of 3, over the limit"</span>
                </header>
                <ul class="cards-list">
                    {card("Refuse to start when workers outnumber connections", "prevent", None, "3 days", 0.1)}
                </ul>
            </section>
            <section class="board-column">
                <header>
                    <h2>"Done"</h2>
                    <span class="board-count">"23"</span>
                </header>
                <ul class="cards-list">
                    {card("Canary for the payment worker", "detect", Some(Phase::Mended), "8 days", 0.3)}
                </ul>
            </section>
        </div>
    }
}

#[component]
pub(super) fn Schedule() -> impl IntoView {
    let days = (16..23)
        .map(|day| (f64::from(day - 16) / 7.0, format!("{day} Nov")))
        .collect();
    let bar = |from, to, who: Option<(Uuid, &str)>, words: &str| ShiftBar {
        from,
        to,
        who: who.map(|(id, name)| (id, name.to_owned())),
        words: words.to_owned(),
    };
    let rows = vec![
        ScheduleRow {
            name: "Who is on call".to_owned(),
            hint: "what counts".to_owned(),
            bars: vec![
                bar(0.0, 0.5, Some((LENA, "Lena")), "Lena until Thursday"),
                bar(0.5, 0.8, Some((BO, "Bo")), "Bo until Saturday"),
                bar(0.8, 0.9, None, "Nobody on Saturday"),
                bar(0.9, 1.0, Some((BO, "Bo")), "Bo from Saturday"),
            ],
        },
        ScheduleRow {
            name: "Weekly".to_owned(),
            hint: "Mon 09:00".to_owned(),
            bars: vec![bar(0.0, 1.0, Some((MAI, "Mai")), "Mai")],
        },
    ];
    view! { <ScheduleBoard label="16 to 22 November, Berlin time" days now=Some(0.42) rows /> }
}
