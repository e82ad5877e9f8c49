-- The two kinds of tenant and what hangs directly on them.

CREATE TABLE institution (
  id {uuid} NOT NULL PRIMARY KEY,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  kind text NOT NULL CHECK (kind IN ('COMMUNITY_COLLEGE', 'UNIVERSITY', 'TECHNICAL_COLLEGE', 'TRAINING_PROVIDER')),
  region_code {sorted} NOT NULL REFERENCES region (code),
  website_url text,
  logo_url text,
  updated_at {instant} NOT NULL
);
CREATE INDEX institution_by_name ON institution (name_key, id);
CREATE INDEX institution_by_region ON institution (region_code, name_key, id);

CREATE TABLE institution_alignment (
  tenant_id {uuid} NOT NULL REFERENCES institution (id) ON DELETE CASCADE,
  position integer NOT NULL,
  framework text NOT NULL,
  code text NOT NULL,
  name text,
  url text,
  PRIMARY KEY (tenant_id, position)
);

CREATE TABLE business (
  id {uuid} NOT NULL PRIMARY KEY,
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'ACTIVE', 'SUSPENDED', 'LEFT')),
  naics_code {sorted} NOT NULL REFERENCES industry (naics_code),
  region_code {sorted} NOT NULL REFERENCES region (code),
  website_url text,
  partner_since {date},
  updated_at {instant} NOT NULL
);
CREATE INDEX business_by_name ON business (name_key, id);
CREATE INDEX business_by_industry ON business (naics_code, name_key, id);
CREATE INDEX business_by_region ON business (region_code, name_key, id);

CREATE TABLE campus (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  line1 text NOT NULL,
  line2 text,
  city text NOT NULL,
  county text,
  state text NOT NULL,
  postal_code text NOT NULL,
  region_code {sorted} NOT NULL REFERENCES region (code),
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX campus_by_name ON campus (tenant_id, name_key, id);

CREATE TABLE term (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  code text NOT NULL,
  name text NOT NULL,
  starts_on {date} NOT NULL,
  ends_on {date} NOT NULL,
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (starts_on <= ends_on)
);
CREATE INDEX term_by_start ON term (tenant_id, starts_on, id);

CREATE TABLE staff_member (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  title text,
  email text,
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX staff_member_by_name ON staff_member (tenant_id, name_key, id);
