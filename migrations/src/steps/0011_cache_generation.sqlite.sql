-- How often each thing that answers are made of has changed. A write counts it up in its own transaction, and nodes compare the number with the one that a kept answer
-- was read under.

CREATE TABLE cache_generation (
  tag text NOT NULL PRIMARY KEY,
  generation integer NOT NULL CHECK (generation > 0),
  -- By the database's own clock: nodes ask for what is newer than what they know.
  moved_at TEXT NOT NULL
);
CREATE INDEX cache_generation_by_time ON cache_generation (moved_at);
