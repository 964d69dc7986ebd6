-- Of descriptions that a model has written (source `generated`): the stretch of the video that it was shown, which model
-- it was and what it was asked. All are null for every other source.
ALTER TABLE descriptions ADD COLUMN start_seconds REAL;
ALTER TABLE descriptions ADD COLUMN end_seconds REAL;
ALTER TABLE descriptions ADD COLUMN model TEXT;
ALTER TABLE descriptions ADD COLUMN prompt TEXT;
