-- What learners achieve: results in assessments, and the awards that they carry away. A learner reads the own record, a business what its learner's consent covers.

-- The award whose verification code somebody holds: that one is shown to whoever asks for it.
CREATE FUNCTION concord_proof() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('concord.proof', true), '')::uuid;

CREATE TABLE assessment_result (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  enrollment_id uuid NOT NULL,
  offering_id uuid NOT NULL,
  learner_id uuid NOT NULL REFERENCES learner (id),
  assessment_id uuid NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  score double precision NOT NULL,
  -- What the assessment asked for when it was recorded.
  max_score double precision NOT NULL,
  pass_score double precision NOT NULL,
  is_passed boolean NOT NULL,
  feedback text,
  recorded_at timestamptz NOT NULL,
  recorded_by_id uuid,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, enrollment_id) REFERENCES enrollment (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  FOREIGN KEY (tenant_id, assessment_id) REFERENCES assessment (tenant_id, id),
  FOREIGN KEY (tenant_id, recorded_by_id) REFERENCES staff_member (tenant_id, id),
  UNIQUE (enrollment_id, assessment_id, attempt)
);
CREATE INDEX assessment_result_of ON assessment_result (enrollment_id, recorded_at, id);

CREATE TABLE competency_rating (
  tenant_id uuid NOT NULL,
  result_id uuid NOT NULL,
  position integer NOT NULL,
  offering_id uuid NOT NULL,
  learner_id uuid NOT NULL REFERENCES learner (id),
  competency_id uuid NOT NULL REFERENCES competency (id),
  level text NOT NULL CHECK (level IN ('EMERGING', 'DEVELOPING', 'PROFICIENT', 'EXEMPLARY')),
  PRIMARY KEY (tenant_id, result_id, position),
  FOREIGN KEY (tenant_id, result_id) REFERENCES assessment_result (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  UNIQUE (result_id, competency_id)
);
CREATE INDEX competency_rating_of ON competency_rating (result_id, position);

CREATE TABLE award (
  tenant_id uuid NOT NULL REFERENCES institution (id),
  id uuid NOT NULL UNIQUE,
  -- Drawn at random; whoever holds it sees that the award is there, and whether it is valid.
  code uuid NOT NULL UNIQUE,
  credential_id uuid NOT NULL,
  learner_id uuid NOT NULL REFERENCES learner (id),
  -- The enrollment that it came from, and its offering.
  enrollment_id uuid,
  offering_id uuid,
  issued_on date NOT NULL,
  expires_on date,
  revoked_at timestamptz,
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
  tenant_id uuid NOT NULL,
  award_id uuid NOT NULL,
  position integer NOT NULL,
  competency_id uuid NOT NULL REFERENCES competency (id),
  PRIMARY KEY (tenant_id, award_id, position),
  FOREIGN KEY (tenant_id, award_id) REFERENCES award (tenant_id, id)
);
CREATE INDEX award_competency_of ON award_competency (award_id, position);

DO $$
DECLARE
  name text;
  scope text;
  -- Those who run the institution, those who teach the offering, the learner, the consortium, and a business while the learner's consent to it covers the scope. That a
  -- consent ends by itself is for the program to see.
  readable text := '(tenant_id = (SELECT concord_tenant()) AND ((SELECT concord_runs()) OR EXISTS (SELECT FROM offering_instructor i WHERE i.offering_id = {table}.offering_id AND i.staff_member_id = (SELECT concord_teacher())))) '
    'OR learner_id = (SELECT concord_learner()) OR (SELECT concord_reach()) = ''consortium'' '
    'OR ((SELECT concord_runs()) AND EXISTS (SELECT FROM consent_grant c WHERE c.learner_id = {table}.learner_id AND c.business_id = (SELECT concord_tenant()) AND c.revoked_at IS NULL AND ('' '' || c.scopes || '' '') LIKE ''% {scope} %''))';
  reading text;
BEGIN
  FOR name, scope IN VALUES ('assessment_result', 'RESULTS'), ('competency_rating', 'RESULTS'), ('award', 'AWARDS'), ('award_competency', '')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    reading := CASE name
      -- A list that only ties an award to what it attests is read with the award, which has a wall of its own.
      WHEN 'award_competency' THEN 'EXISTS (SELECT FROM award a WHERE a.id = award_id)'
      WHEN 'award' THEN readable || ' OR code = (SELECT concord_proof())'
      ELSE readable
    END;
    EXECUTE format('CREATE POLICY reading ON %I FOR SELECT TO concord_app USING (%s)', name, replace(replace(reading, '{table}', name), '{scope}', scope));
    EXECUTE format('CREATE POLICY adding ON %I FOR INSERT TO concord_app WITH CHECK (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format('CREATE POLICY changing ON %I FOR UPDATE TO concord_app USING (tenant_id = (SELECT concord_tenant())) WITH CHECK (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format('CREATE POLICY removing ON %I FOR DELETE TO concord_app USING (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format('CREATE POLICY operating ON %I TO concord_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON assessment_result, competency_rating, award, award_competency TO concord_operator;
-- What was recorded or attested stays as it was; an award can be revoked, and nothing else.
GRANT SELECT, INSERT ON assessment_result, competency_rating, award, award_competency TO concord_app;
GRANT UPDATE (revoked_at, revocation_reason) ON award TO concord_app;
