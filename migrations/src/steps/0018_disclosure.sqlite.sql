-- What was shown to others of learners' records: a line for each learner in each request. Lines are only ever added, and only the learner reads them.

CREATE TABLE disclosure (
  learner_id BLOB NOT NULL REFERENCES learner (id),
  id BLOB NOT NULL UNIQUE,
  -- For whom somebody looked; neither of them for the consortium.
  institution_id BLOB REFERENCES institution (id),
  business_id BLOB REFERENCES business (id),
  at TEXT NOT NULL,
  actor_name text NOT NULL,
  -- Registration of the issuer that vouched for whoever looked, and what it calls them.
  actor_issuer BLOB NOT NULL,
  actor_subject text NOT NULL,
  -- Types and names of fields, separated by spaces.
  fields text NOT NULL,
  purpose text NOT NULL,
  request_id text NOT NULL,
  PRIMARY KEY (learner_id, id),
  CHECK (institution_id IS NULL OR business_id IS NULL)
);
CREATE INDEX disclosure_by_time ON disclosure (learner_id, at, id);

-- A voucher pays for one enrollment at a time, which is found by it.
CREATE UNIQUE INDEX funding_of_voucher ON funding (voucher_id) WHERE voucher_id IS NOT NULL AND state <> 'RELEASED';
