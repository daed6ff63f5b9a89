-- How far readers agree in their ratings of the same nodules: Fleiss' kappa, and Cohen's for each pair of places.
--
-- Grain: one row per characteristic × method; pairs are named by their readers. A group in which one reader marked twice
-- (two nodules that touch) is left out: it is not one subject.
-- Inputs: annotation_current, annotation_member, annotation_rating, reader
-- Reference: Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (1971); Cohen,
-- "A coefficient of agreement for nominal scales" (1960). Kappa is NULL where chance alone agrees on everything.
WITH parameter AS (
    SELECT
        CAST(NULL AS text) AS characteristic, -- only this one; NULL for all
        CAST(4 AS bigint) AS readings -- Fleiss: only nodules with exactly so many ratings
),

subject AS (
    SELECT
        annotation_member.patient_id,
        annotation_member.annotation_id
    FROM annotation_member
    INNER JOIN annotation_current
        ON annotation_current.patient_id = annotation_member.patient_id
        AND annotation_current.annotation_id = annotation_member.member_annotation_id
    GROUP BY annotation_member.patient_id, annotation_member.annotation_id
    HAVING count(*) = count(DISTINCT annotation_current.reader_id)
),

rating AS (
    SELECT
        subject.patient_id,
        subject.annotation_id,
        annotation_rating.characteristic,
        reader.reader_key,
        annotation_rating.rating
    FROM parameter
    INNER JOIN annotation_rating
        ON parameter.characteristic IS NULL OR annotation_rating.characteristic = parameter.characteristic
    INNER JOIN annotation_member
        ON annotation_member.patient_id = annotation_rating.patient_id
        AND annotation_member.member_annotation_id = annotation_rating.annotation_id
    INNER JOIN subject
        ON subject.patient_id = annotation_member.patient_id
        AND subject.annotation_id = annotation_member.annotation_id
    INNER JOIN annotation_current
        ON annotation_current.patient_id = annotation_rating.patient_id
        AND annotation_current.annotation_id = annotation_rating.annotation_id
    INNER JOIN reader ON reader.reader_id = annotation_current.reader_id
    WHERE annotation_rating.rating IS NOT NULL
),

complete AS (
    SELECT
        rating.patient_id,
        rating.annotation_id,
        rating.characteristic,
        count(*) AS ratings
    FROM rating
    GROUP BY rating.patient_id, rating.annotation_id, rating.characteristic
    HAVING count(*) = (SELECT parameter.readings FROM parameter)
),

subject_count AS (
    SELECT
        complete.characteristic,
        count(*) AS subjects,
        max(complete.ratings) AS ratings
    FROM complete
    GROUP BY complete.characteristic
),

cell AS (
    SELECT
        rating.patient_id,
        rating.annotation_id,
        rating.characteristic,
        rating.rating,
        count(*) AS votes
    FROM rating
    INNER JOIN complete
        ON complete.patient_id = rating.patient_id
        AND complete.annotation_id = rating.annotation_id
        AND complete.characteristic = rating.characteristic
    GROUP BY rating.patient_id, rating.annotation_id, rating.characteristic, rating.rating
),

observed AS (
    SELECT
        cell.characteristic,
        sum(cell.votes * (cell.votes - 1)) AS agreeing_pairs
    FROM cell
    GROUP BY cell.characteristic
),

chance AS (
    SELECT
        category.characteristic,
        sum(category.votes * category.votes) AS squares
    FROM (
        SELECT
            cell.characteristic,
            cell.rating,
            sum(cell.votes) AS votes
        FROM cell
        GROUP BY cell.characteristic, cell.rating
    ) AS category
    GROUP BY category.characteristic
),

