{sqlite}
-- Lots, entries, asks and idempotency keys stay in the order of their coming, with an index by customer. Kept in the
-- order of their keys, each new row split and shifted pages of its own; now those of a batch share pages.
DROP VIEW postings;

CREATE TABLE new_lots (
    customer_id {text} NOT NULL,
    lot_id {text} NOT NULL,
    market {text} NOT NULL,
    program {text} NOT NULL,
    kind {text} NOT NULL,
    granted BIGINT NOT NULL CHECK (granted > 0),
    remaining BIGINT NOT NULL CHECK (remaining >= 0),
    open BIGINT NOT NULL CHECK (open = CASE WHEN remaining > 0 THEN 1 ELSE 0 END),
    expired BIGINT NOT NULL CHECK (expired >= 0),
    granted_at BIGINT NOT NULL,
    pending_at BIGINT NOT NULL,
    available_at BIGINT NOT NULL,
    expires_at BIGINT,
    renewed BIGINT NOT NULL CHECK (renewed IN (0, 1)),
    void BIGINT NOT NULL CHECK (void IN (0, 1)),
    origin {text} NOT NULL,
    origin_id {text} NOT NULL,
    PRIMARY KEY (customer_id, lot_id),
    CHECK (remaining + expired <= granted)
);
INSERT INTO new_lots SELECT * FROM lots ORDER BY granted_at;
DROP TABLE lots;
ALTER TABLE new_lots RENAME TO lots;
CREATE INDEX lots_open ON lots (customer_id, market, program, kind, expires_at, lot_id, available_at) WHERE open = 1;

CREATE TABLE new_entries (
    customer_id {text} NOT NULL,
    entry_id {text} NOT NULL,
    market {text} NOT NULL,
    made_at BIGINT NOT NULL,
    reason {text} NOT NULL,
    order_id {text},
    note TEXT,
    made_by {text} NOT NULL,
    postings TEXT NOT NULL,
    PRIMARY KEY (customer_id, entry_id)
);
INSERT INTO new_entries SELECT * FROM entries ORDER BY made_at;
DROP TABLE entries;
ALTER TABLE new_entries RENAME TO entries;
{append_only entries}
CREATE VIEW postings AS
SELECT e.customer_id, e.entry_id, {place_in_list} AS place, {text_of_list 0} AS account, {text_of_list 1} AS unit,
       {text_of_list 2} AS lot_id, {number_of_list 3} AS amount,
       e.market, e.made_at, e.reason, e.order_id, e.note, e.made_by
FROM entries AS e {each_of e.postings};

CREATE TABLE new_idempotency_keys (
    customer_id {text} NOT NULL,
    idempotency_key {text} NOT NULL,
    body_digest {text} NOT NULL,
    answer TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, idempotency_key)
);
INSERT INTO new_idempotency_keys SELECT * FROM idempotency_keys ORDER BY answered_at;
DROP TABLE idempotency_keys;
ALTER TABLE new_idempotency_keys RENAME TO idempotency_keys;

CREATE TABLE new_asks (
    customer_id {text} NOT NULL,
    ask_id {text} NOT NULL,
    order_id {text} NOT NULL,
    market {text} NOT NULL,
    party {text} NOT NULL,
    ask TEXT NOT NULL,
    state {text} NOT NULL CHECK (state IN ('open', 'settled')),
    outcome TEXT,
    reference {text},
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    next_at BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (customer_id, order_id, ask_id)
);
INSERT INTO new_asks SELECT * FROM asks ORDER BY order_id, turn;
DROP TABLE asks;
ALTER TABLE new_asks RENAME TO asks;
CREATE INDEX asks_open ON asks (next_at) WHERE state = 'open';
CREATE INDEX asks_by_reference ON asks (reference) WHERE reference IS NOT NULL;
{both}
