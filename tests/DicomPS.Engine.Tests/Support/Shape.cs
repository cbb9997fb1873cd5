using System.Collections;
using System.Globalization;
using System.Text;

namespace DicomPS.Engine.Tests.Support;

/// <summary>Writes a record, with everything in it, as text: two records are equal when their texts are.</summary>
internal static class Shape
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        byte[] bytes => Convert.ToHexString(bytes),
        IEnumerable many => "[" + string.Join(", ", many.Cast<object?>().Select(Of)) + "]",
        IFormattable simple => simple.ToString(null, CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        _ => OfRecord(value),
    };

    private static string OfRecord(object value)
    {
        var text = new StringBuilder(value.GetType().Name).Append('(');
        foreach (var property in value.GetType().GetProperties().OrderBy(property => property.Name, StringComparer.Ordinal))
            text.Append(property.Name).Append('=').Append(Of(property.GetValue(value))).Append(';');
        return text.Append(')').ToString();
    }
}
