using System.Globalization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>How one side compares with another that ran in turn with it: the median of the ratios run by run, and where it lies.</summary>
/// <param name="Median">The median of the ratios.</param>
/// <param name="Low">In 90 of 100 sets of as many runs the median would lie above this and below <paramref name="High"/>.</param>
/// <param name="High">As <paramref name="Low"/>.</param>
internal sealed record PairedRatio(double Median, double Low, double High)
{
    private const int Resamples = 5000;

    /// <summary>Ratios of rates run by run, the interval by resampling them (a bootstrap, the same each time).</summary>
    /// <param name="rates">Our rates.</param>
    /// <param name="others">The other side's, of the same runs.</param>
    public static PairedRatio Of(IReadOnlyList<double> rates, IReadOnlyList<double> others)
    {
        var ratios = rates.Zip(others, (rate, other) => rate / other).ToArray();
        var random = new Random(1);
        var medians = new double[Resamples];
        var sample = new double[ratios.Length];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < sample.Length; j++)
                sample[j] = ratios[random.Next(ratios.Length)];
            medians[i] = Results.Median(sample);
        }

        Array.Sort(medians);
        return new PairedRatio(Results.Median(ratios), medians[Resamples / 20], medians[Resamples - Resamples / 20 - 1]);
    }

    /// <summary>What was to be reached, and whether it was: by the median, with the lower end no more than a twentieth below.</summary>
    /// <param name="target">The ratio to reach.</param>
    public string Verdict(double target) => string.Create(CultureInfo.InvariantCulture,
        $"{target:0.##}: {(Median >= target && Low >= target * 0.95 ? "reached" : "missed")}");

    public override string ToString() => Low == High ? Number(Median) : $"{Number(Median)} ({Number(Low)} to {Number(High)})";

    private static string Number(double ratio) => ratio.ToString(ratio < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture);
}
