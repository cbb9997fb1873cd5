using System.Collections.Concurrent;
using System.Globalization;
using DicomPS.Archiving.Tests.Support;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Part10;
using DicomPS.Serialization;

namespace DicomPS.Archiving.Tests.Storage;

/// <summary>
/// Stores of a few instances, imports and retention at once, in random order; then files, index and what was acknowledged are held
/// against each other. DICOMPS_INTERLEAVINGS=500 for the long form.
/// </summary>
public class InterleavingTests
{
    private const int Workers = 4, Steps = 12;

    private static CancellationToken Cancellation => TestIndex.Cancellation;

    private static int Rounds =>
        int.TryParse(Environment.GetEnvironmentVariable("DICOMPS_INTERLEAVINGS"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var rounds) ? rounds : 12;

    [Theory]
    [InlineData("stores")]
    [InlineData("stores and imports")]
    [InlineData("stores, imports and retention")]
    [InlineData("stores, imports, retention, then a kill")]
    [InlineData("stores, imports, retention, then a repair")]
    public async Task Nothing_acknowledged_is_without_its_file_and_files_and_index_agree(string what)
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            using var folder = new TempFolder();
            using var inbox = new TempFolder();
            var run = new Run(folder.Path, inbox.Path, spread: 1 + (seed % 2));
            var pauses = new Random(seed);
            var archive = await Archive.OpenAsync(new ArchiveOptions { Folder = folder.Path, BetweenSteps = PauseAsync }, Cancellation);
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker =>
                Task.Run(() => run.WorkAsync(archive, new Random(seed * 100 + worker), worker, what), Cancellation)));
            await run.CheckAsync(archive, $"{what}, seed {seed}");
            if (what.EndsWith("kill", StringComparison.Ordinal))
                await archive.AbandonAsync();
            else
                await archive.DisposeAsync();
            // A second look, by who opens it next.
            archive = what.EndsWith("repair", StringComparison.Ordinal)
                ? await Archive.RepairAsync(new ArchiveOptions { Folder = folder.Path }, Cancellation)
                : await Archive.OpenAsync(new ArchiveOptions { Folder = folder.Path }, Cancellation);
            Assert.Equal(0, archive.Recovered?.Doubled ?? 0);
            await run.CheckAsync(archive, $"{what}, seed {seed}, opened again");
            await archive.DisposeAsync();

            // Whoever is at it lets others come in between.
            async Task PauseAsync()
            {
                int length;
                lock (pauses)
                    length = pauses.Next(4);
                if (length > 0)
                    await Task.Delay(length - 1, Cancellation);
            }
        }
    }

    private sealed class Run(string folder, string inbox, int spread)
    {
        private readonly ConcurrentBag<(string Identity, string Study, string Version, long Begun)> _acknowledged = [];
        private readonly ConcurrentBag<string> _versions = [];
        private readonly ConcurrentDictionary<string, long> _removed = new(StringComparer.Ordinal);
        private long _clock;

        public async Task WorkAsync(Archive archive, Random random, int worker, string what)
        {
            for (var step = 0; step < Steps; step++)
            {
                var choice = random.Next(10);
                if (choice == 0 && what.Contains("retention", StringComparison.Ordinal))
                {
                    await foreach (var removed in archive.RetainAsync(new Retention { MaxBytes = 3000 }, DateTime.UtcNow, _ => false,
                        Cancellation))
                        _removed[$"{removed.Study.PatientId}/{removed.Study.StudyInstanceUid}"] = Interlocked.Increment(ref _clock);
                    continue;
                }

                // Few, so that they meet: in every second run two instances, which differ in the patient alone.
                var (patient, study, series, number) = (random.Next(2), random.Next(spread), random.Next(spread), random.Next(spread));
                var version = $"w{worker}s{step}";
                _versions.Add(version);
                var begun = Interlocked.Increment(ref _clock);
                if (choice < 3 && what.Contains("imports", StringComparison.Ordinal))
                {
                    var file = await SaveAsync(Path.Combine(inbox, version + ".dcm"), patient, study, series, number, version);
                    await foreach (var imported in archive.ImportAsync([file], ImportMode.Copy, cancellationToken: Cancellation))
                        Assert.Null(imported.Problem);
                }
                else
                {
                    var file = await SaveAsync(Path.Combine(folder, $".dicomps-{Guid.NewGuid():N}.part"), patient, study, series,
                        number, version);
                    await archive.StoreAsync(file, $"W{worker}", choice == 9 ? SameInstance.Keep : SameInstance.Replace, Cancellation);
                    Assert.False(File.Exists(file));
                }

                _acknowledged.Add(($"P{patient}/{study}/{series}/{number}", $"P{patient}/{study}", version, begun));
            }
        }

        public async Task CheckAsync(Archive archive, string where)
        {
            var indexed = new Dictionary<string, string>(StringComparer.Ordinal);
            var keys = Make.Dataset((Tags.PatientID, ""), (Tags.StudyInstanceUID, ""), (Tags.SeriesInstanceUID, ""),
                (Tags.SOPInstanceUID, ""));
            await foreach (var match in archive.Index.FindAsync(new IndexQuery { Level = QueryLevel.Image, Identifier = keys },
                Cancellation))
            {
                var path = archive.FullPath(match.File!);
                Assert.True(File.Exists(path), $"{where}: {match.File} is in the index and not in the folder.");
                var dataset = (await DicomFile.OpenAsync(path, cancellationToken: Cancellation)).Dataset;
                Assert.Equal(Identity(dataset), Identity(match.Answer));
                Assert.True(indexed.TryAdd(Identity(dataset), path), $"{where}: {Identity(dataset)} is there twice.");
                Assert.Contains(dataset.GetString(Tags.StudyDescription)!, _versions);
            }

            // What the index says of a file is what the file is, not what another that was in its place.
            await foreach (var file in archive.Index.FilesAsync(cancellationToken: Cancellation))
            {
                var info = new FileInfo(archive.FullPath(file.Path));
                Assert.True((file.Size, file.LastWriteTimeUtc) == (info.Length, info.LastWriteTimeUtc),
                    $"{where}: the index has an earlier {file.Path}.");
            }

            // No file that no row names, none half done, and none in the folder of another patient's study.
            Assert.Equal(indexed.Values.Order(StringComparer.Ordinal),
                Directory.GetFiles(folder, "*.dcm", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
            Assert.Empty(Directory.GetFiles(folder, "*.part"));
            foreach (var study in indexed.GroupBy(pair => Path.GetDirectoryName(Path.GetDirectoryName(pair.Value))))
                Assert.Single(study.Select(pair => pair.Key.Split('/')[0]).Distinct());
            foreach (var (identity, study, version, begun) in _acknowledged)
            {
                var mayBeGone = _removed.TryGetValue(study, out var removed) && removed > begun;
                Assert.True(mayBeGone || indexed.ContainsKey(identity), $"{where}: {identity} was acknowledged as {version} and is gone.");
            }
        }

        private static string Identity(DicomDataset dataset) =>
            $"{dataset.GetString(Tags.PatientID)}/{dataset.GetString(Tags.StudyInstanceUID)}/"
            + $"{dataset.GetString(Tags.SeriesInstanceUID)}/{dataset.GetString(Tags.SOPInstanceUID)}";

        private static async Task<string> SaveAsync(string path, int patient, int study, int series, int number, string version)
        {
            var dataset = Make.Dataset((Tags.PatientID, $"P{patient}"), (Tags.StudyDescription, version),
                (Tags.StudyInstanceUID, $"{study}"),
                (Tags.SeriesInstanceUID, $"{series}"), (Tags.SOPInstanceUID, $"{number}"), (Tags.SOPClassUID, Uids.CTImageStorage));
            await new DicomFile(dataset, TransferSyntax.ExplicitVRLittleEndian).SaveAsync(path, Cancellation);
            return path;
        }
    }
}
