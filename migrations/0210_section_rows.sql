-- A document keeps what its sections are: where each stands, what it is called and what it asks, copied from a template when it is
-- started. Documents of before have what stood in the program.

CREATE TABLE new_sections (
    postmortem_id {id} NOT NULL REFERENCES postmortems (id) ON DELETE CASCADE,
    -- in addresses, and in postmortem_revisions
    name TEXT NOT NULL,
    position {number} NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    prompt TEXT NOT NULL,
    body TEXT NOT NULL,
    revision {number} NOT NULL,
    updated_at {instant} NOT NULL,
    updated_by {id} REFERENCES people (id),
    PRIMARY KEY (postmortem_id, name)
) {strict};
INSERT INTO new_sections (postmortem_id, name, position, kind, title, prompt, body, revision, updated_at, updated_by)
WITH template (name, position, kind, title, prompt) AS (VALUES
    ('summary', 1, 'summary', 'Summary',
        'In three sentences: who noticed what, which conditions led there, how it was mended.'),
    ('impact', 2, 'text', 'Impact',
        'Who was affected, how much and for how long? Give numbers and where they come from.'),
    ('what_happened', 3, 'text', 'What happened',
        'The story in order, from the first change to the last alert. What did people see, and what did it mean to them then?'),
    ('contributing_factors', 4, 'contributing_factors', 'Contributing factors',
        'Which conditions had to come together? Each is a way in for a remedy; there is never only one.'),
    ('went_well', 5, 'text', 'What went well',
        'Which tools, habits and preparations helped?'),
    ('got_lucky', 6, 'text', 'Where we got lucky',
        'What could have made it worse, and only chance kept away?'),
    ('surprised', 7, 'text', 'What surprised us',
        'Where did the system behave differently from what we expected?'),
    ('learned', 8, 'text', 'What we learned',
        'What do we know now that we did not know before? What should other teams hear?'),
    ('action_items', 9, 'action_items', 'Action items',
        'What will we change, and how will we know it worked? Small and certain beats large and vague.')
)
SELECT s.postmortem_id, s.section, t.position, t.kind, t.title, t.prompt, s.body, s.revision, s.updated_at, s.updated_by
FROM postmortem_sections s JOIN template t ON t.name = s.section;
DROP TABLE postmortem_sections;
ALTER TABLE new_sections RENAME TO postmortem_sections;
