-- What happens to a task on its way in: checks, derived columns, the tally, a wake-up call.
-- The checks read pools.compiled:
--   {"attributes": [{"name", "type", "optional"?, "oneOf"?}, …],
--    "defaults": {name: value, …},
--    "bucket": [names of the attributes that must be equal],
--    "sides"?: {"attribute": name, "partners": {side: [the sides it is paired with], …}},
--    "rank"?: {"attribute": name, "descending"?, "required"?}
--           | {"bySide": {side: {"attribute": name, "descending"?}, …}, "required"?},
--    "preference"?: {"attribute"?: name, "descending"?}
--           | {"bySide": {side: {"attribute"?: name, "descending"?}, …}}}
-- A task's bucket is the hash of what must be equal and of its side, and it seeks the buckets that
-- differ from its own in the side alone. Its rank is a number, or the microseconds of a time; where
-- the highest are preferred the negative of it, so that what is preferred comes first. So is its
-- preference, or 0 if no attribute is named: then the oldest is preferred.

CREATE FUNCTION pgmatch.shown(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN value IS NULL THEN 'nothing'
        WHEN length(value::text) > 60 THEN left(value::text, 60) || '…'
        ELSE value::text
    END
$$;
COMMENT ON FUNCTION pgmatch.shown(jsonb) IS 'A value as an error message quotes it: 60 characters.';

CREATE FUNCTION pgmatch.instant(value text) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    part text[] := regexp_match(value,
        '^([0-9]{4})-([0-9]{2})-([0-9]{2})'
        '(?:[Tt]([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:[.][0-9]{1,6})?))?'
        '(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2}))?)?$');
    instant timestamptz;
BEGIN
    IF part IS NULL OR part[1] = '0000' OR part[4]::int > 23 OR part[5]::int > 59
            OR part[6]::numeric >= 60 OR part[8]::int > 14 OR part[9]::int > 59 THEN
        RETURN NULL;
    END IF;
    instant := make_timestamptz(part[1]::int, part[2]::int, part[3]::int, coalesce(part[4], '0')::int,
        coalesce(part[5], '0')::int, coalesce(part[6], '0')::double precision, 'UTC');
    IF part[7] IS NOT NULL THEN
        instant := instant - (part[7] || part[8] || ':' || part[9])::interval;
    END IF;
    RETURN instant;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pgmatch.instant(text) IS
    'The instant that an ISO 8601 text names, or null if it names none: 2026-05-01, '
    '2026-05-01T10:00, 2026-05-01T10:00:00.123456Z, 2026-05-01T10:00+02:00; UTC where no offset '
    'is given; years 0001 to 9999, at most six decimals.';

CREATE FUNCTION pgmatch.is_number(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_typeof(value) = 'number'
        AND abs(value::numeric) <= 1e100 AND min_scale(value::numeric) <= 100
$$;
COMMENT ON FUNCTION pgmatch.is_number(jsonb) IS
    'A number within ±1e100 and with at most 100 decimals: beyond that nobody means it.';

CREATE FUNCTION pgmatch.is_of_type(value jsonb, type text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    kind text := jsonb_typeof(value);
BEGIN
    CASE type
    WHEN 'text' THEN RETURN kind = 'string';
    WHEN 'number' THEN RETURN kind = 'number' AND pgmatch.is_number(value);
    WHEN 'boolean' THEN RETURN kind = 'boolean';
    WHEN 'time' THEN RETURN kind = 'string' AND pgmatch.instant(value #>> '{}') IS NOT NULL;
    WHEN 'set' THEN
        RETURN kind = 'array' AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(value) AS member
            WHERE jsonb_typeof(member) <> 'string' AND NOT pgmatch.is_number(member));
    WHEN 'range' THEN
        RETURN kind = 'array' AND jsonb_array_length(value) = 2
            AND (value -> 0 = 'null' OR pgmatch.is_number(value -> 0))
            AND (value -> 1 = 'null' OR pgmatch.is_number(value -> 1))
            AND (value -> 0 = 'null' OR value -> 1 = 'null'
                OR (value ->> 0)::numeric <= (value ->> 1)::numeric);
    END CASE;
END
$$;
COMMENT ON FUNCTION pgmatch.is_of_type(jsonb, text) IS
    'Whether the value is of the type that a rule declares.';

CREATE FUNCTION pgmatch.wanted(attribute jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN attribute ? 'oneOf' THEN 'one of ' || pgmatch.shown(attribute -> 'oneOf')
        ELSE CASE attribute ->> 'type'
            WHEN 'text' THEN 'a text'
            WHEN 'number' THEN 'a number within ±1e100 with at most 100 decimals'
            WHEN 'boolean' THEN 'true or false'
            WHEN 'time' THEN 'a time such as "2026-05-01T10:00:00Z"'
            WHEN 'set' THEN 'a set such as ["a", "b"]'
            WHEN 'range' THEN 'a range such as [10, 20] or [10, null]'
        END
    END
$$;
COMMENT ON FUNCTION pgmatch.wanted(jsonb) IS 'A declared attribute in the words of an error message.';

CREATE FUNCTION pgmatch.canonical(value jsonb, type text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    CASE type
    WHEN 'number' THEN RETURN to_jsonb(trim_scale(value::numeric));
    WHEN 'time' THEN RETURN to_jsonb(extract(epoch FROM pgmatch.instant(value #>> '{}')));
    WHEN 'set' THEN
        RETURN coalesce((
            SELECT jsonb_agg(member ORDER BY member::text COLLATE "C") FROM (
                SELECT DISTINCT CASE jsonb_typeof(m) WHEN 'number' THEN pgmatch.canonical(m, 'number')
                    ELSE m END AS member
                FROM jsonb_array_elements(value) AS m) AS members), '[]');
    WHEN 'range' THEN
        RETURN jsonb_build_array(
            CASE WHEN value -> 0 = 'null' THEN value -> 0 ELSE pgmatch.canonical(value -> 0, 'number') END,
            CASE WHEN value -> 1 = 'null' THEN value -> 1 ELSE pgmatch.canonical(value -> 1, 'number') END);
    ELSE RETURN value;
    END CASE;
END
$$;
COMMENT ON FUNCTION pgmatch.canonical(jsonb, text) IS
    'One spelling for each value: equal values have the same text, 1 and 1.0 for instance.';

CREATE FUNCTION pgmatch.pool_lock(pool text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT hashtextextended(pool, 7234314612043521395)
$$;
COMMENT ON FUNCTION pgmatch.pool_lock(text) IS
    'Key of the advisory lock that inserts into a pool share and changes of the pool own.';

CREATE FUNCTION pgmatch.check_size(pool text, attributes jsonb, size integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF size > 65536 THEN
        RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded', MESSAGE = format(
            'pool "%s", attributes: wanted at most 65536 bytes (64 KiB), got %s', pool, size);
    END IF;
    IF jsonb_path_exists(attributes,
            'strict $.**{64} ? (@.type() == "object" || @.type() == "array")') THEN
        RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded', MESSAGE = format(
            'pool "%s", attributes: wanted at most 64 levels of nesting, got more', pool);
    END IF;
END
$$;
COMMENT ON FUNCTION pgmatch.check_size(text, jsonb, integer) IS
    'Refuses attributes that are too large or nested too deep.';

CREATE FUNCTION pgmatch.rank_of(value jsonb) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    exact   numeric := CASE jsonb_typeof(value)
        WHEN 'number' THEN value::numeric
        WHEN 'string' THEN extract(epoch FROM pgmatch.instant(value #>> '{}')) * 1000000
    END;
    nearest double precision := exact;
    rounded numeric := nearest; -- to 15 digits
BEGIN
    -- A number of 15 digits at most shares its rank with no other: one that comes too near moves by
    -- a step, which is between a half and the whole of 2.2e-16 of the number.
    IF rounded <> exact AND rounded::double precision = nearest THEN
        RETURN nearest + sign(exact - rounded)::double precision * (abs(nearest) * 1.2e-16::double precision);
    END IF;
    RETURN nearest;
END
$$;
COMMENT ON FUNCTION pgmatch.rank_of(jsonb) IS
    'A number, or the microseconds of a time since 1970, as a floating-point number, in the same order; '
    'null for nothing.';

CREATE FUNCTION pgmatch.admit_task() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    program    jsonb;
    attribute  jsonb;
    value      jsonb;
    name       text;
    type       text;
    kind       text;
    parts      text := '';
    part_count integer := 0;
    side       text;
    ranking    jsonb;
    other      bigint;
    size       integer;
BEGIN
    -- Held until commit: a pool is not dropped, nor its rule changed, between this look and then.
    PERFORM pg_advisory_xact_lock_shared(pgmatch.pool_lock(NEW.pool));
    SELECT p.compiled, p.rule_version INTO program, NEW.rule_version
        FROM pgmatch.pools AS p WHERE p.pool = NEW.pool;
    IF program IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', MESSAGE = format(
            'pool %s: wanted an existing pool, got none of that name; create it with: pgmatch pool create',
            coalesce('"' || left(NEW.pool, 100) || '"', 'null'));
    END IF;
    IF NEW.attributes IS NULL OR jsonb_typeof(NEW.attributes) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format(
            'pool "%s", attributes: wanted a JSON object, got %s',
            NEW.pool, pgmatch.shown(NEW.attributes));
    END IF;
    size := octet_length(NEW.attributes::text);
    -- Sixty-five levels take 130 brackets and braces.
    IF size >= 130 THEN
        PERFORM pgmatch.check_size(NEW.pool, NEW.attributes, size);
    END IF;
    IF NEW.ref IS NOT NULL AND TG_OP = 'INSERT' THEN
        IF octet_length(NEW.ref) > 512 THEN
            RAISE EXCEPTION USING ERRCODE = 'string_data_right_truncation', MESSAGE = format(
                'pool "%s", ref: wanted at most 512 bytes, got %s', NEW.pool, octet_length(NEW.ref));
        END IF;
        SELECT t.id INTO other FROM pgmatch.tasks AS t WHERE t.pool = NEW.pool AND t.ref = NEW.ref;
        IF FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = format(
                'pool "%s", ref: wanted one that does not wait yet, got "%s", which waits as task %s',
                NEW.pool, left(NEW.ref, 60), other);
        END IF;
    END IF;
    FOR i IN 0 .. jsonb_array_length(program -> 'attributes') - 1 LOOP
        attribute := program -> 'attributes' -> i;
        name := attribute ->> 'name';
        type := attribute ->> 'type';
        value := NEW.attributes -> name;
        kind := jsonb_typeof(value);
        IF kind IS NULL OR kind = 'null' THEN
            value := program -> 'defaults' -> name;
            IF value IS NULL THEN
                CONTINUE WHEN attribute ? 'optional';
                RAISE EXCEPTION USING ERRCODE = 'not_null_violation', MESSAGE = format(
                    'pool "%s", attribute "%s": wanted %s, got nothing',
                    NEW.pool, name, pgmatch.wanted(attribute));
            END IF;
        ELSIF (CASE type
                WHEN 'text' THEN kind <> 'string'
                WHEN 'number' THEN kind <> 'number' OR NOT pgmatch.is_number(value)
                ELSE NOT pgmatch.is_of_type(value, type)
            END) THEN
            RAISE EXCEPTION USING
                ERRCODE = CASE WHEN type = 'number' AND kind = 'number'
                    THEN 'numeric_value_out_of_range' ELSE 'invalid_parameter_value' END,
                MESSAGE = format('pool "%s", attribute "%s": wanted %s, got %s',
                    NEW.pool, name, pgmatch.wanted(attribute), pgmatch.shown(value));
        ELSIF attribute ? 'oneOf' AND NOT (attribute -> 'oneOf') @> value THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = format(
                'pool "%s", attribute "%s": wanted %s, got %s',
                NEW.pool, name, pgmatch.wanted(attribute), pgmatch.shown(value));
        END IF;
        IF program -> 'bucket' ? name THEN
            part_count := part_count + 1;
            parts := parts || CASE type
                WHEN 'text' THEN value::text
                WHEN 'number' THEN trim_scale(value::numeric)::text
                ELSE pgmatch.canonical(value, type)::text
            END || ',';
        END IF;
    END LOOP;

    -- A task that lacks what must be equal, or is on no side that is paired, or lacks what must be
    -- compared, has no bucket and seeks none: nobody can be its partner.
    NEW.bucket := NULL;
    NEW.seeks := '{}';
    NEW.rank := 0;
    IF part_count = jsonb_array_length(program -> 'bucket') THEN
        NEW.bucket := hashtextextended(parts, 0);
        NEW.seeks := ARRAY[NEW.bucket];
    END IF;
    IF program ? 'sides' AND NEW.bucket IS NOT NULL THEN
        name := program #>> '{sides,attribute}';
        side := coalesce(NEW.attributes ->> name, program -> 'defaults' ->> name);
        IF program #> '{sides,partners}' ? side THEN
            NEW.bucket := hashtextextended(parts || side, 1);
            NEW.seeks := ARRAY(
                SELECT hashtextextended(parts || partner, 1)
                FROM jsonb_array_elements_text(program #> ARRAY['sides', 'partners', side]) AS partner);
        ELSE
            NEW.bucket := NULL;
            NEW.seeks := '{}';
        END IF;
    END IF;
    NEW.preference := NULL;
    IF program ? 'rank' AND NEW.bucket IS NOT NULL THEN
        ranking := program -> 'rank';
        IF ranking ? 'bySide' THEN
            ranking := ranking -> 'bySide' -> side;
        END IF;
        value := nullif(NEW.attributes -> (ranking ->> 'attribute'), 'null');
        NEW.rank := pgmatch.rank_of(coalesce(value, program -> 'defaults' -> (ranking ->> 'attribute')));
        IF NEW.rank IS NOT NULL THEN
            IF ranking ? 'descending' THEN
                NEW.rank := 0 - NEW.rank;
            END IF;
        ELSIF program -> 'rank' ? 'required' THEN
            NEW.rank := 0;
            NEW.bucket := NULL;
            NEW.seeks := '{}';
        ELSE
            -- Last, where something is preferred of those who have it.
            NEW.rank := CASE WHEN ranking IS NULL OR NOT ranking ? 'attribute' THEN 0 ELSE 'Infinity'::float8 END;
        END IF;
    END IF;
    IF program ? 'preference' AND NEW.bucket IS NOT NULL THEN
        ranking := program -> 'preference';
        IF ranking ? 'bySide' THEN
            ranking := ranking -> 'bySide' -> side;
        END IF;
        IF ranking ? 'attribute' THEN
            value := nullif(NEW.attributes -> (ranking ->> 'attribute'), 'null');
            NEW.preference := pgmatch.rank_of(
                coalesce(value, program -> 'defaults' -> (ranking ->> 'attribute')));
            IF ranking ? 'descending' THEN
                NEW.preference := 0 - NEW.preference;
            END IF;
            NEW.preference := coalesce(NEW.preference, 'Infinity');
        ELSIF ranking IS NOT NULL THEN
            NEW.preference := 0;
        END IF;
    END IF;
    NEW.search_at := '-infinity';
    NEW.back_offs := 0;
    NEW.inserted_at := coalesce(NEW.inserted_at, now());
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION pgmatch.admit_task() IS
    'Checks a task against its pool''s rule, refuses it with one line that says what was wanted and '
    'what came, and derives bucket, seeks, rank and preference; when it is inserted, and anew when its '
    'rule_version is updated because the rule has changed.';

CREATE TRIGGER admit_task BEFORE INSERT OR UPDATE OF rule_version ON pgmatch.tasks
    FOR EACH ROW EXECUTE FUNCTION pgmatch.admit_task();

CREATE FUNCTION pgmatch.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = format(
        'task %s of pool "%s" does not change while it waits: cancel it and insert it anew',
        OLD.id, OLD.pool);
END
$$;
COMMENT ON FUNCTION pgmatch.refuse_change() IS 'Keeps what a task says, and what was derived from it, together.';

CREATE TRIGGER refuse_change BEFORE UPDATE OF pool, id, attributes, inserted_at ON pgmatch.tasks
    FOR EACH ROW EXECUTE FUNCTION pgmatch.refuse_change();

CREATE FUNCTION pgmatch.tell_of_tasks() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO pgmatch.task_tally (pool, inserted)
        SELECT n.pool, count(*) FROM new_tasks AS n GROUP BY n.pool;
    IF EXISTS (SELECT FROM pgmatch.sleeping_matchers AS m WHERE m.asleep_until > now()) THEN
        PERFORM pg_notify('pgmatch', n.pool)
            FROM (SELECT DISTINCT pool FROM new_tasks LIMIT 100) AS n;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION pgmatch.tell_of_tasks() IS
    'Counts the tasks that a statement inserted, and wakes sleeping matchers.';

CREATE TRIGGER tell_of_tasks AFTER INSERT ON pgmatch.tasks
    REFERENCING NEW TABLE AS new_tasks
    FOR EACH STATEMENT EXECUTE FUNCTION pgmatch.tell_of_tasks();

CREATE FUNCTION pgmatch.number_rule() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.compiled IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'not_null_violation', MESSAGE = format(
            'pool "%s": wanted a checked rule; create pools with: pgmatch pool create', NEW.pool);
    END IF;
    NEW.rule_version := 1 + coalesce(
        (SELECT max(r.rule_version) FROM pgmatch.pool_rules AS r WHERE r.pool = NEW.pool), 0);
    INSERT INTO pgmatch.pool_rules (pool, rule_version, rule)
        VALUES (NEW.pool, NEW.rule_version, NEW.rule);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION pgmatch.number_rule() IS 'Gives each rule of a pool the next version, and keeps it.';

CREATE TRIGGER number_rule BEFORE INSERT OR UPDATE OF rule ON pgmatch.pools
    FOR EACH ROW EXECUTE FUNCTION pgmatch.number_rule();

CREATE FUNCTION pgmatch.cancel(pool text, id bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    partner bigint;
BEGIN
    -- Waits for a round that holds the task; what follows then sees how that round ended.
    WITH gone AS (
        DELETE FROM pgmatch.tasks AS t WHERE t.pool = cancel.pool AND t.id = cancel.id
        RETURNING t.pool, t.id, t.ref, t.attributes, t.inserted_at)
    INSERT INTO pgmatch.retired_tasks (pool, id, ref, attributes, inserted_at, reason)
        SELECT g.pool, g.id, g.ref, g.attributes, g.inserted_at, 'cancelled' FROM gone AS g;
    IF FOUND THEN
        RETURN 'cancelled';
    END IF;
    SELECT CASE p.first_id WHEN cancel.id THEN p.second_id ELSE p.first_id END INTO partner
        FROM pgmatch.matched_pairs AS p
        WHERE p.pool = cancel.pool AND (p.first_id = cancel.id OR p.second_id = cancel.id);
    IF FOUND THEN
        RETURN 'matched with ' || partner;
    END IF;
    IF EXISTS (SELECT FROM pgmatch.retired_tasks AS r
            WHERE r.pool = cancel.pool AND r.id = cancel.id AND r.reason = 'cancelled') THEN
        RETURN 'cancelled';
    END IF;
    RETURN 'unknown';
END
$$;
COMMENT ON FUNCTION pgmatch.cancel(text, bigint) IS
    'Takes a waiting task back. Answers cancelled (also when repeated), matched with ID, or unknown: '
    'no such task waits, was paired or was cancelled.';

INSERT INTO pgmatch.pools (pool, rule, compiled)
    VALUES ('default', '{"match": []}', '{"attributes": [], "defaults": {}, "bucket": []}');
