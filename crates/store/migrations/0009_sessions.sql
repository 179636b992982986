-- Who uses the pages: browsers of visitors, customers and staff, each found by a keyed hash of its cookie, which is
-- nowhere else. version counts the changes of the cart. ends_at is when it ends as things stand, or did: at the end of
-- its time, when nobody used it for too long, or when somebody ended it.
CREATE TABLE sessions (
    token_hash {text} NOT NULL PRIMARY KEY,
    session_id {text} NOT NULL UNIQUE,
    subject_kind {text} NOT NULL CHECK (subject_kind IN ('anonymous', 'customer', 'staff')),
    subject_id {text},
    role {text},
    market {text} NOT NULL,
    language {text} NOT NULL,
    device TEXT NOT NULL,
    cart {document},
    version BIGINT NOT NULL CHECK (version >= 0),
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT,
    CHECK ((subject_kind = 'anonymous') = (subject_id IS NULL)),
    CHECK ((subject_kind = 'staff') = (role IS NOT NULL))
);
CREATE INDEX sessions_of_subject ON sessions (subject_kind, subject_id, ends_at) WHERE subject_id IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Customers whom a shop's program hands over, signed in, to the pages: once, for a moment. body_digest is of what was
-- asked under the idempotency key.
CREATE TABLE handovers (
    code_hash {text} NOT NULL PRIMARY KEY,
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    language {text} NOT NULL,
    cart {document},
    body_digest {text} NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX handovers_by_end ON handovers (expires_at);
