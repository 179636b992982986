//! The sentence that answers best, and what in it was asked for.

use std::ops::Range;

use crate::index::{Index, Line, LineKind};
use crate::score::Question;

/// A text with what was asked for marked in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// The marked parts in bytes, in order, none touching another.
    pub marks: Vec<Range<usize>>,
}

impl Marked {
    fn line(line: &Line, question: &Question) -> Self {
        let asked =
            line.terms.iter().filter(|term| question.terms.get(&term.key).is_some_and(|sought| sought.tells));
        let mut marks: Vec<Range<usize>> = asked
            .map(|term| usize::try_from(term.from).unwrap_or(0)..usize::try_from(term.to).unwrap_or(0))
            .filter(|mark| line.text.get(mark.clone()).is_some())
            .collect();
        marks.sort_by_key(|mark| (mark.start, mark.end));
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(marks.len());
        for mark in marks {
            match joined.last_mut().filter(|last| mark.start <= last.end) {
                Some(last) => last.end = last.end.max(mark.end),
                None => joined.push(mark),
            }
        }
        Self { text: line.text.clone(), marks: joined }
    }
}

/// The title of an article and the sentence of its body that says most of what was asked, marked.
pub fn of(article: usize, question: &Question, index: &Index) -> (Marked, Marked) {
    let start = index.lines.partition_point(|line| line.article < article);
    let lines =
        index.lines.get(start..).unwrap_or_default().iter().take_while(|line| line.article == article);
    let (mut title, mut best) = (Marked::default(), None);
    for line in lines {
        match line.kind {
            LineKind::Title => title = Marked::line(line, question),
            LineKind::Question => {}
            LineKind::Body => {
                let says = question.says(line);
                if best.as_ref().is_none_or(|(most, _)| says > *most) {
                    best = Some((says, line));
                }
            }
        }
    }
    (title, best.map(|(_, line)| Marked::line(line, question)).unwrap_or_default())
}
