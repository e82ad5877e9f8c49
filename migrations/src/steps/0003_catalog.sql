-- What institutions teach and what it leads to. A link that may point at another institution's published row names it by its bare id.

CREATE TABLE credential (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('MICRO_CREDENTIAL', 'CERTIFICATE', 'DEGREE', 'INDUSTRY_CERTIFICATION')),
  status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
  name text NOT NULL,
  name_key {sorted} NOT NULL,
  description text NOT NULL,
  criteria text NOT NULL,
  image_url text,
  valid_months integer CHECK (valid_months > 0),
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX credential_by_name ON credential (name_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX credential_of_tenant ON credential (tenant_id, name_key, id);

CREATE TABLE credential_competency (
  tenant_id {uuid} NOT NULL,
  credential_id {uuid} NOT NULL,
  position integer NOT NULL,
  competency_id {uuid} NOT NULL REFERENCES competency (id),
  PRIMARY KEY (tenant_id, credential_id, position),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX credential_competency_of ON credential_competency (credential_id, position);
CREATE INDEX credential_competency_by ON credential_competency (competency_id, credential_id);

CREATE TABLE credential_alignment (
  tenant_id {uuid} NOT NULL,
  credential_id {uuid} NOT NULL,
  position integer NOT NULL,
  framework text NOT NULL,
  code text NOT NULL,
  name text,
  url text,
  PRIMARY KEY (tenant_id, credential_id, position),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX credential_alignment_of ON credential_alignment (credential_id, position);

CREATE TABLE course (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  code text NOT NULL,
  title text NOT NULL,
  title_key {sorted} NOT NULL,
  summary text NOT NULL,
  description text,
  status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
  is_for_credit boolean NOT NULL,
  credits double precision,
  contact_hours double precision,
  soft_skill_hours double precision,
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  languages text NOT NULL,
  credential_id {uuid},
  -- First day of the next open public offering, 9999-12-31 when there is none; kept in step with the offerings.
  next_starts_on {date} NOT NULL DEFAULT '9999-12-31',
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id)
);
CREATE INDEX course_by_title ON course (title_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX course_by_price ON course (price_cents, id) WHERE status = 'PUBLISHED';
CREATE INDEX course_by_next_start ON course (next_starts_on, id) WHERE status = 'PUBLISHED';
CREATE INDEX course_by_update ON course (updated_at, id);
CREATE INDEX course_of_tenant_by_title ON course (tenant_id, title_key, id);
CREATE INDEX course_of_tenant_by_update ON course (tenant_id, updated_at, id);
CREATE INDEX course_by_credential ON course (credential_id);

CREATE TABLE course_competency (
  tenant_id {uuid} NOT NULL,
  course_id {uuid} NOT NULL,
  position integer NOT NULL,
  competency_id {uuid} NOT NULL REFERENCES competency (id),
  PRIMARY KEY (tenant_id, course_id, position),
  FOREIGN KEY (tenant_id, course_id) REFERENCES course (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX course_competency_of ON course_competency (course_id, position);
CREATE INDEX course_competency_by ON course_competency (competency_id, course_id);

CREATE TABLE course_prerequisite (
  tenant_id {uuid} NOT NULL,
  course_id {uuid} NOT NULL,
  position integer NOT NULL,
  prerequisite_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, course_id, position),
  FOREIGN KEY (tenant_id, course_id) REFERENCES course (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, prerequisite_id) REFERENCES course (tenant_id, id)
);
CREATE INDEX course_prerequisite_of ON course_prerequisite (course_id, position);

CREATE TABLE program (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('MICRO_PATHWAY', 'CERTIFICATE', 'DEGREE', 'APPRENTICESHIP')),
  status text NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
  title text NOT NULL,
  title_key {sorted} NOT NULL,
  summary text NOT NULL,
  description text,
  is_for_credit boolean NOT NULL,
  duration_weeks integer,
  contact_hours double precision,
  soft_skill_hours double precision,
  price_cents bigint CHECK (price_cents >= 0),
  credential_id {uuid},
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id)
);
CREATE INDEX program_by_title ON program (title_key, id) WHERE status = 'PUBLISHED';
CREATE INDEX program_by_update ON program (updated_at, id);
CREATE INDEX program_of_tenant_by_title ON program (tenant_id, title_key, id);
CREATE INDEX program_by_credential ON program (credential_id);

CREATE TABLE program_component (
  tenant_id {uuid} NOT NULL,
  program_id {uuid} NOT NULL,
  position integer NOT NULL,
  course_id {uuid} NOT NULL,
  is_required boolean NOT NULL,
  sequence integer NOT NULL,
  PRIMARY KEY (tenant_id, program_id, position),
  FOREIGN KEY (tenant_id, program_id) REFERENCES program (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, course_id) REFERENCES course (tenant_id, id)
);
CREATE INDEX program_component_of ON program_component (program_id, position);
CREATE INDEX program_component_by ON program_component (course_id, program_id);

CREATE TABLE program_industry (
  tenant_id {uuid} NOT NULL,
  program_id {uuid} NOT NULL,
  position integer NOT NULL,
  naics_code {sorted} NOT NULL REFERENCES industry (naics_code),
  PRIMARY KEY (tenant_id, program_id, position),
  FOREIGN KEY (tenant_id, program_id) REFERENCES program (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX program_industry_of ON program_industry (program_id, position);
CREATE INDEX program_industry_by ON program_industry (naics_code, program_id);

CREATE TABLE program_occupation (
  tenant_id {uuid} NOT NULL,
  program_id {uuid} NOT NULL,
  position integer NOT NULL,
  framework text NOT NULL,
  code text NOT NULL,
  name text,
  url text,
  PRIMARY KEY (tenant_id, program_id, position),
  FOREIGN KEY (tenant_id, program_id) REFERENCES program (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX program_occupation_of ON program_occupation (program_id, position);

CREATE TABLE assessment (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  course_id {uuid},
  program_id {uuid},
  title text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('FORMATIVE', 'SUMMATIVE')),
  max_score double precision NOT NULL,
  pass_score double precision NOT NULL,
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, course_id) REFERENCES course (tenant_id, id),
  FOREIGN KEY (tenant_id, program_id) REFERENCES program (tenant_id, id),
  CHECK ((course_id IS NULL) <> (program_id IS NULL)),
  CHECK (pass_score >= 0 AND pass_score <= max_score)
);
CREATE INDEX assessment_of_course ON assessment (course_id, id);
CREATE INDEX assessment_of_program ON assessment (program_id, id);

CREATE TABLE assessment_competency (
  tenant_id {uuid} NOT NULL,
  assessment_id {uuid} NOT NULL,
  position integer NOT NULL,
  competency_id {uuid} NOT NULL REFERENCES competency (id),
  PRIMARY KEY (tenant_id, assessment_id, position),
  FOREIGN KEY (tenant_id, assessment_id) REFERENCES assessment (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX assessment_competency_of ON assessment_competency (assessment_id, position);

CREATE TABLE credential_requirement (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL UNIQUE,
  credential_id {uuid} NOT NULL,
  title text NOT NULL,
  choose integer NOT NULL CHECK (choose > 0),
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX credential_requirement_of ON credential_requirement (credential_id, id);

CREATE TABLE requirement_option (
  tenant_id {uuid} NOT NULL,
  requirement_id {uuid} NOT NULL,
  position integer NOT NULL,
  course_id {uuid} REFERENCES course (id),
  program_id {uuid} REFERENCES program (id),
  credential_id {uuid} REFERENCES credential (id),
  PRIMARY KEY (tenant_id, requirement_id, position),
  FOREIGN KEY (tenant_id, requirement_id) REFERENCES credential_requirement (tenant_id, id) ON DELETE CASCADE,
  CHECK ((course_id IS NOT NULL AND program_id IS NULL AND credential_id IS NULL)
    OR (course_id IS NULL AND program_id IS NOT NULL AND credential_id IS NULL)
    OR (course_id IS NULL AND program_id IS NULL AND credential_id IS NOT NULL))
);
CREATE INDEX requirement_option_of ON requirement_option (requirement_id, position);
CREATE INDEX requirement_option_by_credential ON requirement_option (credential_id, requirement_id);

-- Owned by the issuer of the credential; names the institution that accepts it.
CREATE TABLE credit_articulation (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL UNIQUE,
  credential_id {uuid} NOT NULL,
  institution_id {uuid} NOT NULL REFERENCES institution (id),
  program_id {uuid} REFERENCES program (id),
  course_equivalent text,
  credits double precision NOT NULL,
  valid_from {date} NOT NULL,
  valid_through {date},
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX credit_articulation_of ON credit_articulation (credential_id, id);
CREATE INDEX credit_articulation_by_program ON credit_articulation (program_id, credential_id);
