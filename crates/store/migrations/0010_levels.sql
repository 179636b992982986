-- When the first of a case's service levels ends; the desk sees its cases in that order.
ALTER TABLE cases ADD COLUMN ends_at BIGINT;
DROP INDEX cases_at_the_desk;
CREATE INDEX cases_at_the_desk ON cases (market, queue, ends_at, case_id)
    WHERE state IN ('new', 'open', 'pending_customer', 'on_hold');

-- The last call-back of a customer, for those who come again soon with the same matter.
CREATE INDEX callbacks_of_customer ON callbacks (customer_id, market, callback_id);

-- Calls that a dialler is asked to make, each under its own id, written together with the accepting. unsure says that a try
-- may have reached the dialler without our having heard of it.
CREATE TABLE dials (
    dial_id {text} NOT NULL PRIMARY KEY,
    callback_id {text} NOT NULL,
    customer_id {text} NOT NULL,
    market {text} NOT NULL,
    agent_id {text} NOT NULL,
    attempt BIGINT NOT NULL CHECK (attempt > 0),
    state {text} NOT NULL CHECK (state IN ('asked', 'taken', 'failed', 'over')),
    tries BIGINT NOT NULL CHECK (tries >= 0),
    unsure BIGINT NOT NULL CHECK (unsure IN (0, 1)),
    asked_at BIGINT NOT NULL,
    void_at BIGINT NOT NULL,
    next_at BIGINT,
    CHECK ((state = 'asked') = (next_at IS NOT NULL))
) {clustered_roomy};
CREATE INDEX dials_due ON dials (next_at) WHERE next_at IS NOT NULL;
