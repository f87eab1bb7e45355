//! A sentence that says what is expected next, and the banners above every page.

use super::icon::{Icon, Shape};
use super::seam::Tone;
use domain::incidents::Incident;
use leptos::prelude::*;

/// One sentence: what is so (`lead`, bold), the rest in the children, and the buttons for it.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    #[prop(into)] lead: String,
    #[prop(optional)] actions: Option<AnyView>,
    #[prop(optional, into)] id: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let id = (!id.is_empty()).then_some(id);
    view! {
        <div class=format!("notice {}", tone.class()) id=id>
            <p class="notice-words">
                <strong>{lead}</strong>
                {children.map(|children| view! { " " <span class="quiet">{children()}</span> })}
            </p>
            {actions.map(|actions| view! { <div class="notice-acts">{actions}</div> })}
        </div>
    }
}

/// What every page says at its top until somebody has seen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    pub tone: Tone,
    pub sentence: String,
    /// Address and words.
    pub link: Option<(String, String)>,
}

impl Banner {
    pub fn new(tone: Tone, sentence: impl Into<String>) -> Self {
        Self {
            tone,
            sentence: sentence.into(),
            link: None,
        }
    }

    #[must_use]
    pub fn with_link(mut self, href: impl Into<String>, words: impl Into<String>) -> Self {
        self.link = Some((href.into(), words.into()));
        self
    }

    /// Mail is not set up, so nobody can be woken.
    pub fn mail_not_set_up() -> Self {
        Self::new(
            Tone::Broken,
            "No mail server is set, so nobody is woken. Pages are kept here to read.",
        )
        .with_link("/settings/mail", "Read them, or set up mail")
    }

    /// Mails that did not go out, if there are any.
    pub fn mails_not_sent(count: i64) -> Option<Self> {
        let sentence = match count {
            ..=0 => return None,
            1 => "1 mail could not be sent yet.".to_owned(),
            count => format!("{count} mails could not be sent yet."),
        };
        let banner = Self::new(Tone::Broken, sentence);
        Some(banner.with_link("/settings/mail", "See what the mail server said"))
    }

    /// Incidents whose policy has run out; one line, however many.
    pub fn nobody_has(incidents: &[Incident]) -> Option<Self> {
        let (first, rest) = incidents.split_first()?;
        Some(if rest.is_empty() {
            Self::new(
                Tone::Broken,
                format!("Nobody has {} {}.", first.label(), first.title),
            )
            .with_link(format!("/incidents/{}", first.number), "Look at it")
        } else {
            let labels: Vec<String> = incidents.iter().take(5).map(Incident::label).collect();
            let more = if incidents.len() > 5 { " and others" } else { "" };
            let sentence = format!(
                "Nobody has {} incidents: {}{more}.",
                incidents.len(),
                labels.join(", ")
            );
            Self::new(Tone::Broken, sentence).with_link("/incidents?state=triggered", "Look at them")
        })
    }
}

#[component]
pub fn Banners(banners: Vec<Banner>) -> impl IntoView {
    (!banners.is_empty()).then(|| {
        let rows = banners
            .into_iter()
            .map(|banner| {
                let shape = match banner.tone {
                    Tone::Broken => Shape::Triangle,
                    Tone::Worked => Shape::Ring,
                    Tone::Mended | Tone::Well => Shape::Check,
                    Tone::Plain => Shape::Dot,
                };
                let link = banner
                    .link
                    .map(|(href, words)| view! { <a href=href>{words}</a> });
                view! {
                    <div class=format!("banner {}", banner.tone.class())>
                        <Icon shape />
                        <p>{banner.sentence} " " {link}</p>
                    </div>
                }
            })
            .collect_view();
        view! {
            <section class="banners" aria-label="What needs seeing to">
                {rows}
            </section>
        }
    })
}
