//! Which files are help, and where else a market's help is.

use std::path::{Component, Path, PathBuf};

use super::settings::includes;
use crate::market_files::diagnostic::MarketFile;

/// Whether a file is in a folder named `help`.
pub fn is_help_file(path: &str) -> bool {
    let mut parts = path.rsplit(['/', '\\']);
    parts.next();
    parts.next() == Some("help")
}

/// Whether a file in such a folder is read.
pub fn is_article_or_settings(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml" || extension == "md")
}

/// The directories that help files name besides their own, seen from the market's directory.
pub fn folders(market: &Path, files: &[MarketFile]) -> Vec<PathBuf> {
    files.iter().flat_map(|file| includes(&file.text)).map(|include| plain(&market.join(include))).collect()
}

/// A path without `.` and `..`, as far as the path itself tells.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
