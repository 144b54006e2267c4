-- Who changed what. Append-only: the triggers refuse everything else, also to an administrator's mistyped statement.
-- Times are .NET ticks (100 ns since 0001-01-01 UTC).
CREATE TABLE oml_audit (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at_ticks INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    origin   TEXT    NOT NULL,
    request  TEXT    NOT NULL,
    UNIQUE (request, action, outcome)
);

CREATE INDEX oml_audit_by_actor ON oml_audit (actor, id DESC);
CREATE INDEX oml_audit_by_subject ON oml_audit (subject, id DESC);

CREATE TRIGGER oml_audit_no_update BEFORE UPDATE ON oml_audit
BEGIN
    SELECT RAISE(ABORT, 'oml_audit is append-only');
END;

CREATE TRIGGER oml_audit_no_delete BEFORE DELETE ON oml_audit
BEGIN
    SELECT RAISE(ABORT, 'oml_audit is append-only');
END;

-- Secrets of the cluster that every silo must know before it calls another, newest first by age.
CREATE TABLE oml_cluster_key (
    id            TEXT    NOT NULL PRIMARY KEY,
    secret        TEXT    NOT NULL,
    created_ticks INTEGER NOT NULL
);
