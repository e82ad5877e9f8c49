-- Who may vouch for whom, with what keys, and who may no longer. Run by the consortium: these tables belong to no tenant; `asserts_id` names the one that is spoken for.

CREATE TABLE issuer (
  id {uuid} NOT NULL PRIMARY KEY,
  -- The claim `iss`, letter by letter.
  issuer text NOT NULL UNIQUE,
  tenant_kind text NOT NULL CHECK (tenant_kind IN ('INSTITUTION', 'BUSINESS', 'CONSORTIUM')),
  -- The institution or business; null for the consortium.
  asserts_id {uuid},
  audience text NOT NULL,
  token_type text NOT NULL CHECK (token_type IN ('at+jwt', 'JWT')),
  -- Names of algorithms, separated by spaces.
  algorithms text NOT NULL,
  -- Where its keys are, or the keys themselves as a JWK set.
  jwks_url text,
  jwks text,
  subject_claim text NOT NULL,
  name_claim text NOT NULL,
  role_claim text NOT NULL,
  -- JSON object: value of the role claim to name of a role.
  role_map text NOT NULL,
  max_lifetime_seconds integer NOT NULL CHECK (max_lifetime_seconds > 0),
  is_enabled boolean NOT NULL,
  updated_at {instant} NOT NULL,
  CHECK ((jwks_url IS NULL) <> (jwks IS NULL)),
  CHECK ((tenant_kind = 'CONSORTIUM') = (asserts_id IS NULL))
);

-- Keys of Concord's own issuer. The private half is sealed with a secret of the configuration.
CREATE TABLE signing_key (
  id text NOT NULL PRIMARY KEY,
  public_key text NOT NULL,
  sealed_private_key text NOT NULL,
  -- It is published at once, and signs from here on until a newer one does.
  signs_from {instant} NOT NULL,
  -- After this nothing that it signed is valid.
  retires_at {instant},
  created_at {instant} NOT NULL
);

-- Machine clients of Concord's own issuer; the client authenticates with keys of its own.
CREATE TABLE service_account (
  id {uuid} NOT NULL PRIMARY KEY,
  name text NOT NULL,
  tenant_kind text NOT NULL CHECK (tenant_kind IN ('INSTITUTION', 'BUSINESS', 'CONSORTIUM')),
  asserts_id {uuid},
  -- Names of roles, separated by spaces.
  roles text NOT NULL,
  jwks text NOT NULL,
  is_enabled boolean NOT NULL,
  updated_at {instant} NOT NULL,
  CHECK ((tenant_kind = 'CONSORTIUM') = (asserts_id IS NULL))
);

-- Assertions of clients that were used: each is good for one token.
CREATE TABLE client_assertion (
  service_account_id {uuid} NOT NULL REFERENCES service_account (id),
  jti text NOT NULL,
  expires_at {instant} NOT NULL,
  PRIMARY KEY (service_account_id, jti)
);
CREATE INDEX client_assertion_by_end ON client_assertion (expires_at);

-- What was taken away. Every node reads what is new several times a second.
CREATE TABLE revocation (
  id {uuid} NOT NULL PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('SUBJECT', 'TENANT', 'KEY', 'TOKEN')),
  -- Registration of the issuer; null for Concord's own, and for tenants.
  issuer_id {uuid},
  -- The subject, the tenant's key (CONSORTIUM for the consortium), the key's `kid`, or the token's `jti`.
  value text NOT NULL,
  -- Tokens issued until then are no longer valid, by the clocks that also judge tokens; for keys and tokens always.
  revoked_at {instant} NOT NULL,
  -- When it came into the database, by the database's own clock: nodes ask for what is newer than what they know.
  recorded_at {instant} NOT NULL,
  CHECK (kind <> 'TENANT' OR issuer_id IS NULL)
);
CREATE INDEX revocation_by_time ON revocation (recorded_at, id);
