-- Who changed what. Append-only: the trigger refuses everything else, also to an administrator's mistyped statement.
-- Times are .NET ticks (100 ns since 0001-01-01 UTC). Texts compare by their bytes, so that a prefix is a range.
CREATE TABLE oml_audit (
    id       bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ticks bigint           NOT NULL,
    actor    text COLLATE "C" NOT NULL,
    action   text COLLATE "C" NOT NULL,
    subject  text COLLATE "C" NOT NULL,
    outcome  text COLLATE "C" NOT NULL,
    detail   text             NOT NULL,
    origin   text             NOT NULL,
    request  text COLLATE "C" NOT NULL,
    UNIQUE (request, action, outcome)
);

CREATE INDEX oml_audit_by_actor ON oml_audit (actor, id DESC);
CREATE INDEX oml_audit_by_subject ON oml_audit (subject, id DESC);

CREATE FUNCTION oml_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'oml_audit is append-only';
END
$$;

CREATE TRIGGER oml_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON oml_audit
    FOR EACH STATEMENT EXECUTE FUNCTION oml_audit_refuse();

-- Secrets of the cluster that every silo must know before it calls another, newest first by age.
CREATE TABLE oml_cluster_key (
    id            text COLLATE "C" NOT NULL PRIMARY KEY,
    secret        text             NOT NULL,
    created_ticks bigint           NOT NULL
);
