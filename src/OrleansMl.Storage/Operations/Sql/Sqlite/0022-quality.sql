-- Rows of predictions that wait for their outcome; value is JSON, null where the outcome came first; predicted_at in milliseconds since 1970, UTC.
CREATE TABLE oml_quality_prediction (
    model        TEXT NOT NULL,
    id           TEXT NOT NULL,
    item         INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    reference    TEXT NOT NULL,
    predicted_at INTEGER NOT NULL,
    value        TEXT,
    label        TEXT,
    actual       TEXT,
    joined       INTEGER NOT NULL,
    PRIMARY KEY (model, id, item)
) WITHOUT ROWID;

CREATE INDEX oml_quality_prediction_age ON oml_quality_prediction (model, predicted_at);

-- What came of those that were joined: changed in the transaction that joins them; tally is JSON, window_begin in seconds since 1970, UTC.
CREATE TABLE oml_quality_window (
    model          TEXT NOT NULL,
    window_seconds INTEGER NOT NULL,
    window_begin   INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    reference      TEXT NOT NULL,
    tally          TEXT NOT NULL,
    PRIMARY KEY (model, window_seconds, window_begin, version, reference)
) WITHOUT ROWID;
