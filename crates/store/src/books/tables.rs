//! The tables. `customer_id` leads every key and index of wallet, order and journal tables, so that a money
//! transaction touches one customer's rows only; what all customers share has tables of its own.

use crate::sql::Migration;

/// The customer under whom the market itself keeps books: issued gift cards.
pub const MARKET_BOOKS: &str = "@market";

/// All migrations, in order. Once published, a text never changes.
pub static MIGRATIONS: [Migration; 13] = [
    Migration { number: 1, name: "books", sql: include_str!("../../migrations/0001_books.sql") },
    Migration { number: 2, name: "identity", sql: include_str!("../../migrations/0002_identity.sql") },
    Migration { number: 3, name: "markets", sql: include_str!("../../migrations/0003_markets.sql") },
    Migration { number: 4, name: "events", sql: include_str!("../../migrations/0004_events.sql") },
    Migration { number: 5, name: "callbacks", sql: include_str!("../../migrations/0005_callbacks.sql") },
    Migration { number: 6, name: "parcels", sql: include_str!("../../migrations/0006_parcels.sql") },
    Migration { number: 7, name: "cases", sql: include_str!("../../migrations/0007_cases.sql") },
    Migration { number: 8, name: "help", sql: include_str!("../../migrations/0008_help.sql") },
    Migration { number: 9, name: "sessions", sql: include_str!("../../migrations/0009_sessions.sql") },
    Migration { number: 10, name: "levels", sql: include_str!("../../migrations/0010_levels.sql") },
    Migration {
        number: 11,
        name: "chats of agents",
        sql: include_str!("../../migrations/0011_chats_of_agents.sql"),
    },
    Migration {
        number: 12,
        name: "standing of cases",
        sql: include_str!("../../migrations/0012_standing_of_cases.sql"),
    },
    Migration {
        number: 13,
        name: "in the order of their coming",
        sql: include_str!("../../migrations/0013_in_the_order_of_their_coming.sql"),
    },
];
