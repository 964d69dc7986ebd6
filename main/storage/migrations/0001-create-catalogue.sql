-- The catalogue. Times are seconds within a video, or milliseconds since 1970 where the name ends in _at_ms.
-- Vectors are little-endian half-precision floats in row order.

CREATE TABLE videos (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  path TEXT NOT NULL,
  content_hash TEXT NOT NULL UNIQUE,
  size_bytes INTEGER NOT NULL,
  sku TEXT,
  title TEXT,
  category TEXT,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'indexed', 'failed')),
  failure_code TEXT,
  failure_sentence TEXT,
  probe TEXT,
  duration_seconds REAL,
  added_at_ms INTEGER NOT NULL,
  indexed_at_ms INTEGER,
  CHECK ((status = 'failed') = (failure_code IS NOT NULL))
);
CREATE INDEX videos_by_status ON videos (status);
CREATE INDEX videos_by_path ON videos (path);
CREATE INDEX videos_by_sku ON videos (sku);

-- Every place where a content was seen. A path holds one content; a content may have several paths.
CREATE TABLE video_paths (
  path TEXT PRIMARY KEY,
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  file_name TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  modified_ms REAL NOT NULL
);
CREATE INDEX video_paths_by_video ON video_paths (video_id);
CREATE INDEX video_paths_by_name ON video_paths (file_name);

CREATE TABLE segments (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  start_seconds REAL NOT NULL,
  end_seconds REAL NOT NULL CHECK (end_seconds >= start_seconds),
  poster_path TEXT,
  frame_count INTEGER NOT NULL,
  UNIQUE (video_id, position)
);

CREATE TABLE frame_features (
  segment_row INTEGER NOT NULL REFERENCES segments (row_id) ON DELETE CASCADE,
  encoder_id TEXT NOT NULL,
  frame_count INTEGER NOT NULL,
  dim INTEGER NOT NULL,
  features BLOB NOT NULL,
  frame_seconds TEXT NOT NULL,
  PRIMARY KEY (segment_row, encoder_id)
);
CREATE INDEX frame_features_by_encoder ON frame_features (encoder_id);

CREATE TABLE text_features (
  encoder_id TEXT NOT NULL,
  text_hash BLOB NOT NULL,
  features BLOB NOT NULL,
  PRIMARY KEY (encoder_id, text_hash)
) WITHOUT ROWID;

CREATE TABLE descriptions (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  source TEXT NOT NULL CHECK (source IN ('user', 'csv', 'sidecar', 'generated', 'filename')),
  position INTEGER NOT NULL,
  text TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
);
CREATE INDEX descriptions_by_video ON descriptions (video_id, source, position);

CREATE TABLE concepts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  folded_name TEXT NOT NULL UNIQUE
);

CREATE TABLE exemplars (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  video_id TEXT NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
  segment_id TEXT REFERENCES segments (id) ON DELETE SET NULL,
  start_seconds REAL NOT NULL,
  end_seconds REAL NOT NULL CHECK (end_seconds >= start_seconds),
  text TEXT NOT NULL,
  grade TEXT NOT NULL CHECK (grade IN ('exact', 'partial', 'wrong')),
  concept_id TEXT REFERENCES concepts (id) ON DELETE SET NULL,
  created_at_ms INTEGER NOT NULL,
  UNIQUE (video_id, start_seconds, end_seconds, text)
);
CREATE INDEX exemplars_by_segment ON exemplars (segment_id);
CREATE INDEX exemplars_by_concept ON exemplars (concept_id);

CREATE TABLE runs (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'finished', 'cancelled', 'failed')),
  config TEXT NOT NULL,
  seed INTEGER NOT NULL,
  data_hash TEXT NOT NULL,
  failure TEXT,
  checkpoint_path TEXT,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER
);

CREATE TABLE run_epochs (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (run_id, epoch)
) WITHOUT ROWID;

CREATE TABLE run_pairs (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  pair_id TEXT NOT NULL,
  segment_id TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (run_id, position)
) WITHOUT ROWID;

-- One row an epoch: float32 values in the order of run_pairs.
CREATE TABLE pair_records (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  epoch INTEGER NOT NULL,
  loss BLOB NOT NULL,
  weight BLOB NOT NULL,
  PRIMARY KEY (run_id, epoch)
);

CREATE TABLE models (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  parent_id TEXT REFERENCES models (id) ON DELETE SET NULL,
  encoder_id TEXT NOT NULL,
  run_id TEXT REFERENCES runs (id) ON DELETE SET NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('kept', 'promoted', 'discarded')),
  weights BLOB,
  config TEXT NOT NULL,
  metrics TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL
);

-- The active version is the one of the last row; going back removes that row.
CREATE TABLE model_activations (
  row_id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  at_ms INTEGER NOT NULL
);

CREATE TABLE embeddings (
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  segment_row INTEGER NOT NULL REFERENCES segments (row_id) ON DELETE CASCADE,
  vector BLOB NOT NULL,
  PRIMARY KEY (model_id, segment_row)
) WITHOUT ROWID;
CREATE INDEX embeddings_by_segment ON embeddings (segment_row);

CREATE TABLE jobs (
  row_id INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  key TEXT,
  state TEXT NOT NULL CHECK (state IN ('pending', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
  body TEXT NOT NULL
);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_key ON jobs (key);

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE search_log (
  row_id INTEGER PRIMARY KEY,
  query TEXT NOT NULL,
  model_id TEXT,
  hit_count INTEGER NOT NULL,
  took_ms REAL NOT NULL,
  at_ms INTEGER NOT NULL
);

-- Normalised text by videos.row_id; written by keyword-index.ts.
CREATE VIRTUAL TABLE keyword_text USING fts5 (
  title, descriptions, sku, category, tokenize = 'trigram remove_diacritics 1'
);
CREATE TRIGGER videos_forget_keywords AFTER DELETE ON videos BEGIN
  DELETE FROM keyword_text WHERE rowid = old.row_id;
END;
