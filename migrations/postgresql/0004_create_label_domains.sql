-- Migration 0004: questions, answers, cleaning rules, and who answers
--
-- Tables, each with its grain in its comment:
--   label_domain, label_term, label_ruleset, label_rule, label_source, reader

CREATE TABLE label_domain (
    label_domain_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    family text COLLATE "C",
    value_kind text COLLATE "C" NOT NULL,
    unit text COLLATE "C",
    minimum double precision,
    maximum double precision,
    level text COLLATE "C",
    current_ruleset_id bigint,
    description text COLLATE "C" NOT NULL DEFAULT '',
    CONSTRAINT label_domain_pkey PRIMARY KEY (label_domain_id),
    CONSTRAINT label_domain_name_key UNIQUE (name),
    CONSTRAINT label_domain_label_domain_id_check CHECK (label_domain_id >= 0),
    CONSTRAINT label_domain_value_kind_check CHECK (value_kind IN ('term', 'number', 'text')),
    CONSTRAINT label_domain_level_check CHECK (level IN ('patient', 'study', 'series', 'slice', 'annotation')),
    CONSTRAINT label_domain_name_check CHECK (name <> ''),
    CONSTRAINT label_domain_range_check CHECK (minimum <= maximum)
);

COMMENT ON TABLE label_domain IS 'One row per question that labels answer, such as epidural or age.';
COMMENT ON COLUMN label_domain.label_domain_id IS 'Content key of the name.';
COMMENT ON COLUMN label_domain.name IS 'Name, snake_case, the same in vocabularies, SQL and the command line.';
COMMENT ON COLUMN label_domain.family IS 'Domains that belong together, such as haemorrhage.';
COMMENT ON COLUMN label_domain.value_kind IS
    'What a clean value is: a term of the domain, a number in its unit, or text.';
COMMENT ON COLUMN label_domain.unit IS 'Unit of numbers, such as years.';
COMMENT ON COLUMN label_domain.minimum IS 'Smallest number that is believed, in the unit of the domain.';
COMMENT ON COLUMN label_domain.maximum IS 'Greatest number that is believed, in the unit of the domain.';
COMMENT ON COLUMN label_domain.level IS 'The only level the domain is asserted at; NULL where it is used at several.';
COMMENT ON COLUMN label_domain.current_ruleset_id IS
    'Ruleset whose values count; setting an earlier one reverts a cleaning.';
COMMENT ON COLUMN label_domain.description IS 'What the domain means, for people.';

CREATE TABLE label_term (
    label_term_id bigint NOT NULL,
    label_domain_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    ordinal integer,
    description text COLLATE "C" NOT NULL DEFAULT '',
    CONSTRAINT label_term_pkey PRIMARY KEY (label_term_id),
    CONSTRAINT label_term_label_domain_id_name_key UNIQUE (label_domain_id, name),
    CONSTRAINT label_term_label_domain_id_label_term_id_key UNIQUE (label_domain_id, label_term_id),
    CONSTRAINT label_term_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_term_label_term_id_check CHECK (label_term_id >= 0)
);

COMMENT ON TABLE label_term IS 'One row per answer that a domain of terms allows, such as present.';
COMMENT ON COLUMN label_term.label_term_id IS 'Content key of (domain, name).';
COMMENT ON COLUMN label_term.label_domain_id IS 'Domain.';
COMMENT ON COLUMN label_term.name IS 'Name, snake_case.';
COMMENT ON COLUMN label_term.ordinal IS
    'Rank where terms have an order (grades; absent 0, present 1); NULL where they have none.';
COMMENT ON COLUMN label_term.description IS 'What the term means, for people.';

