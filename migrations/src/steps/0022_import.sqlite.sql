-- Files that are imported in the background: a file, the rows of it that wait to be worked off, and what was wrong with any of them.

CREATE TABLE import_job (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  kind text NOT NULL,
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  failure text,
  file_name text NOT NULL,
  -- Names of the columns that the file has, separated by spaces.
  column_names text NOT NULL,
  is_dry_run boolean NOT NULL,
  is_complete boolean NOT NULL,
  is_confirmed boolean NOT NULL,
  -- Who started it, as whom it acts.
  issuer BLOB NOT NULL,
  subject text NOT NULL,
  actor_name text NOT NULL,
  rows_read integer NOT NULL,
  rows_created integer NOT NULL DEFAULT 0,
  rows_updated integer NOT NULL DEFAULT 0,
  rows_separated integer NOT NULL DEFAULT 0,
  rows_rejected integer NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  PRIMARY KEY (tenant_id, id),
  CHECK (rows_created + rows_updated + rows_rejected <= rows_read),
  CHECK (state = 'SUCCEEDED' OR (rows_created = 0 AND rows_updated = 0 AND rows_separated = 0)),
  CHECK (is_complete OR rows_separated = 0),
  CHECK ((state = 'FAILED') = (failure IS NOT NULL)),
  CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL))
);
CREATE INDEX import_job_by_age ON import_job (tenant_id, created_at, id);

-- What a row says, until its job has ended.
CREATE TABLE import_row (
  tenant_id BLOB NOT NULL,
  job_id BLOB NOT NULL,
  line integer NOT NULL,
  name text,
  email text,
  number text,
  job_title text,
  onet_code text,
  site text,
  PRIMARY KEY (tenant_id, job_id, line),
  FOREIGN KEY (tenant_id, job_id) REFERENCES import_job (tenant_id, id)
);

CREATE TABLE import_problem (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  job_id BLOB NOT NULL,
  file text NOT NULL,
  line integer NOT NULL,
  column_name text,
  code text NOT NULL,
  message text NOT NULL,
  -- Whether a row was refused for it; otherwise it is said of the file as a whole.
  is_row boolean NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, job_id) REFERENCES import_job (tenant_id, id)
);
CREATE INDEX import_problem_of ON import_problem (job_id, line, id);

-- Imports that have not ended, and who works on each until when. They stand apart from lists of places (`job_lease`): a node of the release before would take one, find no list, and
-- end it.
CREATE TABLE import_lease (
  job BLOB NOT NULL PRIMARY KEY,
  tenant BLOB NOT NULL,
  is_business boolean NOT NULL,
  owner BLOB,
  until TEXT NOT NULL,
  -- Times in a row that the work failed.
  failures integer NOT NULL DEFAULT 0
);
CREATE INDEX import_lease_by_end ON import_lease (until);
