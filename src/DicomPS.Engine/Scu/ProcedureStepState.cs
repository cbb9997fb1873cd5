namespace DicomPS.Scu;

/// <summary>The states of a performed procedure step (0040,0252), PS3.4 table F.1-3.</summary>
public static class ProcedureStepState
{
    /// <summary>Being performed.</summary>
    public const string InProgress = "IN PROGRESS";

    /// <summary>Done; it changes no more.</summary>
    public const string Completed = "COMPLETED";

    /// <summary>Cancelled or ended without success; it changes no more.</summary>
    public const string Discontinued = "DISCONTINUED";

    /// <summary>Whether a text is one of the three.</summary>
    /// <param name="state">The text.</param>
    public static bool IsOne(string? state) => state is InProgress or Completed or Discontinued;

    /// <summary>Whether a step in this state changes no more (PS3.4 table F.1-4).</summary>
    /// <param name="state">The state.</param>
    public static bool IsFinal(string? state) => state is Completed or Discontinued;
}
