namespace DicomPS.Scripts;

/// <summary>Where a request came from, as the messages of its block name it.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="CallingAETitle">The AE title of the peer.</param>
/// <param name="RemoteEndPoint">Its address and port; null where its association may be over.</param>
internal sealed record RequestOrigin(string Operation, string CallingAETitle, string? RemoteEndPoint);
