namespace DicomPS.Scp;

/// <summary>What an association may ask for, and the rules that count it. Disposed of with it.</summary>
internal sealed class Grant : IDisposable
{
    private readonly IReadOnlyList<RuleUse> _uses;
    private long _received;
    private bool _isOver;

    public Grant(AccessServices services, IReadOnlyList<RuleUse> uses)
    {
        Services = services;
        _uses = uses;
        IsMetered = uses.Any(use => use.IsMetered);
    }

    /// <summary>Everything, and nothing is counted.</summary>
    public static Grant Any { get; } = new(AccessServices.All, []);

    /// <summary>What may be asked for.</summary>
    public AccessServices Services { get; }

    /// <summary>Whether what is stored counts against a limit of the day.</summary>
    public bool IsMetered { get; }

    /// <summary>Whether another instance may be stored: one rule that allows it has some of its day left.</summary>
    public bool MayStore() => _uses.Any(use => (use.Rule.Services & AccessServices.Store) != 0 && use.HasLeft());

    /// <summary>The rules whose day is used up.</summary>
    public string UsedUp => string.Join(", ", _uses.Where(use => use.IsMetered).Select(use => use.Rule));

    /// <summary>Counts an instance that was stored.</summary>
    /// <param name="received">What the association has received so far; bytes may come long before they are looked at.</param>
    public void Stored(long received)
    {
        var bytes = received - Interlocked.Exchange(ref _received, received);
        foreach (var use in _uses)
            use.Stored(bytes);
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        foreach (var use in _uses)
            use.Leave();
    }
}
