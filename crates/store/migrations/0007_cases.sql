-- Cases: what is searched by. Each is the fold of its events.
CREATE TABLE cases (
    customer_id {text} NOT NULL,
    case_id {text} NOT NULL,
    market {text} NOT NULL,
    number {text} NOT NULL,
    topic {text} NOT NULL,
    question {text} NOT NULL,
    order_id {text} NOT NULL,
    state {text} NOT NULL
        CHECK (state IN ('new', 'open', 'pending_customer', 'on_hold', 'solved', 'closed', 'merged')),
    queue {text} NOT NULL,
    skill {text} NOT NULL,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 0 AND 3),
    owner {text} NOT NULL,
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    unanswered_since BIGINT,
    due_at BIGINT,
    version BIGINT NOT NULL CHECK (version > 0),
    last_hash {text} NOT NULL,
    PRIMARY KEY (customer_id, case_id)
) {clustered_roomy};
CREATE INDEX cases_by_id ON cases (case_id);
CREATE INDEX cases_at_the_desk ON cases (market, queue, priority, case_id)
    WHERE state IN ('new', 'open', 'pending_customer', 'on_hold');
CREATE INDEX cases_due ON cases (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE case_numbers (
    number {text} NOT NULL PRIMARY KEY,
    customer_id {text} NOT NULL,
    case_id {text} NOT NULL
) {clustered};

-- What happened to cases: numbered without gaps, each with the hash of the one before.
CREATE TABLE case_events (
    customer_id {text} NOT NULL,
    case_id {text} NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    happened_at BIGINT NOT NULL,
    document {document} NOT NULL,
    prev_hash {text} NOT NULL,
    hash {text} NOT NULL,
    PRIMARY KEY (customer_id, case_id, seq)
);
{append_only case_events}

-- Pictures, drawn anew, in base64.
CREATE TABLE attachments (
    customer_id {text} NOT NULL,
    attachment_id {text} NOT NULL,
    case_id {text} NOT NULL,
    name {text} NOT NULL,
    media_type {text} NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes > 0),
    sha256 {text} NOT NULL,
    content {document} NOT NULL,
    PRIMARY KEY (customer_id, attachment_id)
);
{append_only attachments}

CREATE TABLE chats (
    customer_id {text} NOT NULL,
    chat_id {text} NOT NULL,
    market {text} NOT NULL,
    case_id {text} NOT NULL,
    state {text} NOT NULL CHECK (state IN ('queued', 'assigned', 'active', 'ended')),
    staff_id {text} NOT NULL,
    alias {text} NOT NULL,
    end_reason {text} NOT NULL,
    queued_at BIGINT NOT NULL,
    front BIGINT NOT NULL CHECK (front IN (0, 1)),
    last_seq BIGINT NOT NULL CHECK (last_seq >= 0),
    customer_seen_at BIGINT NOT NULL,
    agent_seen_at BIGINT,
    last_said_at BIGINT NOT NULL,
    warned_at BIGINT,
    due_at BIGINT,
    transcript_sha256 {text},
    PRIMARY KEY (customer_id, chat_id),
    CHECK ((state = 'ended') = (due_at IS NULL)),
    CHECK ((state = 'ended') = (end_reason <> '')),
    CHECK ((state IN ('assigned', 'active')) = (staff_id <> ''))
) {clustered_roomy};
CREATE UNIQUE INDEX chats_open_once ON chats (customer_id, market) WHERE state <> 'ended';
CREATE INDEX chats_by_id ON chats (chat_id);
CREATE INDEX chats_waiting ON chats (market, front, queued_at, chat_id) WHERE state = 'queued';
CREATE INDEX chats_due ON chats (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE chat_lines (
    customer_id {text} NOT NULL,
    chat_id {text} NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    said_at BIGINT NOT NULL,
    sender {text} NOT NULL CHECK (sender IN ('customer', 'agent', 'system')),
    client_id {text},
    document {document} NOT NULL,
    PRIMARY KEY (customer_id, chat_id, seq)
);
CREATE UNIQUE INDEX chat_lines_once ON chat_lines (customer_id, chat_id, sender, client_id)
    WHERE client_id IS NOT NULL;
{append_only chat_lines}

-- Templates of replies and macros of the desk: each version stays as it was published. language is empty for macros.
CREATE TABLE desk_documents (
    market {text} NOT NULL,
    kind {text} NOT NULL CHECK (kind IN ('template', 'macro')),
    key {text} NOT NULL,
    language {text} NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    document {document} NOT NULL,
    published_by {text} NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (market, kind, key, language, version)
);
{append_only desk_documents}
