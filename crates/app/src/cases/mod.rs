//! Cases and chats: what customers and the desk do with them, a file each.

mod act;
mod attach;
mod change;
mod chat;
mod chat_hub;
mod checks;
mod desk;
mod macros;
mod mail;
mod merge;
mod open;
mod read;
mod reply;
mod route;
mod solve;
mod templates;
mod tend;

pub use act::CaseAction;
pub use attach::{Attach, Attached, AttachmentFile};
pub use change::CaseStepped;
pub(crate) use change::{CaseWriter, said_by};
pub use chat::{ChatPlace, ChatRequested, ChatView, SaidInChat, StartedChat, WaitingChat};
pub use chat_hub::{ChatHub, ChatNews, ChatWatch};
pub use choba_store::books::DeskQuery;
pub(crate) use desk::actor;
pub use desk::alias_is_valid;
pub use macros::{Macro, MacroStep};
pub use mail::{MailHook, MailOutcome, ReplyAddress};
pub(crate) use open::{CaseOpening, Chosen, GoesOnIn};
pub use open::{OpenCase, OpenedCase};
pub use read::{DeskAction, DeskCase, DeskEvent, DeskListed, ListedCase, MaskedParcel, UnverifiedMail};
pub use reply::{CustomerWord, DeskReply};
pub use route::Route;
pub use templates::{NewTemplate, WhatIsKnown};
pub use tend::CasesTended;
