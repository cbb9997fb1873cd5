using System.Collections;
using System.Globalization;

namespace HelpGenerator;

/// <summary>The value of a parameter that nobody gave, as one would type it.</summary>
public static class DefaultText
{
    /// <summary>
    /// The text of a value, and whether it says all: a zero may stand for what is decided later, such as the timeout of a
    /// registered node, and then the page has the words.
    /// </summary>
    public static (string? Text, bool IsCertain) Of(Type type, object? value)
    {
        if (type.FullName == "System.Management.Automation.SwitchParameter")
            return ("False", true);
        return value switch
        {
            null or "" => (null, false),
            string text => (text, true),
            TimeSpan span => (Seconds(span), span > TimeSpan.Zero),
            DateTime day => (day == default ? null : day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), day != default),
            Enum name => (name.ToString(), Convert.ToInt64(name, CultureInfo.InvariantCulture) != 0),
            int.MaxValue or long.MaxValue => (null, false),
            IFormattable number when type.IsPrimitive => (number.ToString(null, CultureInfo.InvariantCulture), !IsZero(number)),
            ICollection { Count: 0 } => (null, false),
            IEnumerable many => (string.Join(", ", many.Cast<object>()), true),
            _ => (value.ToString(), true),
        };
    }

    private static string? Seconds(TimeSpan span) =>
        span < TimeSpan.Zero ? null : span.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static bool IsZero(IFormattable number) => Convert.ToDouble(number, CultureInfo.InvariantCulture) == 0;
}
