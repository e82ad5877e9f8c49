-- Documents that the consortium has registered: callers of some sorts may run no others. They are the same for every tenant.

CREATE TABLE document (
  -- SHA-256 of the text, in lower-case hexadecimal digits.
  sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  registered_at TEXT NOT NULL
);
