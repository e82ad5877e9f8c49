-- Vouchers that are taken back: by their business, or because their last day has passed.

-- Whether an unused voucher was taken back because its last day had passed.
ALTER TABLE voucher ADD COLUMN is_expired boolean NOT NULL DEFAULT FALSE;

-- When unused vouchers end, for the sweep of every node: keys and days alone, of nobody in particular.
CREATE TABLE voucher_end (
  voucher uuid NOT NULL PRIMARY KEY,
  business uuid NOT NULL,
  expires_on date NOT NULL
);
CREATE INDEX voucher_end_by_day ON voucher_end (expires_on, business);
GRANT SELECT, INSERT, UPDATE, DELETE ON voucher_end TO concord_operator;
GRANT SELECT, INSERT, DELETE ON voucher_end TO concord_app;

-- Kept by the database, for nodes of the release before issue and use vouchers too.
CREATE FUNCTION voucher_end_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'UNUSED' THEN
    INSERT INTO voucher_end (voucher, business, expires_on) VALUES (NEW.id, NEW.tenant_id, NEW.expires_on) ON CONFLICT (voucher) DO NOTHING;
  ELSE
    DELETE FROM voucher_end WHERE voucher = NEW.id;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER voucher_end_follows AFTER INSERT OR UPDATE OF state ON voucher FOR EACH ROW EXECUTE FUNCTION voucher_end_follows();

-- Those that there are; their wall stands before the owner too, but for this.
ALTER TABLE voucher NO FORCE ROW LEVEL SECURITY;
INSERT INTO voucher_end (voucher, business, expires_on) SELECT id, tenant_id, expires_on FROM voucher WHERE state = 'UNUSED';
ALTER TABLE voucher FORCE ROW LEVEL SECURITY;