fleiss AS (
    SELECT
        subject_count.characteristic,
        subject_count.subjects,
        observed.agreeing_pairs
        / CAST(subject_count.subjects * subject_count.ratings * (subject_count.ratings - 1) AS double precision)
            AS agreement,
        chance.squares
        / (
            CAST(subject_count.subjects * subject_count.ratings AS double precision)
            * CAST(subject_count.subjects * subject_count.ratings AS double precision)
        ) AS by_chance
    FROM subject_count
    INNER JOIN observed ON observed.characteristic = subject_count.characteristic
    INNER JOIN chance ON chance.characteristic = subject_count.characteristic
    WHERE subject_count.ratings > 1
),

pair AS (
    SELECT
        first.characteristic,
        first.reader_key AS first_reader,
        second.reader_key AS second_reader,
        first.rating AS first_rating,
        second.rating AS second_rating
    FROM rating AS first
    INNER JOIN rating AS second
        ON second.patient_id = first.patient_id
        AND second.annotation_id = first.annotation_id
        AND second.characteristic = first.characteristic
        AND second.reader_key > first.reader_key
),

pair_total AS (
    SELECT
        pair.characteristic,
        pair.first_reader,
        pair.second_reader,
        count(*) AS subjects,
        sum(CASE WHEN pair.first_rating = pair.second_rating THEN 1 ELSE 0 END) AS agreeing
    FROM pair
    GROUP BY pair.characteristic, pair.first_reader, pair.second_reader
),

pair_margin AS (
    SELECT
        pair.characteristic,
        pair.first_reader,
        pair.second_reader,
        1 AS place,
        pair.first_rating AS rating,
        count(*) AS votes
    FROM pair
    GROUP BY pair.characteristic, pair.first_reader, pair.second_reader, pair.first_rating
    UNION ALL
    SELECT
        pair.characteristic,
        pair.first_reader,
        pair.second_reader,
        2 AS place,
        pair.second_rating AS rating,
        count(*) AS votes
    FROM pair
    GROUP BY pair.characteristic, pair.first_reader, pair.second_reader, pair.second_rating
),

pair_chance AS (
    SELECT
        mine.characteristic,
        mine.first_reader,
        mine.second_reader,
        sum(mine.votes * theirs.votes) AS products
    FROM pair_margin AS mine
    INNER JOIN pair_margin AS theirs
        ON theirs.characteristic = mine.characteristic
        AND theirs.first_reader = mine.first_reader
        AND theirs.second_reader = mine.second_reader
        AND theirs.rating = mine.rating
        AND theirs.place = 2
    WHERE mine.place = 1
    GROUP BY mine.characteristic, mine.first_reader, mine.second_reader
),

cohen AS (
    SELECT
        pair_total.characteristic,
        pair_total.first_reader || ' and ' || pair_total.second_reader AS readers,
        pair_total.subjects,
        pair_total.agreeing / CAST(pair_total.subjects AS double precision) AS agreement,
        coalesce(pair_chance.products, 0)
        / (CAST(pair_total.subjects AS double precision) * CAST(pair_total.subjects AS double precision)) AS by_chance
    FROM pair_total
    LEFT JOIN pair_chance
        ON pair_chance.characteristic = pair_total.characteristic
        AND pair_chance.first_reader = pair_total.first_reader
        AND pair_chance.second_reader = pair_total.second_reader
),

method AS (
    SELECT
        fleiss.characteristic,
        'Fleiss' AS method,
        'all' AS readers,
        fleiss.subjects,
        fleiss.agreement,
        fleiss.by_chance
    FROM fleiss
    UNION ALL
    SELECT
        cohen.characteristic,
        'Cohen' AS method,
        cohen.readers,
        cohen.subjects,
        cohen.agreement,
        cohen.by_chance
    FROM cohen
)

SELECT
    method.characteristic,
    method.method,
    method.readers,
    method.subjects,
    method.agreement,
    CASE
        WHEN method.by_chance < 1 THEN (method.agreement - method.by_chance) / (1 - method.by_chance)
    END AS kappa
FROM method
ORDER BY method.characteristic, method.method DESC, method.readers;
