-- How a worker has instances of a node: Get, or Move to its own port.
ALTER TABLE node ADD COLUMN retrieve_by text NOT NULL DEFAULT 'Get';
