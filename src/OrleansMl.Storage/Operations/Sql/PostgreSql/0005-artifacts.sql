-- Artifacts kept in the database. Chunks are written under an upload's id and belong to an artifact only once its row
-- names that upload, in the same transaction: half an upload is never seen.
CREATE TABLE oml_artifact (
    artifact     text COLLATE "C" NOT NULL PRIMARY KEY,
    upload       uuid             NOT NULL,
    bytes        bigint           NOT NULL,
    chunk_bytes  integer          NOT NULL,
    stored_ticks bigint           NOT NULL
);

CREATE TABLE oml_artifact_chunk (
    upload  uuid    NOT NULL,
    ordinal integer NOT NULL,
    data    bytea   NOT NULL,
    PRIMARY KEY (upload, ordinal)
);

-- Weights and compressed images don't compress: don't try.
ALTER TABLE oml_artifact_chunk ALTER COLUMN data SET STORAGE EXTERNAL;
