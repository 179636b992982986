//! Requests from a file or standard input: one, or several in a row, read with constant memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, bail};

/// The most that one request may hold. Larger ones are refused, so that memory stays bounded.
const REQUEST_MAX: usize = 64 * 1024 * 1024;

/// One request's text and the line on which it begins, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct RequestBytes {
    /// Its JSON.
    pub json: Vec<u8>,
    /// Where it begins.
    pub line: usize,
}

/// Opens a file, or standard input for `-` and nothing.
pub fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn BufRead + Send>> {
    match file {
        None => Ok(Box::new(BufReader::with_capacity(1 << 18, io::stdin()))),
        Some(path) if path == Path::new("-") => Ok(Box::new(BufReader::with_capacity(1 << 18, io::stdin()))),
        Some(path) => {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
        }
    }
}

/// Cuts a stream of JSON values into requests. A value may span lines; a new one begins on a new line.
pub struct Requests<R> {
    input: R,
    line: usize,
    /// What is read of the request under way.
    rest: Vec<u8>,
}

impl<R: BufRead> Requests<R> {
    /// Reads from `input`.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, rest: Vec::new() }
    }

    /// The next request, if there is one.
    pub fn next(&mut self) -> anyhow::Result<Option<RequestBytes>> {
        let mut json = std::mem::take(&mut self.rest);
        let mut depth = Depth::default();
        let mut begins = 0;
        loop {
            if begins > 0 && self.next_cannot_belong_to(&json)? {
                return Ok(Some(RequestBytes { json, line: begins }));
            }
            let before = json.len();
            let read = self.input.read_until(b'\n', &mut json).context("the requests could not be read")?;
            if read == 0 {
                let blank = json.iter().all(u8::is_ascii_whitespace);
                return Ok((!blank).then_some(RequestBytes { json, line: begins }));
            }
            self.line += 1;
            let added = json.get(before..).unwrap_or_default();
            if begins == 0 {
                if added.iter().all(u8::is_ascii_whitespace) {
                    json.clear();
                    continue;
                }
                begins = self.line;
            }
            if json.len() > REQUEST_MAX {
                bail!("line {begins}: this request is not closed within {} MiB", REQUEST_MAX >> 20);
            }
            if depth.closes(added) || depth.is_broken_at_line_end() {
                return Ok(Some(RequestBytes { json, line: begins }));
            }
        }
    }
}

impl<R: BufRead> Requests<R> {
    /// Whether the next line begins a request although the one under way is not closed: no JSON goes on with an
    /// object after a value. So a request that was cut off does not take those after it with it.
    fn next_cannot_belong_to(&mut self, json: &[u8]) -> anyhow::Result<bool> {
        let begins = self.input.fill_buf().context("the requests could not be read")?.first() == Some(&b'{');
        let last = json.iter().rev().find(|byte| !byte.is_ascii_whitespace());
        Ok(begins && !matches!(last, Some(b'[' | b',' | b':')))
    }
}

/// How deep in objects and lists the text is.
#[derive(Default)]
struct Depth {
    open: usize,
    in_text: bool,
    escaped: bool,
}

impl Depth {
    /// Reads on; tells whether everything opened is closed.
    fn closes(&mut self, text: &[u8]) -> bool {
        for byte in text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                _ if self.in_text => {}
                b'{' | b'[' => self.open += 1,
                b'}' | b']' => self.open = self.open.saturating_sub(1),
                _ => {}
            }
        }
        self.open == 0
    }

    /// Whether a text is open where a line ends, which no JSON allows.
    fn is_broken_at_line_end(&self) -> bool {
        self.in_text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(text: &str) -> Vec<(usize, String)> {
        let mut requests = Requests::new(text.as_bytes());
        let mut all = Vec::new();
        while let Some(request) = requests.next().unwrap() {
            all.push((request.line, String::from_utf8(request.json).unwrap().trim().to_owned()));
        }
        all
    }

    #[test]
    fn one_request_may_span_lines_and_several_follow_each_other() {
        let text = "\n{\"a\": \"}\\\"\",\n \"b\": [1,\n2]}\n{\"c\": 1}\n\n{\"d\": 2}";
        let expected = [(2, "{\"a\": \"}\\\"\",\n \"b\": [1,\n2]}"), (5, "{\"c\": 1}"), (7, "{\"d\": 2}")];
        assert_eq!(requests(text), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn a_request_that_is_cut_off_does_not_take_the_next_with_it() {
        let cut = [(1, "{\"a\": {\"b\": 1".to_owned()), (2, "{\"c\": 1}".to_owned())];
        assert_eq!(requests("{\"a\": {\"b\": 1\n{\"c\": 1}\n"), cut);
        let cut = [(1, "{\"a\": \"b".to_owned()), (2, "{\"c\": 1}".to_owned())];
        assert_eq!(requests("{\"a\": \"b\n{\"c\": 1}\n"), cut);
        assert_eq!(requests("{\"a\": [\n{\"b\": 1},\n{\"c\": 1}\n]}").len(), 1);
    }

    #[test]
    fn nonsense_is_cut_by_lines_and_an_unclosed_request_ends_with_the_input() {
        assert_eq!(
            requests("hello\n}{\n{\"a\": \n"),
            [(1, "hello"), (2, "}{"), (3, "{\"a\":")].map(|(line, text)| (line, text.to_owned()))
        );
        assert_eq!(requests(" \n\n"), []);
    }
}
