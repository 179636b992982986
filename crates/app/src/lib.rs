//! The use cases of the counter, a file each: load, ask the engine, save in one transaction.
//!
//! A [`Counter`] has the books, the markets and the outside parties. Each use case checks whose things it is
//! about, loads what the decision needs, lets the engine decide and commits its changes. Times are given with
//! each call, randomness comes from an [`Entropy`]; there is no clock here, no SQL and no HTTP.

mod activate_market;
mod adjust_balance;
mod api_key;
mod ask_verification_code;
mod asking;
mod audit_log;
mod backup;
mod call_number;
mod callback_desk;
mod callback_dues;
mod callback_refusal;
mod caller;
mod caller_of_api_key;
mod cancel_order;
mod care_report;
mod carrier_hook;
mod cases;
mod change_callback;
mod change_order;
mod check_verification_code;
mod code_attempts;
mod codes;
mod compare_market;
mod contact_offers;
mod contact_topics;
mod contacts;
mod counter;
mod coupon_quota;
mod deliver_gift_cards;
mod dial;
mod dues;
mod end_api_key;
mod end_trouble;
mod entropy;
mod error;
mod events;
mod expire_gift_cards;
mod export_books;
mod find_order;
mod find_shipment;
mod give_coupon;
mod grant_value;
mod hear_payment_provider;
mod is_ready;
mod issue_gift_cards;
mod keyed;
mod limit;
mod link_audit;
mod link_program;
mod list_api_keys;
mod look_budget;
mod look_up_parcel;
mod looks_at_customer;
mod make_api_key;
mod markets;
mod messages;
mod missing_parcel;
mod order_parcels;
mod order_story;
mod own_callback;
mod parcel_numbers;
mod pay_order;
mod place_order;
mod preview_refund;
mod quote_cart;
mod read_help;
mod record_look;
mod redeem_gift_card;
mod redeliver;
mod reissue_gift_card;
mod reports;
mod request_callback;
mod return_goods;
mod rotate_api_key;
mod search_help;
mod secrets;
mod send_messages;
mod send_webhooks;
mod sessions;
mod set_rank;
mod share_shipment;
mod ship_order;
mod tell_tracking;
mod verification;
mod verify_audit;
mod verify_books;
mod verify_number;
mod wallet;
mod watched;
mod webhooks;

