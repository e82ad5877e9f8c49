-- The wall that the database itself keeps between tenants.
--
-- The server acts as concord_app: no superuser, no owner, no BYPASSRLS. Each transaction that reads or writes private rows sets `concord.reach` (members, tenant or
-- consortium) and `concord.tenant` for itself; without them only what is public is seen, and nothing can be written. Imports and commands act as concord_operator.

DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['concord_app', 'concord_operator'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
      END IF;
    EXCEPTION
      -- Another database of the same server was faster.
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role % is missing and this role may not make it: have an administrator run CREATE ROLE % NOLOGIN; GRANT % TO %', wanted, wanted, wanted, current_user;
    END;
    IF NOT pg_has_role(current_user, wanted, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', wanted, current_user);
    END IF;
  END LOOP;
END
$$;

GRANT USAGE ON SCHEMA public TO concord_app, concord_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO concord_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO concord_app;
REVOKE UPDATE, DELETE ON audit_event FROM concord_operator;

-- Whose rows the transaction is about; null when it is about nobody's.
CREATE FUNCTION concord_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  -- A setting that was set once reads as an empty text afterwards.
  RETURN nullif(current_setting('concord.tenant', true), '')::uuid;
CREATE FUNCTION concord_reach() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(current_setting('concord.reach', true), '');

DO $$
DECLARE
  -- Tables of tenants, and what of them is read by whoever may not see more. A list that only ties rows together is read with either end, and both have walls of
  -- their own; what holds texts follows the row that it hangs on.
  open_tables text[] := ARRAY['institution_alignment', 'campus', 'term', 'staff_member', 'credential_competency', 'course_competency', 'course_prerequisite',
    'program_component', 'program_industry', 'assessment_competency', 'requirement_option', 'offering_instructor'];
  by_status text[] := ARRAY['credential', 'course', 'program'];
  name text;
  readable text;
BEGIN
  FOR name, readable IN
    SELECT unnest(open_tables), 'true'
    UNION ALL SELECT unnest(by_status), 'status <> ''DRAFT'''
    UNION ALL VALUES
      ('offering', 'is_public OR is_retired OR (reserved_for_business_id = (SELECT concord_tenant()))'),
      ('assessment', 'EXISTS (SELECT FROM course s WHERE s.id = course_id) OR EXISTS (SELECT FROM program s WHERE s.id = program_id)'),
      ('credential_alignment', 'EXISTS (SELECT FROM credential s WHERE s.id = credential_id)'),
      ('credential_requirement', 'EXISTS (SELECT FROM credential s WHERE s.id = credential_id)'),
      ('credit_articulation', 'EXISTS (SELECT FROM credential s WHERE s.id = credential_id)'),
      ('program_occupation', 'EXISTS (SELECT FROM program s WHERE s.id = program_id)'),
      ('external_key', 'kind <> ''business'''),
      ('audit_event', 'false'),
      ('audit_chain', 'false')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY reading ON %I FOR SELECT TO concord_app USING (%s OR tenant_id = (SELECT concord_tenant()) OR (SELECT concord_reach()) = ''consortium'')', name, readable);
    EXECUTE format('CREATE POLICY adding ON %I FOR INSERT TO concord_app WITH CHECK (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format(
      'CREATE POLICY changing ON %I FOR UPDATE TO concord_app USING (tenant_id = (SELECT concord_tenant())) WITH CHECK (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format('CREATE POLICY removing ON %I FOR DELETE TO concord_app USING (tenant_id = (SELECT concord_tenant()))', name);
    EXECUTE format('CREATE POLICY operating ON %I TO concord_operator USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

-- The two tables of tenants themselves. Institutions are public; businesses are every member's to see.
ALTER TABLE institution ENABLE ROW LEVEL SECURITY;
ALTER TABLE institution FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON institution FOR SELECT TO concord_app USING (true);
CREATE POLICY operating ON institution TO concord_operator USING (true) WITH CHECK (true);
ALTER TABLE business ENABLE ROW LEVEL SECURITY;
ALTER TABLE business FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON business FOR SELECT TO concord_app USING ((SELECT concord_reach()) <> '');
CREATE POLICY adding ON business FOR INSERT TO concord_app WITH CHECK (id = (SELECT concord_tenant()));
CREATE POLICY changing ON business FOR UPDATE TO concord_app USING (id = (SELECT concord_tenant())) WITH CHECK (id = (SELECT concord_tenant()));
CREATE POLICY operating ON business TO concord_operator USING (true) WITH CHECK (true);

-- What the application writes. Lines of the audit log are added and never changed.
GRANT INSERT, UPDATE, DELETE ON credential, credential_competency, credential_alignment, credential_requirement, requirement_option, course, course_competency,
  course_prerequisite, program, program_component, program_industry, program_occupation, offering, offering_instructor, course_search, program_search, credential_search, business_search TO concord_app;
GRANT INSERT, UPDATE ON business, audit_chain TO concord_app;
GRANT INSERT ON audit_event TO concord_app;
-- Access that callers take away, and assertions that clients have used. Issuers, keys and accounts are changed by commands alone.
GRANT INSERT ON revocation TO concord_app;
GRANT INSERT, DELETE ON client_assertion TO concord_app;
