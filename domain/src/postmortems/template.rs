//! What a document begins with. A document copies it when it is started, so that it stays as it is, whatever becomes of the template.

use super::SectionKind;

/// A section as a template has it; its position is its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateSection {
    /// In addresses. Where the program treats a section in a way of its own, it is the word of its kind.
    pub name: &'static str,
    pub kind: SectionKind,
    pub title: &'static str,
    /// The question that the section answers.
    pub prompt: &'static str,
}

pub const TEMPLATE: &[TemplateSection] = &[
    TemplateSection {
        name: SectionKind::Summary.as_str(),
        kind: SectionKind::Summary,
        title: "Summary",
        prompt: "In three sentences: who noticed what, which conditions led there, how it was mended.",
    },
    TemplateSection {
        name: "impact",
        kind: SectionKind::Text,
        title: "Impact",
        prompt: "Who was affected, how much and for how long? Give numbers and where they come from.",
    },
    TemplateSection {
        name: "what_happened",
        kind: SectionKind::Text,
        title: "What happened",
        prompt: "The story in order, from the first change to the last alert. What did people see, and what did it mean to them then?",
    },
    TemplateSection {
        name: SectionKind::ContributingFactors.as_str(),
        kind: SectionKind::ContributingFactors,
        title: "Contributing factors",
        prompt: "Which conditions had to come together? Each is a way in for a remedy; there is never only one.",
    },
    TemplateSection {
        name: "went_well",
        kind: SectionKind::Text,
        title: "What went well",
        prompt: "Which tools, habits and preparations helped?",
    },
    TemplateSection {
        name: "got_lucky",
        kind: SectionKind::Text,
        title: "Where we got lucky",
        prompt: "What could have made it worse, and only chance kept away?",
    },
    TemplateSection {
        name: "surprised",
        kind: SectionKind::Text,
        title: "What surprised us",
        prompt: "Where did the system behave differently from what we expected?",
    },
    TemplateSection {
        name: "learned",
        kind: SectionKind::Text,
        title: "What we learned",
        prompt: "What do we know now that we did not know before? What should other teams hear?",
    },
    TemplateSection {
        name: SectionKind::ActionItems.as_str(),
        kind: SectionKind::ActionItems,
        title: "Action items",
        prompt: "What will we change, and how will we know it worked? Small and certain beats large and vague.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_treated_in_a_way_of_its_own_is_there_once_by_the_name_of_its_kind() {
        for kind in SectionKind::ALL.iter().filter(|kind| **kind != SectionKind::Text) {
            let of_kind: Vec<_> = TEMPLATE.iter().filter(|section| section.kind == *kind).collect();
            assert!(
                matches!(of_kind[..], [one] if one.name == kind.as_str()),
                "{kind}"
            );
        }
    }

    #[test]
    fn names_are_an_address_and_no_two_are_the_same() {
        for (place, section) in TEMPLATE.iter().enumerate() {
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
            assert!(section.name.chars().all(is_plain), "{}", section.name);
            assert!(!section.title.is_empty() && !section.prompt.is_empty());
            let others = &TEMPLATE[place + 1..];
            assert!(
                others.iter().all(|other| other.name != section.name),
                "{}",
                section.name
            );
        }
    }
}
