//! Images and files beside what people write: what is taken, how it is named, and how a text leads to it.

use crate::ids::FileId;

/// The largest file that is taken.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// So much of a name is kept.
const MOST_OF_A_NAME: usize = 100;
/// Ends of names of texts, which stay as they are: nothing runs when they are opened.
const TEXTS: [&str; 14] = [
    "txt", "log", "csv", "tsv", "json", "yaml", "yml", "toml", "md", "diff", "patch", "conf", "sql", "out",
];

words! {
    /// What a file is by its content, whatever its name says.
    pub enum FileKind {
        Png = "png",
        Jpeg = "jpeg",
        Webp = "webp",
        Gif = "gif",
        Text = "text",
    }
}

impl FileKind {
    /// By what it begins with; a text by all of it.
    pub fn of(content: &[u8]) -> Option<Self> {
        if content.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if content.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else if content.starts_with(b"GIF87a") || content.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else {
            is_text(content).then_some(Self::Text)
        }
    }

    pub const fn is_image(self) -> bool {
        !matches!(self, Self::Text)
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Webp => &["webp"],
            Self::Gif => &["gif"],
            Self::Text => &TEXTS,
        }
    }
}

/// Words in UTF-8. Logs have tabs, page breaks and the escapes of terminals; other control characters no text has.
fn is_text(content: &[u8]) -> bool {
    let is_written =
        |letter: char| !letter.is_control() || matches!(letter, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    !content.is_empty() && std::str::from_utf8(content).is_ok_and(|text| text.chars().all(is_written))
}

/// The name of a file as it is kept: without folders, without signs that nobody sees, and with an ending that says what it is.
pub fn name(typed: &str, kind: FileKind) -> String {
    let last = typed.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_seen = |letter: &char| !letter.is_control() && !is_direction(*letter);
    let seen: String = last.chars().filter(is_seen).take(MOST_OF_A_NAME).collect();
    let seen = seen.trim().trim_matches('.');
    let own = kind.endings()[0];
    match seen.rsplit_once('.') {
        _ if seen.is_empty() => format!("{}.{own}", if kind.is_image() { "image" } else { "text" }),
        Some((_, ending)) if kind.endings().contains(&ending.to_ascii_lowercase().as_str()) => {
            seen.to_owned()
        }
        _ => format!("{seen}.{own}"),
    }
}

/// Signs that turn the direction of what follows, so that an ending stands elsewhere.
const fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Where a file is read.
pub fn address(incident: i64, file: FileId) -> String {
    format!("/incidents/{incident}/files/{file}")
}

/// How a text shows it: an image in its place, a text as a link.
pub fn markdown(incident: i64, file: FileId, name: &str, kind: FileKind) -> String {
    let said: String = name
        .chars()
        .map(|letter| {
            if matches!(letter, '[' | ']' | '\\' | '`' | '<' | '*' | '_') {
                ' '
            } else {
                letter
            }
        })
        .collect();
    let mark = if kind.is_image() { "!" } else { "" };
    format!("{mark}[{}]({})", said.trim(), address(incident, file))
}

/// Whether an address is one of a file here, and of which.
pub fn read_address(address: &str) -> Option<FileId> {
    let (number, file) = address.strip_prefix("/incidents/")?.split_once("/files/")?;
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    (is_number && file.len() == 36).then(|| file.parse().ok())?
}

/// The files that a text names, each once.
pub fn named_in(text: &str) -> Vec<FileId> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("/files/") {
        let id = text.get(at + 7..at + 43).and_then(|id| id.parse().ok());
        if let Some(id) = id.filter(|id| !named.contains(id)) {
            named.push(id);
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_file_is_what_its_content_says() {
        for (content, expected) in [
            (&b"\x89PNG\r\n\x1a\nrest"[..], Some(FileKind::Png)),
            (b"\xff\xd8\xff\xe0", Some(FileKind::Jpeg)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(FileKind::Webp)),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"GIF89a", Some(FileKind::Gif)),
            (b"12:04 \x1b[31mERROR\x1b[0m\tno route\r\n", Some(FileKind::Text)),
            ("Müller: ok".as_bytes(), Some(FileKind::Text)),
            // Served as the text that it is.
            (b"<script>alert(1)</script>", Some(FileKind::Text)),
            (b"", None),
            (b"MZ\x90\0", None),
            (b"%PDF-1.7\n\xe2\xe3", None),
            (b"nothing\0here", None),
            (b"caf\xe9", None),
        ] {
            assert_eq!(FileKind::of(content), expected, "{}", content.escape_ascii());
        }
    }

    #[test]
    fn names_say_what_a_file_is() {
        for (typed, kind, expected) in [
            ("graph.png", FileKind::Png, "graph.png"),
            ("C:\\Users\\ana\\Graph.PNG", FileKind::Png, "Graph.PNG"),
            ("../../etc/passwd", FileKind::Text, "passwd.txt"),
            ("holiday.jpeg", FileKind::Jpeg, "holiday.jpeg"),
            ("really.png", FileKind::Jpeg, "really.png.jpg"),
            ("run.html", FileKind::Text, "run.html.txt"),
            ("app.log", FileKind::Text, "app.log"),
            ("", FileKind::Png, "image.png"),
            ("..", FileKind::Text, "text.txt"),
            ("a\u{202e}gnp.exe\n", FileKind::Png, "agnp.exe.png"),
        ] {
            assert_eq!(name(typed, kind), expected, "{typed:?}");
        }
        assert_eq!(
            name(&"é".repeat(500), FileKind::Gif).chars().count(),
            MOST_OF_A_NAME + 4
        );
    }

    #[test]
    fn a_text_leads_to_its_files() {
        let (one, other) = (FileId(Uuid::from_u128(1)), FileId(Uuid::from_u128(2)));
        let text = format!(
            "Before {} and {} after, {} again",
            markdown(7, one, "a [b].png", FileKind::Png),
            markdown(7, other, "app.log", FileKind::Text),
            markdown(7, one, "a.png", FileKind::Png),
        );
        assert!(text.starts_with(
            "Before ![a  b .png](/incidents/7/files/00000000-0000-0000-0000-000000000001) and [app.log]"
        ));
        assert_eq!(named_in(&text), [one, other]);
        assert_eq!(named_in("/files/ and /files/00000000-0000"), []);
        assert_eq!(read_address(&address(7, one)), Some(one));
        for stranger in [
            "/incidents/7/files/",
            "/incidents//files/00000000-0000-0000-0000-000000000001",
            "/incidents/x/files/00000000-0000-0000-0000-000000000001",
            "/incidents/7/files/00000000-0000-0000-0000-000000000001/..",
            "https://a.example/incidents/7/files/00000000-0000-0000-0000-000000000001",
        ] {
            assert_eq!(read_address(stranger), None, "{stranger}");
        }
    }
}
