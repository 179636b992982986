-- What is known of a customer in a market. Its row is the lock of all that is the customer's there.
CREATE TABLE customers (
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    member_rank {text},
    orders_placed BIGINT NOT NULL CHECK (orders_placed >= 0),
    last_entry_at BIGINT,
    PRIMARY KEY (customer_id, market)
) {clustered_roomy};

CREATE TABLE customer_coupons (
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    coupon_id {text} NOT NULL,
    uses BIGINT NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (customer_id, market, coupon_id)
) {clustered_roomy};

-- Partners' programs that a customer has linked, with what the partner last said.
CREATE TABLE links (
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    program {text} NOT NULL,
    account {text} NOT NULL,
    always_use BIGINT NOT NULL CHECK (always_use IN (0, 1)),
    balance BIGINT NOT NULL CHECK (balance >= 0),
    earned_last_3_months BIGINT NOT NULL CHECK (earned_last_3_months >= 0),
    earned_this_month BIGINT NOT NULL CHECK (earned_this_month >= 0),
    seen_at BIGINT,
    PRIMARY KEY (customer_id, market, program)
) {clustered};

-- What partners are asked about links, written down before they are asked; the ask is forgotten once it is
-- answered, because it may hold a one-time code.
CREATE TABLE link_asks (
    customer_id {text} NOT NULL,
    ask_id {text} NOT NULL,
    market {text} NOT NULL,
    program {text} NOT NULL,
    ask TEXT,
    state {text} NOT NULL CHECK (state IN ('open', 'settled')),
    outcome TEXT,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    next_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, ask_id),
    CHECK ((state = 'open') = (ask IS NOT NULL)),
    CHECK ((state = 'open') = (outcome IS NULL))
) {clustered};
CREATE UNIQUE INDEX link_asks_open_once ON link_asks (customer_id, market, program) WHERE state = 'open';
CREATE INDEX link_asks_open ON link_asks (next_at) WHERE state = 'open';

-- Value granted together. kind is empty for a program without kinds. open tells whether anything remains: an
-- index that said so itself would have to change with every point.
CREATE TABLE lots (
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
) {clustered_roomy};
-- Ends with what tells pending lots from usable ones, so that those need not be looked at.
CREATE INDEX lots_open ON lots (customer_id, market, program, kind, expires_at, lot_id, available_at) WHERE open = 1;

-- Points that were taken back after they had been spent.
CREATE TABLE debts (
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    program {text} NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    PRIMARY KEY (customer_id, market, program)
) {clustered};

-- Documents are large: they stay in the order of their coming.
CREATE TABLE orders (
    customer_id {text} NOT NULL,
    order_id {text} NOT NULL,
    market {text} NOT NULL,
    number {text} NOT NULL,
    number_place BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    state {text} NOT NULL,
    payment_state {text} NOT NULL,
    total BIGINT NOT NULL CHECK (total >= 0),
    refunded BIGINT NOT NULL CHECK (refunded >= 0 AND refunded <= total),
    troubles BIGINT NOT NULL CHECK (troubles >= 0),
    version BIGINT NOT NULL,
    document {document} NOT NULL,
    quote {document} NOT NULL,
    PRIMARY KEY (customer_id, order_id)
) {documents};

-- Orders that staff have to look at; those of a market by customer.
CREATE INDEX orders_in_trouble ON orders (market, customer_id, order_id) WHERE troubles > 0;

-- Counts of which numbers are made, each under its own key.
CREATE TABLE number_series (
    name {text} NOT NULL PRIMARY KEY,
    secret {text} NOT NULL,
    next BIGINT NOT NULL CHECK (next >= 0)
) {clustered};

-- Whose order a number is, for those who know only the number. Its place follows from it, and grows from order to
-- order.
CREATE TABLE order_numbers (
    place BIGINT NOT NULL PRIMARY KEY,
    number {text} NOT NULL,
    customer_id {text} NOT NULL,
    order_id {text} NOT NULL
) {clustered};

-- The journal. postings is a list of what moved, each as a list of account, unit, lot or null, and amount: an entry is
-- made as a whole and never changed, so it is one row.
CREATE TABLE entries (
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
) {clustered};
{append_only entries}

-- The postings of entries as rows, in their places, each with what its entry says.
CREATE VIEW postings AS
SELECT e.customer_id, e.entry_id, {place_in_list} AS place, {text_of_list 0} AS account, {text_of_list 1} AS unit,
       {text_of_list 2} AS lot_id, {number_of_list 3} AS amount,
       e.market, e.made_at, e.reason, e.order_id, e.note, e.made_by
FROM entries AS e {each_of e.postings};

