//! The live timeline: what others do appears without reloading, and nothing is lost when the connection is.

use crate::keys::listen;
use crate::said::said;
use crate::together::tell_together;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventSource, HtmlTemplateElement, MessageEvent, VisibilityState};

/// Wraps the server-rendered timeline (the `<ol id="timeline">` is the child) and keeps it up to date from the event stream at
/// `{address}?after={after}`. Events:
///
/// - `entry`, with the entry's `seq` as its id: the HTML of one `<li id="entry-…">`, put in the place of its elder, where it happened if it
///   was added later (`data-late`), else on top; an old one that is not on the page is left out;
/// - `page`: JSON `{"id": "<…id=\"id\"…>"}`: regions of the page with fresh HTML. Such a region holds no island. It is left alone
///   while somebody writes in it or has a dialog open in it, and brought up to date afterwards.
///
/// `zone` is the reader's IANA time zone: an entry is rendered once for everybody, in UTC.
#[island]
pub fn LiveTimeline(address: String, after: i64, zone: String, children: Children) -> impl IntoView {
    let state = RwSignal::new(State::Asleep);
    let heard = RwSignal::new(String::new());
    Effect::new(move |_| {
        let stream = Stream::new(address.clone(), after, zone.clone(), state, heard);
        stream.open();
        stream.watch_the_page();
        std::mem::forget(stream);
    });
    view! {
        <p class="live-state" data-state=move || state.get().name() hidden=move || state.get() == State::Asleep>
            {move || state.get().words()}
        </p>
        <p class="unseen" role="status">
            {move || heard.get()}
        </p>
        {children()}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Asleep,
    Live,
    Lost,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Asleep => "asleep",
            Self::Live => "live",
            Self::Lost => "lost",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Asleep => "Not live",
            Self::Live => "Live",
            Self::Lost => "Reconnecting",
        }
    }
}

/// One event stream and what is needed to open it again where it broke.
#[derive(Clone)]
struct Stream(Rc<Inner>);

struct Inner {
    address: String,
    zone: String,
    state: RwSignal<State>,
    heard: RwSignal<String>,
    now: RefCell<Now>,
}

#[derive(Default)]
struct Now {
    source: Option<EventSource>,
    /// The last entry that arrived.
    seq: i64,
    failures: u32,
    /// Counts openings, so that a late retry of an older one does nothing.
    opening: u32,
    /// Regions that wait until nobody writes in them.
    waiting: Vec<(String, String)>,
}

impl Stream {
    fn new(
        address: String,
        after: i64,
        zone: String,
        state: RwSignal<State>,
        heard: RwSignal<String>,
    ) -> Self {
        let now = RefCell::new(Now {
            seq: after,
            ..Now::default()
        });
        Self(Rc::new(Inner {
            address,
            zone,
            state,
            heard,
            now,
        }))
    }

    fn open(&self) {
        self.close();
        let address = {
            let mut now = self.0.now.borrow_mut();
            now.opening += 1;
            [&self.0.address, "?after=", &now.seq.to_string()].concat()
        };
        let Ok(source) = EventSource::new(&address) else {
            return;
        };
        let this = self.clone();
        listen(&source, "open", move |_| {
            this.0.now.borrow_mut().failures = 0;
            this.0.state.set(State::Live);
        });
        let this = self.clone();
        listen(&source, "entry", move |event| this.entry(&event));
        let this = self.clone();
        listen(&source, "page", move |event| this.regions(&event));
        let this = self.clone();
        listen(&source, "error", move |_| this.failed());
        self.0.now.borrow_mut().source = Some(source);
    }

    fn close(&self) {
        if let Some(source) = self.0.now.borrow_mut().source.take() {
            source.close();
        }
    }

