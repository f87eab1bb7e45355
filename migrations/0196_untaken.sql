-- Turns that somebody asks to be covered for, and nobody takes: who said that they cannot, and when the team was told.

ALTER TABLE turn_request_links ADD COLUMN declined_at {instant};
ALTER TABLE turn_requests ADD COLUMN untaken_told_at {instant};
CREATE INDEX turn_requests_untaken ON turn_requests (from_at) WHERE state = 'open' AND untaken_told_at IS NULL;
