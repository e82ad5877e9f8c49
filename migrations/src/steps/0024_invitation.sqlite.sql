-- What an object of a list in JSON does not name, and others do: it stays as it is known.
ALTER TABLE import_row ADD COLUMN lacks text NOT NULL DEFAULT '';

-- Codes of people who have left are good for nothing any more, nor are those before the last one of an entry that was invited anew. Whose entry came back by a file has no later one,
-- and cannot be told from somebody who has waited.
UPDATE invitation SET expires_at = '1970-01-01T00:00:00.000000+00:00' WHERE used_at IS NULL AND (
  EXISTS (SELECT 1 FROM employee e WHERE e.tenant_id = invitation.business_id AND e.id = invitation.employee_id AND e.status = 'SEPARATED')
  OR EXISTS (SELECT 1 FROM invitation l WHERE l.business_id = invitation.business_id AND l.employee_id = invitation.employee_id AND l.used_at IS NULL AND l.expires_at > invitation.expires_at));
