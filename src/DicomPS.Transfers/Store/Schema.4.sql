-- What waits for its time, transfer by transfer: of one that is suspended all is due sooner or later, and the workers of another one
-- walked over it each time they looked for a study to verify.
DROP INDEX item_due;
CREATE INDEX item_check ON item (transfer_id, due) WHERE state = 'Transferred' AND due IS NOT NULL;
CREATE INDEX item_retry ON item (transfer_id, due) WHERE state = 'Waiting' AND due IS NOT NULL;
