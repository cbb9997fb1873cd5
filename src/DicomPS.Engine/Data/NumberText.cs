using System.Globalization;

namespace DicomPS.Data;

/// <summary>Numbers as DS and IS spell them (PS3.5 6.2).</summary>
internal static class NumberText
{
    /// <summary>A number in the 16 characters that DS allows, with as many digits as fit.</summary>
    public static string ToDecimalString(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
            throw new ArgumentException("A decimal string holds finite numbers only.", nameof(value));

        var text = value.ToString("R", CultureInfo.InvariantCulture);
        for (var digits = 16; text.Length > 16 && digits > 0; digits--)
            text = value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

        return text;
    }

    public static bool TryParse(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && !double.IsNaN(value) && !double.IsInfinity(value);

    public static bool TryParse(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    /// <summary>A whole number; "12.0", which some devices write into IS, counts as one.</summary>
    public static bool TryParse(string text, out long value)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            return true;

        if (TryParse(text, out decimal number) && number == decimal.Truncate(number)
            && number is >= long.MinValue and <= long.MaxValue)
        {
            value = (long)number;
            return true;
        }

        value = 0;
        return false;
    }
}
