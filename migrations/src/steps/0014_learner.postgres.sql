-- Learners, who belong to the consortium; the rosters of businesses; and what learners let others see.
--
-- A row of learner_tenant says that an institution or a business knows a learner; it is its own row, and what it reads of the learner it reads by it.

CREATE TABLE learner (
  id uuid NOT NULL PRIMARY KEY,
  display_name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  legal_name text,
  email text,
  region_code text COLLATE "C" REFERENCES region (code),
  updated_at timestamptz NOT NULL
);

-- Who a subject of an issuer is. Read before it is known who asks: the table belongs to no tenant.
CREATE TABLE learner_identity (
  issuer_id uuid NOT NULL,
  subject text NOT NULL,
  learner_id uuid NOT NULL REFERENCES learner (id),
  PRIMARY KEY (issuer_id, subject)
);
CREATE INDEX learner_identity_of ON learner_identity (learner_id);

CREATE TABLE learner_tenant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL REFERENCES learner (id),
  name_key text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX learner_tenant_by_name ON learner_tenant (tenant_id, name_key, id);
CREATE INDEX learner_tenant_of ON learner_tenant (id);

CREATE TABLE consent_grant (
  learner_id uuid NOT NULL REFERENCES learner (id),
  id uuid NOT NULL UNIQUE,
  institution_id uuid REFERENCES institution (id),
  business_id uuid REFERENCES business (id),
  -- Names of scopes, separated by spaces.
  scopes text NOT NULL,
  purpose text NOT NULL,
  text_version text NOT NULL,
  granted_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (learner_id, id),
  CHECK ((institution_id IS NULL) <> (business_id IS NULL))
);
CREATE UNIQUE INDEX consent_grant_to_institution ON consent_grant (learner_id, institution_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX consent_grant_to_business ON consent_grant (learner_id, business_id) WHERE revoked_at IS NULL;

-- People of the consortium whom others know by name.
CREATE TABLE consortium_staff (
  id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  title text,
  email text,
  updated_at timestamptz NOT NULL
);
CREATE INDEX consortium_staff_by_name ON consortium_staff (name_key, id);
ALTER TABLE business ADD COLUMN navigator_id uuid REFERENCES consortium_staff (id);

CREATE TABLE business_site (
  tenant_id uuid NOT NULL REFERENCES business (id),
  id uuid NOT NULL UNIQUE,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  line1 text NOT NULL,
  line2 text,
  city text NOT NULL,
  county text,
  state text NOT NULL,
  postal_code text NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX business_site_by_name ON business_site (tenant_id, name_key, id);

CREATE TABLE employee (
  tenant_id uuid NOT NULL REFERENCES business (id),
  id uuid NOT NULL UNIQUE,
  name text NOT NULL,
  name_key text COLLATE "C" NOT NULL,
  email text NOT NULL,
  -- The address as it is compared: in small letters.
  email_key text NOT NULL,
  -- Name, address and number, as they are searched.
  search_key text NOT NULL,
  number text,
  job_title text,
  onet_code text,
  site_id uuid,
  status text NOT NULL CHECK (status IN ('INVITED', 'LINKED', 'SEPARATED')),
  learner_id uuid REFERENCES learner (id),
  separated_at timestamptz,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES business_site (tenant_id, id),
  CHECK (status <> 'LINKED' OR learner_id IS NOT NULL),
  CHECK (status <> 'INVITED' OR learner_id IS NULL),
  CHECK ((status = 'SEPARATED') = (separated_at IS NOT NULL))
);
CREATE INDEX employee_by_name ON employee (tenant_id, name_key, id);
CREATE INDEX employee_of_learner ON employee (learner_id);
CREATE UNIQUE INDEX employee_by_number ON employee (tenant_id, number) WHERE number IS NOT NULL AND status <> 'SEPARATED';
CREATE UNIQUE INDEX employee_by_email ON employee (tenant_id, email_key) WHERE status <> 'SEPARATED';
CREATE UNIQUE INDEX employee_linked ON employee (tenant_id, learner_id) WHERE status = 'LINKED';

-- Codes by which people confirm that they work somewhere, as hashes. Whoever has one is not known yet: the table belongs to no tenant.
CREATE TABLE invitation (
  code_hash text NOT NULL PRIMARY KEY,
  business_id uuid NOT NULL,
  employee_id uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  FOREIGN KEY (business_id, employee_id) REFERENCES employee (tenant_id, id)
);
CREATE INDEX invitation_of ON invitation (business_id, employee_id);

-- Whom the transaction is about, beside its tenant: the learner who asks, the member of the staff who teaches, a second tenant of an act that names two, and whether who asks
-- runs the tenant.
CREATE FUNCTION concord_learner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('concord.learner', true), '')::uuid;
CREATE FUNCTION concord_teacher() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('concord.teacher', true), '')::uuid;
CREATE FUNCTION concord_partner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('concord.partner', true), '')::uuid;
CREATE FUNCTION concord_runs() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('concord.runs', true), '') = 'yes';

