using System.Management.Automation;

namespace DicomPS.Files;

/// <summary>Refuses patterns that no name of a file can fit.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class NamePatternAttribute : ValidateEnumeratedArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void ValidateElement(object element)
    {
        var pattern = LanguagePrimitives.ConvertTo<string>(element);
        if (string.IsNullOrWhiteSpace(pattern))
            throw new ValidationMetadataException("A pattern is empty. Write one such as *.dcm.");
        if (pattern.IndexOfAny(['/', '\\']) >= 0)
            throw new ValidationMetadataException(
                $"'{pattern}' has a folder in it, and patterns are of names alone, such as *.dcm. Name the folder with -Path.");

        try
        {
            new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch("name");
        }
        catch (WildcardPatternException e)
        {
            throw new ValidationMetadataException(
                $"'{pattern}' is no pattern: {e.Message} Write ` before a bracket that belongs to the name.", e);
        }
    }
}
