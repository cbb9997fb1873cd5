using System.Globalization;
using System.Text;

namespace DicomPS.Benchmarks.Peers;

/// <summary>What one side reached: its rates, run by run, and the most memory that its process held.</summary>
internal sealed record Side(IReadOnlyList<double> Rates, long PeakBytes)
{
    public double Median => Results.Median(Rates);
}

/// <summary>One row of the table.</summary>
/// <param name="Title">What was done.</param>
/// <param name="State">warm or cold.</param>
/// <param name="Unit">Of the rates, per second.</param>
/// <param name="Dcmtk">DCMTK's side; run by run beside ours.</param>
/// <param name="DicomPS">Ours.</param>
/// <param name="Target">The ratio to reach; 0 where none is set.</param>
internal sealed record Row(string Title, string State, string Unit, Side Dcmtk, Side DicomPS, double Target)
{
    public PairedRatio Ratio { get; } = PairedRatio.Of(DicomPS.Rates, Dcmtk.Rates);
}

/// <summary>The rows of a run, printed as a Markdown table.</summary>
internal sealed class Results
{
    private const long PeakTarget = 150_000_000;
    private readonly List<Row> _rows = [];
    private readonly List<(string Case, string Reason)> _failures = [];

    public bool HasFailures => _failures.Count > 0;

    public static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public void Add(Row row) => _rows.Add(row);

    public void AddFailure(string name, string reason) => _failures.Add((name, reason));

    public override string ToString()
    {
        var text = new StringBuilder();
        if (_rows.Count > 0)
        {
            text.AppendLine("| | | DCMTK | DicomPS | ratio (90 %) | to reach | DCMTK peak | DicomPS peak |");
            text.AppendLine("|---|---|---:|---:|---:|---:|---:|---:|");
        }

        foreach (var row in _rows)
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Title} | {row.State} | {Rate(row.Dcmtk)} | {Rate(row.DicomPS)} {row.Unit}/s | {row.Ratio} | "
                + $"{Target(row)} | {Memory(row.Dcmtk)} | {Memory(row.DicomPS)}{(row.DicomPS.PeakBytes > PeakTarget ? " (!)" : "")} |");

        foreach (var (name, reason) in _failures)
            text.AppendLine(CultureInfo.InvariantCulture, $"\n{name}: not measured. {reason}");
        return text.ToString();
    }

    /// <summary>The median, with the slowest and the fastest run.</summary>
    public static string Rate(Side side) => side.Rates.Count > 1
        ? $"{Number(side.Median)} ({Number(side.Rates.Min())} to {Number(side.Rates.Max())})"
        : Number(side.Median);

    private static string Number(double value) => value.ToString(value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private static string Target(Row row) => row.Target == 0 ? "" : row.Ratio.Verdict(row.Target);

    public static string Ratio(double ratio) => ratio.ToString(ratio < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    public static string Memory(Side side) =>
        side.PeakBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{side.PeakBytes / 1e6:#,0} MB");
}
