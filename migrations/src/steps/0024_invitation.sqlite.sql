-- What an object of a list in JSON does not name, and others do: it stays as it is known.
ALTER TABLE import_row ADD COLUMN lacks text NOT NULL DEFAULT '';

-- Codes of people who have left are good for nothing any more.
UPDATE invitation SET expires_at = strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00' WHERE used_at IS NULL AND EXISTS
  (SELECT 1 FROM employee e WHERE e.tenant_id = invitation.business_id AND e.id = invitation.employee_id AND e.status = 'SEPARATED')
  AND expires_at > strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000+00:00';
