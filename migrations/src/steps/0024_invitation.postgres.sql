-- What an object of a list in JSON does not name, and others do: it stays as it is known.
ALTER TABLE import_row ADD COLUMN lacks text NOT NULL DEFAULT '';

-- Codes of people who have left are good for nothing any more, nor are those before the last one of an entry that was invited anew. Whose entry came back by a file has no later one,
-- and cannot be told from somebody who has waited.
SET LOCAL ROLE concord_operator;
UPDATE invitation SET expires_at = 'epoch' WHERE used_at IS NULL AND (
  EXISTS (SELECT FROM employee e WHERE e.tenant_id = invitation.business_id AND e.id = invitation.employee_id AND e.status = 'SEPARATED')
  OR EXISTS (SELECT FROM invitation l WHERE l.business_id = invitation.business_id AND l.employee_id = invitation.employee_id AND l.used_at IS NULL AND l.expires_at > invitation.expires_at));
RESET ROLE;
