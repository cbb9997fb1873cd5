using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;
using DicomPS.Scp;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// The two ends of a query in child processes, as in <see cref="EngineSide"/>: a server of ours that both clients ask, and our client.
/// </summary>
internal static class FindSide
{
    /// <summary>The keys of a study as Find-DicomStudy asks for them.</summary>
    public static DicomTag[] Keys { get; } =
    [
        Tags.StudyDate, Tags.StudyTime, Tags.AccessionNumber, Tags.RetrieveAETitle, Tags.InstanceAvailability, Tags.ModalitiesInStudy,
        Tags.ReferringPhysicianName, Tags.StudyDescription, Tags.PatientName, Tags.PatientID, Tags.PatientBirthDate, Tags.PatientSex,
        Tags.StudyInstanceUID, Tags.StudyID, Tags.NumberOfStudyRelatedSeries, Tags.NumberOfStudyRelatedInstances,
    ];

    /// <summary>serve-find COUNT: answers every query with as many studies; prints "port N".</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> ServeAsync(string[] arguments)
    {
        var count = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        // A million are ten thousand again and again: UIDs that come twice are nothing to a query that was not cut.
        var studies = Enumerable.Range(0, Math.Min(count, 10_000)).Select(number => Study(number, new DateTime(2024, 1, 2), 512)).ToArray();
        var table =
            new ServiceTable(
                [new FindScp((_, _, cancellation) => AnswerAsync(studies, count, cancellation)).Row(
                    Uids.StudyRootQueryRetrieveInformationModelFind)]);
        await using var server = DicomServer.Start(new DicomServerOptions { Address = IPAddress.Loopback }, table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        await Console.In.ReadLineAsync();
        return 0;
    }

    /// <summary>
    /// find PORT: asks for all studies and makes an object of each. "go first" ends with the first; "go late SECONDS" takes the first,
    /// then none for some seconds, so that what comes meanwhile waits in the spool.
    /// </summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> FindAsync(string[] arguments)
    {
        var node = new DicomNode
        {
            AETitle = "ANY-SCP", HostName = "127.0.0.1",
            Port = int.Parse(arguments[0], CultureInfo.InvariantCulture)
        };
        return EngineSide.ServeAsync(async words =>
        {
            var found = 0;
            await foreach (var value in new QueryJob(new QueryJobOptions { Association = AssociationOptions.For(node), Node = node },
                new QueryRequest()).RunAsync(CancellationToken.None))
            {
                if (value is QueryFound { Result: Study { StudyInstanceUID: not null, StudyDate: not null } })
                    found++;
                else if (value is QueryFailed failed)
                    throw new BenchmarkException(failed.Problem.Message);
                if (found == 1 && words is [_, "first"])
                    break;
                if (found == 1 && words is [_, "late", var seconds])
                    await Task.Delay(TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
            }

            return found;
        });
    }

    private static async IAsyncEnumerable<DicomDataset> AnswerAsync(DicomDataset[] studies, int count,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        for (var i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return studies[i % studies.Length];
        }
    }

    /// <summary>A study as servers of ours answer it.</summary>
    /// <param name="number">The number that is in its UIDs and names.</param>
    /// <param name="day">Its day.</param>
    /// <param name="instances">How many instances it says to have.</param>
    public static DicomDataset Study(int number, DateTime day, int instances)
    {
        var text = number.ToString("00000", CultureInfo.InvariantCulture);
        var study = new DicomDataset();
        study.Set(Tags.SpecificCharacterSet, "ISO_IR 100");
        study.Set(Tags.QueryRetrieveLevel, "STUDY");
        study.Set(Tags.StudyDate, day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        study.Set(Tags.StudyTime, "101112.131415");
        study.Set(Tags.AccessionNumber, $"ACC{text}");
        study.Set(Tags.RetrieveAETitle, "ARCHIVE");
        study.Set(Tags.InstanceAvailability, "ONLINE");
        study.Set(Tags.ModalitiesInStudy, "CT", "SR");
        study.Set(Tags.ReferringPhysicianName, "REFERRER^ONE");
        study.Set(Tags.StudyDescription, "CT of the head without contrast");
        study.Set(Tags.PatientName, $"PATIENT^NUMBER {text}");
        study.Set(Tags.PatientID, $"PID{text}");
        study.Set(Tags.PatientBirthDate, "19700101");
        study.Set(Tags.PatientSex, "O");
        study.Set(Tags.StudyInstanceUID, $"1.2.826.0.1.3680043.10.999.20240102.{number}");
        study.Set(Tags.StudyID, "1");
        study.Set(Tags.NumberOfStudyRelatedSeries, "3");
        study.Set(Tags.NumberOfStudyRelatedInstances, instances.ToString(CultureInfo.InvariantCulture));
        return study;
    }
}
