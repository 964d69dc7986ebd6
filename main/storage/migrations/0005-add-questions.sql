-- Questions about videos and their answers: what answers are trained, calibrated and measured on.

-- A question is about [start, end) of its video; `type` is what main/answers understood of it. `choices` is a JSON array,
-- empty where the answer is free. `origin` says where the pair comes from; templates are never trusted.
CREATE TABLE questions (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  start_seconds REAL NOT NULL,
  end_seconds REAL NOT NULL,
  type TEXT NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  choices TEXT NOT NULL,
  trusted INTEGER NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('imported', 'user', 'template')),
  created_at_ms INTEGER NOT NULL,
  UNIQUE (video_id, start_seconds, end_seconds, question),
  CHECK (NOT (trusted = 1 AND origin = 'template'))
);
