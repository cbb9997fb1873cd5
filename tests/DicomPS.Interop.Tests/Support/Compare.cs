namespace DicomPS.Interop.Tests.Support;

/// <summary>Whether what arrived is what was sent.</summary>
internal static class Compare
{
    /// <summary>The same datasets, byte for byte, however the files are named and ordered.</summary>
    /// <param name="sent">Files that were sent.</param>
    /// <param name="arrived">Files that arrived.</param>
    public static void SameDatasets(IEnumerable<string> sent, IEnumerable<string> arrived)
    {
        var missing = sent.Select(file => (Digest: DatasetBytes.DigestOf(file), Name: Path.GetFileName(file))).ToList();
        var unexpected = new List<string>();
        foreach (var file in arrived)
        {
            var digest = DatasetBytes.DigestOf(file);
            var match = missing.FindIndex(one => one.Digest == digest);
            if (match < 0)
                unexpected.Add($"{Path.GetFileName(file)} ({digest})");
            else
                missing.RemoveAt(match);
        }

        Assert.True(
            missing.Count == 0 && unexpected.Count == 0,
            $"Did not arrive:\n{string.Join('\n', missing.Select(one => $"{one.Name} ({one.Digest})"))}\n"
            + $"Arrived otherwise:\n{string.Join('\n', unexpected)}");
    }

    /// <summary>
    /// The same content where the peer keeps datasets in a spelling of its own: both sides are brought into one spelling
    /// (explicit little endian, defined lengths, no group lengths, no padding) by dcmconv, then compared byte for byte.
    /// </summary>
    /// <param name="sent">Files that were sent, one for each SOP instance.</param>
    /// <param name="arrived">Files that arrived.</param>
    /// <param name="cancellation">Ends dcmconv.</param>
    public static async Task SameContentAsync(IEnumerable<string> sent, IEnumerable<string> arrived, CancellationToken cancellation)
    {
        using var scratch = new TempFolder();
        SameDatasets(await RespellAsync("sent", sent), await RespellAsync("arrived", arrived));

        async Task<List<string>> RespellAsync(string side, IEnumerable<string> files)
        {
            var target = scratch.Subfolder(side);
            var respelt = new List<string>();
            foreach (var file in files)
            {
                var copy = Path.Combine(target, $"{respelt.Count:0000}-{Path.GetFileName(file)}");
                // Encapsulated pixels stay in their transfer syntax.
                string[] syntax = Encapsulated(file) ? [] : ["+te"];
                var result = await PeerProcess.RunAsync(Programs.Dcmconv, [.. syntax, "+e", "-g", "-p", file, copy], cancellation);
                Assert.True(result.ExitCode == 0, $"{file}: {result.Output}");
                respelt.Add(copy);
            }

            return respelt;
        }
    }

    private static bool Encapsulated(string file) => DicomPS.Part10.DicomFileProbe.Read(file).TransferSyntax.IsEncapsulated;
}
