-- Whether a team sees the load of each of its people by name, or only its spread.

ALTER TABLE teams ADD COLUMN load_with_names {flag} NOT NULL DEFAULT FALSE;
