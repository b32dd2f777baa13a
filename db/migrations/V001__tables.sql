-- The tables of pgmatch. docs/architecture.md draws the states that a task passes through.
-- Every key starts with the pool, so that the tables can be distributed by pool.

COMMENT ON SCHEMA pgmatch IS 'pgmatch: pairs waiting tasks.';

CREATE TABLE pgmatch.pools (
    pool         text COLLATE "C" PRIMARY KEY
                 CHECK (pool ~ '^[A-Za-z0-9_.:/-]{1,100}$'),
    rule         jsonb NOT NULL CHECK (jsonb_typeof(rule) = 'object'),
    rule_version integer NOT NULL CHECK (rule_version >= 1),
    compiled     jsonb NOT NULL CHECK (jsonb_typeof(compiled) = 'object'),
    paused       boolean NOT NULL DEFAULT false,
    deriving     boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pgmatch.pools IS
    'The named queues. Tasks of different pools never meet. Created with: pgmatch pool create.';
COMMENT ON COLUMN pgmatch.pools.pool IS
    'Name: 1 to 100 of the letters A-Z and a-z, digits, and _ . : / -';
COMMENT ON COLUMN pgmatch.pools.rule IS
    'The rule as its author wrote it: which two tasks may be paired, and whom a task prefers.';
COMMENT ON COLUMN pgmatch.pools.rule_version IS
    'Counts the rules this name ever had, from 1; goes on counting after a drop. Set by a trigger.';
COMMENT ON COLUMN pgmatch.pools.compiled IS
    'What the insert trigger needs of the rule; V002__admission.sql describes it.';
COMMENT ON COLUMN pgmatch.pools.paused IS 'While true, matchers leave the pool alone.';
COMMENT ON COLUMN pgmatch.pools.deriving IS
    'Whether some waiting tasks may still be derived by an earlier version of the rule. Set with a new '
    'rule, cleared by whoever finds that none is left.';
COMMENT ON COLUMN pgmatch.pools.created_at IS 'When the pool was created.';

CREATE TABLE pgmatch.pool_rules (
    pool         text COLLATE "C" NOT NULL,
    rule_version integer NOT NULL,
    rule         jsonb NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pool, rule_version)
);
COMMENT ON TABLE pgmatch.pool_rules IS
    'Every rule a pool ever had, dropped pools included: the audit judges each pair by its version.';
COMMENT ON COLUMN pgmatch.pool_rules.pool IS 'Name of the pool.';
COMMENT ON COLUMN pgmatch.pool_rules.rule_version IS 'Version, as in pools and matched_pairs.';
COMMENT ON COLUMN pgmatch.pool_rules.rule IS 'The rule of that version.';
COMMENT ON COLUMN pgmatch.pool_rules.created_at IS 'When that version came into force.';

