-- What the desk looks for beside whose a case is: little time left, and actions that wait for a second person.
ALTER TABLE cases ADD COLUMN is_near BIGINT NOT NULL DEFAULT 0 CHECK (is_near IN (0, 1));
ALTER TABLE cases ADD COLUMN waiting_actions BIGINT NOT NULL DEFAULT 0 CHECK (waiting_actions >= 0);

-- Both are reckoned from the events: the worker looks at each open case once.
UPDATE cases SET due_at = 0 WHERE state IN ('new', 'open', 'pending_customer', 'on_hold');
