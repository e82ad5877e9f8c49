-- What learners achieve: results in assessments, and the awards that they carry away. A learner reads the own record, a business what its learner's consent covers.

CREATE TABLE assessment_result (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  enrollment_id BLOB NOT NULL,
  offering_id BLOB NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  assessment_id BLOB NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  score double precision NOT NULL,
  -- What the assessment asked for when it was recorded.
  max_score double precision NOT NULL,
  pass_score double precision NOT NULL,
  is_passed boolean NOT NULL,
  feedback text,
  recorded_at TEXT NOT NULL,
  recorded_by_id BLOB,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, enrollment_id) REFERENCES enrollment (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  FOREIGN KEY (tenant_id, assessment_id) REFERENCES assessment (tenant_id, id),
  FOREIGN KEY (tenant_id, recorded_by_id) REFERENCES staff_member (tenant_id, id),
  UNIQUE (enrollment_id, assessment_id, attempt)
);
CREATE INDEX assessment_result_of ON assessment_result (enrollment_id, recorded_at, id);

CREATE TABLE competency_rating (
  tenant_id BLOB NOT NULL,
  result_id BLOB NOT NULL,
  position integer NOT NULL,
  offering_id BLOB NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  competency_id BLOB NOT NULL REFERENCES competency (id),
  level text NOT NULL CHECK (level IN ('EMERGING', 'DEVELOPING', 'PROFICIENT', 'EXEMPLARY')),
  PRIMARY KEY (tenant_id, result_id, position),
  FOREIGN KEY (tenant_id, result_id) REFERENCES assessment_result (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  UNIQUE (result_id, competency_id)
);
CREATE INDEX competency_rating_of ON competency_rating (result_id, position);

CREATE TABLE award (
  tenant_id BLOB NOT NULL REFERENCES institution (id),
  id BLOB NOT NULL UNIQUE,
  -- Drawn at random; whoever holds it sees that the award is there, and whether it is valid.
  code BLOB NOT NULL UNIQUE,
  credential_id BLOB NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  -- The enrollment that it came from, and its offering.
  enrollment_id BLOB,
  offering_id BLOB,
  issued_on TEXT NOT NULL,
  expires_on TEXT,
  revoked_at TEXT,
  revocation_reason text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, credential_id) REFERENCES credential (tenant_id, id),
  FOREIGN KEY (tenant_id, enrollment_id) REFERENCES enrollment (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  CHECK ((enrollment_id IS NULL) = (offering_id IS NULL)),
  CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL)),
  CHECK (expires_on IS NULL OR expires_on >= issued_on)
);
CREATE INDEX award_of_learner ON award (learner_id, issued_on, id);
CREATE INDEX award_of_enrollment ON award (enrollment_id);
CREATE INDEX award_of_credential ON award (credential_id, learner_id);

-- What an award attests, as it was when it was issued.
CREATE TABLE award_competency (
  tenant_id BLOB NOT NULL,
  award_id BLOB NOT NULL,
  position integer NOT NULL,
  competency_id BLOB NOT NULL REFERENCES competency (id),
  PRIMARY KEY (tenant_id, award_id, position),
  FOREIGN KEY (tenant_id, award_id) REFERENCES award (tenant_id, id)
);
CREATE INDEX award_competency_of ON award_competency (award_id, position);
