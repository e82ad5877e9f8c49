-- What was shown to others of learners' records: a line for each learner in each request. Lines are only ever added, and only the learner reads them.

CREATE TABLE disclosure (
  learner_id uuid NOT NULL REFERENCES learner (id),
  id uuid NOT NULL UNIQUE,
  -- For whom somebody looked; neither of them for the consortium.
  institution_id uuid REFERENCES institution (id),
  business_id uuid REFERENCES business (id),
  at timestamptz NOT NULL,
  actor_name text NOT NULL,
  -- Registration of the issuer that vouched for whoever looked, and what it calls them.
  actor_issuer uuid NOT NULL,
  actor_subject text NOT NULL,
  -- Types and names of fields, separated by spaces.
  fields text NOT NULL,
  purpose text NOT NULL,
  request_id text NOT NULL,
  PRIMARY KEY (learner_id, id),
  CHECK (institution_id IS NULL OR business_id IS NULL)
);
CREATE INDEX disclosure_by_time ON disclosure (learner_id, at, id);

-- A voucher pays for one enrollment at a time, which is found by it.
CREATE UNIQUE INDEX funding_of_voucher ON funding (voucher_id) WHERE voucher_id IS NOT NULL AND state <> 'RELEASED';

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
ALTER TABLE disclosure FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON disclosure FOR SELECT TO concord_app USING (learner_id = (SELECT concord_learner()));
CREATE POLICY adding ON disclosure FOR INSERT TO concord_app WITH CHECK (
  (coalesce(business_id, institution_id) = (SELECT concord_tenant()) AND (SELECT concord_runs()))
  OR (business_id IS NULL AND institution_id IS NULL AND (SELECT concord_reach()) = 'consortium'));
CREATE POLICY operating ON disclosure TO concord_operator USING (true) WITH CHECK (true);

-- The consortium's administrators list the learners of an institution.
ALTER POLICY reading ON learner_tenant USING (
  (tenant_id = (SELECT concord_tenant()) AND ((SELECT concord_runs()) OR ((SELECT concord_teacher()) IS NOT NULL AND EXISTS (SELECT FROM enrollment e WHERE e.learner_id = learner_tenant.id AND e.tenant_id = learner_tenant.tenant_id))))
  OR tenant_id = (SELECT concord_partner()) OR id = (SELECT concord_learner()) OR (SELECT concord_reach()) = 'consortium');

GRANT SELECT, INSERT ON disclosure TO concord_operator, concord_app;
