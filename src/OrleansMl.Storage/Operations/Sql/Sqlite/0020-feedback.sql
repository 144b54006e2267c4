-- Outcomes of predictions, by id, for as long as a repeat may come; predicted_at in milliseconds since 1970, UTC.
CREATE TABLE oml_feedback (
    model        TEXT NOT NULL,
    id           TEXT NOT NULL,
    version      INTEGER NOT NULL,
    experiment   INTEGER NOT NULL,
    value        REAL NOT NULL,
    predicted_at INTEGER NOT NULL,
    PRIMARY KEY (model, id)
) WITHOUT ROWID;

CREATE INDEX oml_feedback_age ON oml_feedback (model, predicted_at);

-- Their sums: changed in the transaction that writes the outcome, and kept for ever.
CREATE TABLE oml_feedback_tally (
    model          TEXT NOT NULL,
    experiment     INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    count          INTEGER NOT NULL,
    sum            REAL NOT NULL,
    sum_of_squares REAL NOT NULL,
    PRIMARY KEY (model, experiment, version)
) WITHOUT ROWID;
