using System.Management.Automation;
using DicomPS.Serving;

namespace DicomPS.Arguments;

/// <summary>What people write for a layout.</summary>
internal static class LayoutArgument
{
    /// <summary>Refuses what is neither the name of a layout nor a template.</summary>
    /// <exception cref="DicomException">With an id and advice.</exception>
    public static void Check(string layout)
    {
        try
        {
            StoragePath.Parse(layout);
        }
        catch (ArgumentException e)
        {
            // What names the layout itself is said once.
            var why = ErrorRecords.Sentence(e);
            throw new ModuleException(ErrorIds.LayoutInvalid, ErrorCategory.InvalidArgument,
                why.Contains($"'{layout}'") ? why : $"The layout '{layout}' cannot be used: {why}",
                $"Choose {string.Join(", ", StoragePath.LayoutNames)}, or write a template such as {{PatientID}}/{{SOPInstanceUID}}.dcm.",
                layout, e);
        }
    }
}
