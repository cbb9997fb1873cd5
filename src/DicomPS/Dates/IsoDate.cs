using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Dates;

/// <summary>
/// A DateTime whose text is ISO 8601 in every culture, as Export-Csv asks for it: it is the DateTime itself, in the wrapper that
/// Get-Date uses too, with a ToString of its own. A format that somebody gives is still used.
/// </summary>
internal static class IsoDate
{
    /// <summary>The moment in its wrapper.</summary>
    public static PSObject Of(DateTime moment)
    {
        var wrapped = new PSObject(moment);
        wrapped.Members.Add(new ToStringMethod(moment), true);
        return wrapped;
    }

    /// <summary>The moment as text: a day without a time when it is midnight.</summary>
    public static string Text(DateTime moment) =>
        moment.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
        + (moment.Kind == DateTimeKind.Utc && moment.TimeOfDay > TimeSpan.Zero ? "Z" : "");

    private sealed class ToStringMethod : PSMethodInfo
    {
        private readonly DateTime _moment;

        public ToStringMethod(DateTime moment)
        {
            _moment = moment;
            SetMemberName(nameof(ToString));
        }

        public override PSMemberTypes MemberType => PSMemberTypes.CodeMethod;

        public override string TypeNameOfValue => typeof(string).FullName!;

        // With more than one, PowerShell hands a format on.
        public override Collection<string> OverloadDefinitions =>
            ["string ToString()", "string ToString(string format, System.IFormatProvider provider)"];

        public override PSMemberInfo Copy() => new ToStringMethod(_moment);

        public override object Invoke(params object[] arguments)
        {
            object?[] given = [.. (arguments ?? []).Select(argument => argument is PSObject wrapped ? wrapped.BaseObject : argument)];
            var format = given.OfType<string>().FirstOrDefault();
            var provider = given.OfType<IFormatProvider>().FirstOrDefault();
            return string.IsNullOrEmpty(format) ? Text(_moment) : _moment.ToString(format, provider ?? CultureInfo.CurrentCulture);
        }
    }
}
