//! Bare addresses and numbers of ours become links, and a line break stays one.

use super::Settled;
use crate::references::{Piece, pieces};
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use std::collections::VecDeque;

pub(super) struct Linked<'a> {
    events: Settled<'a>,
    ready: VecDeque<Event<'a>>,
    /// Links, images and code that are open: what stands in them stays as it is.
    within: usize,
}

impl<'a> Linked<'a> {
    pub fn new(events: Settled<'a>) -> Self {
        Self {
            events,
            ready: VecDeque::new(),
            within: 0,
        }
    }

    fn link(&mut self, text: CowStr<'a>) {
        let found = pieces(&text);
        if found.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            self.ready.push_back(Event::Text(text));
            return;
        }
        for piece in found {
            let words = Event::Text(piece.text().to_owned().into());
            match piece.href() {
                None => self.ready.push_back(words),
                Some(href) => self.ready.extend([
                    Event::Start(Tag::Link {
                        link_type: LinkType::Autolink,
                        dest_url: href.into(),
                        title: "".into(),
                        id: "".into(),
                    }),
                    words,
                    Event::End(TagEnd::Link),
                ]),
            }
        }
    }
}

impl<'a> Iterator for Linked<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.events.next()? {
                Event::SoftBreak => return Some(Event::HardBreak),
                Event::Text(text) if self.within == 0 => self.link(text),
                event => {
                    match &event {
                        Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => {
                            self.within += 1;
                        }
                        Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => {
                            self.within = self.within.saturating_sub(1);
                        }
                        _ => {}
                    }
                    return Some(event);
                }
            }
        }
    }
}
