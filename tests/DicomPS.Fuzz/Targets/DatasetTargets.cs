using System.IO.Compression;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Fuzz.Targets;

/// <summary>Datasets in the four spellings, the inflater alone, and whole files.</summary>
internal static class DatasetTargets
{
    private const long MostInflated = 1_000_000;

    private static readonly DatasetReaderOptions Options = new() { MaxInflatedLength = MostInflated };

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Spelt("dataset-implicit", TransferSyntax.ImplicitVRLittleEndian),
        Spelt("dataset-explicit", TransferSyntax.ExplicitVRLittleEndian),
        Spelt("dataset-big", TransferSyntax.ExplicitVRBigEndian),
        Spelt("dataset-deflated", TransferSyntax.DeflatedExplicitVRLittleEndian),
        new("inflater", Inflate, () => DatasetSamples.Datasets().Select(set => Deflate(Bytes(set, TransferSyntax.ExplicitVRLittleEndian)))),
        new("file", ReadFile, DatasetSamples.Files),
    ];

    private static FuzzTarget Spelt(string name, TransferSyntax syntax) =>
        new(name, bytes => Run(bytes, syntax), () => DatasetSamples.Datasets().Select(set => Bytes(set, syntax)));

    private static byte[] Bytes(DicomDataset dataset, TransferSyntax syntax) => DatasetWriter.ToArray(dataset, syntax);

    private static void Run(byte[] bytes, TransferSyntax syntax)
    {
        var isTaken = Arrives(bytes, syntax);
        // What a server takes, the readers of files can read (docs/architecture.md), but for what claims to be no sequence and is read as
        // one: UN with a length.
        if (isTaken && ProblemOf(bytes, syntax, Options with { Wanted = tag => DicomDictionary.VrOf(tag) != Vr.SQ }) is { } problem)
            throw new BrokenPromiseException($"It would be received, and cannot be read: {problem}");
        ProblemOf(bytes, syntax, Options);
        ProblemOf(bytes, syntax, Options with { AllowTruncated = true });
        if (bytes.Length > 0 && !syntax.IsDeflated)
            Allow(() => DatasetReader.ReadPrefix(bytes, syntax, Tags.PixelData));
    }

    private static bool Arrives(byte[] bytes, TransferSyntax syntax)
    {
        using var arrival = new DatasetArrival(syntax, Tags.PixelData);
        try
        {
            // In pieces, as a network brings them; how large they are, the first byte says.
            var size = bytes.Length == 0 ? 1 : 1 + (bytes[0] % 61);
            for (var at = 0; at < bytes.Length && arrival.InflatedLength < MostInflated; at += size)
                arrival.Push(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
            if (arrival.InflatedLength >= MostInflated)
                return false;
            arrival.Complete();
            _ = arrival.Header.Count;
            return true;
        }
        catch (DicomDataException)
        {
            return false;
        }
    }

    private static DicomDataException? ProblemOf(byte[] bytes, TransferSyntax syntax, DatasetReaderOptions options)
    {
        try
        {
            var dataset = DatasetReader.Read(bytes, syntax, options);
            Look(dataset);
            DatasetWriter.ToArray(dataset, syntax.IsDeflated ? TransferSyntax.ExplicitVRLittleEndian : syntax);
            return null;
        }
        catch (DicomDataException problem)
        {
            return problem;
        }
        catch (InvalidOperationException e) when (e.Message.Contains("is encapsulated", StringComparison.Ordinal))
        {
            // Fragments that nothing announced are read, and cannot be written so.
            return null;
        }
    }

    private static void Look(DicomDataset dataset)
    {
        foreach (var element in dataset)
        {
            dataset.GetText(element.Tag);
            dataset.GetDoubles(element.Tag);
            dataset.GetInt64s(element.Tag);
            dataset.GetDateTime(element.Tag);
            dataset.GetPersonName(element.Tag);
        }
    }

    private static void ReadFile(byte[] bytes) => Allow(() =>
    {
        using var source = new MemorySource(bytes);
        var (_, syntax) = FileStart.Read(source);
        Look(DatasetReader.Read(bytes.AsMemory((int)source.Position), syntax, Options));
    });

    // The runtime's inflater is the judge of what comes out.
    private static void Inflate(byte[] bytes)
    {
        var made = new List<byte>();
        using var inflater = new FlowInflater(piece => made.AddRange(piece));
        try
        {
            var size = bytes.Length == 0 ? 1 : 1 + (bytes[^1] % 97);
            for (var at = 0; at < bytes.Length && !inflater.IsEnded && made.Count < MostInflated; at += size)
                inflater.Push(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
            if (!inflater.IsEnded && made.Count < MostInflated)
                inflater.Push(default, isEnd: true);
        }
        catch (DicomDataException)
        {
            return;
        }

        if (inflater.IsEnded && !made.SequenceEqual(Runtimes(bytes)))
            throw new BrokenPromiseException("The runtime's inflater gives other bytes.");
    }

    private static byte[] Runtimes(byte[] bytes)
    {
        using var stream = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var made = new MemoryStream();
        stream.CopyTo(made);
        return made.ToArray();
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var made = new MemoryStream();
        using (var stream = new DeflateStream(made, CompressionLevel.Optimal))
            stream.Write(bytes);
        return made.ToArray();
    }

    private static void Allow(Action action)
    {
        try
        {
            action();
        }
        catch (DicomDataException)
        {
            // What it may throw.
        }
    }
}
