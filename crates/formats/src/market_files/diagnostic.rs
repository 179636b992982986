//! Mistakes in market files, told as a good compiler tells them.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A file of a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarketFile {
    /// Its path as the operator knows it.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The place among the files; nothing where no file is at fault but all together.
    pub file: Option<usize>,
    /// The bytes it is about.
    pub span: Range<usize>,
    /// The full key, such as `coupons.A500.yen`.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// All mistakes of a market, with its files.
#[derive(Clone, Debug)]
pub struct Report {
    /// The files that were read.
    pub files: Vec<MarketFile>,
    /// The mistakes, in the order of files and lines.
    pub mistakes: Vec<Diagnostic>,
}

impl Report {
    pub(super) fn new(files: &[MarketFile], mut mistakes: Vec<Diagnostic>) -> Self {
        mistakes.sort_by(|a, b| (a.file, a.span.start, &a.key).cmp(&(b.file, b.span.start, &b.key)));
        mistakes.dedup();
        Self { files: files.to_vec(), mistakes }
    }

    /// For a person: each mistake with the lines around it. Coloured where `colour` is set.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let drawn: Vec<String> = self.mistakes.iter().map(|mistake| self.draw(mistake, &renderer)).collect();
        drawn.join("\n\n")
    }

    fn draw(&self, mistake: &Diagnostic, renderer: &Renderer) -> String {
        let title = format!("{}: found {}, expected {}", mistake.key, mistake.found, mistake.expected);
        let label = mistake.suggestion.as_ref().map(|meant| format!("did you mean `{meant}`?"));
        let Some(file) = mistake.file.and_then(|file| self.files.get(file)) else {
            return renderer.render(&[Level::ERROR
                .primary_title(title)
                .elements(label.iter().map(|label| Level::HELP.message(label.as_str())))]);
        };
        let primary = AnnotationKind::Primary.span(mistake.span.clone());
        let primary = match &label {
            Some(label) => primary.label(label.as_str()),
            None => primary,
        };
        let snippet = Snippet::source(file.text.as_str()).path(file.path.as_str()).annotation(primary);
        renderer.render(&[Level::ERROR.primary_title(title).element(snippet)])
    }

    /// Line and column, from 1, of a mistake; the column counts characters.
    pub fn place(&self, mistake: &Diagnostic) -> Option<(&str, usize, usize)> {
        let file = self.files.get(mistake.file?)?;
        let before = file.text.get(..mistake.span.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Some((&file.path, line, column))
    }
}

impl fmt::Display for Report {
    /// One line for each mistake: `coupons.toml:3:1: coupons.A500.yem: found …, expected …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (count, mistake) in self.mistakes.iter().enumerate() {
            if count > 0 {
                writeln!(f)?;
            }
            if let Some((path, line, column)) = self.place(mistake) {
                write!(f, "{path}:{line}:{column}: ")?;
            }
            write!(f, "{}: found {}, expected {}", mistake.key, mistake.found, mistake.expected)?;
            if let Some(meant) = &mistake.suggestion {
                write!(f, " (did you mean `{meant}`?)")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Report {}
