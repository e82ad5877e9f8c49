-- What businesses pay for: sponsorships, the ledger that their money and seats are kept in, vouchers, and the keys by which a repeated request is known.

CREATE TABLE sponsorship (
  tenant_id uuid NOT NULL REFERENCES business (id),
  id uuid NOT NULL UNIQUE,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('BUDGET', 'VOUCHERS', 'SEAT_BLOCK')),
  -- EXHAUSTED is kept in step with the ledger; past the last day it counts as ENDED whatever stands here.
  status text NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'EXHAUSTED', 'ENDED')),
  -- No institution is named: it can be used everywhere.
  is_anywhere boolean NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  seats integer CHECK (seats >= 0),
  per_learner_cap_cents bigint CHECK (per_learner_cap_cents >= 0),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (starts_on <= ends_on)
);
CREATE INDEX sponsorship_by_age ON sponsorship (tenant_id, created_at, id);

CREATE TABLE sponsorship_institution (
  tenant_id uuid NOT NULL,
  sponsorship_id uuid NOT NULL,
  position integer NOT NULL,
  institution_id uuid NOT NULL REFERENCES institution (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX sponsorship_institution_of ON sponsorship_institution (sponsorship_id, position);

CREATE TABLE sponsorship_cover (
  tenant_id uuid NOT NULL,
  sponsorship_id uuid NOT NULL,
  position integer NOT NULL,
  course_id uuid REFERENCES course (id),
  program_id uuid REFERENCES program (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id),
  CHECK ((course_id IS NULL) <> (program_id IS NULL))
);
CREATE INDEX sponsorship_cover_of ON sponsorship_cover (sponsorship_id, position);

-- Offerings reserved for the business, in which the seats of a block are.
CREATE TABLE sponsorship_hold (
  tenant_id uuid NOT NULL,
  sponsorship_id uuid NOT NULL,
  position integer NOT NULL,
  offering_id uuid NOT NULL REFERENCES offering (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX sponsorship_hold_of ON sponsorship_hold (sponsorship_id, position);

-- Accounts of a sponsorship, in cents or in seats. What is granted comes from outside, and is below zero by as much as the others hold.
CREATE TABLE ledger_account (
  tenant_id uuid NOT NULL,
  sponsorship_id uuid NOT NULL,
  unit text NOT NULL CHECK (unit IN ('MONEY', 'SEAT')),
  name text NOT NULL CHECK (name IN ('GRANTED', 'FREE', 'RESERVED', 'SPENT')),
  balance bigint NOT NULL,
  PRIMARY KEY (tenant_id, sponsorship_id, unit, name),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id),
  CHECK (CASE WHEN name = 'GRANTED' THEN balance <= 0 ELSE balance >= 0 END)
);
CREATE INDEX ledger_account_of ON ledger_account (sponsorship_id);

CREATE TABLE ledger_entry (
  tenant_id uuid NOT NULL REFERENCES business (id),
  id uuid NOT NULL UNIQUE,
  -- The enrollment or voucher that it is about; null for grants.
  about uuid,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ledger_entry_about ON ledger_entry (tenant_id, about);

-- Postings of an entry sum to zero. They are only ever added.
CREATE TABLE ledger_posting (
  tenant_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  sponsorship_id uuid NOT NULL,
  unit text NOT NULL,
  name text NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (tenant_id, entry_id, sponsorship_id, unit, name),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES ledger_entry (tenant_id, id),
  FOREIGN KEY (tenant_id, sponsorship_id, unit, name) REFERENCES ledger_account (tenant_id, sponsorship_id, unit, name)
);
CREATE INDEX ledger_posting_of ON ledger_posting (tenant_id, sponsorship_id, unit, name);

CREATE TABLE voucher (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL UNIQUE,
  sponsorship_id uuid NOT NULL,
  -- An unused one past its last day counts as expired.
  state text NOT NULL CHECK (state IN ('UNUSED', 'REDEEMED', 'VOID')),
  value_cents bigint NOT NULL CHECK (value_cents > 0),
  expires_on date NOT NULL,
  issued_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX voucher_by_age ON voucher (tenant_id, issued_at, id);
CREATE INDEX voucher_of ON voucher (sponsorship_id, issued_at, id);

-- Codes of vouchers as hashes. Whoever has one is not known to the business yet: the table belongs to no tenant.
CREATE TABLE voucher_code (
  code_hash text NOT NULL PRIMARY KEY,
  business_id uuid NOT NULL,
  voucher_id uuid NOT NULL,
  FOREIGN KEY (business_id, voucher_id) REFERENCES voucher (tenant_id, id)
);
CREATE INDEX voucher_code_of ON voucher_code (business_id, voucher_id);

-- What was answered to whom under which key. Of the input there is a hash alone.
CREATE TABLE idempotency_key (
  issuer uuid NOT NULL,
  subject text NOT NULL,
  key uuid NOT NULL,
  act text NOT NULL,
  input_hash text NOT NULL,
  -- Null while the act is under way.
  answer text,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);

DO $$
DECLARE
  name text;
  own text := '(tenant_id = (SELECT concord_tenant()) AND (SELECT concord_runs())) OR tenant_id = (SELECT concord_partner())';
  readable text;
BEGIN
  FOR name, readable IN VALUES
    ('sponsorship_institution', own || ' OR (SELECT concord_reach()) = ''consortium'' OR (institution_id = (SELECT concord_tenant()) AND (SELECT concord_runs()))'),
    ('sponsorship_cover', own || ' OR EXISTS (SELECT FROM sponsorship s WHERE s.id = sponsorship_id)'),
    ('sponsorship_hold', own || ' OR EXISTS (SELECT FROM sponsorship s WHERE s.id = sponsorship_id)'),
    ('sponsorship', own || ' OR (SELECT concord_reach()) = ''consortium'' OR (status <> ''DRAFT'' AND (SELECT concord_runs()) AND EXISTS (SELECT FROM institution t WHERE t.id = (SELECT concord_tenant())) AND (is_anywhere OR EXISTS (SELECT FROM sponsorship_institution i WHERE i.sponsorship_id = id)))'),
    ('ledger_account', own || ' OR EXISTS (SELECT FROM sponsorship s WHERE s.id = sponsorship_id)'),
    ('ledger_entry', own),
    ('ledger_posting', own),
    ('voucher', own)
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

GRANT SELECT, INSERT, UPDATE, DELETE ON sponsorship, sponsorship_institution, sponsorship_cover, sponsorship_hold, ledger_account, ledger_entry, ledger_posting, voucher, voucher_code, idempotency_key TO concord_operator;
REVOKE UPDATE, DELETE ON ledger_entry, ledger_posting FROM concord_operator;
GRANT SELECT, INSERT, UPDATE ON sponsorship, ledger_account, voucher TO concord_app;
GRANT SELECT, INSERT, DELETE ON sponsorship_institution, sponsorship_cover, sponsorship_hold TO concord_app;
GRANT SELECT, INSERT ON ledger_entry, ledger_posting, voucher_code TO concord_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_key TO concord_app;
