-- The body of docs/schema.md: every table with its comment, keys and columns, as Markdown. Run by docs/generate.
--
-- Grain: one line of text per row.
-- Inputs: the catalogue of PostgreSQL; :pg_schema is the schema to describe, :tables a file of (migration file, title,
-- table), separated by tabs, in the order in which the tables are described
SET search_path TO :"pg_schema";
CREATE TEMPORARY TABLE described (position bigserial, file text, title text, name text);
\set copy '\\copy described (file, title, name) FROM ' :'tables'
:copy
INSERT INTO described (file, title, name)
SELECT '', 'what the migrator itself keeps', relname
FROM pg_class
WHERE relnamespace = :'pg_schema'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    AND relname NOT IN (SELECT name FROM described)
ORDER BY relname;

WITH relation AS (
    SELECT
        described.*,
        (quote_ident(:'pg_schema') || '.' || quote_ident(described.name))::regclass AS oid,
        described.title IS DISTINCT FROM lag(described.title) OVER (ORDER BY described.position) AS begins_section
    FROM described
),

heading AS (
    SELECT
        position,
        1 AS part,
        0 AS place,
        CASE WHEN begins_section THEN
            E'\n## ' || upper(left(title, 1)) || substr(title, 2)
            || CASE WHEN file = '' THEN '' ELSE E'\n\n`migrations/*/' || file || '.sql`' END || E'\n'
        ELSE '' END
        || E'\n### ' || name || E'\n\n' || coalesce(obj_description(oid, 'pg_class'), '') AS line
    FROM relation
),

partitioning AS (
    SELECT
        relation.position,
        2 AS part,
        0 AS place,
        E'\nPartitioned by ' || pg_get_partkeydef(relation.oid) || ', '
        || (SELECT count(*) FROM pg_inherits WHERE inhparent = relation.oid)
        || ' partition(s) at first; one table in SQLite.' AS line
    FROM relation
    WHERE pg_get_partkeydef(relation.oid) IS NOT NULL
),

constraint_line AS (
    SELECT
        relation.position,
        3 AS part,
        row_number() OVER (
            PARTITION BY relation.position
            ORDER BY array_position(ARRAY['p', 'u', 'f'], pg_constraint.contype::text), pg_constraint.conname COLLATE "C"
        ) AS place,
        pg_get_constraintdef(pg_constraint.oid) AS definition
    FROM relation
    JOIN pg_constraint ON pg_constraint.conrelid = relation.oid
    WHERE pg_constraint.contype IN ('p', 'u', 'f')
),

keys AS (
    SELECT
        position,
        part,
        place,
        CASE WHEN place = 1 THEN E'\n' ELSE '' END || '- '
        || regexp_replace(
            replace(
                replace(replace(definition, :'pg_schema' || '.', ''), 'PRIMARY KEY', 'primary key'),
                'UNIQUE', 'unique'),
            '^FOREIGN KEY (.*) REFERENCES (\w+)(\([^)]*\))(?: ON DELETE (CASCADE))?.*$',
            '\1 → \2 \3')
        || CASE WHEN definition LIKE '%ON DELETE CASCADE%' THEN ', deleted with it' ELSE '' END AS line
    FROM constraint_line
),

column_heading AS (
    SELECT position, 4 AS part, 0 AS place, E'\n| column | type | meaning |\n|---|---|---|' AS line
    FROM relation
),

column_line AS (
    SELECT
        relation.position,
        5 AS part,
        attribute.attnum::bigint AS place,
        '| `' || attribute.attname || '`' || CASE WHEN attribute.attnotnull THEN ' *' ELSE '' END
        || ' | ' || format_type(attribute.atttypid, attribute.atttypmod)
        || ' | ' || replace(coalesce(col_description(relation.oid, attribute.attnum), ''), '|', '\|') || ' |' AS line
    FROM relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
)

SELECT line
FROM (
    SELECT * FROM heading
    UNION ALL SELECT * FROM partitioning
    UNION ALL SELECT * FROM keys
    UNION ALL SELECT * FROM column_heading
    UNION ALL SELECT * FROM column_line
) AS document
ORDER BY position, part, place;
