using System.Globalization;
using System.Numerics;

namespace DicomPS.Data;

/// <summary>Unique identifiers (PS3.5 9).</summary>
public static class Uid
{
    /// <summary>What this implementation calls itself in files and associations (0002,0012).</summary>
    public const string ImplementationClassUid = "2.25.50488011235580093166798803635494390847";

    /// <summary>The version of this implementation (0002,0013), up to 16 characters.</summary>
    public const string ImplementationVersionName = "DICOMPS_0.1.0";

    /// <summary>A new identifier under 2.25, from a random UUID (PS3.5 B.2).</summary>
    public static string New()
    {
        var hex = "0" + Guid.NewGuid().ToString("N");
        return "2.25." + BigInteger.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Whether a peer may know something by this text: 1 to 64 digits and dots. Laxer than the standard, because archives hold UIDs
    /// with leading zeros.
    /// </summary>
    /// <param name="text">The text, without padding.</param>
    public static bool IsUsable(string? text) => text is { Length: > 0 and <= 64 } && text.All(c => c is (>= '0' and <= '9') or '.');

    /// <summary>
    /// Whether the text has the form of an identifier: numbers without leading zeros between dots, 64 characters at most (PS3.5 9.1).
    /// </summary>
    /// <param name="text">The text, without padding.</param>
    public static bool IsValid(string? text)
    {
        if (text is null || text.Length is 0 or > 64)
            return false;

        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == '.')
            {
                var length = i - start;
                if (length == 0 || (length > 1 && text[start] == '0'))
                    return false;

                start = i + 1;
            }
            else if (text[i] is < '0' or > '9')
            {
                return false;
            }
        }

        return true;
    }
}
