namespace DicomPS.Transfers.Store;

/// <summary>The statements of comparisons, for both databases, as <see cref="Sql"/> has those of transfers.</summary>
internal static class ComparisonSql
{
    public const string Add = """
        INSERT INTO comparison (name, what, today, begun) VALUES (@name, @what, @today, {now}) ON CONFLICT (name) DO NOTHING
        """;

    public const string Get = """
        SELECT id, what, today, begun, ended, (SELECT count(*) FROM comparison_part p WHERE p.comparison_id = comparison.id)
        FROM comparison WHERE name = @name {lock}
        """;

    public const string Renew = "UPDATE comparison SET what = @what, today = @today, begun = {now}, ended = NULL WHERE id = @id";

    public const string End = "UPDATE comparison SET ended = {now} WHERE id = @id AND ended IS NULL";

    public const string AddPart = """
        INSERT INTO comparison_part (comparison_id, number, windows, settled, seen, reference_studies, difference_studies, written)
        SELECT c.id, @number, @windows, @settled, @seen, @reference, @difference, {now}
        FROM comparison c WHERE c.id = @id AND c.begun = @begun AND c.ended IS NULL
        ON CONFLICT (comparison_id, number) DO NOTHING
        """;

    public const string Parts = """
        SELECT number, windows, settled, seen, reference_studies, difference_studies FROM comparison_part WHERE comparison_id = @id
        ORDER BY number
        """;

    public const string AddDay = """
        INSERT INTO comparison_day (comparison_id, part, study_date, reference_studies, difference_studies, equal, missing, extra, partial,
            offline, different, unknown)
        VALUES (@id, @part, @date, @reference, @difference, @equal, @missing, @extra, @partial, @offline, @different, @unknown)
        """;

    public const string Days = """
        SELECT study_date, CAST(sum(reference_studies) AS bigint), CAST(sum(difference_studies) AS bigint), CAST(sum(equal) AS bigint),
            CAST(sum(missing) AS bigint), CAST(sum(extra) AS bigint), CAST(sum(partial) AS bigint), CAST(sum(offline) AS bigint),
            CAST(sum(different) AS bigint), CAST(sum(unknown) AS bigint)
        FROM comparison_day WHERE comparison_id = @id GROUP BY study_date
        """;

    public const string AddDifference = """
        INSERT INTO comparison_difference (comparison_id, part, kind, level, study_date, patient_name, patient_id, accession_number,
            modalities, description, reference_series, difference_series, reference_instances, difference_instances,
            reference_availability, difference_availability, keys, reason, study_uid, series_uid, instance_uid)
        VALUES (@id, @part, @kind, @level, @date, @patient_name, @patient_id, @accession, @modalities, @description, @reference_series,
            @difference_series, @reference_instances, @difference_instances, @reference_availability, @difference_availability, @keys,
            @reason, @study, @series, @instance)
        """;

    public const string Differences = """
        SELECT kind, level, study_date, patient_name, patient_id, accession_number, modalities, description, reference_series,
            difference_series, reference_instances, difference_instances, reference_availability, difference_availability, keys, reason,
            study_uid, series_uid, instance_uid
        FROM comparison_difference WHERE comparison_id = @id ORDER BY id
        """;
}