    /// A hidden tab gives its connection back (HTTP/1.1 allows six a host) and catches up when it is looked at again; so does
    /// a laptop that was asleep.
    fn watch_the_page(&self) {
        let this = self.clone();
        listen(&document(), "visibilitychange", move |_| {
            match document().visibility_state() {
                VisibilityState::Hidden => {
                    this.0.now.borrow_mut().opening += 1;
                    this.close();
                }
                _ => this.open(),
            }
        });
        let this = self.clone();
        listen(&window(), "online", move |_| this.open());
        let this = self.clone();
        let _ = set_interval_with_handle(move || this.put_waiting_regions(), Duration::from_secs(1));
    }

    /// The browser itself tries again after a broken line; after an answer that is no stream it does not.
    fn failed(&self) {
        self.0.state.set(State::Lost);
        let (wait, opening) = {
            let mut now = self.0.now.borrow_mut();
            if now
                .source
                .as_ref()
                .is_some_and(|source| source.ready_state() != EventSource::CLOSED)
            {
                return;
            }
            now.failures += 1;
            // 1, 2, 4 … 30 s, and some chance, so that not all browsers come back at once.
            let seconds = f64::from(1_u32 << now.failures.min(6).saturating_sub(1)).min(30.0);
            (
                Duration::from_millis((seconds * 1000.0 * (0.75 + js_sys::Math::random() / 2.0)) as u64),
                now.opening,
            )
        };
        let this = self.clone();
        set_timeout(
            move || {
                let untouched = this.0.now.borrow().opening == opening;
                if untouched {
                    this.open();
                }
            },
            wait,
        );
    }

    fn entry(&self, event: &JsValue) {
        let Some(event) = event.dyn_ref::<MessageEvent>() else {
            return;
        };
        if let Ok(seq) = event.last_event_id().parse() {
            self.0.now.borrow_mut().seq = seq;
        }
        let Some(entry) = event.data().as_string().and_then(|html| parse(&html)) else {
            return;
        };
        let Some(list) = document().get_element_by_id("timeline") else {
            return;
        };
        self.put_times_into_zone(&entry);
        if let Some(elder) = document().get_element_by_id(&entry.id()) {
            let _ = elder.replace_with_with_node_1(&entry);
            tell_together(&entry);
            return;
        }
        let Some(place) = place_of(&entry, &list) else {
            return;
        };
        let _ = entry.class_list().add_1("arrived");
        // What stands below it and would move down.
        let below = match &place {
            Place::Top => list.first_element_child(),
            Place::Before(newer) => Some(newer.clone()),
            Place::Bottom => None,
        };
        let is_above = below.as_ref().is_some_and(|below| top_of(below) < seen_from());
        // The row below may lose its head to the new one.
        let kept = below.map(|below| below.next_element_sibling().unwrap_or(below));
        let before = kept.as_ref().map(top_of);
        let _ = match place {
            Place::Top => list.prepend_with_node_1(&entry),
            Place::Before(newer) => newer.before_with_node_1(&entry),
            Place::Bottom => list.append_with_node_1(&entry),
        };
        tell_together(&entry);
        // Whoever reads further down keeps the place.
        if let (true, Some(kept), Some(before)) = (is_above, kept, before) {
            window().scroll_by_with_x_and_y(0.0, top_of(&kept) - before);
        }
        self.0.heard.set(said(&entry).unwrap_or_default());
    }

    fn regions(&self, event: &JsValue) {
        let Some(event) = event.dyn_ref::<MessageEvent>() else {
            return;
        };
        let Some(Ok(regions)) = event.data().as_string().map(|json| js_sys::JSON::parse(&json)) else {
            return;
        };
        let Some(regions) = regions.dyn_ref::<js_sys::Object>() else {
            return;
        };
        {
            let mut now = self.0.now.borrow_mut();
            for pair in js_sys::Object::entries(regions).iter() {
                let pair: js_sys::Array = pair.unchecked_into();
                if let (Some(id), Some(html)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
                    now.waiting.retain(|(waiting, _)| *waiting != id);
                    now.waiting.push((id, html));
                }
            }
        }
        self.put_waiting_regions();
    }

