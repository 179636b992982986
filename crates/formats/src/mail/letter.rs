//! A letter: parts in order, written as plain text and as HTML.

use std::fmt::Write;

use super::MailText;
use crate::language::Language;

/// A letter under way.
#[derive(Clone, Debug)]
pub struct Letter {
    language: Language,
    subject: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Paragraph(String),
    Title(String),
    Row(String, String),
    Link(String, String),
    Foot(String),
}

impl Letter {
    /// A letter about something.
    pub fn new(language: Language, subject: String) -> Self {
        Self { language, subject, parts: Vec::new() }
    }

    /// Says something.
    pub fn paragraph(&mut self, text: &str) {
        self.parts.push(Part::Paragraph(text.to_owned()));
    }

    /// Begins something.
    pub fn title(&mut self, text: &str) {
        self.parts.push(Part::Title(text.to_owned()));
    }

    /// Something with its figure.
    pub fn row(&mut self, label: &str, value: &str) {
        self.parts.push(Part::Row(label.to_owned(), value.to_owned()));
    }

    /// Where to read more.
    pub fn link(&mut self, label: &str, url: &str) {
        self.parts.push(Part::Link(label.to_owned(), url.to_owned()));
    }

    /// What stands at the end of every letter.
    pub fn foot(&mut self, text: &str) {
        self.parts.push(Part::Foot(text.to_owned()));
    }

    /// In both forms.
    pub fn written(self) -> MailText {
        MailText { text: self.text(), html: self.html(), subject: self.subject }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut in_rows = false;
        for part in &self.parts {
            let goes_on = in_rows && matches!(part, Part::Row(..));
            if !text.is_empty() && !goes_on {
                text.push('\n');
            }
            in_rows = matches!(part, Part::Row(..) | Part::Title(_));
            // Writing to a String does not fail.
            let _ = match part {
                Part::Paragraph(said) => writeln!(text, "{said}"),
                Part::Title(said) => writeln!(text, "■ {said}"),
                Part::Row(label, value) if value.is_empty() => writeln!(text, "{label}"),
                Part::Row(label, value) => writeln!(text, "{label}: {value}"),
                Part::Link(label, url) => writeln!(text, "{label}\n{url}"),
                Part::Foot(said) => writeln!(text, "--\n{said}"),
            };
        }
        text
    }

    fn html(&self) -> String {
        let lang = match self.language {
            Language::Ja => "ja",
            Language::En => "en",
        };
        let title = escaped(&self.subject);
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
             <body style=\"font-family:sans-serif;line-height:1.6;max-width:40em\">\n"
        );
        let mut in_rows = false;
        for part in &self.parts {
            let row = matches!(part, Part::Row(..));
            match (in_rows, row) {
                (false, true) => html.push_str("<table>\n"),
                (true, false) => html.push_str("</table>\n"),
                _ => {}
            }
            in_rows = row;
            part.html(&mut html);
        }
        html.push_str(if in_rows { "</table>\n</body></html>\n" } else { "</body></html>\n" });
        html
    }
}

impl Part {
    fn html(&self, html: &mut String) {
        // Writing to a String does not fail.
        let _ = match self {
            Self::Paragraph(said) => writeln!(html, "<p>{}</p>", escaped(said)),
            Self::Title(said) => writeln!(html, "<h2 style=\"font-size:1em\">{}</h2>", escaped(said)),
            Self::Row(label, value) => writeln!(
                html,
                "<tr><th scope=\"row\" style=\"text-align:left;font-weight:normal;padding-right:1em\">{}</th>\
                 <td style=\"text-align:right\">{}</td></tr>",
                escaped(label),
                escaped(value)
            ),
            Self::Link(label, url) => {
                writeln!(html, "<p><a href=\"{}\">{}</a></p>", escaped(url), escaped(label))
            }
            Self::Foot(said) => writeln!(html, "<p><small>{}</small></p>", escaped(said)),
        };
    }
}

/// A text that stays a text, also within an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() && letter != '\n' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_no_text_becomes_a_tag() {
        let mut letter = Letter::new(Language::En, "About <you>".to_owned());
        letter.paragraph("Hello & \"welcome\"");
        letter.title("Goods");
        letter.row("<b>A</b> × 1", "¥500");
        letter.row("B", "¥1");
        letter.link("More", "https://example.com/?a=1&b=\"><script>");
        letter.foot("Bye");
        let written = letter.written();
        assert_eq!(
            written.text,
            "Hello & \"welcome\"\n\n■ Goods\n<b>A</b> × 1: ¥500\nB: ¥1\n\nMore\n\
             https://example.com/?a=1&b=\"><script>\n\n--\nBye\n"
        );
        assert!(!written.html.contains("<script") && !written.html.contains("<b>"));
        assert!(written.html.contains("<title>About &lt;you&gt;</title>"));
        assert_eq!(written.html.matches("<table>").count(), written.html.matches("</table>").count());
    }
}
