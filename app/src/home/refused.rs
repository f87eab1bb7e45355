//! Sources whose requests are refused: most of them drop what they sent, and tell nobody.

use crate::components::TimeOf;
use chrono_tz::Tz;
use engine::alerts::RefusedLately;
use leptos::prelude::*;

#[component]
pub fn RefusedRequests(refused: Vec<RefusedLately>, zone: Tz) -> impl IntoView {
    (!refused.is_empty()).then(|| {
        let rows = refused
            .into_iter()
            .map(|row| {
                let page = format!("/settings/services/{}", row.service_slug);
                view! {
                    <li class="stack-tight">
                        <p>
                            <a href=page>{format!("{}: {}", row.service, row.integration)}</a> " "
                            <span class="small quiet"><TimeOf at=row.at zone /></span>
                        </p>
                        <p class="small quiet">{row.reason}</p>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="part">
                <h2>"Sources whose requests are refused"</h2>
                <ul class="stack">{rows}</ul>
            </section>
        }
    })
}
