//! How far long work is, on a terminal only.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error that is shown where that is a terminal. It has no length before the first news.
pub fn progress_bar(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{msg} {bar:40} {percent}% {human_pos}/{human_len}, {eta} left");
    // The template is a constant; without it the bar looks plainer.
    let bar = match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    bar.with_message(what)
}

/// Moves a bar.
pub fn show(bar: &ProgressBar, done: u64, all: u64) {
    bar.set_length(all);
    bar.set_position(done);
}
