-- Files that are imported in the background: a file, the rows of it that wait to be worked off, and what was wrong with any of them.

CREATE TABLE import_job (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
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
  issuer uuid NOT NULL,
  subject text NOT NULL,
  actor_name text NOT NULL,
  rows_read integer NOT NULL,
  rows_created integer NOT NULL DEFAULT 0,
  rows_updated integer NOT NULL DEFAULT 0,
  rows_separated integer NOT NULL DEFAULT 0,
  rows_rejected integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
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
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
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
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  job_id uuid NOT NULL,
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
  job uuid NOT NULL PRIMARY KEY,
  tenant uuid NOT NULL,
  is_business boolean NOT NULL,
  owner uuid,
  until timestamptz NOT NULL,
  -- Times in a row that the work failed.
  failures integer NOT NULL DEFAULT 0
);
CREATE INDEX import_lease_by_end ON import_lease (until);

DO $$
DECLARE
  name text;
  readable text := '(tenant_id = (SELECT concord_tenant()) AND (SELECT concord_runs())) OR tenant_id = (SELECT concord_partner())';
  writes text := 'tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner()))';
BEGIN
  FOREACH name IN ARRAY ARRAY['import_job', 'import_row', 'import_problem']
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

GRANT SELECT, INSERT, UPDATE, DELETE ON import_job, import_row, import_problem, import_lease TO concord_operator;
GRANT SELECT, INSERT, UPDATE ON import_job TO concord_app;
GRANT SELECT, INSERT, DELETE ON import_row TO concord_app;
GRANT SELECT, INSERT ON import_problem TO concord_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_lease TO concord_app;
