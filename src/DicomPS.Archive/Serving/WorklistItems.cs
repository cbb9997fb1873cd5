using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Querying;

namespace DicomPS.Archiving.Serving;

/// <summary>
/// Makes the items that a worklist serves: each with one scheduled procedure step, and with a study to make (PS3.4 K.6.1.2.2).
/// </summary>
internal static class WorklistItems
{
    private const int MaximumSteps = 1000;

    /// <summary>The items of a dataset, one for each step; attributes of a step that stand beside it are put into it.</summary>
    /// <exception cref="DicomException">Nothing in it is a step.</exception>
    public static IReadOnlyList<DicomDataset> Of(DicomDataset source)
    {
        var steps = source.GetItems(Tags.ScheduledProcedureStepSequence);
        if (steps.Count > MaximumSteps)
            throw new DicomException($"The item has {steps.Count} scheduled procedure steps, more than {MaximumSteps}.");
        if (steps.Count == 0)
            return [Folded(source)];
        return [.. steps.Select(step => Complete(new DicomDataset(source) { Text = source.Text }, step))];
    }

    private static DicomDataset Folded(DicomDataset flat)
    {
        var step = new DicomDataset(flat.Where(element => WorklistKeys.IsOfStep(element.Tag)));
        if (step.Count == 0)
        {
            throw new DicomException("It has neither Scheduled Procedure Step Sequence (0040,0100) nor an attribute of a step.")
            {
                Advice =
                    "Give it a Modality, a ScheduledStationAETitle or a ScheduledProcedureStepStartDate, as columns or in the sequence.",
            };
        }

        return Complete(new DicomDataset(flat.Where(element => !WorklistKeys.IsOfStep(element.Tag))) { Text = flat.Text }, step);
    }

    private static DicomDataset Complete(DicomDataset item, DicomDataset step)
    {
        item.SetSequence(Tags.ScheduledProcedureStepSequence, step);
        if (string.IsNullOrEmpty(item.GetString(Tags.StudyInstanceUID)))
            item.Set(Tags.StudyInstanceUID, Vr.UI, StudyOf(item, step));
        return item;
    }

    /// <summary>
    /// A Study Instance UID for an item without one, which a modality needs (type 1 in PS3.4 table K.6-1): always the same for
    /// the same request, so that its steps make one study. It is a UUID of version 8 under 2.25 (PS3.5 B.2).
    /// </summary>
    private static string StudyOf(DicomDataset item, DicomDataset step)
    {
        List<string?> request = [item.GetText(Tags.IssuerOfPatientID), item.GetText(Tags.PatientID), item.GetText(Tags.AccessionNumber),
            item.GetText(Tags.RequestedProcedureID)];
        if (string.IsNullOrEmpty(request[2]) && string.IsNullOrEmpty(request[3]))
        {
            // Nothing names the request, so each step is one.
            request.AddRange([item.GetText(Tags.PatientName), .. new[]
            {
                Tags.ScheduledProcedureStepID, Tags.ScheduledProcedureStepStartDate, Tags.ScheduledProcedureStepStartTime, Tags.Modality,
                Tags.ScheduledStationAETitle,
            }.Select(step.GetText)]);
        }

        using var sha = SHA256.Create();
        var hash = sha.ComputeHash(Encoding.UTF8.GetBytes(string.Join("\n", request)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        var hex = "0" + string.Concat(hash.Take(16).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
        return "2.25." + BigInteger.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
    }
}
