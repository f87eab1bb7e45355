//! Long texts in pieces. Who writes the HTML in the end looks through all that is left of a text at each sign that it escapes, so
//! that a text as a whole would take time with the square of its length.

use super::linked::Linked;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use std::collections::VecDeque;

/// A piece, in bytes.
const PIECE: usize = 1024;
/// Longest address, and longest words about an image or a link. They stand in attributes, which cannot be cut into pieces.
const MOST: usize = 2_048;
/// What stands between two pieces; the sanitiser takes it out.
const BETWEEN: &str = "<!---->";

pub(super) struct Pieces<'a> {
    events: Linked<'a>,
    ready: VecDeque<Event<'a>>,
    /// So much of the present piece was written.
    written: usize,
    /// Images that are open: what stands in them becomes an attribute.
    images: usize,
}

impl<'a> Pieces<'a> {
    pub fn new(events: Linked<'a>) -> Self {
        Self {
            events,
            ready: VecDeque::new(),
            written: 0,
            images: 0,
        }
    }

    fn write(&mut self, text: &CowStr<'a>) {
        let mut rest = text.as_ref();
        while !rest.is_empty() {
            if self.written >= PIECE {
                self.ready.push_back(Event::InlineHtml(BETWEEN.into()));
                self.written = 0;
            }
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE - self.written));
            self.ready.push_back(Event::Text(piece.to_owned().into()));
            self.written += piece.len();
            rest = after;
        }
    }

    /// Of the words about an image as much as an attribute holds.
    fn about_image(&mut self, text: CowStr<'a>) -> Event<'a> {
        let left = MOST.saturating_sub(self.written);
        let kept = text.floor_char_boundary(left.min(text.len()));
        self.written += kept;
        Event::Text(text[..kept].to_owned().into())
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            match self.events.next()? {
                Event::Text(text) | Event::Code(text) if self.images > 0 => {
                    return Some(self.about_image(text));
                }
                Event::Text(text) if self.written + text.len() < PIECE => {
                    self.written += text.len();
                    return Some(Event::Text(text));
                }
                Event::Text(text) => self.write(&text),
                Event::Code(code) if code.len() > PIECE => {
                    self.ready.push_back(Event::InlineHtml("<code>".into()));
                    self.write(&code);
                    self.ready.push_back(Event::InlineHtml("</code>".into()));
                }
                event => {
                    match &event {
                        Event::Start(Tag::Image { .. }) => {
                            self.images += 1;
                            self.written = 0;
                        }
                        Event::End(TagEnd::Image) => self.images = self.images.saturating_sub(1),
                        _ => {}
                    }
                    return Some(event);
                }
            }
        }
    }
}

/// An address or a title as it is, or nothing of one that nobody wrote by hand.
pub(super) fn bounded(text: CowStr<'_>) -> CowStr<'_> {
    if text.len() > MOST { "".into() } else { text }
}
