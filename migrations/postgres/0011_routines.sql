-- Routines: what is done by the clock, such as clearing away what is old; once for each time it is due, by whichever worker is first.
-- Kept alike in both engines; see README.md in the folder above for the rules.

CREATE TABLE routines (
    name TEXT PRIMARY KEY,
    -- The schedule `due_at` was computed from; when a release brings another, the time is computed anew.
    schedule TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    -- While a run is under way: when whoever began it counts as dead.
    running_until BIGINT,
    -- How far earlier runs came, as the routine writes it.
    checkpoint TEXT
);

CREATE TABLE routine_runs (
    routine TEXT NOT NULL,
    -- The time it was due; after an outage the first of those that were missed.
    due_at BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    -- What was done, or why it failed, in words.
    summary TEXT,
    is_failed BOOLEAN NOT NULL DEFAULT FALSE,
    CONSTRAINT routine_runs_once PRIMARY KEY (routine, due_at)
);
