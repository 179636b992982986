-- Keys of programs that call the service. rights are words parted by spaces; used_at is coarse.
CREATE TABLE api_keys (
    key_id {text} NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    made_by {text} NOT NULL,
    expires_at BIGINT,
    ended_at BIGINT,
    used_at BIGINT
) {clustered_roomy};

-- What a key's programs may send, found by a keyed hash; the secret itself is nowhere. A rotated key has two for a
-- while: the older one has an end.
CREATE TABLE api_key_secrets (
    secret_hash {text} NOT NULL PRIMARY KEY,
    key_id {text} NOT NULL,
    made_at BIGINT NOT NULL,
    valid_until BIGINT
) {clustered};
CREATE INDEX api_key_secrets_of_key ON api_key_secrets (key_id);

-- What was counted of a subject lately: in the window that begins then, and in the one before it. Subjects that are
-- personal are keyed hashes.
CREATE TABLE limits (
    subject {text} NOT NULL PRIMARY KEY,
    begins_at BIGINT NOT NULL,
    counted BIGINT NOT NULL CHECK (counted >= 0),
    counted_before BIGINT NOT NULL CHECK (counted_before >= 0),
    forgotten_at BIGINT NOT NULL
) {clustered_roomy};
CREATE INDEX limits_forgotten ON limits (forgotten_at);

-- Codes that prove who is asking. challenge is a keyed hash of who, for what and about what; code_hash is absent once
-- the code was used. sent_at has epoch milliseconds of the codes sent lately, parted by spaces.
CREATE TABLE verification_codes (
    challenge {text} NOT NULL PRIMARY KEY,
    code_hash {text},
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries BETWEEN 0 AND 5),
    sent_at TEXT NOT NULL,
    forgotten_at BIGINT NOT NULL
) {clustered_roomy};
CREATE INDEX verification_codes_forgotten ON verification_codes (forgotten_at);

-- What staff and programs did, and who looked at personal data and why. Rows are written together with what they tell
-- of; a worker links them afterwards, so that nobody waits for the chain.
CREATE TABLE audit_rows (
    row_id {text} NOT NULL PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    made_by {text} NOT NULL,
    action {text} NOT NULL,
    subject {text} NOT NULL,
    customer_id {text},
    reason TEXT,
    details TEXT
) {clustered};
CREATE INDEX audit_rows_of_customer ON audit_rows (customer_id, row_id) WHERE customer_id IS NOT NULL;
CREATE INDEX audit_rows_made_by ON audit_rows (made_by, row_id);
{append_only audit_rows}

-- Rows that are not linked yet.
CREATE TABLE audit_waiting (
    row_id {text} NOT NULL PRIMARY KEY
) {clustered};

-- The chain: each hash covers the one before it, its place and its row.
CREATE TABLE audit_links (
    place BIGINT NOT NULL PRIMARY KEY CHECK (place > 0),
    row_id {text} NOT NULL UNIQUE,
    hash {text} NOT NULL
) {clustered};
{append_only audit_links}

-- The end of the chain, sealed with a key that is not in the database.
CREATE TABLE audit_heads (
    chain {text} NOT NULL PRIMARY KEY CHECK (chain = 'audit'),
    place BIGINT NOT NULL CHECK (place >= 0),
    hash {text} NOT NULL,
    seal {text} NOT NULL
) {clustered_roomy};
