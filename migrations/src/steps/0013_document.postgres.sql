-- Documents that the consortium has registered: callers of some sorts may run no others. They are the same for every tenant.

CREATE TABLE document (
  -- SHA-256 of the text, in lower-case hexadecimal digits.
  sha256 text COLLATE "C" NOT NULL PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  name text NOT NULL,
  text text NOT NULL,
  registered_at timestamptz NOT NULL
);

GRANT SELECT ON document TO concord_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON document TO concord_operator;
