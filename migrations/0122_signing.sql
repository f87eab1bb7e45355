-- What a source signs with, sealed under a key that does not lie in the database; null where nothing has to be signed.

ALTER TABLE integrations ADD COLUMN signing_secret {bytes};
