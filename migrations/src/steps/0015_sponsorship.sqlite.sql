-- What businesses pay for: sponsorships, the ledger that their money and seats are kept in, vouchers, and the keys by which a repeated request is known.

CREATE TABLE sponsorship (
  tenant_id BLOB NOT NULL REFERENCES business (id),
  id BLOB NOT NULL UNIQUE,
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('BUDGET', 'VOUCHERS', 'SEAT_BLOCK')),
  -- EXHAUSTED is kept in step with the ledger; past the last day it counts as ENDED whatever stands here.
  status text NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'EXHAUSTED', 'ENDED')),
  -- No institution is named: it can be used everywhere.
  is_anywhere boolean NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  seats integer CHECK (seats >= 0),
  per_learner_cap_cents bigint CHECK (per_learner_cap_cents >= 0),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CHECK (starts_on <= ends_on)
);
CREATE INDEX sponsorship_by_age ON sponsorship (tenant_id, created_at, id);

CREATE TABLE sponsorship_institution (
  tenant_id BLOB NOT NULL,
  sponsorship_id BLOB NOT NULL,
  position integer NOT NULL,
  institution_id BLOB NOT NULL REFERENCES institution (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX sponsorship_institution_of ON sponsorship_institution (sponsorship_id, position);

CREATE TABLE sponsorship_cover (
  tenant_id BLOB NOT NULL,
  sponsorship_id BLOB NOT NULL,
  position integer NOT NULL,
  course_id BLOB REFERENCES course (id),
  program_id BLOB REFERENCES program (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id),
  CHECK ((course_id IS NULL) <> (program_id IS NULL))
);
CREATE INDEX sponsorship_cover_of ON sponsorship_cover (sponsorship_id, position);

-- Offerings reserved for the business, in which the seats of a block are.
CREATE TABLE sponsorship_hold (
  tenant_id BLOB NOT NULL,
  sponsorship_id BLOB NOT NULL,
  position integer NOT NULL,
  offering_id BLOB NOT NULL REFERENCES offering (id),
  PRIMARY KEY (tenant_id, sponsorship_id, position),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX sponsorship_hold_of ON sponsorship_hold (sponsorship_id, position);

-- Accounts of a sponsorship, in cents or in seats. What is granted comes from outside, and is below zero by as much as the others hold.
CREATE TABLE ledger_account (
  tenant_id BLOB NOT NULL,
  sponsorship_id BLOB NOT NULL,
  unit text NOT NULL CHECK (unit IN ('MONEY', 'SEAT')),
  name text NOT NULL CHECK (name IN ('GRANTED', 'FREE', 'RESERVED', 'SPENT')),
  balance bigint NOT NULL,
  PRIMARY KEY (tenant_id, sponsorship_id, unit, name),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id),
  CHECK (CASE WHEN name = 'GRANTED' THEN balance <= 0 ELSE balance >= 0 END)
);
CREATE INDEX ledger_account_of ON ledger_account (sponsorship_id);

CREATE TABLE ledger_entry (
  tenant_id BLOB NOT NULL REFERENCES business (id),
  id BLOB NOT NULL UNIQUE,
  -- The enrollment or voucher that it is about; null for grants.
  about BLOB,
  at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ledger_entry_about ON ledger_entry (tenant_id, about);

-- Postings of an entry sum to zero. They are only ever added.
CREATE TABLE ledger_posting (
  tenant_id BLOB NOT NULL,
  entry_id BLOB NOT NULL,
  sponsorship_id BLOB NOT NULL,
  unit text NOT NULL,
  name text NOT NULL,
  amount bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (tenant_id, entry_id, sponsorship_id, unit, name),
  FOREIGN KEY (tenant_id, entry_id) REFERENCES ledger_entry (tenant_id, id),
  FOREIGN KEY (tenant_id, sponsorship_id, unit, name) REFERENCES ledger_account (tenant_id, sponsorship_id, unit, name)
);
CREATE INDEX ledger_posting_of ON ledger_posting (tenant_id, sponsorship_id, unit, name);

CREATE TABLE voucher (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  sponsorship_id BLOB NOT NULL,
  -- An unused one past its last day counts as expired.
  state text NOT NULL CHECK (state IN ('UNUSED', 'REDEEMED', 'VOID')),
  value_cents bigint NOT NULL CHECK (value_cents > 0),
  expires_on TEXT NOT NULL,
  issued_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, sponsorship_id) REFERENCES sponsorship (tenant_id, id)
);
CREATE INDEX voucher_by_age ON voucher (tenant_id, issued_at, id);
CREATE INDEX voucher_of ON voucher (sponsorship_id, issued_at, id);

-- Codes of vouchers as hashes. Whoever has one is not known to the business yet: the table belongs to no tenant.
CREATE TABLE voucher_code (
  code_hash text NOT NULL PRIMARY KEY,
  business_id BLOB NOT NULL,
  voucher_id BLOB NOT NULL,
  FOREIGN KEY (business_id, voucher_id) REFERENCES voucher (tenant_id, id)
);
CREATE INDEX voucher_code_of ON voucher_code (business_id, voucher_id);

-- What was answered to whom under which key. Of the input there is a hash alone.
CREATE TABLE idempotency_key (
  issuer BLOB NOT NULL,
  subject text NOT NULL,
  key BLOB NOT NULL,
  act text NOT NULL,
  input_hash text NOT NULL,
  -- Null while the act is under way.
  answer text,
  created_at TEXT NOT NULL,
  PRIMARY KEY (issuer, subject, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);