CREATE TABLE pgmatch.tasks (
    pool        text COLLATE "C" NOT NULL DEFAULT 'default',
    id          bigint GENERATED ALWAYS AS IDENTITY,
    attributes  jsonb NOT NULL DEFAULT '{}',
    ref         text CHECK (octet_length(ref) <= 512),
    bucket      bigint,
    seeks       bigint[] NOT NULL DEFAULT '{}',
    rank        double precision NOT NULL DEFAULT 0,
    preference  double precision,
    rule_version integer NOT NULL DEFAULT 0,
    back_offs   smallint NOT NULL DEFAULT 0,
    search_at   timestamptz NOT NULL DEFAULT '-infinity',
    inserted_at timestamptz NOT NULL DEFAULT now()
                CHECK (inserted_at >= '0001-01-01 UTC' AND inserted_at < '9999-01-01 UTC'),
    expires_at  timestamptz,
    PRIMARY KEY (pool, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1);
COMMENT ON TABLE pgmatch.tasks IS
    'The elements that wait for a partner. Producers insert (pool, attributes) and, if they like, '
    'ref and expires_at; everything else is derived. One that leaves is found in matched_pairs or '
    'retired_tasks.';
COMMENT ON COLUMN pgmatch.tasks.pool IS 'The pool it waits in.';
COMMENT ON COLUMN pgmatch.tasks.id IS 'Drawn from one sequence for all pools; never used again.';
COMMENT ON COLUMN pgmatch.tasks.attributes IS
    'A JSON object, at most 64 KiB and 64 levels deep, checked against the declaration in the rule.';
COMMENT ON COLUMN pgmatch.tasks.ref IS
    'The producer''s own name for the task, at most 512 bytes, unique among those waiting in a pool.';
COMMENT ON COLUMN pgmatch.tasks.bucket IS
    'Derived: a hash of what partners must have equal, and of the side. Null if it can have none.';
COMMENT ON COLUMN pgmatch.tasks.seeks IS 'Derived: the buckets in which its partners are.';
COMMENT ON COLUMN pgmatch.tasks.rank IS
    'Derived: the number that a distance, a range or a comparison looks at; 0 where there is none.';
COMMENT ON COLUMN pgmatch.tasks.preference IS
    'Derived: the number that partners are preferred by, the lowest or the nearest; 0 where the oldest '
    'is. Null where the rank says it already.';
COMMENT ON COLUMN pgmatch.tasks.rule_version IS
    'Derived: the version of the rule that the task was checked against and derived by.';
COMMENT ON COLUMN pgmatch.tasks.back_offs IS
    'How often in a row it backed off, since somebody was there for it, or may have been, whom it could '
    'not get yet: longer each time.';
COMMENT ON COLUMN pgmatch.tasks.search_at IS
    'When to search on its behalf: -infinity fresh, in the past due again, in the future asleep, '
    'infinity parked (a newcomer will find it).';
COMMENT ON COLUMN pgmatch.tasks.inserted_at IS
    'Since when it waits. Leave it to the database, except to replay recorded arrivals.';
COMMENT ON COLUMN pgmatch.tasks.expires_at IS 'From then on it is not matched any more, but retired.';

CREATE INDEX tasks_claim ON pgmatch.tasks (pool, search_at, id) WHERE search_at < 'infinity';
COMMENT ON INDEX pgmatch.tasks_claim IS
    'Claim: the tasks of a pool in the order in which they are due; the parked ones never are.';
CREATE INDEX tasks_fresh ON pgmatch.tasks (pool, bucket, rank, id) WHERE search_at = '-infinity';
COMMENT ON INDEX pgmatch.tasks_fresh IS
    'Search: the fresh tasks of a bucket, in order. Whoever is put to rest goes from here to tasks_waiting.';
CREATE INDEX tasks_waiting ON pgmatch.tasks (pool, bucket, rank, id) WHERE search_at > '-infinity';
COMMENT ON INDEX pgmatch.tasks_waiting IS
    'Search: those of a bucket that have been searched for before. Few where many are fresh.';
CREATE INDEX tasks_preferred ON pgmatch.tasks (pool, bucket, preference, id)
    WHERE search_at > '-infinity' AND preference IS NOT NULL;
COMMENT ON INDEX pgmatch.tasks_preferred IS
    'Search: the same by what is preferred, where that is another order than that of the ranks.';
CREATE UNIQUE INDEX tasks_ref ON pgmatch.tasks (pool, ref) WHERE ref IS NOT NULL;
COMMENT ON INDEX pgmatch.tasks_ref IS 'A ref waits at most once in a pool.';
CREATE INDEX tasks_expiry ON pgmatch.tasks (expires_at) WHERE expires_at IS NOT NULL;
COMMENT ON INDEX pgmatch.tasks_expiry IS 'The tasks that expire, soonest first.';

CREATE TABLE pgmatch.matched_pairs (
    pool               text COLLATE "C" NOT NULL,
    first_id           bigint NOT NULL,
    second_id          bigint NOT NULL,
    first_ref          text,
    second_ref         text,
    first_attributes   jsonb NOT NULL,
    second_attributes  jsonb NOT NULL,
    first_inserted_at  timestamptz NOT NULL,
    second_inserted_at timestamptz NOT NULL,
    matched_at         timestamptz NOT NULL DEFAULT now(),
    matched_by         text NOT NULL,
    rule_version       integer NOT NULL,
    transaction_id     bigint NOT NULL DEFAULT txid_current(),
    PRIMARY KEY (pool, first_id),
    UNIQUE (pool, second_id),
    CHECK (first_id < second_id)
);
COMMENT ON TABLE pgmatch.matched_pairs IS
    'The pairs that were made; each row was made of the two rows that left tasks for it.';
COMMENT ON COLUMN pgmatch.matched_pairs.pool IS 'The pool both waited in.';
COMMENT ON COLUMN pgmatch.matched_pairs.first_id IS 'The member with the lower id.';
COMMENT ON COLUMN pgmatch.matched_pairs.second_id IS 'The member with the higher id.';
COMMENT ON COLUMN pgmatch.matched_pairs.first_ref IS 'ref of the first.';
COMMENT ON COLUMN pgmatch.matched_pairs.second_ref IS 'ref of the second.';
COMMENT ON COLUMN pgmatch.matched_pairs.first_attributes IS 'attributes of the first.';
COMMENT ON COLUMN pgmatch.matched_pairs.second_attributes IS 'attributes of the second.';
COMMENT ON COLUMN pgmatch.matched_pairs.first_inserted_at IS 'Since when the first waited.';
COMMENT ON COLUMN pgmatch.matched_pairs.second_inserted_at IS 'Since when the second waited.';
COMMENT ON COLUMN pgmatch.matched_pairs.matched_at IS
    'The database''s time at which the rule accepted the two: the start of the round, which may lie a '
    'little before a member was inserted, or, where the rule changes with time, the end of its first claim.';
COMMENT ON COLUMN pgmatch.matched_pairs.matched_by IS 'Name of the matcher that made the pair.';
COMMENT ON COLUMN pgmatch.matched_pairs.rule_version IS 'Version of the rule that accepted the two.';
COMMENT ON COLUMN pgmatch.matched_pairs.transaction_id IS
    'The transaction that made the pair; a follower tells by it what it has not yet seen. '
    'Meaningful within one database cluster.';

CREATE INDEX matched_pairs_time ON pgmatch.matched_pairs USING brin (matched_at, transaction_id)
    WITH (pages_per_range = 16, autosummarize = on);
COMMENT ON INDEX pgmatch.matched_pairs_time IS
    'The recent pairs: they lie together, so a block range index serves and costs almost nothing.';

CREATE TABLE pgmatch.retired_tasks (
    pool        text COLLATE "C" NOT NULL,
    id          bigint NOT NULL,
    ref         text,
    attributes  jsonb NOT NULL,
    inserted_at timestamptz NOT NULL,
    retired_at  timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (pool, id)
);
COMMENT ON TABLE pgmatch.retired_tasks IS 'The tasks that left without a partner.';
COMMENT ON COLUMN pgmatch.retired_tasks.pool IS 'The pool it waited in.';
COMMENT ON COLUMN pgmatch.retired_tasks.id IS 'Its id.';
COMMENT ON COLUMN pgmatch.retired_tasks.ref IS 'Its ref.';
COMMENT ON COLUMN pgmatch.retired_tasks.attributes IS 'Its attributes.';
COMMENT ON COLUMN pgmatch.retired_tasks.inserted_at IS 'Since when it waited.';
COMMENT ON COLUMN pgmatch.retired_tasks.retired_at IS 'When it left.';
COMMENT ON COLUMN pgmatch.retired_tasks.reason IS
    'cancelled, expired, dropped (its pool was), or refused: and why (by a new rule of its pool).';

CREATE TABLE pgmatch.insert_batches (
    pool        text COLLATE "C" NOT NULL,
    batch_id    uuid NOT NULL,
    tasks       integer NOT NULL CHECK (tasks >= 0),
    inserted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pool, batch_id)
);
COMMENT ON TABLE pgmatch.insert_batches IS
    'The bulk inserts that committed: one whose outcome is unknown is looked up before it is repeated.';
