namespace DicomPS.Archiving.Storage;

/// <summary>Who needs a study: it is removed when nobody does, and whoever comes meanwhile waits until it is gone.</summary>
internal sealed class StudyHolds
{
    private readonly Dictionary<string, Hold> _holds = new(StringComparer.Ordinal);

    /// <summary>Keeps a study from being removed until the hold is disposed of.</summary>
    public async Task<IDisposable> HoldAsync(string studyInstanceUid, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task removal;
            lock (_holds)
            {
                if (!_holds.TryGetValue(studyInstanceUid, out var hold))
                    _holds[studyInstanceUid] = hold = new Hold();
                if (hold.Removal is null)
                {
                    hold.Holders++;
                    return new Holder(this, studyInstanceUid);
                }

                removal = hold.Removal.Task;
            }

            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(removal, Task.Delay(Timeout.Infinite, leaving.Token)).ConfigureAwait(false);
            leaving.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Whether somebody needs a study now.</summary>
    public bool IsHeld(string studyInstanceUid)
    {
        lock (_holds)
            return _holds.TryGetValue(studyInstanceUid, out var hold) && hold.Holders > 0;
    }

    /// <summary>Begins to remove a study; false when somebody needs it.</summary>
    public bool TryBeginRemoval(string studyInstanceUid)
    {
        lock (_holds)
        {
            if (_holds.ContainsKey(studyInstanceUid))
                return false;
            _holds[studyInstanceUid] =
                new Hold { Removal = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously) };
            return true;
        }
    }

    /// <summary>Lets those in who waited.</summary>
    public void EndRemoval(string studyInstanceUid)
    {
        lock (_holds)
        {
            _holds[studyInstanceUid].Removal!.TrySetResult(true);
            _holds.Remove(studyInstanceUid);
        }
    }

    private void Release(string studyInstanceUid)
    {
        lock (_holds)
        {
            if (--_holds[studyInstanceUid].Holders == 0)
                _holds.Remove(studyInstanceUid);
        }
    }

    private sealed class Hold
    {
        public int Holders { get; set; }

        public TaskCompletionSource<bool>? Removal { get; init; }
    }

    private sealed class Holder(StudyHolds holds, string studyInstanceUid) : IDisposable
    {
        private StudyHolds? _holds = holds;

        public void Dispose() => Interlocked.Exchange(ref _holds, null)?.Release(studyInstanceUid);
    }
}
