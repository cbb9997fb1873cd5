using DicomPS.Part10;
using DicomPS.Scu;

namespace DicomPS.Sending;

/// <summary>A file that is to be sent, and how far that has come.</summary>
internal sealed class StoreItem(ProbedFile file)
{
    public ProbedFile File { get; } = file;

    public StoreContextKey Key { get; } = new(file.SopClassUid, file.TransferSyntax.Uid);

    public int Attempts { get; set; }

    public long Bytes { get; set; }

    public bool WasOnStale { get; set; }

    public DateTime? Begun { get; set; }

    public bool IsReencoded { get; set; }

    // A peer that saw less than the whole dataset cannot have stored it.
    public bool MayHaveArrived => IsReencoded ? Bytes > 0 : Bytes >= File.DatasetLength;
}
