-- Migration 0004: questions, answers, cleaning rules, and who answers
--
-- Tables, each with its grain in its comment:
--   label_domain, label_term, label_ruleset, label_rule, label_source, reader

-- One row per question that labels answer, such as epidural or age.
CREATE TABLE label_domain (
    -- Content key of the name.
    label_domain_id INTEGER PRIMARY KEY,
    -- Name, snake_case, the same in vocabularies, SQL and the command line.
    name TEXT NOT NULL,
    -- Domains that belong together, such as haemorrhage.
    family TEXT,
    -- What a clean value is: a term of the domain, a number in its unit, or text.
    value_kind TEXT NOT NULL,
    -- Unit of numbers, such as years.
    unit TEXT,
    -- Smallest number that is believed, in the unit of the domain.
    minimum REAL,
    -- Greatest number that is believed, in the unit of the domain.
    maximum REAL,
    -- The only level the domain is asserted at; NULL where it is used at several.
    level TEXT,
    -- Ruleset whose values count; setting an earlier one reverts a cleaning.
    current_ruleset_id INTEGER,
    -- What the domain means, for people.
    description TEXT NOT NULL DEFAULT '',
    CONSTRAINT label_domain_name_key UNIQUE (name),
    CONSTRAINT label_domain_current_ruleset_fk FOREIGN KEY (label_domain_id, current_ruleset_id)
        REFERENCES label_ruleset (label_domain_id, label_ruleset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_domain_label_domain_id_check CHECK (label_domain_id >= 0),
    CONSTRAINT label_domain_value_kind_check CHECK (value_kind IN ('term', 'number', 'text')),
    CONSTRAINT label_domain_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation')),
    CONSTRAINT label_domain_name_check CHECK (name <> ''),
    CONSTRAINT label_domain_range_check CHECK (minimum <= maximum)
) STRICT;

-- One row per answer that a domain of terms allows, such as present.
CREATE TABLE label_term (
    -- Content key of (domain, name).
    label_term_id INTEGER PRIMARY KEY,
    -- Domain.
    label_domain_id INTEGER NOT NULL,
    -- Name, snake_case.
    name TEXT NOT NULL,
    -- Rank where terms have an order (grades; absent 0, present 1); NULL where they have none.
    ordinal INTEGER,
    -- What the term means, for people.
    description TEXT NOT NULL DEFAULT '',
    CONSTRAINT label_term_label_domain_id_name_key UNIQUE (label_domain_id, name),
    CONSTRAINT label_term_label_domain_id_label_term_id_key UNIQUE (label_domain_id, label_term_id),
    CONSTRAINT label_term_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_term_label_term_id_check CHECK (label_term_id >= 0)
) STRICT;

-- One row per version of the cleaning rules of a domain.
CREATE TABLE label_ruleset (
    -- Content key of (domain, sha256).
    label_ruleset_id INTEGER PRIMARY KEY,
    -- Domain.
    label_domain_id INTEGER NOT NULL,
    -- Version text of the vocabulary file.
    version TEXT NOT NULL,
    -- SHA-256 of canonical_json.
    sha256 BLOB NOT NULL,
    -- Domain and rules as canonical JSON (RFC 8785): enough to clean again without the file.
    canonical_json TEXT NOT NULL,
    -- Name of the vocabulary file, without its folder.
    source_file TEXT NOT NULL,
    -- When the ruleset was registered, UTC.
    created_at TEXT NOT NULL,
    CONSTRAINT label_ruleset_label_domain_id_sha256_key UNIQUE (label_domain_id, sha256),
    CONSTRAINT label_ruleset_label_domain_id_label_ruleset_id_key UNIQUE (label_domain_id, label_ruleset_id),
    CONSTRAINT label_ruleset_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_ruleset_label_ruleset_id_check CHECK (label_ruleset_id >= 0),
    CONSTRAINT label_ruleset_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT label_ruleset_created_at_check CHECK (created_at GLOB '????-??-??T??:??:??.??????Z'),
    CONSTRAINT label_ruleset_canonical_json_check CHECK (json_valid(canonical_json))
) STRICT;

-- One row per rule of a ruleset, in the order in which they are applied.
CREATE TABLE label_rule (
    -- Ruleset.
    label_ruleset_id INTEGER NOT NULL,
    -- Position of the rule, 0-based.
    rule_index INTEGER NOT NULL,
    -- What the rule does; see docs/formats.md, vocabularies.
    kind TEXT NOT NULL,
    -- Text, pattern or separators of the rule; NULL where it needs none.
    pattern TEXT,
    -- Term the rule gives; NULL where it gives none or several.
    label_term_id INTEGER,
    -- The whole rule as JSON.
    parameters TEXT NOT NULL,
    CONSTRAINT label_rule_pkey PRIMARY KEY (label_ruleset_id, rule_index),
    CONSTRAINT label_rule_label_ruleset_fk FOREIGN KEY (label_ruleset_id)
        REFERENCES label_ruleset (label_ruleset_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_rule_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_rule_kind_check CHECK (
        kind IN ('trim', 'collapse_space', 'case_fold', 'replace', 'blank', 'exact', 'alias', 'regex', 'split',
        'number', 'text', 'quarantine', 'drop', 'default')
    ),
    CONSTRAINT label_rule_parameters_check CHECK (json_valid(parameters)),
    CONSTRAINT label_rule_rule_index_check CHECK (rule_index >= 0)
) STRICT, WITHOUT ROWID;

-- One row per place labels come from: a table file, headers, a person, a model.
CREATE TABLE label_source (
    -- Content key of (dataset, name, sha256).
    label_source_id INTEGER PRIMARY KEY,
    -- Dataset its labels are about.
    dataset_id INTEGER NOT NULL,
    -- Name, such as hemorrhage_diagnosis.csv.
    name TEXT NOT NULL,
    -- File it was read from; NULL where it is not a file.
    source_file_id INTEGER,
    -- csv: any table file; xml: reader XML; header: attributes of images; manual: a person; model: predictions
    -- taken over.
    kind TEXT NOT NULL,
    -- SHA-256 of the content; NULL where it is not a file.
    sha256 BLOB,
    -- Whether its labels count; false once a corrected file has taken its place.
    is_active INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT label_source_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_label_source_id_check CHECK (label_source_id >= 0),
    CONSTRAINT label_source_kind_check CHECK (kind IN ('csv', 'xml', 'header', 'manual', 'model')),
    CONSTRAINT label_source_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT label_source_is_active_check CHECK (is_active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX label_source_dataset_id_name_sha256_key ON label_source (dataset_id, name, COALESCE(sha256, x''));

-- One row per reader of a dataset: who looked, or what did.
CREATE TABLE reader (
    -- Content key of (dataset, reader_key).
    reader_id INTEGER PRIMARY KEY,
    -- Dataset.
    dataset_id INTEGER NOT NULL,
    -- Name within the dataset, such as consensus; a keyed pseudonym where the dataset is clinical.
    reader_key TEXT NOT NULL,
    -- human: one person; consensus: several who agreed; algorithm: a program; device: the header says so.
    kind TEXT NOT NULL,
    -- Who that is, without identifiers.
    description TEXT NOT NULL DEFAULT '',
    CONSTRAINT reader_dataset_id_reader_key_key UNIQUE (dataset_id, reader_key),
    CONSTRAINT reader_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reader_reader_id_check CHECK (reader_id >= 0),
    CONSTRAINT reader_kind_check CHECK (kind IN ('human', 'consensus', 'algorithm', 'device'))
) STRICT;
