use super::*;

#[test]
fn markdown_becomes_html() {
    let rel = r#"rel="noopener noreferrer nofollow""#;
    for (markdown, html) in [
        ("Hello *there*", "<p>Hello <em>there</em></p>\n".to_owned()),
        ("# One\n## Two\n##### Five", "<h3>One</h3>\n<h4>Two</h4>\n<h6>Five</h6>\n".to_owned()),
        ("~~gone~~", "<p><del>gone</del></p>\n".to_owned()),
        ("- [x] done\n- [ ] open", "<ul>\n<li>☑ done</li>\n<li>☐ open</li>\n</ul>\n".to_owned()),
        ("3. c\n4. d", "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n".to_owned()),
        (
            "|a|b|\n|:-:|-|\n|1|2|",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>\n".to_owned(),
        ),
        ("```rust\nlet a = 1 < 2;\n```", "<pre><code>let a = 1 &lt; 2;\n</code></pre>\n".to_owned()),
        (
            "[x](https://a.example/b \"t\")",
            format!("<p><a href=\"https://a.example/b\" title=\"t\" {rel}>x</a></p>\n"),
        ),
        ("<mailto:a@b.example>", format!("<p><a href=\"mailto:a@b.example\" {rel}>mailto:a@b.example</a></p>\n")),
        (
            "![g](/incidents/7/files/00000000-0000-0000-0000-000000000001)",
            format!(
                "<p><a href=\"/incidents/7/files/00000000-0000-0000-0000-000000000001\" {rel}><img src=\"/incidents/7/files/00000000-0000-0000-0000-000000000001/preview\" alt=\"g\" loading=\"lazy\"></a></p>\n"
            ),
        ),
        ("![g](/a.png)", "<p><img src=\"/a.png\" alt=\"g\" loading=\"lazy\"></p>\n".to_owned()),
        ("One\ntwo", "<p>One<br>\ntwo</p>\n".to_owned()),
        (
            "See https://a.example/x_y_z?a=1&b=2. Or INC-12",
            format!("<p>See <a href=\"https://a.example/x_y_z?a=1&amp;b=2\" {rel}>https://a.example/x_y_z?a=1&amp;b=2</a>. Or <a href=\"/incidents/12\" {rel}>INC-12</a></p>\n"),
        ),
        ("**ACT-7**", format!("<p><strong><a href=\"/action-items/7\" {rel}>ACT-7</a></strong></p>\n")),
        ("[INC-1](https://a.example)", format!("<p><a href=\"https://a.example\" {rel}>INC-1</a></p>\n")),
        ("`INC-1`", "<p><code>INC-1</code></p>\n".to_owned()),
        ("    INC-1", "<pre><code>INC-1</code></pre>\n".to_owned()),
        ("<https://a.example>", format!("<p><a href=\"https://a.example\" {rel}>https://a.example</a></p>\n")),
        ("[i](/incidents/142)", format!("<p><a href=\"/incidents/142\" {rel}>i</a></p>\n")),
        ("![graph](/files/1.png)", "<p><img src=\"/files/1.png\" alt=\"graph\" loading=\"lazy\"></p>\n".to_owned()),
        (
            "![graph](https://track.example/p.gif)",
            format!("<p><a href=\"https://track.example/p.gif\" {rel}>graph</a></p>\n"),
        ),
    ] {
        assert_eq!(to_html(markdown), html, "{markdown}");
    }
}

#[test]
fn nothing_dangerous_comes_out() {
    for markdown in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "text <b onclick=alert(1)>b</b>",
        "<div style=\"position:fixed\" class=\"page\">x</div>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//evil.example/a)",
        "[x](/\\evil.example/a)",
        "![x](javascript:alert(1))",
        "![x](//evil.example/p.gif)",
        "![x\" onerror=\"alert(1)](/a.png)",
        "[x](https://a.example/\"onmouseover=alert(1))",
        "[a]: javascript:alert(1)\n\n[a]",
        "<javascript:alert(1)>",
        "```\"><script>alert(1)</script>\n```",
        "# x {onclick=alert(1) .page #id}",
        "<!-- --><svg/onload=alert(1)>",
        "<details open ontoggle=alert(1)>",
        "|a|\n|-|\n|<iframe src=x>|",
    ] {
        let html = to_html(markdown);
        assert_eq!(unsafe_part(&html), None, "{markdown} became {html}");
    }
}

