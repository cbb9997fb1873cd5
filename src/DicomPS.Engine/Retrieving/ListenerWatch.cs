using DicomPS.Serving;

namespace DicomPS.Retrieving;

/// <summary>Sees what happens at the listener while a request runs.</summary>
internal sealed class ListenerWatch : IDisposable
{
    private readonly StorageServer? _server;
    private readonly RetrieveState _state;
    private readonly long _before;
    private readonly string? _errorBefore;

    public ListenerWatch(StorageServer? server, RetrieveState state)
    {
        _server = server;
        _state = state;
        if (server is null)
            return;
        state.Port = server.Port;
        // A peer may send over an association that it has kept from the request before.
        _before = server.Associations - server.ActiveAssociations;
        _errorBefore = server.LastError;
    }

    public void Dispose()
    {
        if (_server is null)
            return;
        _state.Associations = _server.Associations - _before;
        if (_server.LastError is { } error && !ReferenceEquals(error, _errorBefore))
            _state.ListenerError = error;
    }
}
