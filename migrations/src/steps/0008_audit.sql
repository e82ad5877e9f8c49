-- Who did what for whom, in one chain of hashes for each tenant; and which offerings are found by name only, as a fact of their own.

-- Of an unreserved offering whose subject is retired; kept in step with both, as `is_public` is.
ALTER TABLE offering ADD COLUMN is_retired boolean NOT NULL DEFAULT FALSE;
UPDATE offering SET is_retired = TRUE
WHERE reserved_for_business_id IS NULL
  AND (course_id IN (SELECT s.id FROM course s WHERE s.status = 'RETIRED') OR program_id IN (SELECT s.id FROM program s WHERE s.status = 'RETIRED'));
CREATE INDEX offering_reserved_for ON offering (reserved_for_business_id);

-- Lines are only ever added. The consortium's own stand under the key of zeros.
CREATE TABLE audit_event (
  tenant_id {uuid} NOT NULL,
  id {uuid} NOT NULL UNIQUE,
  -- Position in the tenant's chain, from 1.
  number bigint NOT NULL,
  at {instant} NOT NULL,
  actor_name text NOT NULL,
  -- Registration of the issuer that vouched for the actor, and what it calls the actor.
  actor_issuer {uuid} NOT NULL,
  actor_subject text NOT NULL,
  action text NOT NULL,
  subject_id text NOT NULL,
  -- Names of fields, separated by spaces.
  changed_fields text NOT NULL,
  request_id text NOT NULL,
  ip_address text,
  -- Hexadecimal SHA-256 of the line before and of this one.
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number)
);
CREATE INDEX audit_event_of_tenant ON audit_event (tenant_id, at, id);
CREATE INDEX audit_event_of_subject ON audit_event (tenant_id, subject_id);
CREATE INDEX audit_event_by_time ON audit_event (at, id);

-- The end of each chain, which the next line locks.
CREATE TABLE audit_chain (
  tenant_id {uuid} NOT NULL PRIMARY KEY,
  number bigint NOT NULL,
  hash text NOT NULL
);
