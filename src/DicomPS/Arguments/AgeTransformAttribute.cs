using System.Globalization;
using System.Management.Automation;

namespace DicomPS.Arguments;

/// <summary>Lets a TimeSpan parameter for an age take a number of days as well.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class AgeTransformAttribute : ArgumentTransformationAttribute
{
    private const double MostDays = 100_000;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var age = value switch
        {
            TimeSpan span => span,
            string text when text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) => span,
            _ when LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out double days) && days is > 0 and <= MostDays =>
                TimeSpan.FromDays(days),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is no age: write days, such as 90 or 0.5, or a TimeSpan, such as 12:00:00 for half a day."),
        };
        return age > TimeSpan.Zero ? age : throw new ArgumentTransformationMetadataException($"An age is more than zero, not {age}.");
    }
}
