-- A rule can be changed while tasks wait: the new one is in force at once, and the tasks that wait are
-- derived by it step by step, by the command that changed it or by any matcher.

ALTER TABLE pgmatch.pools ADD COLUMN deriving boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN pgmatch.pools.deriving IS
    'Whether some waiting tasks may still be derived by an earlier version of the rule. Set with a new '
    'rule, cleared by whoever finds that none is left.';
