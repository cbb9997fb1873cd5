using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>How many associations work side by side, as people write it: a number, or Auto.</summary>
internal static class AssociationCount
{
    /// <summary>As many as pay.</summary>
    public const string Auto = "Auto";

    /// <summary>The most, also for Auto.</summary>
    public const int Most = 64;

    /// <summary>What can be written.</summary>
    public const string Words = "write 1 to 64, or Auto for as many as pay";

    /// <summary>What was written, as a number's digits or as Auto; null when it is neither.</summary>
    public static string? Normalize(object? value)
    {
        if (value is string text && string.Equals(text.Trim(), Auto, StringComparison.OrdinalIgnoreCase))
            return Auto;
        return value is not null and not bool && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double number)
            && number is >= 1 and <= Most && Math.Floor(number) == number
            ? ((int)number).ToString(CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>The most that may be used, and whether it is for the rate to say how many are.</summary>
    /// <param name="normalized">What <see cref="Normalize"/> made; null for one.</param>
    public static (int Most, bool IsAuto) Of(string? normalized) => normalized switch
    {
        null => (1, false),
        Auto => (Most, true),
        _ => (int.Parse(normalized, CultureInfo.InvariantCulture), false),
    };
}
