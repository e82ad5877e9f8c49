-- What other systems call a thing. `digest` remembers the row that an import last wrote, so that the same row again changes nothing.

CREATE TABLE external_key (
  tenant_id {uuid} NOT NULL,
  system text NOT NULL,
  kind text NOT NULL,
  value text NOT NULL,
  object_id {uuid} NOT NULL,
  digest text,
  PRIMARY KEY (tenant_id, system, kind, value)
);
CREATE INDEX external_key_by_value ON external_key (system, kind, value);
CREATE INDEX external_key_of ON external_key (object_id);

-- Facts about the database itself: which demo it holds, and the like.
CREATE TABLE setting (
  name text NOT NULL PRIMARY KEY,
  value text NOT NULL
);
