-- How likely each pair of a finished run is wrong, for the audit: float32 in the order of run_pairs. Runs from before have none.
ALTER TABLE runs ADD COLUMN pair_doubts BLOB;
