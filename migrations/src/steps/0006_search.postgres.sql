-- Words of published things, one table a noun, without a tenant: a row policy would keep PostgreSQL from using the text index.

CREATE TABLE institution_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES institution (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX institution_search_words ON institution_search USING gin (words);

CREATE TABLE course_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES course (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX course_search_words ON course_search USING gin (words);

CREATE TABLE program_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES program (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX program_search_words ON program_search USING gin (words);

CREATE TABLE credential_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX credential_search_words ON credential_search USING gin (words);

CREATE TABLE competency_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES competency (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX competency_search_words ON competency_search USING gin (words);

CREATE TABLE business_search (
  object_id uuid NOT NULL PRIMARY KEY REFERENCES business (id) ON DELETE CASCADE,
  words tsvector NOT NULL
);
CREATE INDEX business_search_words ON business_search USING gin (words);
