-- Comparisons of two archives, and how far they are: parts are only appended, each with its windows, differences and counts, until the
-- comparison begins anew. Dates are ISO 8601 without a zone, as the archives tell them.
CREATE TABLE comparison (
    id {id},
    name text NOT NULL UNIQUE,
    what text NOT NULL,
    today text NOT NULL,
    begun bigint NOT NULL,
    ended bigint
);

CREATE TABLE comparison_part (
    comparison_id bigint NOT NULL REFERENCES comparison (id),
    number bigint NOT NULL,
    windows text NOT NULL,
    settled text NOT NULL,
    seen text NOT NULL,
    reference_studies bigint NOT NULL,
    difference_studies bigint NOT NULL,
    written bigint NOT NULL,
    PRIMARY KEY (comparison_id, number)
);

CREATE TABLE comparison_day (
    comparison_id bigint NOT NULL,
    part bigint NOT NULL,
    study_date text,
    reference_studies bigint NOT NULL,
    difference_studies bigint NOT NULL,
    equal bigint NOT NULL,
    missing bigint NOT NULL,
    extra bigint NOT NULL,
    partial bigint NOT NULL,
    offline bigint NOT NULL,
    different bigint NOT NULL,
    unknown bigint NOT NULL,
    FOREIGN KEY (comparison_id, part) REFERENCES comparison_part (comparison_id, number)
);
CREATE INDEX comparison_day_part ON comparison_day (comparison_id, part);

CREATE TABLE comparison_difference (
    id {id},
    comparison_id bigint NOT NULL,
    part bigint NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    study_date text,
    patient_name text,
    patient_id text,
    accession_number text,
    modalities text,
    description text,
    reference_series bigint,
    difference_series bigint,
    reference_instances bigint,
    difference_instances bigint,
    reference_availability text,
    difference_availability text,
    keys text,
    reason text,
    study_uid text,
    series_uid text,
    instance_uid text,
    FOREIGN KEY (comparison_id, part) REFERENCES comparison_part (comparison_id, number)
);
CREATE INDEX comparison_difference_part ON comparison_difference (comparison_id, part);
