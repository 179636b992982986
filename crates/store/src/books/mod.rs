//! The books in tables: what is loaded for a decision, and how its changes are written.
//!
//! A [`Decision`] gets what it [`Needs`] of one customer in one market as the engine's own values, locked, and
//! answers with the engine's [`Changes`](choba_engine::books::Changes). Nothing here decides anything.

mod adjustments;
mod api_keys;
mod asks;
mod audit;
mod callbacks;
mod cases;
mod changes;
mod chats;
mod code_attempts;
mod contacts;
mod customer;
mod decision;
mod desk;
mod dials;
mod entries;
mod events;
mod export;
mod feed;
mod gift_cards;
mod guided_runs;
mod handovers;
mod help;
mod just_write;
mod keys;
mod leases;
mod limits;
mod links;
mod locked;
mod market_versions;
mod messages;
mod order_numbers;
mod orders;
mod presence;
mod quotas;
mod sessions;
mod share_links;
mod table;
mod tables;
mod tracking;
mod value_reports;
mod verification_codes;
mod verify;
mod verify_checks;
mod wallet;
mod webhook_deliveries;
mod webhook_endpoints;

pub use adjustments::{AdjustmentRow, AdjustmentState, adjustment, adjustments_waiting};
pub use api_keys::{ApiKeyRow, FoundApiKey, api_key_of_secret, api_keys, change_api_key};
pub use asks::{AskRow, NEVER, asks_by_reference, asks_of_order, open_asks, open_asks_of_order, postpone};
pub use audit::{
    AuditChain, AuditFilter, AuditHead, AuditLink, AuditLinkWithRow, AuditRow, Linked, audit_rows,
    audit_rows_at, link_audit_rows,
};
pub use callbacks::{
    CallbackChange, CallbackRow, callback, callback_of_agent, callback_writes, callbacks_ahead,
    callbacks_of_queue, due_callbacks, find_callback, is_not_called, is_verified_number,
    keep_verified_number, last_callback, open_callback, waiting_callbacks,
};
pub use cases::{
    CaseRow, DeskQuery, DueCase, case_by_number, case_of_customer, case_row, cases_at_the_desk,
    cases_of_customer, due_cases, events_of, open_like, read_case, read_events, whose_case, write_case,
};
pub use chats::{
    ListedChat, chat_lines, chat_of_customer, chats_ahead, chats_of_agents, chats_that_wait, due_chats,
    find_chat, find_line, find_lines, find_open_chat, last_lines, open_chat_of, open_chats_of_agent,
    read_chat, read_line, waiting_chats, whose_chat, write_chat,
};
pub use code_attempts::{CodeAttempts, count_code_attempts, forget_code_attempts};
pub use contacts::{ContactRow, contact, erase_contact, set_contact};
pub use customer::{
    LOTS_AT_FIRST, coupons_of_customer, held_coupon, links_of_customer, look_at_customer, member_rank,
};
pub use decision::{Decision, Loaded, LotsNeeded, Needs, Next, ToWrite, perform};
pub use desk::{AttachmentRow, DeskDocument, attachment, desk_documents, publish_desk_document};
pub use dials::{DialRow, DialState, claim_dial, dial, due_dials, settle_dial};
pub use entries::{EntryRow, PostingRow, entries_of_customer, entries_of_order};
pub use events::{DueRow, OUTBOX, dues_until, end_due, postpone_due, write_event};
pub use export::{
    ExportFilter, ExportedOrder, ExportedPosting, last_entries, lots_of_customer, orders_to_export,
    postings_to_export,
};
pub use feed::{
    FEED, FeedBounds, FeedEvent, feed_bounds, feed_of_customer, feed_readers, forget_events,
    oldest_untold_event, publish_events, span_of_feed, take_in_events,
};
pub use gift_cards::{
    GiftCardRow, cards_that_end, confirm_gift_card, gift_card, gift_card_by_id, gift_cards,
    gift_cards_of_batch, new_gift_card, release_gift_card, reserve_gift_card, reserved_gift_cards,
};
pub use guided_runs::{
    GuidedRunOf, GuidedRunRow, guided_run, guided_run_by_id, keep_guided_run, latest_guided_run,
    read_guided_run,
};
pub use handovers::{HandoverRow, forget_handovers, handover};
pub use help::{
    HelpSearchRow, QUESTIONS_PER_DAY_MAX, activate_help, active_help, active_help_files, count_help_search,
    forget_help_searches, help_searches,
};
pub use keys::{KeyRecord, key_of_customer};
pub use leases::{give_back_lease, take_lease};
pub use limits::{Counted, Counting, count, counted, forget_limits};
pub use links::{
    LinkAsk, LinkAskRow, LinkOutcome, LinkRow, always_use, end_link, keep_partner_balance, link_ask,
    links_with_times, new_link, open_link_ask, open_link_asks, postpone_link_ask,
};
pub use locked::write_together;
pub use market_versions::{
    ActiveMarket, activate_market, active_markets, keep_market_version, market_version,
};
pub use messages::{
    MessageRow, MessageState, claim_message, due_messages, end_message, forget_messages, messages_of_customer,
};
pub use order_numbers::{OrderNumber, OrderNumbers, order_by_number};
pub use orders::{NewOrder, OrderRow, order_of_customer, orders_in_trouble, orders_of_customer};
pub use presence::{
    Presence, PresenceRow, agents_of_queue, keep_presence, present_in_market, queues_of_agent,
};
pub use quotas::{QuotaUse, Quotas, lapsed_uses, returned_uses, uses_not_confirmed};
pub use sessions::{
    LockedSessions, SessionLocks, SessionRow, SessionsOf, change_sessions, forget_sessions, open_sessions,
    session, session_by_id, session_was_used,
};
pub use share_links::{ShareLink, new_share_link, revoke_share_links, share_link};
pub use table::{TABLES, TABLES_LEFT_OUT, Table, TableRow};
pub use tables::{MARKET_BOOKS, MIGRATIONS};
pub use tracking::{
    KeyedEvent, ShipmentOf, keep_tracking_events, read_tracking_event, shipment_by_id,
    shipments_of_customer_by_number, shipments_of_number, tracking_events, tracking_events_of,
};
pub use value_reports::{
    AccountInPeriod, AccountSum, CouponCount, LotSum, Range, account_sums, accounts_in_period, coupon_counts,
    lot_sums, lots_of_range, next_range, quotas_of_market,
};
pub use verification_codes::{VerificationRow, change_verification_code, forget_verification_codes};
pub use verify::{
    BookDifference, BookTotals, CaseChain, CaseEventKept, Checking, CouponUses, CustomerRange, KeyAnswer,
    OrderColumns, OrderPosting, ValueSum,
};
pub use wallet::{
    LotPosting, StatementLine, StatementPage, StatementPlace, all_lots_of_customer, debts_at, lot_postings,
    lots_as_posted, statement_of_customer,
};
pub use webhook_deliveries::{
    DeliveryState, WebhookDelivery, claim_delivery, deliveries_of_endpoint, delivery, due_deliveries,
    forget_deliveries, write_about_endpoint,
};
pub use webhook_endpoints::{
    WebhookEndpoint, change_endpoint, disable_endpoint, endpoint, endpoint_fails, endpoint_is_well,
    endpoints, new_endpoint, remove_endpoint,
};

use jiff::Timestamp;

use crate::sql::StoreError;

/// Epoch milliseconds.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A time from epoch milliseconds.
pub(crate) fn timestamp(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis)
        .map_err(|error| StoreError::Defect { reason: format!("a time in the database: {error}") })
}

/// A word in the database that the program does not know.
pub(crate) fn unknown(what: &str, word: &str) -> StoreError {
    StoreError::Defect { reason: format!("{what} {word:?} in the database is not known") }
}
