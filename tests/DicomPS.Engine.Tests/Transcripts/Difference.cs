namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>Two texts as the lines in which they differ.</summary>
internal static class Difference
{
    /// <summary>The lines that went and came, with one that stays before each place.</summary>
    public static List<string> Of(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        // The longest common subsequence, from the end.
        var common = new int[before.Count + 1, after.Count + 1];
        for (var i = before.Count - 1; i >= 0; i--)
        {
            for (var j = after.Count - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<string>();
        var last = "";
        for (int i = 0, j = 0; i < before.Count || j < after.Count;)
        {
            if (i < before.Count && j < after.Count && before[i] == after[j])
            {
                last = $"  {i + 1}: {before[i]}";
                (i, j) = (i + 1, j + 1);
                continue;
            }

            if (last.Length > 0)
                lines.Add(last);
            last = "";
            var isGone = j == after.Count || (i < before.Count && common[i + 1, j] >= common[i, j + 1]);
            lines.Add(isGone ? $"- {before[i++]}" : $"+ {after[j++]}");
        }

        return lines;
    }
}
