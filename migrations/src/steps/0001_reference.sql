-- What belongs to no tenant: regions, industries, competencies.

CREATE TABLE region (
  code {sorted} NOT NULL PRIMARY KEY,
  name text NOT NULL
);

-- Codes and titles of NAICS 2022; sectors that span several numbers are keyed as the taxonomy prints them.
CREATE TABLE industry (
  naics_code {sorted} NOT NULL PRIMARY KEY,
  title text NOT NULL,
  is_sector boolean NOT NULL
);
INSERT INTO industry (naics_code, title, is_sector) VALUES
  ('11', 'Agriculture, Forestry, Fishing and Hunting', true),
  ('21', 'Mining, Quarrying, and Oil and Gas Extraction', true),
  ('22', 'Utilities', true),
  ('23', 'Construction', true),
  ('31-33', 'Manufacturing', true),
  ('42', 'Wholesale Trade', true),
  ('44-45', 'Retail Trade', true),
  ('48-49', 'Transportation and Warehousing', true),
  ('51', 'Information', true),
  ('52', 'Finance and Insurance', true),
  ('53', 'Real Estate and Rental and Leasing', true),
  ('54', 'Professional, Scientific, and Technical Services', true),
  ('55', 'Management of Companies and Enterprises', true),
  ('56', 'Administrative and Support and Waste Management and Remediation Services', true),
  ('61', 'Educational Services', true),
  ('62', 'Health Care and Social Assistance', true),
  ('71', 'Arts, Entertainment, and Recreation', true),
  ('72', 'Accommodation and Food Services', true),
  ('81', 'Other Services (except Public Administration)', true),
  ('92', 'Public Administration', true),
  ('99', 'Unspecified', false);

CREATE TABLE competency (
  id {uuid} NOT NULL PRIMARY KEY,
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  description text,
  kind text NOT NULL CHECK (kind IN ('TECHNICAL', 'SOFT')),
  updated_at {instant} NOT NULL
);
CREATE INDEX competency_by_name ON competency (name_key, id);

CREATE TABLE competency_alignment (
  competency_id {uuid} NOT NULL REFERENCES competency (id) ON DELETE CASCADE,
  position integer NOT NULL,
  framework text NOT NULL,
  code text NOT NULL,
  name text,
  url text,
  PRIMARY KEY (competency_id, position)
);
CREATE INDEX competency_alignment_by_code ON competency_alignment (framework, code);
