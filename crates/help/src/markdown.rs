//! Articles as pages: a small part of Markdown, safe by what it refuses.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

/// A text in Markdown.
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'t> {
    text: &'t str,
}

/// Something that articles may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes it is about.
    pub span: Range<usize>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTo<'l> {
    /// To another article, by id.
    Article(&'l str),
    /// To a page of the same site, from its root.
    Site(&'l str),
    /// Elsewhere, over TLS.
    Web(&'l str),
}

impl<'l> LinkTo<'l> {
    /// Reads the target of a link: an article's id, `/a/path` or `https://…`.
    pub fn read(target: &'l str) -> Option<Self> {
        let is_id = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
        if !target.is_empty() && target.chars().all(is_id) {
            return Some(Self::Article(target));
        }
        // `//host` would leave the site, and a browser reads a backslash as a slash.
        let plain = !target.contains(['\\', '"', '<', '>', ' ']) && !target.chars().any(char::is_control);
        match target {
            _ if !plain => None,
            _ if target.starts_with("https://") => Some(Self::Web(target)),
            _ if target.starts_with('/') && !target.starts_with("//") => Some(Self::Site(target)),
            _ => None,
        }
    }
}

impl<'t> Markdown<'t> {
    /// A text.
    pub fn new(text: &'t str) -> Self {
        Self { text }
    }

    fn parser(self) -> Parser<'t> {
        Parser::new_ext(self.text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
    }

    /// What it has that articles may not have: HTML, pictures, links that lead elsewhere than they may.
    pub fn faults(self) -> Vec<Fault> {
        let events = self.parser().into_offset_iter();
        events
            .filter_map(|(event, span)| {
                fault(&event).map(|(found, expected)| Fault { span, found, expected })
            })
            .collect()
    }

    /// The articles it links to, with the bytes of each link.
    pub fn articles(self) -> Vec<(String, Range<usize>)> {
        let events = self.parser().into_offset_iter();
        let links = events.filter_map(|(event, span)| match event {
            Event::Start(Tag::Link { dest_url, .. }) => match LinkTo::read(&dest_url) {
                Some(LinkTo::Article(id)) => Some((id.to_owned(), span)),
                _ => None,
            },
            _ => None,
        });
        links.collect()
    }

    /// As HTML. Links to articles lead where `address` says. HTML in the text is shown as the text it is, a link
    /// that leads where none may is only its words.
    pub fn html(self, address: impl Fn(&str) -> String) -> String {
        let mut kept = Vec::new();
        let events = self.parser().filter_map(move |event| match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let address = match LinkTo::read(&dest_url) {
                    Some(LinkTo::Article(id)) => Some(CowStr::from(address(id))),
                    Some(LinkTo::Site(_) | LinkTo::Web(_)) => Some(dest_url),
                    None => None,
                };
                kept.push(address.is_some());
                address.map(|dest_url| Event::Start(Tag::Link { link_type, dest_url, title, id }))
            }
            Event::End(TagEnd::Link) => kept.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
            other => shown(other),
        });
        let mut page = String::with_capacity(self.text.len() * 2);
        html::push_html(&mut page, events);
        page
    }

    /// As plain text, a line for each paragraph, item and row.
    pub fn text(self) -> String {
        let mut text = String::with_capacity(self.text.len());
        for event in self.parser() {
            match event {
                Event::Text(part) | Event::Code(part) => text.push_str(&part),
                Event::SoftBreak => text.push_str(&soft_break(&text)),
                Event::HardBreak => text.push('\n'),
                Event::Start(Tag::Item) => text.push('・'),
                Event::End(TagEnd::TableCell) => text.push(' '),
                Event::End(end) if ends_line(end) && !text.ends_with('\n') => text.push('\n'),
                _ => {}
            }
        }
        text.trim_end().to_owned()
    }
}

/// A line break within a paragraph is a space in English and nothing in Japanese.
fn soft_break(before: &str) -> Cow<'static, str> {
    match before.chars().next_back() {
        Some(last) if last.is_ascii() => Cow::Borrowed(" "),
        _ => Cow::Borrowed(""),
    }
}

fn ends_line(end: TagEnd) -> bool {
    matches!(
        end,
        TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableRow
            | TagEnd::TableHead
            | TagEnd::CodeBlock
    )
}

fn fault(event: &Event<'_>) -> Option<(String, &'static str)> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => {
            Some((format!("the HTML `{}`", html.trim()), "Markdown only"))
        }
        Event::Start(Tag::Image { dest_url, .. }) => {
            Some((format!("the picture `{dest_url}`"), "words only"))
        }
        Event::Start(Tag::Link { dest_url, .. }) if LinkTo::read(dest_url).is_none() => {
            let expected = "the id of an article, a path that begins with `/`, or an address that begins with `https://`";
            Some((format!("a link to `{dest_url}`"), expected))
        }
        _ => None,
    }
}

/// What pages show of an event: HTML as text, pictures as their words.
fn shown(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => {
            None
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> String {
        Markdown::new(text).html(|id| format!("/help/{id}"))
    }

    #[test]
    fn links_lead_to_articles_the_site_or_the_web_over_tls() {
        assert_eq!(html("[返品](return-how)"), "<p><a href=\"/help/return-how\">返品</a></p>\n");
        assert_eq!(html("[x](/orders)"), "<p><a href=\"/orders\">x</a></p>\n");
        for target in
            ["javascript:alert(1)", "http://a.example", "//a.example", "data:x", "https:\\\\a", "a/b"]
        {
            assert_eq!(LinkTo::read(target), None, "{target}");
            let text = format!("[x](<{target}>)");
            assert!(!html(&text).contains("<a"), "{target}");
            assert_eq!(Markdown::new(&text).faults().len(), 1, "{target}");
        }
    }

    #[test]
    fn html_is_a_fault_and_is_shown_as_text() {
        for text in [
            "<script>alert(1)</script>",
            "a <b onclick=x>b</b>",
            "<!-- x -->",
            "![x](https://a.example/b.png)",
        ] {
            assert!(!Markdown::new(text).faults().is_empty(), "{text}");
            let page = html(text);
            assert!(!page.contains("<script") && !page.contains("<b") && !page.contains("<img"), "{page}");
        }
    }

    #[test]
    fn plain_text_has_a_line_for_each_paragraph_item_and_row() {
        let text = "**はじめに**\n続き\n\n- 一\n- 二\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
        assert_eq!(Markdown::new(text).text(), "はじめに続き\n・一\n・二\na b \n1 2");
    }

    proptest! {
        #[test]
        fn no_text_makes_a_page_with_tags_of_its_own(text in "[<>\\[\\]()a-z\"'=/: `*_#&;!\\\\\n-]{0,60}") {
            let page = html(&text);
            for tag in page.split('<').skip(1) {
                let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                let allowed = ["a", "p", "em", "strong", "del", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td"];
                let is_heading = name.len() == 2 && name.starts_with('h');
                prop_assert!(allowed.contains(&name.as_str()) || is_heading, "{page}");
                let href = tag.split_once("href=\"").map(|(_, rest)| rest.split('"').next().unwrap_or_default());
                prop_assert!(href.is_none_or(|href| href.starts_with('/') || href.starts_with("https://")), "{page}");
            }
        }
    }
}
