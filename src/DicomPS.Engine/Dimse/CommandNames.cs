using System.Text.RegularExpressions;

namespace DicomPS.Dimse;

/// <summary>The names that the standard has for command fields (PS3.7 E.1), for sentences.</summary>
internal static class CommandNames
{
    /// <summary>Such as <c>C-STORE response</c>; a field that the standard does not have is named by its number.</summary>
    public static string Words(this CommandField field)
    {
        if (!Enum.IsDefined(typeof(CommandField), field))
            return $"command field {(ushort)field:X4}";
        var match = Regex.Match(field.ToString(), "^([CN])(\\w+?)(Request|Response)$");
        if (!match.Success)
            return field.ToString();
        var service = Regex.Replace(match.Groups[2].Value, "(?<=.)(?=[A-Z])", "-").ToUpperInvariant();
        return $"{match.Groups[1].Value}-{service} {match.Groups[3].Value.ToLowerInvariant()}";
    }
}