/// Looks at real tags only: what was escaped is harmless.
fn unsafe_part(html: &str) -> Option<&str> {
    html.split('<').skip(1).find(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let known = [
            "p", "a", "h3", "h4", "h5", "h6", "pre", "code", "img", "table", "thead", "tbody", "tr", "th",
            "td", "em",
        ];
        // Only what stands outside the quotes of values is an attribute.
        let names: String = tag.split('"').step_by(2).collect();
        let attributes = [" on", " style", " class", " id="]
            .iter()
            .any(|part| names.contains(part));
        let leads_away = ["href=\"", "src=\""].iter().any(|start| {
            tag.split(start).nth(1).is_some_and(|address| {
                let web = address.starts_with("https://a.example");
                let own =
                    address.starts_with('/') && !address.starts_with("//") && !address.starts_with("/\\");
                !web && !own
            })
        });
        !known.contains(&name.as_str()) || attributes || leads_away
    })
}

#[test]
fn people_are_named_but_in_code() {
    use crate::people::{Person, Role};
    use chrono::DateTime;
    let ana = Person {
        id: PersonId(uuid::Uuid::from_u128(1)),
        email: "ana@example.com".to_owned(),
        name: "Ana".to_owned(),
        role: Role::Responder,
        time_zone: "UTC".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        deactivated_at: None,
    };
    let names = Names::of([&ana]);
    let html = to_html_naming("@ana, see INC-12 and `@ana`", &names);
    assert!(
        html.starts_with("<p><a href=\"/settings/people/00000000-0000-0000-0000-000000000001\""),
        "{html}"
    );
    assert!(
        html.contains("<code>@ana</code>") && html.contains("href=\"/incidents/12\""),
        "{html}"
    );
    assert_eq!(mentioned_in("So *@ana* and @ana", &names), [ana.id]);
    assert!(mentioned_in("`@ana`\n\n```\n@ana\n```", &names).is_empty());
}

#[test]
fn html_is_shown_as_the_text_it_is() {
    assert_eq!(to_html("a <b>b</b>"), "<p>a &lt;b&gt;b&lt;/b&gt;</p>\n");
    assert_eq!(
        to_html("<div>\nx\n</div>"),
        "<p>&lt;div&gt;\nx\n&lt;/div&gt;</p>\n"
    );
}

/// Seconds that this thread has worked: what others do beside it counts for nothing.
fn worked() -> f64 {
    let told = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    told.tv_sec as f64 + told.tv_nsec as f64 / 1e9
}

#[test]
fn what_is_long_takes_work_with_its_length_only() {
    let work = |text: String| {
        let each = (0..2).map(|_| {
            let before = worked();
            to_html(&text);
            worked() - before
        });
        each.fold(f64::INFINITY, f64::min)
    };
    let took = |part: &str, length: usize| work(part.repeat(length / part.len()));
    for part in ["&", "<", "é&", "`&&&", "![&", "[x](/&&&) ", "```\n&&"] {
        let (short, long) = (took(part, 10_000), took(part, 80_000));
        let fold = long / short;
        assert!(
            fold < 24.0,
            "{part} eight times as often takes {fold} times the work"
        );
    }
    for marks in [
        ("`", "`"),
        ("![", "](/a.png)"),
        ("[x](/a?", ")"),
        ("```\n", "\n```"),
    ] {
        let around = |length: usize| work(format!("{}{}{}", marks.0, "&".repeat(length), marks.1));
        let fold = around(80_000) / around(10_000);
        assert!(
            fold < 24.0,
            "{marks:?} with eight times as much takes {fold} times the work"
        );
    }
}

#[test]
fn long_texts_come_out_whole() {
    let long = "Müller & Söhne < 1 ".repeat(500);
    assert_eq!(
        to_html(&long),
        format!(
            "<p>{}</p>\n",
            ammonia::clean_text(long.trim()).replace("&#32;", " ")
        )
    );
    assert_eq!(
        to_html(&format!("`{}`", "a&".repeat(900))),
        format!("<p><code>{}</code></p>\n", "a&amp;".repeat(900))
    );
}

#[test]
fn deep_nesting_ends() {
    for part in ["> ", "- ", "[", "*a ", "`", "![", "<", "|-", "1. "] {
        let deep = part.repeat(10_000);
        to_html(&deep);
        to_text(&deep);
    }
    let html = to_html(&format!("{}end", "> ".repeat(10_000)));
    assert_eq!(html.matches("<blockquote>").count(), DEPTH);
    assert_eq!(html.matches("</blockquote>").count(), DEPTH);
    assert!(html.contains("end"));
}
