-- What an object of a list in JSON does not name, and others do: it stays as it is known.
ALTER TABLE import_row ADD COLUMN lacks text NOT NULL DEFAULT '';

-- Codes of people who have left are good for nothing any more.
SET LOCAL ROLE concord_operator;
UPDATE invitation SET expires_at = now() WHERE used_at IS NULL AND expires_at > now() AND EXISTS
  (SELECT FROM employee e WHERE e.tenant_id = invitation.business_id AND e.id = invitation.employee_id AND e.status = 'SEPARATED');
RESET ROLE;
