//! Help articles, and a search that finds them: text in, ranked articles out.
//!
//! A [`Library`] holds the articles of one language and an index of them in memory. It needs no dictionary: Japanese
//! is cut into pairs of letters, and what the words of the shop are is said by its synonyms and its titles. It knows
//! nothing of shops, files or HTTP; figures come into articles by [`fill`], and pages out of them by [`Markdown`].
//!
//! ```
//! use choba_help::{Article, Kind, Library};
//!
//! let article = |id: &str, title: &str| Article {
//!     id: id.into(),
//!     category: "orders".into(),
//!     kind: Kind::Article,
//!     related: vec![],
//!     title: title.into(),
//!     questions: vec![],
//!     body: String::new(),
//! };
//! let articles = vec![article("cancel", "注文のキャンセル"), article("return", "返品のしかた")];
//! let library = Library::new(articles, &[vec!["キャンセル".into(), "取消".into()]]);
//! assert_eq!(library.search("取り消したい", 3).hits[0].id, "cancel");
//! ```

mod approximate;
mod article;
mod fold;
mod index;
mod library;
mod log2;
mod markdown;
mod mask;
mod placeholder;
mod score;
mod snippet;
mod stem;
mod term;
mod vocabulary;

pub use article::{Article, Kind};
pub use library::{Found, Hit, Library};
pub use markdown::{Fault, LinkTo, Markdown};
pub use mask::masked;
pub use placeholder::{Placeholder, fill, placeholders};
pub use snippet::Marked;
