-- The newest attempt of a run: what an older attempt sends is refused.
CREATE TABLE oml_training_fence (
    run     text COLLATE "C" NOT NULL PRIMARY KEY,
    attempt integer          NOT NULL
);

-- metrics is a JSON object of metric names to numbers.
CREATE TABLE oml_metric_point (
    run             text COLLATE "C" NOT NULL,
    series          text COLLATE "C" NOT NULL,
    step            bigint           NOT NULL,
    epoch           integer          NOT NULL,
    elapsed_seconds double precision NOT NULL,
    metrics         text             NOT NULL,
    PRIMARY KEY (run, series, step)
);
