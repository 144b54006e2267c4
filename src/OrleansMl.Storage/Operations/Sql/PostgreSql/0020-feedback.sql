-- Outcomes of predictions, by id, for as long as a repeat may come; predicted_at in milliseconds since 1970, UTC.
CREATE TABLE oml_feedback (
    model        text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      bigint NOT NULL,
    experiment   bigint NOT NULL,
    value        double precision NOT NULL,
    predicted_at bigint NOT NULL,
    PRIMARY KEY (model, id)
);

CREATE INDEX oml_feedback_age ON oml_feedback (model, predicted_at);

-- Their sums: changed in the transaction that writes the outcome, and kept for ever.
CREATE TABLE oml_feedback_tally (
    model          text COLLATE "C" NOT NULL,
    experiment     bigint NOT NULL,
    version        bigint NOT NULL,
    count          bigint NOT NULL,
    sum            double precision NOT NULL,
    sum_of_squares double precision NOT NULL,
    PRIMARY KEY (model, experiment, version)
);
