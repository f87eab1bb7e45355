//! Markdown to safe HTML, and to plain text for mails.
//!
//! What people write is CommonMark with tables, strikethrough and task lists; a line break stays one, and bare addresses, `INC-12` and
//! `ACT-7` are links. HTML in it is shown as the text that it is. The
//! result has no style, class or script, and its headings begin at the third level, since the page has its own above.

mod linked;
mod pieces;
mod plain;

use crate::ids::PersonId;
use crate::mentions::Names;
use ammonia::{Builder, UrlRelative};
use linked::Linked;
use pieces::{Pieces, bounded};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Safe to stand in a page as it is.
pub fn to_html(markdown: &str) -> String {
    to_html_naming(markdown, &Names::default())
}

/// The same, where `@name` of these leads to them.
pub fn to_html_naming(markdown: &str, names: &Names) -> String {
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(
        &mut unsafe_html,
        Pieces::new(Linked::new(Settled::new(markdown), names)),
    );
    SANITISER.clean(&unsafe_html).to_string()
}

/// Whom a text speaks to, each once; what stands in code speaks to nobody.
pub fn mentioned_in(markdown: &str, names: &Names) -> Vec<PersonId> {
    let mut mentioned = Vec::new();
    let mut code = 0_usize;
    for event in Settled::new(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code = code.saturating_sub(1),
            Event::Text(text) if code == 0 => {
                for (_, _, id) in names.found_in(&text) {
                    if !mentioned.contains(&id) {
                        mentioned.push(id);
                    }
                }
            }
            _ => {}
        }
    }
    mentioned
}

/// Readable without any marks: links with their address, lists with dashes and numbers.
pub fn to_text(markdown: &str) -> String {
    plain::written(Settled::new(markdown))
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// The second wall: whatever slips through the first is taken out here.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let attributes = [
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "title"])),
        ("ol", HashSet::from(["start"])),
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from(attributes))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Custom(Box::new(own_address)))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => is_own(value).then_some(Cow::Borrowed(value)),
            _ => Some(Cow::Borrowed(value)),
        })
        // A long timeline does not load all there ever was.
        .set_tag_attribute_value("img", "loading", "lazy")
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

fn own_address(address: &str) -> Option<Cow<'_, str>> {
    (is_own(address) || address.starts_with('#')).then_some(Cow::Borrowed(address))
}

/// A path on this host. `//host` and `/\host` lead elsewhere.
fn is_own(address: &str) -> bool {
    let mut bytes = address.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && !address.contains(|letter: char| letter.is_control())
}

/// Nothing that a person wrote lies deeper; sanitising takes time with the square of the depth.
const DEPTH: usize = 50;

/// The parser's events with HTML made text, headings moved down, task marks made signs, and strangers' images made links: a
/// page must not tell a stranger who reads it. What is nested too deep keeps its words and loses its marks.
struct Settled<'a> {
    parser: TextMergeStream<'a, Parser<'a>>,
    depth: usize,
    /// For each image that is open, whether it became a link.
    images: Vec<bool>,
}

impl<'a> Settled<'a> {
    fn new(markdown: &'a str) -> Self {
        Self {
            parser: TextMergeStream::new(Parser::new_ext(markdown, options())),
            depth: 0,
            images: Vec::new(),
        }
    }

    /// The next event that is not too deep.
    fn shallow(&mut self) -> Option<Event<'a>> {
        loop {
            let event = self.parser.next()?;
            let depth = match &event {
                Event::Start(_) => {
                    self.depth += 1;
                    self.depth
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.depth + 1
                }
                _ => return Some(event),
            };
            if depth <= DEPTH {
                return Some(event);
            }
        }
    }
}

impl<'a> Iterator for Settled<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        Some(match self.shallow()? {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
                level: lower(level),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            }),
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
            Event::TaskListMarker(done) => Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " })),
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let (dest_url, title) = (bounded(dest_url), bounded(title));
                let stranger = !is_own(&dest_url);
                self.images.push(stranger);
                Event::Start(if stranger {
                    Tag::Link {
                        link_type,
                        dest_url,
                        title,
                        id,
                    }
                } else {
                    Tag::Image {
                        link_type,
                        dest_url,
                        title,
                        id,
                    }
                })
            }
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => Event::Start(Tag::Link {
                link_type,
                dest_url: bounded(dest_url),
                title: bounded(title),
                id,
            }),
            Event::End(TagEnd::Image) if self.images.pop() == Some(true) => Event::End(TagEnd::Link),
            other => other,
        })
    }
}

const fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests;
