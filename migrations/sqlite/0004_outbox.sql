-- What is sent next, however much waits: the most urgent first, what was never tried before what was.
CREATE INDEX mails_next ON mails (urgency, (CASE WHEN attempts > 0 THEN 1 ELSE 0 END), next_attempt_at, to_address)
    WHERE state = 'waiting';
-- What is under way at any node.
CREATE INDEX mails_sending ON mails (claimed_by) WHERE state = 'sending';
