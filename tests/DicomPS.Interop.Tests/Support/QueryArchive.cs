using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Querying;
using DicomPS.Serialization;
using DicomPS.Text;

namespace DicomPS.Interop.Tests.Support;

/// <summary>Small studies to be found, and jobs that find them.</summary>
internal static class QueryArchive
{
    public const string Root = "1.2.826.0.1.3680043.10.999";

    /// <summary>Five patients in three scripts and their studies, the first with three series; sent to a node.</summary>
    /// <param name="node">The archive.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task FillAsync(DicomNode node, CancellationToken cancellation)
    {
        using var folder = new TempFolder();
        var files = new List<string>();
        async Task AddAsync(string study, string series, int instance, string id, string name, string date, string time,
            string modality, string set)
        {
            var dataset = new DicomDataset();
            dataset.SetCharacterSet(set.Split('\\'));
            dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
            dataset.Set(Tags.SOPInstanceUID, $"{Root}.{study}.{series}.{instance}");
            dataset.Set(Tags.SeriesInstanceUID, $"{Root}.{study}.{series}");
            dataset.Set(Tags.StudyInstanceUID, $"{Root}.{study}");
            dataset.Set(Tags.PatientID, id);
            dataset.Set(Tags.PatientName, name);
            dataset.Set(Tags.PatientBirthDate, "19700101");
            dataset.Set(Tags.PatientSex, "O");
            dataset.Set(Tags.StudyDate, date);
            dataset.Set(Tags.StudyTime, time);
            dataset.Set(Tags.StudyID, study);
            dataset.Set(Tags.AccessionNumber, $"ACC{study}");
            dataset.Set(Tags.StudyDescription, $"Study {study}");
            dataset.Set(Tags.Modality, modality);
            dataset.Set(Tags.SeriesNumber, series);
            dataset.Set(Tags.InstanceNumber, $"{instance}");
            var path = folder.Combine($"{files.Count}.dcm");
            await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, cancellation);
            files.Add(path);
        }

        await AddAsync("1", "1", 1, "P1", "DOE^JOHN", "20240102", "101500", "CT", "ISO_IR 100");
        await AddAsync("1", "1", 2, "P1", "DOE^JOHN", "20240102", "101500", "CT", "ISO_IR 100");
        await AddAsync("1", "2", 1, "P1", "DOE^JOHN", "20240102", "101500", "SR", "ISO_IR 100");
        await AddAsync("2", "1", 1, "P1", "DOE^JOHN", "20240103", "233000", "CT", "ISO_IR 100");
        await AddAsync("3", "1", 1, "P2", "ROE^JANE", "20240104", "003000", "MR", "ISO_IR 100");
        await AddAsync("4", "1", 1, "P3", "Yamada^Tarou=山田^太郎=やまだ^たろう", "20240105", "120000", "CT", "ISO_IR 192");
        await AddAsync("5", "1", 1, "P4", "Иванов^Иван", "20240106", "120000", "CT", "ISO_IR 192");
        await AddAsync("6", "1", 1, "P5", "قباني^لنزار", "20240107", "120000", "CT", "ISO_IR 192");
        Assert.All(await Engine.SendAsync(node, files, cancellation), result => Assert.True(result.Success, result.Error));
    }

    /// <summary>Asks, and fails on what went wrong.</summary>
    /// <param name="node">Whom.</param>
    /// <param name="request">What.</param>
    /// <param name="cancellation">Stops.</param>
    public static async Task<List<QueryResult>> FindAsync(DicomNode node, QueryRequest request, CancellationToken cancellation)
    {
        var results = new List<QueryResult>();
        await foreach (var value in Job(node, request).RunAsync(cancellation))
        {
            if (value is QueryFailed failed)
                Assert.Fail(failed.Problem.ToString());
            else if (value is QueryFound found)
                results.Add(found.Result);
        }

        return results;
    }

    public static QueryJob Job(DicomNode node, QueryRequest request) =>
        new(new QueryJobOptions { Association = AssociationOptions.For(node), Node = node }, request);

    /// <summary>Keys by tag.</summary>
    /// <param name="keys">Tags and their values.</param>
    public static DicomDataset Keys(params (DicomTag Tag, string Value)[] keys)
    {
        var dataset = new DicomDataset();
        foreach (var (tag, value) in keys)
            dataset.Set(tag, value.Split('\\'));
        return dataset;
    }
}
