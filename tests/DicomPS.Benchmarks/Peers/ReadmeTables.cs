namespace DicomPS.Benchmarks.Peers;

/// <summary>The tables of README, which are those of the last run that was told to write them.</summary>
internal static class ReadmeTables
{
    /// <summary>Puts text between the marks of a table, &lt;!-- NAME --&gt; and &lt;!-- /NAME --&gt;, each on a line of its own.</summary>
    /// <param name="path">README.md.</param>
    /// <param name="name">Which table.</param>
    /// <param name="text">The table, with what is to be said of it.</param>
    public static void Replace(string path, string name, string text)
    {
        var whole = File.ReadAllText(path);
        var (begin, end) = ($"<!-- {name} -->", $"<!-- /{name} -->");
        var (from, to) = (whole.IndexOf(begin, StringComparison.Ordinal), whole.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
            throw new BenchmarkException($"{path} has no lines {begin} and {end}.");
        File.WriteAllText(path, $"{whole[..(from + begin.Length)]}\n{text.Trim()}\n{whole[to..]}");
    }
}
