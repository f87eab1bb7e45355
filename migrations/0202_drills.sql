-- A drill or a test: it pages like any other, and counts in no figure unless asked for.
ALTER TABLE incidents ADD COLUMN is_drill {flag} NOT NULL DEFAULT FALSE;
