-- Topics, and how they keep their events: a TopicSpec as JSON.
CREATE TABLE oml_topic (
    topic           TEXT    NOT NULL PRIMARY KEY,
    spec            TEXT    NOT NULL,
    created_ticks   INTEGER NOT NULL
) WITHOUT ROWID;

-- Appending locks a partition's row until its commit: positions have no gaps and become visible in their order.
CREATE TABLE oml_event_partition (
    topic           TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    first_position  INTEGER NOT NULL,
    next_position   INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,
    PRIMARY KEY (topic, part)
) WITHOUT ROWID;

CREATE TABLE oml_event (
    topic           TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    event_id        TEXT    NOT NULL,
    event_key       TEXT,
    event_type      TEXT    NOT NULL,
    payload         BLOB    NOT NULL,
    is_json         INTEGER NOT NULL,
    published_ticks INTEGER NOT NULL,
    PRIMARY KEY (topic, part, position)
);

-- Outlives its event: what makes a repeated publish the first one again.
CREATE TABLE oml_event_id (
    topic           TEXT    NOT NULL,
    event_id        TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    published_ticks INTEGER NOT NULL,
    PRIMARY KEY (topic, event_id)
) WITHOUT ROWID;
CREATE INDEX oml_event_id_by_age ON oml_event_id (topic, published_ticks);

-- spec is a ConsumerGroupSpec, subscription a SubscriptionSpec, as JSON.
CREATE TABLE oml_event_group (
    topic           TEXT    NOT NULL,
    grp             TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    spec            TEXT    NOT NULL,
    subscription    TEXT,
    paused          INTEGER NOT NULL,
    reason          TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    epoch           INTEGER NOT NULL,
    created_ticks   INTEGER NOT NULL,
    PRIMARY KEY (topic, grp)
) WITHOUT ROWID;

-- Who consumes a partition for a group, and how far it is. The fence goes up with each owner.
CREATE TABLE oml_event_cursor (
    topic           TEXT    NOT NULL,
    grp             TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    owner           TEXT,
    fence           INTEGER NOT NULL,
    tries           INTEGER NOT NULL,
    last_error      TEXT,
    PRIMARY KEY (topic, grp, part)
) WITHOUT ROWID;

-- A member that was not heard of by then has lost its partitions.
CREATE TABLE oml_event_member (
    topic           TEXT    NOT NULL,
    grp             TEXT    NOT NULL,
    member          TEXT    NOT NULL,
    expires_ticks   INTEGER NOT NULL,
    PRIMARY KEY (topic, grp, member)
) WITHOUT ROWID;

-- Keeps the event itself: its topic may let it go.
CREATE TABLE oml_event_dead (
    topic           TEXT    NOT NULL,
    grp             TEXT    NOT NULL,
    part            INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    event_id        TEXT    NOT NULL,
    event_key       TEXT,
    event_type      TEXT    NOT NULL,
    payload         BLOB    NOT NULL,
    is_json         INTEGER NOT NULL,
    published_ticks INTEGER NOT NULL,
    tries           INTEGER NOT NULL,
    error           TEXT    NOT NULL,
    dead_ticks      INTEGER NOT NULL,
    retrying        INTEGER NOT NULL,
    PRIMARY KEY (topic, grp, part, position)
);
