-- Who refers to which artifacts: what garbage collection spares.
CREATE TABLE oml_artifact_reference (
    owner    TEXT NOT NULL,
    artifact TEXT NOT NULL,
    PRIMARY KEY (owner, artifact)
);

CREATE INDEX oml_artifact_reference_by_artifact ON oml_artifact_reference (artifact);
