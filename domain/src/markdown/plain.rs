//! Markdown's events as plain text.

use crate::files;
use pulldown_cmark::{Event, Tag, TagEnd};

pub(super) fn written<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut writer = Plain::default();
    for event in events {
        writer.take(event);
    }
    writer.finish()
}

/// Writes plain text, block by block.
#[derive(Default)]
struct Plain {
    text: String,
    /// For each list that is open, the number of its next entry; `None` for dashes.
    lists: Vec<Option<u64>>,
    links: Vec<Link>,
    quotes: usize,
    cells: usize,
}

/// A link that is open: its address, and where its words begin.
struct Link {
    address: String,
    begin: usize,
}

impl Plain {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.write(&text),
            Event::SoftBreak | Event::HardBreak => self.line(),
            Event::Rule => {
                self.block();
                self.text.push_str("---");
            }
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_) => self.block(),
            Tag::BlockQuote(_) => {
                self.block();
                self.quotes += 1;
                self.text.push_str("> ");
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(*first);
            }
            Tag::Item => {
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.line();
                }
                let depth = self.lists.len().saturating_sub(1);
                self.text.push_str(&"  ".repeat(depth.min(20)));
                match self.lists.last_mut() {
                    Some(Some(number)) => {
                        self.text.push_str(&format!("{number}. "));
                        *number += 1;
                    }
                    _ => self.text.push_str("- "),
                }
            }
            Tag::TableHead | Tag::TableRow => {
                self.cells = 0;
                if !self.text.is_empty() && !self.text.ends_with('\n') {
                    self.line();
                }
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.text.push_str(" | ");
                }
                self.cells += 1;
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.links.push(Link {
                address: dest_url.to_string(),
                begin: self.text.len(),
            }),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                let Some(link) = self.links.pop() else { return };
                let words = self.text.get(link.begin..).unwrap_or_default();
                let said = link.address.strip_prefix("mailto:").unwrap_or(&link.address);
                // A file here has a name; its path leads nowhere from a mail.
                let is_file = files::read_address(&link.address).is_some();
                if words.is_empty() {
                    self.text.push_str(&link.address);
                } else if !is_file && words != link.address && words != said {
                    self.text.push_str(&format!(" ({})", link.address));
                }
            }
            _ => {}
        }
    }

    /// Words, which may have lines of their own in code.
    fn write(&mut self, words: &str) {
        for (number, line) in words.split('\n').enumerate() {
            if number > 0 {
                self.line();
            }
            self.text.push_str(line);
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.push_str(&"> ".repeat(self.quotes.min(20)));
    }

    /// An empty line before, unless something just began.
    fn block(&mut self) {
        let begun = self.text.is_empty()
            || self.text.ends_with("> ")
            || self.text.ends_with("- ")
            || self.in_number();
        if begun {
            return;
        }
        while self.text.ends_with('\n') {
            self.text.pop();
        }
        self.line();
        self.line();
    }

    /// Just after “1. ”
    fn in_number(&self) -> bool {
        !self.lists.is_empty() && self.text.ends_with(". ")
    }

    fn finish(self) -> String {
        self.text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::markdown::to_text;

    #[test]
    fn markdown_becomes_plain_text() {
        for (markdown, text) in [
            ("Hello *there*\nand `here`", "Hello there\nand here"),
            ("# One\n\nTwo\n\nThree", "One\n\nTwo\n\nThree"),
            (
                "Then:\n\n- a\n  - b\n- c\n\nEnd",
                "Then:\n\n- a\n  - b\n- c\n\nEnd",
            ),
            ("1. a\n2. b", "1. a\n2. b"),
            ("- a\n\n- b", "- a\n- b"),
            ("[graph](https://a.example/b)", "graph (https://a.example/b)"),
            ("<https://a.example/b>", "https://a.example/b"),
            ("![p](https://a.example/p.gif)", "p (https://a.example/p.gif)"),
            (
                "![graph.png](/incidents/7/files/00000000-0000-0000-0000-000000000001)",
                "graph.png",
            ),
            ("> quoted\n> twice\n\nplain", "> quoted\n> twice\n\nplain"),
            ("```\nlet a;\n  b\n```\nEnd", "let a;\n  b\n\nEnd"),
            ("|a|b|\n|-|-|\n|1|2|", "a | b\n1 | 2"),
            ("- [x] done", "- ☑ done"),
            ("a <b>b</b>", "a <b>b</b>"),
            ("", ""),
        ] {
            assert_eq!(to_text(markdown), text, "{markdown}");
        }
    }
}
