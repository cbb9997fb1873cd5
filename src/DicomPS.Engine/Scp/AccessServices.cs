namespace DicomPS.Scp;

/// <summary>What a caller may ask a server for; names of rules (<see cref="AccessRule"/>).</summary>
[Flags]
public enum AccessServices
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>C-ECHO (PS3.4 A).</summary>
    Echo = 1,
    /// <summary>C-STORE of instances, with a patient or without (PS3.4 B, GG).</summary>
    Store = 2,
    /// <summary>C-FIND of patients, studies and whatever else is queried, but the worklist (PS3.4 C.4.1).</summary>
    Find = 4,
    /// <summary>C-MOVE (PS3.4 C.4.2).</summary>
    Move = 8,
    /// <summary>C-GET (PS3.4 C.4.3).</summary>
    Get = 16,
    /// <summary>C-FIND of scheduled procedure steps (PS3.4 K).</summary>
    Worklist = 32,
    /// <summary>Storage commitment (PS3.4 J).</summary>
    Commit = 64,
    /// <summary>Modality performed procedure steps and other N-CREATE and N-SET of procedure steps (PS3.4 F).</summary>
    Mpps = 128,
    /// <summary>Instance availability notification (PS3.4 R).</summary>
    Availability = 256,
    /// <summary>All of them.</summary>
    All = 511,
}
