-- What is told to anybody waits in one outbox, whatever way it goes.

DROP INDEX mails_due;
DROP INDEX mails_person;
DROP INDEX mails_page;
DROP INDEX mails_created;
DROP INDEX mails_failed;
DROP INDEX mails_next;
DROP INDEX mails_sending;
ALTER TABLE mails RENAME TO notifications;
-- How it is told: by mail.
ALTER TABLE notifications ADD COLUMN method TEXT NOT NULL DEFAULT 'mail';
UPDATE notifications SET kind = 'digest' WHERE kind = 'page_list';
CREATE INDEX notifications_due ON notifications (next_attempt_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX notifications_person ON notifications (person_id, created_at);
CREATE INDEX notifications_page ON notifications (page_id);
CREATE INDEX notifications_created ON notifications (created_at);
-- What did not go out.
CREATE INDEX notifications_failed ON notifications (settled_at) WHERE state = 'failed';
-- What is sent next, however much waits: the most urgent first, what was never tried before what was.
CREATE INDEX notifications_next ON notifications (urgency, (CASE WHEN attempts > 0 THEN 1 ELSE 0 END), next_attempt_at, to_address)
    WHERE state = 'waiting';
-- What is under way at any node.
CREATE INDEX notifications_sending ON notifications (claimed_by) WHERE state = 'sending';

-- Pages of a digest that was not answered to.
DROP INDEX listed_pages_refused;
ALTER TABLE listed_pages RENAME TO digest_pages;
ALTER TABLE digest_pages RENAME COLUMN mail_id TO notification_id;
CREATE INDEX digest_pages_refused ON digest_pages (notification_id) WHERE refused;

-- The secret in a digest's links, which name the incident beside it.
ALTER TABLE list_links RENAME TO digest_links;

-- What a form asks for was committed, wherever its sender was led: where the program was killed right after, it is not done again.
ALTER TABLE sent_forms ADD COLUMN done {flag} NOT NULL DEFAULT FALSE;

-- Which runs of the program live.
ALTER TABLE pulses RENAME TO nodes;