pub use activate_market::ActiveMarket;
pub use adjust_balance::{AdjustBalance, Adjusted, WaitingAdjustment};
pub use api_key::{API_KEY_PREFIX, ApiKey, ApiKeySecret, ApiKeyState};
pub use ask_verification_code::{Matter, VerificationCode};
pub use asking::AskReport;
pub use audit_log::Action;
pub use backup::{
    BackupError, BackupFault, BackupFile, BackupHeader, BackupTable, RestoreError, back_up_books,
    restore_books,
};
pub use callback_desk::{AtTheDesk, CallReport, CallbackCard, PRESENT_FOR, PresentAgent};
pub use callback_refusal::CallbackRefusal;
pub use caller::{Caller, Right, Role};
pub use care_report::{CARE_REPORT_DAYS_MAX, CareReport};
pub use carrier_hook::{CarrierSecrets, TRACKING_MESSAGE};
pub use cases::{
    Attach, Attached, AttachmentFile, CaseAction, CaseStepped, CasesTended, ChatHub, ChatNews, ChatPlace,
    ChatRequested, ChatView, ChatWatch, CustomerWord, DeskAction, DeskCase, DeskEvent, DeskListed, DeskQuery,
    DeskReply, ListedCase, Macro, MacroStep, MailHook, MailOutcome, MaskedParcel, NewTemplate, OpenCase,
    OpenedCase, ReplyAddress, Route, SaidInChat, StartedChat, UnverifiedMail, WaitingChat, WhatIsKnown,
    alias_is_valid,
};
pub use change_order::OrderChanged;
pub use codes::GiftCardCode;
pub use compare_market::COMPARED_MAX;
pub use contact_offers::QueueSnapshot;
pub use contact_topics::{ContactQuestion, ContactTopic};
pub use contacts::{Contact, ContactWanted};
pub use counter::{Counter, Whose};
pub use coupon_quota::QuotaReport;
pub use deliver_gift_cards::DeliveredGiftCards;
pub use dues::DueReport;
pub use end_trouble::OrderInTrouble;
pub use entropy::Entropy;
pub use error::AppError;
pub use events::{Cursor, EVENTS_KEPT_FOR, EVENTS_ON_A_PAGE, EventFilter, EventPage, ToldEvent};
pub use export_books::{ExportError, ExportFormat, export_journal, export_orders};
pub use find_order::{FoundOrder, OrdersWanted};
pub use find_shipment::FoundShipment;
pub use grant_value::{GrantValue, Granted, Granter};
pub use hear_payment_provider::{Heard, PaymentHook};
pub use issue_gift_cards::{CARDS_MAX, IssueGiftCards, IssueOutcome, IssuedBatch, IssuedGiftCard};
pub use keyed::Key;
pub use limit::Limit;
pub use link_program::{LinkProgram, LinkedProgram};
pub use look_budget::LookBudget;
pub use looks_at_customer::LookTold;
pub use make_api_key::{MadeApiKey, MakeApiKey};
pub use markets::{KnownMarket, Markets};
pub use messages::MESSAGE_NOTES_KEPT_FOR;
pub use missing_parcel::MissingCheck;
pub use order_parcels::{OrderParcels, ParcelOfShipment, ShipmentParcels};
pub use order_story::{OrderAccount, OrderEntry, OrderPosting, OrderStory};
pub use own_callback::{NowCalling, OwnCallback};
pub use place_order::{PlaceOrder, PlaceOutcome, PlacedOrder};
pub use preview_refund::ReturnThought;
pub use quote_cart::{Cart, CartOf, PlanInWords};
pub use read_help::{HelpPage, HelpShelf};
pub use record_look::Look;
pub use redeem_gift_card::{RedeemGiftCard, RedeemedGiftCard};
pub use redeliver::{RedeliveryChoice, RedeliveryWish};
pub use reports::{
    CouponReport, LiabilityReport, MethodMonth, ProgramLiability, ProgramMonth, SellerPayable,
};
pub use request_callback::{CallbackOutcome, RequestCallback};
pub use rotate_api_key::{GRACE_MAX, GRACE_USUAL};
pub use search_help::HELP_HITS_MAX;
pub use secrets::Secrets;
pub use send_messages::{MessageReport, Post};
pub use send_webhooks::{MESSAGES_KEPT_FOR, WebhookReport};
pub use sessions::{
    ANONYMOUS_SESSIONS, CART_BYTES_MAX, HAND_OVER_GOOD_FOR, HandOver, HandOverCode, HandedOver, SESSIONS_MAX,
    Session, SessionSubject, SessionToken, StartSession,
};
pub use share_shipment::{SharedLink, SharedShipment};
pub use ship_order::ShipOrder;
pub use tell_tracking::{TRACKING_EVENTS_MAX, TrackingNews, TrackingTaken};
pub use verification::{VerificationLimits, VerificationRefusal};
pub use verify_audit::{AuditDifference, AuditSummary, NotedHead, verify_audit};
pub use verify_books::{BooksNews, BooksSummary, Difference, ProgramValue, verify_books, verify_snapshot};
pub use wallet::{
    ExpiringValue, HeldBalance, HeldLot, LotStory, LotStoryRow, OwedPoints, Statement, StatementEntry,
    StatementQuery, Wallet,
};
pub use webhooks::{
    BY_ITS_OWNER, ENDPOINTS_MAX, EndpointWanted, EndpointWithSecret, REPLAYED_MAX, Replay, SECRETS_OVERLAP,
    ShownEndpoint, TEST_KIND,
};
