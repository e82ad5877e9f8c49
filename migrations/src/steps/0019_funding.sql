-- When a part of a price last moved: what a business is told of a place whose steps it may not see. NULL until it moves for the first time after it was set aside.
ALTER TABLE funding ADD COLUMN moved_at {instant};

-- What a learner names as the aid that pays, of a place and of a list of places.
ALTER TABLE funding ADD COLUMN aid_reference text CHECK (aid_reference IS NULL OR source = 'FINANCIAL_AID');
ALTER TABLE enrollment_job ADD COLUMN aid_reference text CHECK (aid_reference IS NULL OR source = 'FINANCIAL_AID');
