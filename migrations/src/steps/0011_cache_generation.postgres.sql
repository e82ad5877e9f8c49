-- How often each thing that answers are made of has changed. A write counts it up in its own transaction, and nodes compare the number with the one that a kept answer
-- was read under. Tags hold names of tables and identifiers, nothing of a tenant's own: there is no policy.

CREATE TABLE cache_generation (
  tag text COLLATE "C" NOT NULL PRIMARY KEY,
  generation bigint NOT NULL CHECK (generation > 0),
  -- By the database's own clock: nodes ask for what is newer than what they know.
  moved_at timestamptz NOT NULL
);
CREATE INDEX cache_generation_by_time ON cache_generation (moved_at);

GRANT SELECT, INSERT, UPDATE ON cache_generation TO concord_app, concord_operator;
