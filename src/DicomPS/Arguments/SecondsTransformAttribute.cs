using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a TimeSpan parameter take a number of seconds as well; 0 means without limit.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SecondsTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether 0 stays 0 instead of meaning without limit.</summary>
    public bool KeepZero { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var time = value switch
        {
            TimeSpan span => span,
            string text when text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) => span,
            _ when LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double seconds)
                && seconds is >= 0 and <= int.MaxValue / 1000 => TimeSpan.FromSeconds(seconds),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is not a time: write seconds, such as 30 or 0.5, or a TimeSpan, such as 00:01:00."),
        };
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
            throw new ArgumentTransformationMetadataException($"A time cannot be negative: {time}.");
        return time == TimeSpan.Zero && !KeepZero ? Timeout.InfiniteTimeSpan : time;
    }
}
