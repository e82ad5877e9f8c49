-- Work in the background: files that were sent for it, lists of places that were asked for, and what became of each of their rows.

-- A file, in base 64 once it came. Nobody but the tenant's own reads it, and it is forgotten after a day.
CREATE TABLE upload (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  file_name text NOT NULL,
  byte_size integer NOT NULL CHECK (byte_size > 0),
  content text,
  sha256 text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK ((content IS NULL) = (sha256 IS NULL))
);

CREATE TABLE enrollment_job (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  failure text,
  file_name text NOT NULL,
  -- Who pays.
  source text NOT NULL CHECK (source IN ('SPONSORSHIP', 'FINANCIAL_AID', 'SELF_PAY')),
  payer_id uuid REFERENCES business (id),
  sponsorship_id uuid REFERENCES sponsorship (id),
  -- Who started it, as whom it acts.
  issuer uuid NOT NULL,
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
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
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
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  job_id uuid NOT NULL,
  line integer NOT NULL,
  offering text,
  learner text,
  employee text,
  email text,
  number text,
  outcome text CHECK (outcome IN ('ENROLLED', 'WAITLISTED', 'REQUESTED', 'PENDING', 'DUPLICATE', 'INELIGIBLE')),
  -- In the institution's table; a business reads a row of its own by the same key.
  enrollment_id uuid,
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
  job uuid NOT NULL PRIMARY KEY,
  tenant uuid NOT NULL,
  is_business boolean NOT NULL,
  owner uuid,
  until timestamptz NOT NULL,
  -- Batches that failed one after the other.
  failures integer NOT NULL DEFAULT 0
);
CREATE INDEX job_lease_by_end ON job_lease (until);

-- When files are forgotten, for the sweep of every node.
CREATE TABLE upload_end (
  upload uuid NOT NULL PRIMARY KEY,
  tenant uuid NOT NULL,
  is_business boolean NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX upload_end_by_end ON upload_end (expires_at);

DO $$
DECLARE
  name text;
  readable text := '(tenant_id = (SELECT concord_tenant()) AND (SELECT concord_runs())) OR tenant_id = (SELECT concord_partner())';
  writes text := 'tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner()))';
BEGIN
  FOREACH name IN ARRAY ARRAY['upload', 'enrollment_job', 'enrollment_job_item']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY reading ON %I FOR SELECT TO concord_app USING (%s)', name, readable);
    EXECUTE format('CREATE POLICY adding ON %I FOR INSERT TO concord_app WITH CHECK (%s)', name, writes);
    EXECUTE format('CREATE POLICY changing ON %I FOR UPDATE TO concord_app USING (%s) WITH CHECK (%s)', name, writes, writes);
    EXECUTE format('CREATE POLICY removing ON %I FOR DELETE TO concord_app USING (%s)', name, writes);
    EXECUTE format('CREATE POLICY operating ON %I TO concord_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON upload, enrollment_job, enrollment_job_item, job_lease, upload_end TO concord_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON upload, job_lease TO concord_app;
GRANT SELECT, INSERT, UPDATE ON enrollment_job, enrollment_job_item TO concord_app;
GRANT SELECT, INSERT, DELETE ON upload_end TO concord_app;