CREATE TABLE label_ruleset (
    label_ruleset_id bigint NOT NULL,
    label_domain_id bigint NOT NULL,
    version text COLLATE "C" NOT NULL,
    sha256 bytea NOT NULL,
    canonical_json text COLLATE "C" NOT NULL,
    source_file text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT label_ruleset_pkey PRIMARY KEY (label_ruleset_id),
    CONSTRAINT label_ruleset_label_domain_id_sha256_key UNIQUE (label_domain_id, sha256),
    CONSTRAINT label_ruleset_label_domain_id_label_ruleset_id_key UNIQUE (label_domain_id, label_ruleset_id),
    CONSTRAINT label_ruleset_label_domain_fk FOREIGN KEY (label_domain_id)
        REFERENCES label_domain (label_domain_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_ruleset_label_ruleset_id_check CHECK (label_ruleset_id >= 0),
    CONSTRAINT label_ruleset_sha256_check CHECK (octet_length(sha256) = 32),
    CONSTRAINT label_ruleset_canonical_json_check CHECK (canonical_json::jsonb IS NOT NULL)
);

COMMENT ON TABLE label_ruleset IS 'One row per version of the cleaning rules of a domain.';
COMMENT ON COLUMN label_ruleset.label_ruleset_id IS 'Content key of (domain, sha256).';
COMMENT ON COLUMN label_ruleset.label_domain_id IS 'Domain.';
COMMENT ON COLUMN label_ruleset.version IS 'Version text of the vocabulary file.';
COMMENT ON COLUMN label_ruleset.sha256 IS 'SHA-256 of canonical_json.';
COMMENT ON COLUMN label_ruleset.canonical_json IS
    'Domain and rules as canonical JSON (RFC 8785): enough to clean again without the file.';
COMMENT ON COLUMN label_ruleset.source_file IS 'Name of the vocabulary file, without its folder.';
COMMENT ON COLUMN label_ruleset.created_at IS 'When the ruleset was registered, UTC.';

CREATE TABLE label_rule (
    label_ruleset_id bigint NOT NULL,
    rule_index integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    pattern text COLLATE "C",
    label_term_id bigint,
    parameters jsonb NOT NULL,
    CONSTRAINT label_rule_pkey PRIMARY KEY (label_ruleset_id, rule_index),
    CONSTRAINT label_rule_label_ruleset_fk FOREIGN KEY (label_ruleset_id)
        REFERENCES label_ruleset (label_ruleset_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_rule_label_term_fk FOREIGN KEY (label_term_id)
        REFERENCES label_term (label_term_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_rule_kind_check CHECK (
        kind IN ('trim', 'collapse_space', 'case_fold', 'replace', 'blank', 'exact', 'alias', 'regex', 'split',
        'number', 'text', 'quarantine', 'drop', 'default')
    ),
    CONSTRAINT label_rule_rule_index_check CHECK (rule_index >= 0)
);

COMMENT ON TABLE label_rule IS 'One row per rule of a ruleset, in the order in which they are applied.';
COMMENT ON COLUMN label_rule.label_ruleset_id IS 'Ruleset.';
COMMENT ON COLUMN label_rule.rule_index IS 'Position of the rule, 0-based.';
COMMENT ON COLUMN label_rule.kind IS 'What the rule does; see docs/formats.md, vocabularies.';
COMMENT ON COLUMN label_rule.pattern IS 'Text, pattern or separators of the rule; NULL where it needs none.';
COMMENT ON COLUMN label_rule.label_term_id IS 'Term the rule gives; NULL where it gives none or several.';
COMMENT ON COLUMN label_rule.parameters IS 'The whole rule as JSON.';

CREATE TABLE label_source (
    label_source_id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    source_file_id bigint,
    kind text COLLATE "C" NOT NULL,
    sha256 bytea,
    is_active boolean NOT NULL DEFAULT true,
    CONSTRAINT label_source_pkey PRIMARY KEY (label_source_id),
    CONSTRAINT label_source_dataset_id_name_sha256_key UNIQUE NULLS NOT DISTINCT (dataset_id, name, sha256),
    CONSTRAINT label_source_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_source_file_fk FOREIGN KEY (source_file_id)
        REFERENCES source_file (source_file_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT label_source_label_source_id_check CHECK (label_source_id >= 0),
    CONSTRAINT label_source_kind_check CHECK (kind IN ('csv', 'xml', 'header', 'manual', 'model')),
    CONSTRAINT label_source_sha256_check CHECK (octet_length(sha256) = 32)
);

COMMENT ON TABLE label_source IS 'One row per place labels come from: a table file, headers, a person, a model.';
COMMENT ON COLUMN label_source.label_source_id IS 'Content key of (dataset, name, sha256).';
COMMENT ON COLUMN label_source.dataset_id IS 'Dataset its labels are about.';
COMMENT ON COLUMN label_source.name IS 'Name, such as hemorrhage_diagnosis.csv.';
COMMENT ON COLUMN label_source.source_file_id IS 'File it was read from; NULL where it is not a file.';
COMMENT ON COLUMN label_source.kind IS
    'csv: any table file; xml: reader XML; header: attributes of images; manual: a person; model: '
    'predictions taken over.';
COMMENT ON COLUMN label_source.sha256 IS 'SHA-256 of the content; NULL where it is not a file.';
COMMENT ON COLUMN label_source.is_active IS
    'Whether its labels count; false once a corrected file has taken its place.';

CREATE TABLE reader (
    reader_id bigint NOT NULL,
    dataset_id bigint NOT NULL,
    reader_key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL DEFAULT '',
    CONSTRAINT reader_pkey PRIMARY KEY (reader_id),
    CONSTRAINT reader_dataset_id_reader_key_key UNIQUE (dataset_id, reader_key),
    CONSTRAINT reader_dataset_fk FOREIGN KEY (dataset_id)
        REFERENCES dataset (dataset_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reader_reader_id_check CHECK (reader_id >= 0),
    CONSTRAINT reader_kind_check CHECK (kind IN ('human', 'consensus', 'algorithm', 'device'))
);

COMMENT ON TABLE reader IS 'One row per reader of a dataset: who looked, or what did.';
COMMENT ON COLUMN reader.reader_id IS 'Content key of (dataset, reader_key).';
COMMENT ON COLUMN reader.dataset_id IS 'Dataset.';
COMMENT ON COLUMN reader.reader_key IS
    'Name within the dataset, such as consensus; a keyed pseudonym where the dataset is clinical.';
COMMENT ON COLUMN reader.kind IS
    'human: one person; consensus: several who agreed; algorithm: a program; device: the header says so.';
COMMENT ON COLUMN reader.description IS 'Who that is, without identifiers.';

-- The two tables refer to each other, so this key comes last.
ALTER TABLE label_domain ADD
    CONSTRAINT label_domain_current_ruleset_fk FOREIGN KEY (label_domain_id, current_ruleset_id)
        REFERENCES label_ruleset (label_domain_id, label_ruleset_id) DEFERRABLE INITIALLY DEFERRED;
