-- What a window keeps: edits that can be undone, segments that are not to be proposed, saved searches.

-- One row an edit. `before` and `after` are patches (storage/edits.ts): the state of each thing that the edit touched.
-- Undone edits stay, after all others, until a new edit takes their place.
CREATE TABLE edits (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  video_id TEXT,
  segment_id TEXT,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0,
  at_ms INTEGER NOT NULL
);
CREATE INDEX edits_by_state ON edits (undone, row_id);

CREATE TABLE skipped_segments (
  segment_id TEXT PRIMARY KEY REFERENCES segments (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE saved_searches (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  filter TEXT NOT NULL,
  at_ms INTEGER NOT NULL
);

CREATE INDEX exemplars_by_video ON exemplars (video_id);
CREATE INDEX videos_by_category ON videos (category);
