-- Scheduled sections of courses and cohorts of programs.

CREATE TABLE offering (
  tenant_id {uuid} NOT NULL REFERENCES institution (id),
  id {uuid} NOT NULL UNIQUE,
  course_id {uuid},
  program_id {uuid},
  code text NOT NULL,
  term_id {uuid},
  campus_id {uuid},
  modality text NOT NULL CHECK (modality IN ('IN_PERSON', 'ONLINE_LIVE', 'ONLINE_SELF_PACED', 'HYBRID')),
  status text NOT NULL CHECK (status IN ('SCHEDULED', 'OPEN', 'CLOSED', 'RUNNING', 'FINISHED', 'CANCELLED')),
  starts_on {date} NOT NULL,
  ends_on {date} NOT NULL,
  schedule text,
  registration_opens_at {instant},
  registration_closes_at {instant},
  price_cents bigint NOT NULL CHECK (price_cents >= 0),
  -- Null when not known; such an offering takes requests for approval.
  capacity integer CHECK (capacity >= 0),
  seats_taken integer NOT NULL DEFAULT 0 CHECK (seats_taken >= 0),
  waitlisted integer NOT NULL DEFAULT 0 CHECK (waitlisted >= 0),
  waitlist_capacity integer NOT NULL DEFAULT 0 CHECK (waitlist_capacity >= 0),
  reserved_for_business_id {uuid} REFERENCES business (id),
  -- Unreserved, and its subject is published; kept in step with both.
  is_public boolean NOT NULL,
  updated_at {instant} NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, course_id) REFERENCES course (tenant_id, id),
  FOREIGN KEY (tenant_id, program_id) REFERENCES program (tenant_id, id),
  FOREIGN KEY (tenant_id, term_id) REFERENCES term (tenant_id, id),
  FOREIGN KEY (tenant_id, campus_id) REFERENCES campus (tenant_id, id),
  CHECK ((course_id IS NULL) <> (program_id IS NULL)),
  CHECK (starts_on <= ends_on)
);
CREATE INDEX offering_by_start ON offering (starts_on, id) WHERE is_public;
CREATE INDEX offering_by_price ON offering (price_cents, id) WHERE is_public;
CREATE INDEX offering_by_update ON offering (updated_at, id);
CREATE INDEX offering_of_tenant_by_start ON offering (tenant_id, starts_on, id);
CREATE INDEX offering_of_tenant_by_update ON offering (tenant_id, updated_at, id);
CREATE INDEX offering_of_course ON offering (course_id, starts_on, id);
CREATE INDEX offering_of_program ON offering (program_id, starts_on, id);
CREATE INDEX offering_of_term ON offering (term_id);

CREATE TABLE offering_instructor (
  tenant_id {uuid} NOT NULL,
  offering_id {uuid} NOT NULL,
  position integer NOT NULL,
  staff_member_id {uuid} NOT NULL,
  PRIMARY KEY (tenant_id, offering_id, position),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, staff_member_id) REFERENCES staff_member (tenant_id, id)
);
CREATE INDEX offering_instructor_of ON offering_instructor (offering_id, position);
CREATE INDEX offering_instructor_by ON offering_instructor (staff_member_id, offering_id);
