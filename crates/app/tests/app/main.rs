//! The use cases, each on both databases, with outside parties that do what a script says.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod adjust_balance;
mod api_keys;
mod audit;
mod callbacks;
mod callbacks_model;
mod calls_of_cases;
mod case_levels;
mod cases;
mod compare_market;
mod contact;
mod coupon_quota;
mod desk_work;
mod dials;
mod dues;
mod events;
mod gift_cards;
mod grant_value;
mod hear_payment_provider;
mod help;
mod link_program;
mod messages;
mod order_numbers;
mod order_story;
mod parcels;
mod parcels_missing;
mod parcels_of_others;
mod preview_refund;
mod quote_in_ways;
mod receiver;
mod redeem_gift_card;
mod reports;
mod returns;
mod sessions;
mod smtp;
mod troubles;
mod verification_codes;
mod verify_books;
mod wallet;
mod webhooks;
