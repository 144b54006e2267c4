-- What Orleans' AdoNet providers work on. They know none of these tables but OrleansQuery: all the rest is reached
-- through the queries in queries-*.sql. Times are written as text by the driver, in UTC.

CREATE TABLE OrleansQuery (
    QueryKey  TEXT NOT NULL PRIMARY KEY,
    QueryText TEXT NOT NULL
);

CREATE TABLE OrleansMembershipVersionTable (
    DeploymentId TEXT    NOT NULL PRIMARY KEY,
    Version      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE OrleansMembershipTable (
    DeploymentId TEXT    NOT NULL,
    Address      TEXT    NOT NULL,
    Port         INTEGER NOT NULL,
    Generation   INTEGER NOT NULL,
    SiloName     TEXT    NOT NULL,
    HostName     TEXT    NOT NULL,
    Status       INTEGER NOT NULL,
    ProxyPort    INTEGER NOT NULL,
    SuspectTimes TEXT,
    StartTime    TEXT    NOT NULL,
    IAmAliveTime TEXT    NOT NULL,
    PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

-- A member's row and the table's version change together or not at all. With triggers each of Orleans' writes is one
-- statement, hence atomic without a transaction that a failure could leave open on a pooled connection.
CREATE TRIGGER OrleansMembershipInserted AFTER INSERT ON OrleansMembershipTable
BEGIN
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1 WHERE DeploymentId = NEW.DeploymentId;
END;

-- Only a change of status is a change of the view; a heartbeat sets IAmAliveTime alone and does not come here.
CREATE TRIGGER OrleansMembershipUpdated AFTER UPDATE OF Status ON OrleansMembershipTable
BEGIN
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1 WHERE DeploymentId = NEW.DeploymentId;
END;

CREATE TABLE OrleansStorage (
    ServiceId              TEXT    NOT NULL,
    GrainTypeHash          INTEGER NOT NULL,
    GrainIdHash            INTEGER NOT NULL,
    GrainTypeString        TEXT    NOT NULL,
    GrainIdN0              INTEGER NOT NULL,
    GrainIdN1              INTEGER NOT NULL,
    GrainIdExtensionString TEXT,
    PayloadBinary          BLOB,
    ModifiedOn             TEXT    NOT NULL,
    Version                INTEGER NOT NULL
);

-- The whole identity is unique: of two activations that write a first state at once, one gets a conflict.
CREATE UNIQUE INDEX OrleansStorageIdentity ON OrleansStorage (
    GrainIdHash, GrainTypeHash, ServiceId, GrainTypeString, GrainIdN0, GrainIdN1, COALESCE(GrainIdExtensionString, '')
);

CREATE TABLE OrleansRemindersTable (
    ServiceId    TEXT    NOT NULL,
    GrainId      TEXT    NOT NULL,
    ReminderName TEXT    NOT NULL,
    GrainHash    INTEGER NOT NULL,
    StartTime    TEXT    NOT NULL,
    Period       INTEGER NOT NULL,
    Version      INTEGER NOT NULL,
    PRIMARY KEY (ServiceId, GrainId, ReminderName)
);

CREATE INDEX OrleansRemindersByHash ON OrleansRemindersTable (ServiceId, GrainHash);
