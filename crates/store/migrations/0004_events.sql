-- seq is the place of an event in the feed, without gaps, in the order in which readers get them; an event has none
-- until it is told. data is JSON.
ALTER TABLE events ADD COLUMN data TEXT;
ALTER TABLE events ADD COLUMN seq BIGINT;
ALTER TABLE events ADD COLUMN told_at BIGINT;
CREATE UNIQUE INDEX events_in_feed ON events (seq) WHERE seq IS NOT NULL;
CREATE INDEX events_of_customer ON events (customer_id, seq) WHERE seq IS NOT NULL;

-- What a provider tells by itself names its own ids.
CREATE INDEX asks_by_reference ON asks (reference) WHERE reference IS NOT NULL;

-- How far the feed is. Its row is the lock of all who number events. Events up to forgotten_seq are gone.
CREATE TABLE feed (
    name {text} NOT NULL PRIMARY KEY,
    last_seq BIGINT NOT NULL CHECK (last_seq >= forgotten_seq),
    forgotten_seq BIGINT NOT NULL CHECK (forgotten_seq >= 0)
) {clustered};

-- How far those have read who pass events on.
CREATE TABLE feed_readers (
    name {text} NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL CHECK (seq >= 0)
) {clustered};

-- Whom events are sent to. kinds are parted by spaces, none stands for all. Secrets are encrypted; the one before
-- signs too until before_until.
CREATE TABLE webhook_endpoints (
    endpoint_id {text} NOT NULL PRIMARY KEY,
    market {text},
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    description TEXT NOT NULL,
    state {text} NOT NULL CHECK (state IN ('enabled', 'disabled')),
    disabled_because {text},
    secret TEXT NOT NULL,
    secret_before TEXT,
    before_until BIGINT,
    from_seq BIGINT NOT NULL,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    CHECK ((secret_before IS NULL) = (before_until IS NULL))
) {clustered};

-- A message for an endpoint, whose body never changes however often it is sent. seq is absent for tests.
CREATE TABLE webhook_deliveries (
    endpoint_id {text} NOT NULL,
    message_id {text} NOT NULL,
    seq BIGINT,
    kind {text} NOT NULL,
    body TEXT NOT NULL,
    state {text} NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    next_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    tried_at BIGINT,
    status BIGINT,
    fault {text},
    PRIMARY KEY (endpoint_id, message_id)
) {clustered};
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at, message_id) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (queued_at);

-- How a customer is written to. Nothing of it stands anywhere else.
CREATE TABLE contacts (
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    email TEXT NOT NULL,
    language {text} NOT NULL CHECK (language IN ('ja', 'en')),
    points_notices BIGINT NOT NULL CHECK (points_notices IN (0, 1)),
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, market)
) {clustered};

-- Messages to customers, each once: about is what it is about, an event or a lot in a month.
CREATE TABLE messages (
    customer_id {text} NOT NULL,
    about {text} NOT NULL,
    template {text} NOT NULL,
    market {text} NOT NULL,
    subject {text} NOT NULL,
    data TEXT NOT NULL,
    state {text} NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'skipped')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    next_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    done_at BIGINT,
    fault {text},
    PRIMARY KEY (customer_id, about, template)
) {clustered};
CREATE INDEX messages_due ON messages (next_at) WHERE state = 'queued';
CREATE INDEX messages_by_time ON messages (queued_at);
