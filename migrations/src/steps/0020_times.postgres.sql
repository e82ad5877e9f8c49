-- Acts read the clock more than once, so that a part of a price could seem to have moved after the step of its enrollment, and a business could be shown a time after it.
SET LOCAL ROLE concord_operator;
UPDATE funding SET moved_at = (SELECT e.updated_at FROM enrollment e WHERE e.id = funding.enrollment_id)
  WHERE moved_at > (SELECT e.updated_at FROM enrollment e WHERE e.id = funding.enrollment_id);
UPDATE business_enrollment SET updated_at = (SELECT e.updated_at FROM enrollment e WHERE e.id = business_enrollment.id)
  WHERE updated_at > (SELECT e.updated_at FROM enrollment e WHERE e.id = business_enrollment.id);
RESET ROLE;