-- What a caller was answered under an idempotency key.
CREATE TABLE idempotency_keys (
    customer_id {text} NOT NULL,
    idempotency_key {text} NOT NULL,
    body_digest {text} NOT NULL,
    answer TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, idempotency_key)
) {clustered};

-- What others are asked for an order, written down before they are asked. turn counts the asks of an order as they
-- were written: ids follow clocks, and a clock may go back.
CREATE TABLE asks (
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
) {clustered};
CREATE INDEX asks_open ON asks (next_at) WHERE state = 'open';

-- What time brings, in the order of its coming; of one time what is newest last.
CREATE TABLE dues (
    customer_id {text} NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    market {text} NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (due_at, subject, kind, customer_id)
) {clustered};

-- What others hear of; in the order of event_id as far as clocks agree, so that new ones stand together.
CREATE TABLE events (
    customer_id {text} NOT NULL,
    event_id {text} NOT NULL,
    market {text} NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    part {text},
    happened_at BIGINT NOT NULL,
    told BIGINT NOT NULL CHECK (told IN (0, 1)),
    PRIMARY KEY (event_id, customer_id)
) {clustered};
CREATE INDEX events_untold ON events (event_id) WHERE told = 0;

-- Gift cards, found by a keyed hash of their code; the code itself is nowhere. batch_id is the order's id for
-- cards that were bought; replaces is the card that this one was issued in place of.
CREATE TABLE gift_cards (
    code_hash {text} NOT NULL PRIMARY KEY,
    card_id {text} NOT NULL UNIQUE,
    batch_id {text} NOT NULL,
    market {text} NOT NULL,
    program {text} NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    issued_at BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    replaces {text} UNIQUE,
    state {text} NOT NULL CHECK (state IN ('active', 'reserved', 'redeemed', 'withdrawn', 'expired')),
    customer_id {text},
    changed_at BIGINT,
    CHECK ((state IN ('reserved', 'redeemed')) = (customer_id IS NOT NULL))
) {clustered};
CREATE INDEX gift_cards_of_batch ON gift_cards (batch_id, card_id);
CREATE INDEX gift_cards_reserved ON gift_cards (changed_at) WHERE state = 'reserved';
CREATE INDEX gift_cards_active ON gift_cards (expires_at) WHERE state = 'active';

-- Tries of codes by customer or address, both only as keyed hashes. failed_at has epoch milliseconds, parted by
-- spaces; forgotten_at is when a row has nothing more to say.
CREATE TABLE code_attempts (
    subject {text} NOT NULL PRIMARY KEY,
    failed_at TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL
) {clustered};
CREATE INDEX code_attempts_forgotten ON code_attempts (forgotten_at);

-- Coupons with a total quota, and who has taken a use of it. A use is reserved before its order is placed and
-- confirmed together with the order; one that came back with a cancelled order is counted until it is swept.
CREATE TABLE quotas (
    market {text} NOT NULL,
    coupon_id {text} NOT NULL,
    quota BIGINT NOT NULL,
    taken BIGINT NOT NULL CHECK (taken >= 0 AND taken <= quota),
    PRIMARY KEY (market, coupon_id)
) {clustered};
CREATE TABLE quota_uses (
    market {text} NOT NULL,
    coupon_id {text} NOT NULL,
    order_id {text} NOT NULL,
    customer_id {text} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('reserved', 'confirmed', 'returned')),
    reserved_at BIGINT NOT NULL,
    PRIMARY KEY (market, coupon_id, order_id)
) {clustered};
CREATE INDEX quota_uses_reserved ON quota_uses (reserved_at) WHERE state = 'reserved';
CREATE INDEX quota_uses_returned ON quota_uses (market, coupon_id, order_id) WHERE state = 'returned';

-- Adjustments that wait for a second person, and what became of them.
CREATE TABLE adjustments (
    adjustment_id {text} NOT NULL PRIMARY KEY,
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    adjustment TEXT NOT NULL,
    state {text} NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    asked_by {text} NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by {text},
    decided_at BIGINT,
    CHECK ((state = 'waiting') = (decided_by IS NULL)),
    CHECK (decided_by <> asked_by OR state = 'rejected')
) {clustered};
CREATE INDEX adjustments_waiting ON adjustments (market, adjustment_id) WHERE state = 'waiting';

-- The files of every market version that an order was placed under.
CREATE TABLE market_versions (
    version {text} NOT NULL PRIMARY KEY,
    market {text} NOT NULL,
    files TEXT NOT NULL,
    first_used_at BIGINT NOT NULL
) {clustered};

-- Works of several processes that only one may do at a time.
CREATE TABLE leases (
    name {text} NOT NULL PRIMARY KEY,
    holder {text} NOT NULL,
    held_until BIGINT NOT NULL
) {clustered};
