using DicomPS.Data;

namespace DicomPS.Dictionary;

/// <summary>What the standard says about a data element (PS3.6 6).</summary>
/// <param name="Tag">The tag; in a repeating group each x is 0.</param>
/// <param name="Vr">The VR, the first where there is a choice.</param>
/// <param name="VrText">The VR as it is printed, such as "US or SS".</param>
/// <param name="Vm">How many values, such as "1" or "1-n".</param>
/// <param name="Keyword">The keyword, such as PatientID; empty where there is none.</param>
/// <param name="Name">The name, such as Patient ID.</param>
/// <param name="IsRetired">Whether the standard has withdrawn it.</param>
public sealed record DictionaryEntry(DicomTag Tag, Vr Vr, string VrText, string Vm, string Keyword, string Name, bool IsRetired);

/// <summary>What the standard says about a unique identifier (PS3.6 A).</summary>
/// <param name="Uid">The identifier.</param>
/// <param name="Type">What it identifies, such as SOP Class or Transfer Syntax.</param>
/// <param name="Keyword">The keyword; empty where there is none.</param>
/// <param name="Name">The name.</param>
/// <param name="IsRetired">Whether the standard has withdrawn it.</param>
public sealed record UidEntry(string Uid, string Type, string Keyword, string Name, bool IsRetired);

/// <summary>A SOP class and the service it belongs to (PS3.4).</summary>
/// <param name="Service">The service.</param>
/// <param name="Keyword">The keyword.</param>
/// <param name="Uid">The identifier.</param>
public sealed record SopClassEntry(SopClassService Service, string Keyword, string Uid);

/// <summary>A status code or a range of them (PS3.7 C and PS3.4).</summary>
/// <param name="Table">The table that has it.</param>
/// <param name="First">The first code.</param>
/// <param name="Last">The last code.</param>
/// <param name="Category">Success, Warning, Failure, Cancel or Pending.</param>
/// <param name="Meaning">What it says; may be empty.</param>
public sealed record StatusEntry(StatusTable Table, ushort First, ushort Last, string Category, string Meaning);

/// <summary>The status codes of the standard, by service (PS3.7 C and PS3.4).</summary>
public static partial class Statuses
{
    /// <summary>All rows: first the general ones, then service by service.</summary>
    public static IReadOnlyList<StatusEntry> All => Rows.Value;

    // A class of its own, so that the rows are made when they are first asked for.
    private static class Rows
    {
        public static readonly StatusEntry[] Value = Create();
    }
}

/// <summary>The SOP classes of the standard, by service (PS3.4).</summary>
internal static partial class SopClassTable
{
    public static SopClassEntry[] All => Rows.Value;

    private static class Rows
    {
        public static readonly SopClassEntry[] Value = Create();
    }
}