DO $$
DECLARE
  name text;
  readable text;
BEGIN
  FOR name, readable IN VALUES
    ('learner_tenant', '(tenant_id = (SELECT concord_tenant()) AND ((SELECT concord_runs()) OR (SELECT concord_teacher()) IS NOT NULL)) OR tenant_id = (SELECT concord_partner()) OR id = (SELECT concord_learner())'),
    ('business_site', '(SELECT concord_reach()) <> '''''),
    ('employee', '(tenant_id = (SELECT concord_tenant()) AND (SELECT concord_runs())) OR tenant_id = (SELECT concord_partner()) OR learner_id = (SELECT concord_learner())')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY reading ON %I FOR SELECT TO concord_app USING (%s)', name, readable);
    EXECUTE format('CREATE POLICY adding ON %I FOR INSERT TO concord_app WITH CHECK (tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner())))', name);
    EXECUTE format('CREATE POLICY changing ON %I FOR UPDATE TO concord_app USING (tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner()))) WITH CHECK (tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner())))', name);
    EXECUTE format('CREATE POLICY removing ON %I FOR DELETE TO concord_app USING (tenant_id IN ((SELECT concord_tenant()), (SELECT concord_partner())))', name);
    EXECUTE format('CREATE POLICY operating ON %I TO concord_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

ALTER TABLE learner ENABLE ROW LEVEL SECURITY;
ALTER TABLE learner FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON learner FOR SELECT TO concord_app
  USING (id = (SELECT concord_learner()) OR (SELECT concord_reach()) = 'consortium' OR EXISTS (SELECT FROM learner_tenant k WHERE k.id = learner.id));
CREATE POLICY adding ON learner FOR INSERT TO concord_app WITH CHECK (id = (SELECT concord_learner()));
CREATE POLICY changing ON learner FOR UPDATE TO concord_app USING (id = (SELECT concord_learner())) WITH CHECK (id = (SELECT concord_learner()));
CREATE POLICY operating ON learner TO concord_operator USING (true) WITH CHECK (true);

-- A consent is the learner's; whom it was given to reads it. Separation by a business ends what was given to it.
ALTER TABLE consent_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON consent_grant FOR SELECT TO concord_app
  USING (learner_id = (SELECT concord_learner())
    OR (coalesce(business_id, institution_id) = (SELECT concord_tenant()) AND (SELECT concord_runs()))
    OR coalesce(business_id, institution_id) = (SELECT concord_partner()));
CREATE POLICY adding ON consent_grant FOR INSERT TO concord_app WITH CHECK (learner_id = (SELECT concord_learner()));
CREATE POLICY changing ON consent_grant FOR UPDATE TO concord_app
  USING (learner_id = (SELECT concord_learner()) OR (business_id = (SELECT concord_tenant()) AND (SELECT concord_runs())))
  WITH CHECK (learner_id = (SELECT concord_learner()) OR (business_id = (SELECT concord_tenant()) AND (SELECT concord_runs()) AND revoked_at IS NOT NULL));
CREATE POLICY operating ON consent_grant TO concord_operator USING (true) WITH CHECK (true);

ALTER TABLE consortium_staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE consortium_staff FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON consortium_staff FOR SELECT TO concord_app USING ((SELECT concord_reach()) <> '');
CREATE POLICY operating ON consortium_staff TO concord_operator USING (true) WITH CHECK (true);

-- Student numbers and the like are the tenant's and the learner's to read.
ALTER POLICY reading ON external_key
  USING (kind NOT IN ('business', 'learner', 'employee') OR tenant_id = (SELECT concord_tenant()) OR (SELECT concord_reach()) = 'consortium' OR object_id = (SELECT concord_learner()));

GRANT SELECT, INSERT, UPDATE, DELETE ON learner, learner_identity, learner_tenant, consent_grant, consortium_staff, business_site, employee, invitation TO concord_operator;
GRANT SELECT ON consortium_staff TO concord_app;
GRANT SELECT, INSERT ON learner_identity TO concord_app;
GRANT SELECT, INSERT, UPDATE ON learner, consent_grant, employee, invitation TO concord_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON learner_tenant, business_site TO concord_app;
