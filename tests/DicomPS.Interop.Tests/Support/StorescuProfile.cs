using System.Text;
using DicomPS.Dictionary;
using DicomPS.Part10;

namespace DicomPS.Interop.Tests.Support;

/// <summary>
/// A configuration for storescu that proposes each pair of SOP class and transfer syntax that a set of files has: left
/// to itself it proposes one family of transfer syntaxes, and sends no file of another.
/// </summary>
internal static class StorescuProfile
{
    public const string Name = "All";

    /// <summary>Writes it.</summary>
    /// <param name="path">Where.</param>
    /// <param name="files">The files that are to be sent; those that are no DICOM instances are passed over.</param>
    public static void Write(string path, IEnumerable<string> files)
    {
        var pairs = new HashSet<(string SopClass, string TransferSyntax)>();
        foreach (var file in files)
        {
            try
            {
                var probed = DicomFileProbe.Read(file);
                pairs.Add((probed.SopClassUid, probed.TransferSyntax.Uid));
                // What has no meta, storescu reads as it thinks best.
                pairs.Add((probed.SopClassUid, Uids.ExplicitVRLittleEndian));
                pairs.Add((probed.SopClassUid, Uids.ImplicitVRLittleEndian));
            }
            catch (DicomException)
            {
                // Neither would storescu send it.
            }
        }

        var syntaxes = pairs.Select(pair => pair.TransferSyntax).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var text = new StringBuilder("[[TransferSyntaxes]]\n");
        for (var i = 0; i < syntaxes.Count; i++)
            text.Append(null, $"[TS{i}]\nTransferSyntax1 = {syntaxes[i]}\n");
        text.Append(null, $"[[PresentationContexts]]\n[{Name}]\n");
        var number = 0;
        foreach (var (sopClass, syntax) in pairs.Order())
            text.Append(null, $"PresentationContext{++number} = {sopClass}\\TS{syntaxes.IndexOf(syntax)}\n");
        Assert.True(number <= 128, $"{number} contexts do not fit an association.");
        text.Append(null, $"[[Profiles]]\n[{Name}]\nPresentationContexts = {Name}\n");
        File.WriteAllText(path, text.ToString());
    }
}
