using DicomPS.Associations;

namespace DicomPS.Scu;

/// <summary>A service used over an association; disposing of it aborts the association if it is still open.</summary>
internal interface IScu : IAsyncDisposable
{
    /// <summary>The association in use.</summary>
    Association Association { get; }
}