COMMENT ON COLUMN pgmatch.insert_batches.pool IS 'The pool that the batch went into.';
COMMENT ON COLUMN pgmatch.insert_batches.batch_id IS 'Chosen by the producer.';
COMMENT ON COLUMN pgmatch.insert_batches.tasks IS 'How many tasks the batch inserted.';
COMMENT ON COLUMN pgmatch.insert_batches.inserted_at IS 'When.';

CREATE TABLE pgmatch.task_tally (
    pool     text COLLATE "C" NOT NULL,
    inserted bigint NOT NULL
);
COMMENT ON TABLE pgmatch.task_tally IS
    'How many tasks were ever inserted: the audit holds it against what waits and what has left. '
    'Each insert statement appends a row, so that producers never wait for one another; matchers '
    'fold the rows of a pool into one now and then. The number is the sum.';
COMMENT ON COLUMN pgmatch.task_tally.pool IS 'The pool.';
COMMENT ON COLUMN pgmatch.task_tally.inserted IS 'Tasks inserted; to be summed.';

CREATE UNLOGGED TABLE pgmatch.sleeping_matchers (
    matcher     text PRIMARY KEY,
    asleep_until timestamptz NOT NULL
);
COMMENT ON TABLE pgmatch.sleeping_matchers IS
    'The matchers that listen and have long been idle: an insert notifies only while there is one, '
    'since NOTIFY takes a lock on the whole database at commit. Matching does not depend on it.';
COMMENT ON COLUMN pgmatch.sleeping_matchers.matcher IS 'Name of the matcher.';
COMMENT ON COLUMN pgmatch.sleeping_matchers.asleep_until IS
    'After this the row means nothing: the matcher would have renewed it.';
