-- Rows of predictions that wait for their outcome; value is JSON, null where the outcome came first; predicted_at in milliseconds since 1970, UTC.
CREATE TABLE oml_quality_prediction (
    model        text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    item         bigint NOT NULL,
    version      bigint NOT NULL,
    reference    text COLLATE "C" NOT NULL,
    predicted_at bigint NOT NULL,
    value        text,
    label        text,
    actual       text,
    joined       bigint NOT NULL,
    PRIMARY KEY (model, id, item)
);

CREATE INDEX oml_quality_prediction_age ON oml_quality_prediction (model, predicted_at);

-- What came of those that were joined: changed in the transaction that joins them; tally is JSON, window_begin in seconds since 1970, UTC.
CREATE TABLE oml_quality_window (
    model          text COLLATE "C" NOT NULL,
    window_seconds bigint NOT NULL,
    window_begin   bigint NOT NULL,
    version        bigint NOT NULL,
    reference      text COLLATE "C" NOT NULL,
    tally          text NOT NULL,
    PRIMARY KEY (model, window_seconds, window_begin, version, reference)
);
