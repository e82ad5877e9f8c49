-- By what a course is known in its catalog. Not unique: sources may name several courses alike, and acts look before they add another.

CREATE INDEX course_of_tenant_by_code ON course (tenant_id, code);
