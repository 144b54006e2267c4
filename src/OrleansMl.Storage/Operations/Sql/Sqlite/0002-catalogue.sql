-- An index over grains. Times are .NET ticks (100 ns since 0001-01-01 UTC), so that what is read is what was written.
CREATE TABLE oml_catalogue (
    kind          TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    created_ticks INTEGER NOT NULL,
    summary       TEXT    NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX oml_catalogue_by_age ON oml_catalogue (kind, created_ticks DESC, key DESC);

-- Counts read this index alone.
CREATE INDEX oml_catalogue_by_status ON oml_catalogue (kind, status, created_ticks DESC, key DESC);
