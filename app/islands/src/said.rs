//! What the live timeline says of an entry to those who listen to the page.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// An entry as one would read it out: “Ingrid Solheim, status update: Checkout is slow for some”.
pub fn said(entry: &Element) -> Option<String> {
    let what = entry.query_selector(".entry-what").ok()??;
    let Some(head) = what.query_selector(".entry-head").ok()? else {
        return Some(cut(&words_of(&what)));
    };
    let mut parts = Vec::new();
    let mut part = head.first_element_child();
    while let Some(element) = part {
        let words = words_of(&element);
        if !words.is_empty() {
            parts.push(words);
        }
        part = element.next_element_sibling();
    }
    let text = head.next_element_sibling().map(|text| words_of(&text));
    Some(cut(&[parts.join(", "), text.unwrap_or_default()].join(": ")))
}

/// The words in it, without what readers of the screen skip.
fn words_of(element: &Element) -> String {
    let mut words = String::new();
    gather(element, &mut words);
    words.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn gather(node: &Node, words: &mut String) {
    if node.node_type() == Node::TEXT_NODE {
        words.push_str(&node.text_content().unwrap_or_default());
        return;
    }
    let Some(element) = node.dyn_ref::<Element>() else {
        return;
    };
    if element.has_attribute("aria-hidden") {
        return;
    }
    let mut child = element.first_child();
    while let Some(inner) = child {
        gather(&inner, words);
        child = inner.next_sibling();
    }
    // What stands on a line or in a cell of its own is no part of the word before.
    if matches!(element.tag_name().as_str(), "P" | "LI" | "BR" | "TD" | "TH") {
        words.push(' ');
    }
}

/// The first 200 characters, to the end of a word.
fn cut(words: &str) -> String {
    let Some((end, _)) = words.char_indices().nth(200) else {
        return words.to_owned();
    };
    let begin = words.get(..end).unwrap_or_default();
    let whole = begin.rsplit_once(' ').map_or(begin, |(whole, _)| whole);
    [whole, " …"].concat()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_text_is_cut_at_the_end_of_a_word() {
        assert_eq!(cut("Mai Lind, note: slow"), "Mai Lind, note: slow");
        let long = "slöw ".repeat(60);
        assert_eq!(cut(long.trim()), format!("{}…", "slöw ".repeat(40)));
        assert_eq!(cut(&"ö".repeat(300)), format!("{} …", "ö".repeat(200)));
    }
}
