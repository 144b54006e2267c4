-- Topics, and how they keep their events: a TopicSpec as JSON.
CREATE TABLE oml_topic (
    topic         text COLLATE "C" NOT NULL PRIMARY KEY,
    spec          text             NOT NULL,
    created_ticks bigint           NOT NULL
);

-- Appending locks a partition's row until its commit: positions have no gaps and become visible in their order.
CREATE TABLE oml_event_partition (
    topic          text COLLATE "C" NOT NULL,
    part           integer          NOT NULL,
    first_position bigint           NOT NULL,
    next_position  bigint           NOT NULL,
    bytes          bigint           NOT NULL,
    PRIMARY KEY (topic, part)
);

CREATE TABLE oml_event (
    topic           text COLLATE "C" NOT NULL,
    part            integer          NOT NULL,
    position        bigint           NOT NULL,
    event_id        text             NOT NULL,
    event_key       text,
    event_type      text             NOT NULL,
    payload         bytea            NOT NULL,
    is_json         boolean          NOT NULL,
    published_ticks bigint           NOT NULL,
    PRIMARY KEY (topic, part, position)
);

-- Outlives its event: what makes a repeated publish the first one again.
CREATE TABLE oml_event_id (
    topic           text COLLATE "C" NOT NULL,
    event_id        text COLLATE "C" NOT NULL,
    part            integer          NOT NULL,
    position        bigint           NOT NULL,
    published_ticks bigint           NOT NULL,
    PRIMARY KEY (topic, event_id)
);
CREATE INDEX oml_event_id_by_age ON oml_event_id (topic, published_ticks);

-- spec is a ConsumerGroupSpec, subscription a SubscriptionSpec, as JSON.
CREATE TABLE oml_event_group (
    topic         text COLLATE "C" NOT NULL,
    grp           text COLLATE "C" NOT NULL,
    kind          text             NOT NULL,
    spec          text             NOT NULL,
    subscription  text,
    paused        boolean          NOT NULL,
    reason        text             NOT NULL,
    revision      bigint           NOT NULL,
    epoch         bigint           NOT NULL,
    created_ticks bigint           NOT NULL,
    PRIMARY KEY (topic, grp)
);

-- Who consumes a partition for a group, and how far it is. The fence goes up with each owner.
CREATE TABLE oml_event_cursor (
    topic      text COLLATE "C" NOT NULL,
    grp        text COLLATE "C" NOT NULL,
    part       integer          NOT NULL,
    position   bigint           NOT NULL,
    owner      text,
    fence      bigint           NOT NULL,
    tries      integer          NOT NULL,
    last_error text,
    PRIMARY KEY (topic, grp, part)
);

-- A member that was not heard of by then has lost its partitions.
CREATE TABLE oml_event_member (
    topic         text COLLATE "C" NOT NULL,
    grp           text COLLATE "C" NOT NULL,
    member        text COLLATE "C" NOT NULL,
    expires_ticks bigint           NOT NULL,
    PRIMARY KEY (topic, grp, member)
);

-- Keeps the event itself: its topic may let it go.
CREATE TABLE oml_event_dead (
    topic           text COLLATE "C" NOT NULL,
    grp             text COLLATE "C" NOT NULL,
    part            integer          NOT NULL,
    position        bigint           NOT NULL,
    event_id        text             NOT NULL,
    event_key       text,
    event_type      text             NOT NULL,
    payload         bytea            NOT NULL,
    is_json         boolean          NOT NULL,
    published_ticks bigint           NOT NULL,
    tries           integer          NOT NULL,
    error           text             NOT NULL,
    dead_ticks      bigint           NOT NULL,
    retrying        boolean          NOT NULL,
    PRIMARY KEY (topic, grp, part, position)
);
