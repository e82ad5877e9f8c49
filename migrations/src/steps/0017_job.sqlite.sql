-- Work in the background: files that were sent for it, lists of places that were asked for, and what became of each of their rows.

-- A file, in base 64 once it came. Nobody but the tenant's own reads it, and it is forgotten after a day.
CREATE TABLE upload (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  file_name text NOT NULL,
  byte_size integer NOT NULL CHECK (byte_size > 0),
  content text,
  sha256 text,
  created_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((content IS NULL) = (sha256 IS NULL))
);

CREATE TABLE enrollment_job (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  failure text,
  file_name text NOT NULL,
  -- Who pays.
  source text NOT NULL CHECK (source IN ('SPONSORSHIP', 'FINANCIAL_AID', 'SELF_PAY')),
  payer_id BLOB REFERENCES business (id),
  sponsorship_id BLOB REFERENCES sponsorship (id),
  -- Who started it, as whom it acts.
  issuer BLOB NOT NULL,
  subject text NOT NULL,
  actor_name text NOT NULL,
  -- How many rows came to what, kept in step with the rows.
  row_count integer NOT NULL,
  done_count integer NOT NULL,
  enrolled_count integer NOT NULL DEFAULT 0,
  waitlisted_count integer NOT NULL DEFAULT 0,
  requested_count integer NOT NULL DEFAULT 0,
  pending_count integer NOT NULL DEFAULT 0,
  duplicate_count integer NOT NULL DEFAULT 0,
  ineligible_count integer NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL,
  finished_at TEXT,
  PRIMARY KEY (tenant_id, id),
  CHECK ((source = 'SPONSORSHIP') = (sponsorship_id IS NOT NULL)),
  CHECK ((payer_id IS NULL) = (sponsorship_id IS NULL)),
  CHECK (done_count = enrolled_count + waitlisted_count + requested_count + pending_count + duplicate_count + ineligible_count),
  CHECK (done_count <= row_count),
  CHECK ((state IN ('SUCCEEDED', 'FAILED', 'CANCELLED')) = (finished_at IS NOT NULL))
);
CREATE INDEX enrollment_job_by_age ON enrollment_job (tenant_id, created_at, id);

-- A row of a list, with what it says and what became of it.
CREATE TABLE enrollment_job_item (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  job_id BLOB NOT NULL,
  line integer NOT NULL,
  offering text,
  learner text,
  employee text,
  email text,
  number text,
  outcome text CHECK (outcome IN ('ENROLLED', 'WAITLISTED', 'REQUESTED', 'PENDING', 'DUPLICATE', 'INELIGIBLE')),
  -- In the institution's table; a business reads a row of its own by the same key.
  enrollment_id BLOB,
  -- Codes, columns and texts, as JSON.
  problems text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, job_id) REFERENCES enrollment_job (tenant_id, id),
  CHECK (outcome IS NOT NULL OR enrollment_id IS NULL),
  CHECK (outcome IS NULL OR (outcome IN ('ENROLLED', 'WAITLISTED', 'REQUESTED')) = (enrollment_id IS NOT NULL))
);
CREATE INDEX enrollment_job_item_of ON enrollment_job_item (job_id, line, id);
CREATE INDEX enrollment_job_item_open ON enrollment_job_item (job_id, line, id) WHERE outcome IS NULL;

-- Jobs that have not ended, and who works on each until when: keys and times alone, of nobody in particular, for the workers of every node.
CREATE TABLE job_lease (
  job BLOB NOT NULL PRIMARY KEY,
  tenant BLOB NOT NULL,
  is_business boolean NOT NULL,
  owner BLOB,
  until TEXT NOT NULL,
  -- Batches that failed one after the other.
  failures integer NOT NULL DEFAULT 0
);
CREATE INDEX job_lease_by_end ON job_lease (until);

-- When files are forgotten, for the sweep of every node.
CREATE TABLE upload_end (
  upload BLOB NOT NULL PRIMARY KEY,
  tenant BLOB NOT NULL,
  is_business boolean NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX upload_end_by_end ON upload_end (expires_at);
