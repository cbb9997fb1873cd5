namespace DicomPS.Dimse;

/// <summary>
/// The requests of this side over one association that wait for their answer. An answer belongs to the request whose id it repeats in
/// Message ID Being Responded To (PS3.7 9.3, 10.3), and to no other. Any thread may use it.
/// </summary>
internal sealed class RequestsInFlight
{
    // What was answered last. Message ids come again after 65,535 requests, so not all can be kept.
    private const int Remembered = 64;

    // A peer that sends each response twice is served; one that sends nothing else is not waited for.
    private const int MostLate = 10_000;

    private readonly Dictionary<ushort, CommandSet> _waiting = [];
    private readonly Queue<(ushort MessageId, CommandField Response)> _answered = new();
    private int _late;

    /// <summary>The operations of those that wait, such as C-STORE.</summary>
    public string Operations
    {
        get
        {
            lock (_waiting)
                return string.Join(" and ", _waiting.Values.Select(request => request.Operation).Distinct());
        }
    }

    /// <summary>Whether a message id is that of a request that waits.</summary>
    public bool Contains(ushort messageId)
    {
        lock (_waiting)
            return _waiting.ContainsKey(messageId);
    }

    /// <summary>Takes in a request before it goes out, since its answer may be faster than the end of the sending.</summary>
    /// <exception cref="InvalidOperationException">Another one with its message id waits.</exception>
    public void Add(CommandSet request)
    {
        lock (_waiting)
        {
            if (_waiting.ContainsKey(request.MessageId))
                throw new InvalidOperationException($"Another request has the message id {request.MessageId}.");
            _waiting.Add(request.MessageId, request);
        }
    }

    /// <summary>Waits no longer for an answer; one that comes late all the same is passed over.</summary>
    public void GiveUp(CommandSet request)
    {
        lock (_waiting)
            Leave(request);
    }

    /// <summary>Finds the request that a response answers; with a final response it waits no longer.</summary>
    /// <param name="response">The response.</param>
    /// <param name="request">The request; null for a response that comes once more, and is to be passed over.</param>
    /// <returns>False when it fits no request, which breaks the protocol.</returns>
    public bool TryMatch(CommandSet response, out CommandSet? request)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(response.RespondedTo ?? 0, out request) && response.Field == request.ResponseField)
            {
                _late = 0;
                if (DimseStatus.CategoryOf(response.Status) != DimseStatusCategory.Pending)
                    Leave(request);
                return true;
            }

            request = null;
            return _answered.Contains((response.RespondedTo ?? 0, response.Field)) && ++_late <= MostLate;
        }
    }

    /// <summary>What a peer did whose response fits no request, as the rest of a sentence.</summary>
    /// <param name="response">The response.</param>
    public string Misfit(CommandSet response)
    {
        lock (_waiting)
        {
            var what = $"a {response.Field.Words()} to {response.RespondedTo}";
            var asked = string.Join(" and ", _waiting.Values.Select(request => $"{request.Operation} {request.MessageId}"));
            return asked.Length == 0 ? $"sent {what}, which nobody asked for" : $"answered {asked} with {what}";
        }
    }

    private void Leave(CommandSet request)
    {
        if (!_waiting.Remove(request.MessageId))
            return;
        _answered.Enqueue((request.MessageId, request.ResponseField));
        if (_answered.Count > Remembered)
            _answered.Dequeue();
    }
}
