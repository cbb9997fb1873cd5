using System.Management.Automation;
using DicomPS.Data;

namespace DicomPS.Queries;

/// <summary>Lets a range of days be a DateTime (that day), a date as text, or DICOM text such as 20240101-20240131.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class DaysTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // 20240131 without quotes is a number to PowerShell.
        if (value is int or long)
            value = LanguagePrimitives.ConvertTo<string>(value);
        switch (value)
        {
            case DicomDateRange range:
                return range;
            case DateTime day:
                return new DicomDateRange(day.Date, day.Date);
            case string text when DicomDateRange.TryParse(text, out DicomDateRange range):
                return Ordered(range, text);
            case string text when LanguagePrimitives.TryConvertTo(text, out DateTime day):
                return new DicomDateRange(day.Date, day.Date);
        }

        throw new ArgumentTransformationMetadataException(
            $"'{value}' is no date: give a DateTime, or a text such as 2024-01-31, 20240131, 20240101-20240131, 20240101- or -20240131.");
    }

    private static DicomDateRange Ordered(DicomDateRange range, string text) => range.From > range.To
        ? throw new ArgumentTransformationMetadataException($"'{text}' ends before it begins.")
        : range;
}
