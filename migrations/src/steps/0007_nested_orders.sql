-- The orders in which what an institution teaches is listed, but for those that earlier steps have.

CREATE INDEX course_of_tenant_by_price ON course (tenant_id, price_cents, id);
CREATE INDEX course_of_tenant_by_next_start ON course (tenant_id, next_starts_on, id);
CREATE INDEX offering_of_tenant_by_price ON offering (tenant_id, price_cents, id);
