-- The newest attempt of a run: what an older attempt sends is refused.
CREATE TABLE oml_training_fence (
    run     TEXT    NOT NULL PRIMARY KEY,
    attempt INTEGER NOT NULL
);

-- metrics is a JSON object of metric names to numbers.
CREATE TABLE oml_metric_point (
    run             TEXT    NOT NULL,
    series          TEXT    NOT NULL,
    step            INTEGER NOT NULL,
    epoch           INTEGER NOT NULL,
    elapsed_seconds REAL    NOT NULL,
    metrics         TEXT    NOT NULL,
    PRIMARY KEY (run, series, step)
) WITHOUT ROWID;
