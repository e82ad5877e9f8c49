-- Learners, who belong to the consortium; the rosters of businesses; and what learners let others see.
--
-- A row of learner_tenant says that an institution or a business knows a learner; it is its own row, and what it reads of the learner it reads by it.

CREATE TABLE learner (
  id BLOB NOT NULL PRIMARY KEY,
  display_name text NOT NULL,
  name_key TEXT NOT NULL,
  legal_name text,
  email text,
  region_code TEXT REFERENCES region (code),
  updated_at TEXT NOT NULL
);

-- Who a subject of an issuer is. Read before it is known who asks: the table belongs to no tenant.
CREATE TABLE learner_identity (
  issuer_id BLOB NOT NULL,
  subject text NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  PRIMARY KEY (issuer_id, subject)
);
CREATE INDEX learner_identity_of ON learner_identity (learner_id);

CREATE TABLE learner_tenant (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL REFERENCES learner (id),
  name_key TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX learner_tenant_by_name ON learner_tenant (tenant_id, name_key, id);
CREATE INDEX learner_tenant_of ON learner_tenant (id);

CREATE TABLE consent_grant (
  learner_id BLOB NOT NULL REFERENCES learner (id),
  id BLOB NOT NULL UNIQUE,
  institution_id BLOB REFERENCES institution (id),
  business_id BLOB REFERENCES business (id),
  -- Names of scopes, separated by spaces.
  scopes text NOT NULL,
  purpose text NOT NULL,
  text_version text NOT NULL,
  granted_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  PRIMARY KEY (learner_id, id),
  CHECK ((institution_id IS NULL) <> (business_id IS NULL))
);
CREATE UNIQUE INDEX consent_grant_to_institution ON consent_grant (learner_id, institution_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX consent_grant_to_business ON consent_grant (learner_id, business_id) WHERE revoked_at IS NULL;

-- People of the consortium whom others know by name.
CREATE TABLE consortium_staff (
  id BLOB NOT NULL PRIMARY KEY,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  title text,
  email text,
  updated_at TEXT NOT NULL
);
CREATE INDEX consortium_staff_by_name ON consortium_staff (name_key, id);
ALTER TABLE business ADD COLUMN navigator_id BLOB REFERENCES consortium_staff (id);

CREATE TABLE business_site (
  tenant_id BLOB NOT NULL REFERENCES business (id),
  id BLOB NOT NULL UNIQUE,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  line1 text NOT NULL,
  line2 text,
  city text NOT NULL,
  county text,
  state text NOT NULL,
  postal_code text NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX business_site_by_name ON business_site (tenant_id, name_key, id);

CREATE TABLE employee (
  tenant_id BLOB NOT NULL REFERENCES business (id),
  id BLOB NOT NULL UNIQUE,
  name text NOT NULL,
  name_key TEXT NOT NULL,
  email text NOT NULL,
  -- The address as it is compared: in small letters.
  email_key text NOT NULL,
  -- Name, address and number, as they are searched.
  search_key text NOT NULL,
  number text,
  job_title text,
  onet_code text,
  site_id BLOB,
  status text NOT NULL CHECK (status IN ('INVITED', 'LINKED', 'SEPARATED')),
  learner_id BLOB REFERENCES learner (id),
  separated_at TEXT,
  updated_at TEXT NOT NULL,
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
  business_id BLOB NOT NULL,
  employee_id BLOB NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT,
  FOREIGN KEY (business_id, employee_id) REFERENCES employee (tenant_id, id)
);
CREATE INDEX invitation_of ON invitation (business_id, employee_id);
