-- An index over grains. Times are .NET ticks (100 ns since 0001-01-01 UTC), so that what is read is what was written.
-- Keys compare by their bytes, so that a prefix is a range.
CREATE TABLE oml_catalogue (
    kind          text COLLATE "C" NOT NULL,
    key           text COLLATE "C" NOT NULL,
    status        text COLLATE "C" NOT NULL,
    created_ticks bigint           NOT NULL,
    summary       text             NOT NULL,
    PRIMARY KEY (kind, key)
);

CREATE INDEX oml_catalogue_by_age ON oml_catalogue (kind, created_ticks DESC, key DESC);

-- Counts read this index alone.
CREATE INDEX oml_catalogue_by_status ON oml_catalogue (kind, status, created_ticks DESC, key DESC);
