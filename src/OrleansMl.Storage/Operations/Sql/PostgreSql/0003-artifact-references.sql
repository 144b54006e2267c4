-- Who refers to which artifacts: what garbage collection spares.
CREATE TABLE oml_artifact_reference (
    owner    text COLLATE "C" NOT NULL,
    artifact text COLLATE "C" NOT NULL,
    PRIMARY KEY (owner, artifact)
);

CREATE INDEX oml_artifact_reference_by_artifact ON oml_artifact_reference (artifact);
