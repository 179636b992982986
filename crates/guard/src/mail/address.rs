//! A mail sender taken apart, by hand.
//!
//! Mail libraries are built to make the best of what they get: two mailboxes become one, an address in a
//! comment becomes a name. Here the opposite is wanted: whatever is not one plain mailbox must be noticed.

use super::encoded_word::decode_words;

/// The pieces of a `From` line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    /// Text around `<…>`, with what was in quotation marks and encoded words read.
    pub display: String,
    /// Text in brackets.
    pub comments: String,
    /// Before the last `@` of the mailbox.
    pub local: String,
    /// After it.
    pub domain: String,
    /// How many mailboxes there seem to be.
    pub mailboxes: usize,
    /// Text stands beside the mailbox without `<…>`: a sentence, perhaps.
    pub extra_text: bool,
    /// A quotation, bracket or `<` was not closed, or something follows `>`.
    pub broken: bool,
}

impl Address {
    /// Reads a sender, in one pass.
    pub fn read(text: &str) -> Self {
        let mut pieces = Pieces::default();
        for c in text.chars() {
            pieces.read_char(c);
        }
        pieces.into_address(text)
    }
}

#[derive(Default)]
struct Pieces {
    outside: String,
    inside: String,
    comments: String,
    quoted: bool,
    escaped: bool,
    depth: usize,
    in_angle: bool,
    angles: usize,
    separators: usize,
    broken: bool,
}

impl Pieces {
    fn read_char(&mut self, c: char) {
        if self.escaped {
            self.escaped = false;
            return self.keep(c);
        }
        match c {
            '\\' if self.quoted || self.depth > 0 => self.escaped = true,
            '"' if self.depth == 0 => self.quote(),
            _ if self.quoted => self.keep(c),
            '(' => self.open_comment(),
            ')' if self.depth > 0 => self.depth -= 1,
            _ if self.depth > 0 => self.keep(c),
            '<' => self.open_angle(),
            '>' => self.close_angle(),
            ',' | ';' | '、' | '，' | '；' => self.separate(c),
            _ => self.keep(c),
        }
    }

    fn keep(&mut self, c: char) {
        if self.depth > 0 {
            self.comments.push(c);
        } else if self.in_angle {
            self.inside.push(c);
        } else {
            self.outside.push(c);
        }
    }

    fn quote(&mut self) {
        self.quoted = !self.quoted;
        // The marks stay where they belong to the address: `"a b"@example.jp`.
        self.keep('"');
    }

    fn open_comment(&mut self) {
        self.depth += 1;
        self.comments.push(' ');
    }

    fn open_angle(&mut self) {
        self.broken |= self.in_angle;
        self.in_angle = true;
        self.angles += 1;
    }

    fn close_angle(&mut self) {
        self.broken |= !self.in_angle;
        self.in_angle = false;
    }

    fn separate(&mut self, c: char) {
        self.separators += 1;
        self.keep(c);
    }

    fn into_address(self, text: &str) -> Address {
        let broken = self.broken || self.quoted || self.depth > 0 || self.in_angle || self.escaped;
        let (display, mailbox, extra_text) = if self.angles > 0 {
            (self.outside, self.inside.trim().to_owned(), false)
        } else {
            split_sentence(&self.outside)
        };
        let (local, domain) = mailbox.rsplit_once('@').unwrap_or(("", &mailbox));
        let display = decode_words(&display.replace('"', " "));
        let trailing = self.angles > 0 && !text.trim_end().ends_with(['>', ')']);
        Address {
            local: local.to_owned(),
            domain: domain.to_owned(),
            mailboxes: self.angles.max(1).max(if self.separators > 0 { 2 } else { 1 }),
            display,
            comments: decode_words(&self.comments),
            extra_text,
            broken: broken || trailing,
        }
    }
}

/// Without `<…>` the mailbox is the word with the `@`; other words around it are text.
fn split_sentence(text: &str) -> (String, String, bool) {
    let text = text.trim();
    if !text.contains(char::is_whitespace) || text.starts_with('"') {
        return (String::new(), text.to_owned(), false);
    }
    let (mailboxes, others): (Vec<&str>, Vec<&str>) =
        text.split_whitespace().partition(|word| word.contains(['@', '＠', '﹫']));
    (others.join(" "), mailboxes.join(" "), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_mailbox() {
        let address = Address::read("Shop <info@example.jp>");
        assert_eq!((address.local.as_str(), address.domain.as_str()), ("info", "example.jp"));
        assert_eq!((address.display.trim(), address.mailboxes, address.broken), ("Shop", 1, false));
    }

    #[test]
    fn comments_are_no_part_of_the_domain() {
        let address = Address::read("info@(example.jp)evil.example");
        assert_eq!((address.domain.as_str(), address.comments.trim()), ("evil.example", "example.jp"));
    }

    #[test]
    fn what_is_more_than_one_is_counted() {
        for text in ["<a@x.jp> <b@y.jp>", "a@x.jp, b@y.jp", "a@x.jp;b@y.jp", "Shop: a@x.jp, b@y.jp;"] {
            assert!(Address::read(text).mailboxes > 1, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_broken() {
        for text in ["Shop <a@x.jp", "\"Shop a@x.jp", "(a@x.jp", "<a@x.jp> evil", "a@x.jp>"] {
            assert!(Address::read(text).broken, "{text}");
        }
    }
}
