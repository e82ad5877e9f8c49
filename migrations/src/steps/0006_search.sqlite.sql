-- Words of published things, one table a noun. The plain table gives an object its number in the full-text table, which keeps no text.

CREATE TABLE institution_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES institution (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE institution_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");

CREATE TABLE course_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES course (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE course_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");

CREATE TABLE program_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES program (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE program_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");

CREATE TABLE credential_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES credential (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE credential_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");

CREATE TABLE competency_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES competency (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE competency_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");

CREATE TABLE business_search (
  number INTEGER PRIMARY KEY,
  object_id BLOB NOT NULL UNIQUE REFERENCES business (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE business_words USING fts5 (a, b, c, d, content='', contentless_delete=1, tokenize="ascii tokenchars '_'");
