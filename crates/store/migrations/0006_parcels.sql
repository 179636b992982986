-- Whose a shipment is, for those who know only its id.
CREATE TABLE shipments (
    shipment_id {text} NOT NULL PRIMARY KEY,
    customer_id {text} NOT NULL,
    order_id {text} NOT NULL,
    market {text} NOT NULL
) {clustered};

-- Whose shipment a tracking number is of. A number may be used again, and by several shipments.
CREATE TABLE tracking_numbers (
    number {text} NOT NULL,
    customer_id {text} NOT NULL,
    shipment_id {text} NOT NULL,
    order_id {text} NOT NULL,
    market {text} NOT NULL,
    PRIMARY KEY (number, customer_id, shipment_id)
) {clustered};

-- What carriers told of numbers, each once: event_key is a digest of all that was said. status is empty where the
-- carrier's words are not known; told_by is who passed it on.
CREATE TABLE tracking_events (
    number {text} NOT NULL,
    event_key {text} NOT NULL,
    carrier {text} NOT NULL,
    status {text},
    happened_at BIGINT NOT NULL,
    place TEXT,
    words TEXT,
    event_id {text},
    received_at BIGINT NOT NULL,
    told_by {text} NOT NULL,
    PRIMARY KEY (number, event_key)
) {clustered};
{append_only tracking_events}

-- Links by which customers show a shipment to others. The link itself is nowhere: its other half is a signature.
CREATE TABLE share_links (
    customer_id {text} NOT NULL,
    link_id {text} NOT NULL UNIQUE,
    market {text} NOT NULL,
    order_id {text} NOT NULL,
    shipment_id {text} NOT NULL,
    shared_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (customer_id, link_id)
) {clustered};

-- Guided checks: what a customer was asked and answered, as a document. subject is a shipment.
CREATE TABLE guided_runs (
    customer_id {text} NOT NULL,
    run_id {text} NOT NULL,
    market {text} NOT NULL,
    flow {text} NOT NULL,
    order_id {text} NOT NULL,
    subject {text} NOT NULL,
    ended BIGINT NOT NULL CHECK (ended IN (0, 1)),
    changed_at BIGINT NOT NULL,
    document {document} NOT NULL,
    PRIMARY KEY (customer_id, run_id)
);
CREATE INDEX guided_runs_of_subject ON guided_runs (customer_id, flow, subject, run_id);
