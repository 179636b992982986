-- Requests to be called, each as a document with what is searched by beside it. number_hash is a keyed hash; the number
-- itself is sealed in the document. agent_id is who has it now; next_at is when time alone changes something.
CREATE TABLE callbacks (
    callback_id {text} NOT NULL PRIMARY KEY,
    market {text} NOT NULL,
    queue {text} NOT NULL,
    customer_id {text} NOT NULL,
    number_hash {text} NOT NULL,
    state {text} NOT NULL,
    open BIGINT NOT NULL CHECK (open IN (0, 1)),
    agent_id {text},
    urgent BIGINT NOT NULL CHECK (urgent IN (0, 1)),
    place_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    next_at BIGINT,
    version BIGINT NOT NULL,
    document {document} NOT NULL,
    CHECK ((open = 1) = (next_at IS NOT NULL)),
    CHECK (agent_id IS NULL OR open = 1)
);
CREATE UNIQUE INDEX callbacks_open_of_number ON callbacks (number_hash) WHERE open = 1;
CREATE UNIQUE INDEX callbacks_open_of_customer ON callbacks (customer_id, market) WHERE open = 1;
CREATE UNIQUE INDEX callbacks_of_agent ON callbacks (agent_id) WHERE agent_id IS NOT NULL;
CREATE INDEX callbacks_waiting ON callbacks (market, queue, place_at, callback_id) WHERE state IN ('queued', 'offered');
CREATE INDEX callbacks_due ON callbacks (next_at) WHERE open = 1;
CREATE INDEX callbacks_of_queue ON callbacks (market, queue, due_at, callback_id);

-- Who is at the desk: a row for each queue that an agent serves, which ends by itself.
CREATE TABLE agent_presence (
    market {text} NOT NULL,
    queue {text} NOT NULL,
    agent_id {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('ready', 'busy')),
    calls BIGINT NOT NULL CHECK (calls IN (0, 1)),
    chats_max BIGINT NOT NULL CHECK (chats_max >= 0),
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (market, queue, agent_id)
) {clustered_roomy};

-- Numbers whose owner does not want to be called, known only as keyed hashes.
CREATE TABLE numbers_not_called (
    number_hash {text} NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
) {clustered};

-- Numbers that customers have proved to be theirs, known only as keyed hashes.
CREATE TABLE verified_numbers (
    customer_id {text} NOT NULL,
    number_hash {text} NOT NULL,
    verified_at BIGINT NOT NULL,
    PRIMARY KEY (customer_id, number_hash)
) {clustered};
