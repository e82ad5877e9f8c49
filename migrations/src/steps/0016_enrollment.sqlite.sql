-- Places in offerings, from request to outcome: seats, waitlists, who pays, and what a business sees of it in rows of its own.

-- Seats and places on the waitlist that were given here, beside those that the institution's own system gave; and the ticket of the next who waits.
ALTER TABLE offering ADD COLUMN seats_here integer NOT NULL DEFAULT 0 CHECK (seats_here >= 0);
ALTER TABLE offering ADD COLUMN waiting_here integer NOT NULL DEFAULT 0 CHECK (waiting_here >= 0);
ALTER TABLE offering ADD COLUMN next_ticket bigint NOT NULL DEFAULT 1;

CREATE TABLE enrollment (
  tenant_id BLOB NOT NULL,
  id BLOB NOT NULL UNIQUE,
  offering_id BLOB NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  state text NOT NULL CHECK (state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED', 'ACTIVE', 'COMPLETED', 'NOT_COMPLETED', 'WITHDRAWN', 'CANCELLED', 'DECLINED')),
  -- Order on the waitlist; the largest number for whoever does not wait.
  ticket bigint NOT NULL DEFAULT 9223372036854775807,
  seat_offer_expires_at TEXT,
  percent_complete integer NOT NULL DEFAULT 0 CHECK (percent_complete BETWEEN 0 AND 100),
  soft_skill_hours double precision NOT NULL DEFAULT 0,
  last_activity_at TEXT,
  requested_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, offering_id) REFERENCES offering (tenant_id, id),
  CHECK ((state = 'SEAT_OFFERED') = (seat_offer_expires_at IS NOT NULL)),
  CHECK ((state = 'WAITLISTED') = (ticket < 9223372036854775807))
);
-- One open enrollment of a learner in an offering, whoever asked for it.
CREATE UNIQUE INDEX enrollment_open ON enrollment (offering_id, learner_id) WHERE state IN ('REQUESTED', 'WAITLISTED', 'SEAT_OFFERED', 'ENROLLED', 'ACTIVE');
CREATE INDEX enrollment_by_request ON enrollment (tenant_id, requested_at, id);
CREATE INDEX enrollment_by_update ON enrollment (tenant_id, updated_at, id);
CREATE INDEX enrollment_by_ticket ON enrollment (tenant_id, ticket, id);
CREATE INDEX enrollment_of_offering ON enrollment (offering_id, requested_at, id);
CREATE INDEX enrollment_waiting ON enrollment (offering_id, ticket, id);
CREATE INDEX enrollment_of_learner ON enrollment (learner_id, requested_at, id);

CREATE TABLE enrollment_transition (
  tenant_id BLOB NOT NULL,
  enrollment_id BLOB NOT NULL,
  number integer NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  from_state text,
  to_state text NOT NULL,
  at TEXT NOT NULL,
  reason text,
  actor_name text NOT NULL,
  PRIMARY KEY (tenant_id, enrollment_id, number),
  FOREIGN KEY (tenant_id, enrollment_id) REFERENCES enrollment (tenant_id, id)
);
CREATE INDEX enrollment_transition_of ON enrollment_transition (enrollment_id, number);

-- Who pays what. A payer reads its own part.
CREATE TABLE funding (
  tenant_id BLOB NOT NULL,
  enrollment_id BLOB NOT NULL,
  position integer NOT NULL,
  learner_id BLOB NOT NULL REFERENCES learner (id),
  source text NOT NULL CHECK (source IN ('SELF_PAY', 'SPONSORSHIP', 'VOUCHER', 'FINANCIAL_AID')),
  state text NOT NULL CHECK (state IN ('RESERVED', 'CHARGED', 'RELEASED')),
  amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
  payer_id BLOB REFERENCES business (id),
  sponsorship_id BLOB REFERENCES sponsorship (id),
  voucher_id BLOB REFERENCES voucher (id),
  PRIMARY KEY (tenant_id, enrollment_id, position),
  FOREIGN KEY (tenant_id, enrollment_id) REFERENCES enrollment (tenant_id, id),
  CHECK ((source IN ('SPONSORSHIP', 'VOUCHER')) = (sponsorship_id IS NOT NULL)),
  CHECK ((payer_id IS NULL) = (sponsorship_id IS NULL)),
  CHECK ((source = 'VOUCHER') = (voucher_id IS NOT NULL))
);
CREATE INDEX funding_of ON funding (enrollment_id, position);
CREATE INDEX funding_by_sponsorship ON funding (sponsorship_id, learner_id);

-- What a business pays for, or was shown by its learner: a row of its own, written with each change.
CREATE TABLE business_enrollment (
  tenant_id BLOB NOT NULL REFERENCES business (id),
  id BLOB NOT NULL,
  institution_id BLOB NOT NULL REFERENCES institution (id),
  offering_id BLOB NOT NULL REFERENCES offering (id),
  learner_id BLOB NOT NULL REFERENCES learner (id),
  is_paid boolean NOT NULL,
  state text NOT NULL,
  ticket bigint NOT NULL,
  seat_offer_expires_at TEXT,
  percent_complete integer NOT NULL,
  soft_skill_hours double precision NOT NULL,
  last_activity_at TEXT,
  requested_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX business_enrollment_by_request ON business_enrollment (tenant_id, requested_at, id);
CREATE INDEX business_enrollment_by_update ON business_enrollment (tenant_id, updated_at, id);
CREATE INDEX business_enrollment_by_ticket ON business_enrollment (tenant_id, ticket, id);
CREATE INDEX business_enrollment_of_learner ON business_enrollment (learner_id, requested_at, id);

-- The tickets of those who wait, and the seats that are offered until when: numbers and keys alone, of nobody in particular, for counting and for the sweep of every node.
CREATE TABLE waitlist_ticket (
  offering BLOB NOT NULL,
  ticket bigint NOT NULL,
  PRIMARY KEY (offering, ticket)
);
CREATE TABLE seat_offer (
  enrollment BLOB NOT NULL PRIMARY KEY,
  institution BLOB NOT NULL,
  expires_at TEXT NOT NULL
);
CREATE INDEX seat_offer_by_end ON seat_offer (expires_at);
