using DicomPS.Dictionary;
using DicomPS.Part10;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>A file that is to be sent, and how far that has come.</summary>
internal sealed class StoreItem(ProbedFile file)
{
    private bool _mayHaveArrived;

    public ProbedFile File { get; } = file;

    public StoreContextKey Key { get; } = new(file.SopClassUid, file.TransferSyntax.Uid);

    /// <summary>The study that it is of; null when it says none.</summary>
    public string? Study { get; } = file.Header.GetString(Tags.StudyInstanceUID) is { Length: > 0 } uid ? uid : null;

    public int Attempts { get; set; }

    public long Bytes { get; set; }

    public bool WasOnStale { get; set; }

    public bool IsAnswered { get; set; } = true;

    public DateTime? Begun { get; set; }

    public bool IsReencoded { get; set; }

    // A peer that saw less than the whole dataset cannot have stored it; what it saw of earlier tries counts as well.
    public bool MayHaveArrived => _mayHaveArrived || (!IsAnswered && (IsReencoded ? Bytes > 0 : Bytes >= File.DatasetLength));

    public void BeginTry()
    {
        _mayHaveArrived = MayHaveArrived;
        Attempts++;
        Bytes = 0;
        IsAnswered = true;
    }
}
