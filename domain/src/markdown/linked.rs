//! Bare addresses and numbers of ours become links, images of ours small ones that lead to the large, and a line break stays one.

use super::Settled;
use crate::files;
use crate::mentions::Names;
use crate::references::{Piece, pieces_naming};
use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use std::collections::VecDeque;

pub(super) struct Linked<'a> {
    events: Settled<'a>,
    names: &'a Names,
    ready: VecDeque<Event<'a>>,
    /// Links, images and code that are open: what stands in them stays as it is.
    within: usize,
    /// For each image that is open, whether it leads to its large one.
    images: Vec<bool>,
}

impl<'a> Linked<'a> {
    pub fn new(events: Settled<'a>, names: &'a Names) -> Self {
        Self {
            events,
            names,
            ready: VecDeque::new(),
            within: 0,
            images: Vec::new(),
        }
    }

    fn link(&mut self, text: CowStr<'a>) {
        let found = pieces_naming(&text, self.names);
        if found.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            self.ready.push_back(Event::Text(text));
            return;
        }
        for piece in found {
            let words = Event::Text(piece.text().to_owned().into());
            match piece.href() {
                None => self.ready.push_back(words),
                Some(href) => self.ready.extend([
                    Event::Start(link_to(href.into())),
                    words,
                    Event::End(TagEnd::Link),
                ]),
            }
        }
    }
}

fn link_to(address: CowStr<'_>) -> Tag<'_> {
    Tag::Link {
        link_type: LinkType::Autolink,
        dest_url: address,
        title: "".into(),
        id: "".into(),
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
                Event::Start(Tag::Image {
                    dest_url,
                    title,
                    link_type,
                    id,
                }) => {
                    let leads = self.within == 0 && files::read_address(&dest_url).is_some();
                    self.within += 1;
                    self.images.push(leads);
                    let shown = if leads {
                        format!("{dest_url}/preview").into()
                    } else {
                        dest_url.clone()
                    };
                    let image = Event::Start(Tag::Image {
                        dest_url: shown,
                        title,
                        link_type,
                        id,
                    });
                    if !leads {
                        return Some(image);
                    }
                    self.ready.push_back(image);
                    return Some(Event::Start(link_to(dest_url)));
                }
                Event::End(TagEnd::Image) => {
                    self.within = self.within.saturating_sub(1);
                    if self.images.pop() == Some(true) {
                        self.ready.push_back(Event::End(TagEnd::Link));
                    }
                    return Some(Event::End(TagEnd::Image));
                }
                event => {
                    match &event {
                        Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => {
                            self.within += 1;
                        }
                        Event::End(TagEnd::Link | TagEnd::CodeBlock) => {
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
