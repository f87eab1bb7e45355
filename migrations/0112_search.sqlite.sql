-- Words of an incident (number, title, services, labels), one row each; rowid is the incident's number.

CREATE VIRTUAL TABLE incident_search USING fts5 (words, tokenize = 'unicode61');
