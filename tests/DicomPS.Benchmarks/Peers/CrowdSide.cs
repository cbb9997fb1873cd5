using System.Globalization;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// crowd: at each "go PORT AETITLE ASSOCIATIONS SECONDS STUDY" so many associations are opened, and each that is accepted in time stores
/// instances of 5 KB, one after the other, for so long; after STUDY of them comes the next study. Answers "done SERVED TOTAL SLOWEST
/// FASTEST".
/// </summary>
internal static class CrowdSide
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static int _round;

    public static async Task<int> RunAsync()
    {
        while ((await Console.In.ReadLineAsync())?.Split(' ') is ["go", var port, var title, var associations, var seconds, var study])
        {
            var node = EngineSide.Peer(port) with { AETitle = title };
            var length = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
            var stored = await StoreAsync(node, int.Parse(associations, CultureInfo.InvariantCulture), length,
                int.Parse(study, CultureInfo.InvariantCulture));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"done {stored.Count} {stored.Sum()} {stored.DefaultIfEmpty().Min()} {stored.DefaultIfEmpty().Max()}"));
        }

        return 0;
    }

    private static async Task<List<int>> StoreAsync(DicomNode node, int associations, TimeSpan length, int study)
    {
        using var late = new CancellationTokenSource(Patience);
        var opened = (await Task.WhenAll(Enumerable.Range(0, associations).Select(_ => OpenAsync(node, late.Token))))
            .OfType<Association>().ToList();
        var round = ++_round;
        try
        {
            var end = Environment.TickCount64 + (long)length.TotalMilliseconds;
            return [.. await Task.WhenAll(opened.Select((association, number) => Task.Run(() =>
                StoreAsync(association, $"2.25.{round}.{number + 1}", end, study))))];
        }
        finally
        {
            await Task.WhenAll(opened.Select(association => association.DisposeAsync().AsTask()));
        }
    }

    private static async Task<Association?> OpenAsync(DicomNode node, CancellationToken late)
    {
        try
        {
            return await Association.ConnectAsync(AssociationOptions.For(node) with
            {
                PresentationContexts = [new(Uids.CTImageStorage, [TransferSyntax.ExplicitVRLittleEndian.Uid])],
            }, late);
        }
        catch (Exception kept) when (kept is DicomException or OperationCanceledException)
        {
            // Not served while all others are: the row says how many were.
            return null;
        }
    }

    private static async Task<int> StoreAsync(Association association, string root, long end, int study)
    {
        var exchange = new DimseExchange(association);
        var context = association.AcceptedContexts.Single();
        var image = Image(root + ".0");
        var stored = 0;
        while (Environment.TickCount64 < end)
        {
            if (stored > 0 && stored % study == 0)
                image = Image(string.Create(CultureInfo.InvariantCulture, $"{root}.0.{stored / study}"));
            var uid = string.Create(CultureInfo.InvariantCulture, $"{root}.{stored + 1}");
            image.Set(Tags.SOPInstanceUID, uid);
            var answer = await exchange.AskAsync(context, new CommandSet
            {
                Field = CommandField.CStoreRequest,
                AffectedSopClassUid = Uids.CTImageStorage,
                AffectedSopInstanceUid = uid,
                Priority = DicomPriority.Medium,
            }, image, CancellationToken.None);
            if (answer.Status != 0)
                throw new BenchmarkException($"{uid}: {answer.Status:X4}H {answer.ErrorComment}");
            stored++;
        }

        // At the end of a load the server may be too busy to take leave in time.
        await association.LeaveAsync(CancellationToken.None);
        return stored;
    }

    private static DicomDataset Image(string root)
    {
        var image = new DicomDataset();
        image.Set(Tags.SOPClassUID, Uids.CTImageStorage);
        image.Set(Tags.StudyInstanceUID, root);
        image.Set(Tags.SeriesInstanceUID, root + ".1");
        image.Set(Tags.PatientID, "CROWD");
        image.Set(Tags.PatientName, "Benchmark^Crowd");
        image.Set(Tags.StudyDate, "20240102");
        image.Set(Tags.Modality, "CT");
        image.Set(Tags.PixelData, Vr.OW, new byte[5000]);
        return image;
    }
}
