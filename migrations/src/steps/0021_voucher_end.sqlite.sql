-- Vouchers that are taken back: by their business, or because their last day has passed.

-- Whether an unused voucher was taken back because its last day had passed.
ALTER TABLE voucher ADD COLUMN is_expired boolean NOT NULL DEFAULT FALSE;

-- When unused vouchers end, for the sweep of every node: keys and days alone, of nobody in particular.
CREATE TABLE voucher_end (
  voucher BLOB NOT NULL PRIMARY KEY,
  business BLOB NOT NULL,
  expires_on TEXT NOT NULL
);
CREATE INDEX voucher_end_by_day ON voucher_end (expires_on, business);

-- Kept by the database, for nodes of the release before issue and use vouchers too.
CREATE TRIGGER voucher_is_issued AFTER INSERT ON voucher WHEN NEW.state = 'UNUSED' BEGIN
  INSERT OR IGNORE INTO voucher_end (voucher, business, expires_on) VALUES (NEW.id, NEW.tenant_id, NEW.expires_on);
END;
CREATE TRIGGER voucher_is_open_again AFTER UPDATE OF state ON voucher WHEN NEW.state = 'UNUSED' BEGIN
  INSERT OR IGNORE INTO voucher_end (voucher, business, expires_on) VALUES (NEW.id, NEW.tenant_id, NEW.expires_on);
END;
CREATE TRIGGER voucher_is_over AFTER UPDATE OF state ON voucher WHEN NEW.state <> 'UNUSED' BEGIN
  DELETE FROM voucher_end WHERE voucher = NEW.id;
END;

INSERT INTO voucher_end (voucher, business, expires_on) SELECT id, tenant_id, expires_on FROM voucher WHERE state = 'UNUSED';