    fn put_waiting_regions(&self) {
        let waiting = std::mem::take(&mut self.0.now.borrow_mut().waiting);
        for (id, html) in waiting {
            let Some(region) = document().get_element_by_id(&id) else {
                continue;
            };
            if in_use(&region) {
                self.0.now.borrow_mut().waiting.push((id, html));
            } else if let Some(fresh) = parse(&html) {
                self.put_times_into_zone(&fresh);
                let _ = region.replace_with_with_node_1(&fresh);
            }
        }
    }

    /// The browser's own formatter, called by name: `Intl` as a typed interface would cost kilobytes.
    fn put_times_into_zone(&self, root: &Element) {
        let Ok(times) = root.query_selector_all("time[data-form=clock]") else {
            return;
        };
        for index in 0..times.length() {
            let Some(time) = times.get(index).and_then(|node| node.dyn_into::<Element>().ok()) else {
                continue;
            };
            let Some(at) = time.get_attribute("datetime") else {
                continue;
            };
            if let Some(words) = clock(&at, &self.0.zone) {
                time.set_text_content(Some(&words));
            }
        }
    }
}

enum Place {
    Top,
    Before(Element),
    /// Before all that happened since.
    Bottom,
}

/// Where a new entry stands; nowhere if it is an old one that this page does not show.
fn place_of(entry: &Element, list: &Element) -> Option<Place> {
    let number = |element: &Element, name: &str| element.get_attribute(name)?.parse::<i64>().ok();
    let is_late = entry.has_attribute("data-late");
    let at = number(entry, "data-at").filter(|_| is_late);
    let mut shown = list.first_element_child();
    let (mut newest, mut place, mut is_whole) = (0, None, false);
    while let Some(row) = shown {
        if let Some(seq) = number(&row, "data-seq") {
            newest = newest.max(seq);
            is_whole |= seq == 1;
            let is_earlier = at
                .zip(number(&row, "data-at"))
                .is_some_and(|(at, other)| other <= at);
            if place.is_none() && is_earlier {
                place = Some(row.clone());
            }
        }
        shown = row.next_element_sibling();
    }
    if is_late {
        return place.map(Place::Before).or(is_whole.then_some(Place::Bottom));
    }
    (number(entry, "data-seq")? > newest).then_some(Place::Top)
}

fn top_of(row: &Element) -> f64 {
    row.get_bounding_client_rect().top()
}

/// Where the window shows the page: below the strip, while that is pinned.
fn seen_from() -> f64 {
    let strip = document().query_selector(".strip-inside").ok().flatten();
    strip
        .map(|strip| strip.get_bounding_client_rect())
        .filter(|strip| strip.top() < 1.0)
        .map_or(0.0, |strip| strip.bottom().max(0.0))
}

fn clock(at: &str, zone: &str) -> Option<String> {
    let options = js_sys::Object::new();
    for (key, value) in [
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
        ("timeZone", zone),
    ] {
        js_sys::Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let date = js_sys::Date::new(&at.into());
    let format: js_sys::Function = js_sys::Reflect::get(&date, &"toLocaleTimeString".into())
        .ok()?
        .dyn_into()
        .ok()?;
    format.call2(&date, &"en-GB".into(), &options).ok()?.as_string()
}

/// Somebody writes in it, or has a dialog open in it.
fn in_use(region: &Element) -> bool {
    let writing = document().active_element().is_some_and(|active| {
        region.contains(Some(&active))
            && matches!(active.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    });
    writing
        || region
            .query_selector("details[open], [popover]:popover-open")
            .ok()
            .flatten()
            .is_some()
}

fn parse(html: &str) -> Option<Element> {
    let template: HtmlTemplateElement = document().create_element("template").ok()?.dyn_into().ok()?;
    template.set_inner_html(html);
    template.content().first_element_child()
}
