namespace DicomPS.Dimse;

/// <summary>
/// Who waits for an answer over one association, where one of those that wait reads for all. Any thread may use it.
/// </summary>
internal sealed class AnswersInWait
{
    private readonly object _gate = new();
    private readonly Dictionary<ushort, CommandSet> _early = [];
    private readonly LinkedList<(ushort MessageId, TaskCompletionSource<CommandSet?> Answer)> _waiting = new();
    private bool _isRead;

    /// <summary>Takes the answer to a request if it has come; otherwise who asks waits, or reads.</summary>
    /// <param name="messageId">The message id of the request.</param>
    /// <param name="waiting">
    /// The wait for the answer while somebody else reads: it gives the answer, or null when it is this one's turn to read. Null when it
    /// is that already.
    /// </param>
    /// <returns>The answer; null when it has not come.</returns>
    public CommandSet? TryTake(ushort messageId, out Task<CommandSet?>? waiting)
    {
        waiting = null;
        lock (_gate)
        {
            if (_early.TryGetValue(messageId, out var answer))
            {
                _early.Remove(messageId);
                return answer;
            }

            if (_isRead)
            {
                var source = new TaskCompletionSource<CommandSet?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.AddLast((messageId, source));
                waiting = source.Task;
            }

            _isRead = true;
            return null;
        }
    }

    /// <summary>Gives an answer that the reader has read for another.</summary>
    public void Give(ushort messageId, CommandSet answer)
    {
        lock (_gate)
        {
            for (var node = _waiting.First; node is { }; node = node.Next)
            {
                if (node.Value.MessageId != messageId)
                    continue;
                _waiting.Remove(node);
                node.Value.Answer.TrySetResult(answer);
                return;
            }

            _early[messageId] = answer;
        }
    }

    /// <summary>The reader has what it waited for, or has failed: the one that waits for longest reads now.</summary>
    public void HandOn()
    {
        lock (_gate)
        {
            _isRead = _waiting.First is { };
            if (_waiting.First is not { } next)
                return;
            _waiting.RemoveFirst();
            next.Value.Answer.TrySetResult(null);
        }
    }
}
