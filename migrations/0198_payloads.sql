-- Its order by id is that of its coming: one index of an integration's requests is enough. Each one that is kept is a page more to
-- write for each alert, since integrations take turns.
DROP INDEX payloads_integration;
